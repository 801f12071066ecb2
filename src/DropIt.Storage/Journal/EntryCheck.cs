using System.IO.Compression;
using DropIt.Protocol.Journal;
using DropIt.Storage.History;
using DropIt.Storage.Manifests;

namespace DropIt.Storage.Journal;

/// <summary>
/// What a runner sent is hostile until it has passed here: paths, links, sizes, and that inline contents are what
/// their hash says.
/// </summary>
internal static class EntryCheck
{
    private const int DefaultFileMode = 0x1A4;
    private const int DefaultFolderMode = 0x1ED;
    private const int ModeBits = 0x1FF;

    /// <summary>
    /// Most bytes that the inline contents of one entry may unpack to: an honest entry of 4 MiB stays far below, a
    /// bomb does not.
    /// </summary>
    private const long MaxUnpacked = 128L * 1024 * 1024;

    private static readonly ContentHash EmptyHash = ContentHash.Of([]);

    /// <summary>The entry's changes as manifest entries without location, or what is wrong as a sentence.</summary>
    public static List<ManifestEntry>? Read(JournalEntry entry, out string fault)
    {
        if (entry.Changes is null)
        {
            fault = "The entry has no list of changes.";
            return null;
        }

        if (entry.Authors is { } authors
            && (authors.Count > JournalEntry.MaxAuthors || authors.Any(name => name is not { Length: > 0 and <= JournalEntry.MaxAuthorLength })))
        {
            fault = $"An entry names at most {JournalEntry.MaxAuthors} authors, of 1 to {JournalEntry.MaxAuthorLength} characters each.";
            return null;
        }

        if (entry.Restored is not null && !VersionId.TryParse(entry.Restored, out _))
        {
            fault = "\"restored\" is not the name of a version.";
            return null;
        }

        var entries = new List<ManifestEntry>(entry.Changes.Count);
        var unpacked = 0L;
        fault = "";
        foreach (var change in entry.Changes)
        {
            fault = Fault(change, ref unpacked) ?? "";
            if (fault.Length > 0)
            {
                return null;
            }

            entries.Add(ToEntry(change));
        }

        return entries;
    }

    /// <summary>A change that passed the check, as a manifest entry without location.</summary>
    public static ManifestEntry ToEntry(JournalChange change)
    {
        return change.Kind switch
        {
            ChangeKind.File => new(
                change.Path,
                change.Kind,
                (change.Mode ?? DefaultFileMode) & ModeBits,
                change.Size!.Value,
                ContentHash.Parse(change.Hash),
                null),
            ChangeKind.Folder => new(
                change.Path, change.Kind, (change.Mode ?? DefaultFolderMode) & ModeBits, 0, default, null),
            ChangeKind.Link => new(change.Path, change.Kind, 0, 0, default, null, change.Target),
            _ => new(change.Path, change.Kind, 0, 0, default, null),
        };
    }

    private static string? Fault(JournalChange? change, ref long unpacked)
    {
        if (change is null)
        {
            return "A change is null.";
        }

        if (WorkspacePath.Fault(change.Path) is { } fault)
        {
            return fault;
        }

        return change.Kind switch
        {
            ChangeKind.Link => WorkspacePath.TargetFault(change.Target),
            ChangeKind.File => FileFault(change, ref unpacked),
            ChangeKind.Folder or ChangeKind.Delete => null,
            _ => $"\"{change.Path}\" has an unknown kind.",
        };
    }

    private static string? FileFault(JournalChange change, ref long unpacked)
    {
        if (change.Size is not (>= 0 and <= JournalEntry.MaxFileLength) || !ContentHash.TryParse(change.Hash, out var hash))
        {
            return $"\"{change.Path}\" needs a size of 0 to {JournalEntry.MaxFileLength} and the SHA-256 of its "
                + $"content in lower case hex.";
        }

        if (change.Size == 0)
        {
            return hash == EmptyHash ? null : $"\"{change.Path}\" is said to be empty, but its hash is another "
                + $"content's.";
        }

        if (change.Content is null)
        {
            return null;
        }

        if (change.Size > JournalEntry.MaxInlineContent)
        {
            return $"\"{change.Path}\" has more than {JournalEntry.MaxInlineContent} bytes: put its content "
                + $"ahead instead.";
        }

        unpacked += change.Size.Value;
        if (unpacked > MaxUnpacked)
        {
            return "The contents of this entry unpack to too much. Send them in several entries.";
        }

        return Inflates(change.Content, (int)change.Size, hash)
            ? null
            : $"The content of \"{change.Path}\" is not what its size and hash say.";
    }

    private static bool Inflates(byte[] compressed, int size, ContentHash hash)
    {
        try
        {
            using var inflate = new DeflateStream(new MemoryStream(compressed), CompressionMode.Decompress);
            var content = new byte[size + 1];
            return inflate.ReadAtLeast(content, size + 1, throwOnEndOfStream: false) == size
                && ContentHash.Of(content.AsSpan(0, size)) == hash;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
