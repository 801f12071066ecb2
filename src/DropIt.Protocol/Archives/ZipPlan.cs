using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace DropIt.Protocol.Archives;

/// <summary>What an archive may bring along, unpacked.</summary>
/// <param name="Files">Most files, links and folders.</param>
/// <param name="Bytes">Most bytes of all files together.</param>
public sealed record ArchiveLimits(int Files, long Bytes);

/// <summary>
/// What a zip will make, checked before anything is written: no path leads out of the folder it is unpacked into, no link points out of it, nothing
/// lies below a file or a link, nothing is named twice. How much the files hold is counted while they are inflated, since a zip may lie about it.
/// </summary>
public sealed class ZipPlan
{
    private const int MaxPath = 4096;
    private const int MaxName = 255;
    private const int SymbolicLink = 0xA000;
    private const int KindMask = 0xF000;

    // A directory of 200,000 entries with names of 250 bytes; it is held in memory while the zip is read.
    private const long MaxDirectory = 64 * 1024 * 1024;

    private readonly IReadOnlyList<Item> _items;
    private readonly ArchiveLimits _limits;

    private ZipPlan(IReadOnlyList<Item> items, ArchiveLimits limits, IReadOnlyList<string> leftOut) =>
        (_items, _limits, LeftOut) = (items, limits, leftOut);

    private enum Kind
    {
        File,
        Folder,
        Link,
    }

    /// <summary>Every path that will be made, relative, <c>/</c> between names; folders that stand in the zip included.</summary>
    public IEnumerable<string> Paths => _items.Select(item => item.Path);

    /// <summary>Those of <see cref="Paths"/> that are no folders.</summary>
    public IEnumerable<string> Files => _items.Where(item => item.Kind != Kind.Folder).Select(item => item.Path);

    /// <summary>Links that are not made because they point out of the folder.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>Checks a zip. The plan is null exactly when there is an error: a sentence for the user.</summary>
    /// <param name="zip">Open for reading; must outlive the plan.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="strip">When all lies in one folder, that folder is left out of the paths, as archives of a repository have it.</param>
    public static (ZipPlan? Plan, string? Error) Of(ZipArchive zip, ArchiveLimits limits, bool strip)
    {
        if (zip.Entries.Count > limits.Files)
        {
            return (null, $"The zip holds {zip.Entries.Count:n0} files, "
                + $"more than the {limits.Files:n0} that are taken. Leave out what can be rebuilt, such as node_modules.");
        }

        var read = new List<(ZipArchiveEntry Entry, string Path)>(zip.Entries.Count);
        foreach (var entry in zip.Entries)
        {
            // Archivers of Windows write backslashes, whatever the standard says.
            var path = entry.FullName.Replace('\\', '/');
            if (path.StartsWith("__MACOSX/", StringComparison.Ordinal) || path.EndsWith("/.DS_Store", StringComparison.Ordinal) || path == ".DS_Store")
            {
                continue;
            }

            if (Fault(path) is { } fault)
            {
                return (null, $"The zip is not unpacked: {fault}");
            }

            if (entry.IsEncrypted)
            {
                return (null, "The zip is protected by a password. Pack it again without one.");
            }

            read.Add((entry, path));
        }

        var prefix = strip ? OnlyFolder(read) : "";
        var items = new Dictionary<string, Item>(read.Count, StringComparer.Ordinal);
        foreach (var (entry, named) in read)
        {
            var path = named[prefix.Length..];
            if (path.Length == 0)
            {
                continue;
            }

            var attributes = entry.ExternalAttributes >>> 16;
            var kind = path.EndsWith('/') ? Kind.Folder : (attributes & KindMask) == SymbolicLink ? Kind.Link : Kind.File;
            path = path.TrimEnd('/');
            if (!items.TryAdd(path, new Item(entry, path, kind, (attributes & 0x40) != 0)) && kind != Kind.Folder)
            {
                return (null, $"The zip is not unpacked: it holds \"{Short(path)}\" twice. Pack it again.");
            }
        }

        if (items.Values.FirstOrDefault(item => Parents(item.Path).Any(p => items.TryGetValue(p, out var above) && above.Kind != Kind.Folder)) is { } below)
        {
            return (null, $"The zip is not unpacked: \"{Short(below.Path)}\" lies below something that is no folder. Pack it again.");
        }

        var outside = new List<string>();
        foreach (var link in items.Values.Where(item => item.Kind == Kind.Link).ToList())
        {
            if (link.Entry.Length > MaxPath || TargetOf(link) is not { } target || !StaysInside(link.Path, target))
            {
                outside.Add(link.Path);
                items.Remove(link.Path);
            }
        }

        return (new ZipPlan([.. items.Values], limits, outside), null);
    }

    /// <summary>
    /// Whether the zip's own directory is small enough to be read, which reads all of it into memory; else a sentence for the user.
    /// </summary>
    /// <param name="zip">The file; its position is left at the beginning.</param>
    public static string? DirectoryFault(Stream zip)
    {
        const int endLength = 22;
        const string notZip = "This is not a zip, or only a part of one. Choose another file.";
        if (zip.Length < endLength)
        {
            return notZip;
        }

        // The end of the directory is the last thing in the file but for a comment of at most 64 KiB.
        var tail = new byte[Math.Min(zip.Length, endLength + ushort.MaxValue)];
        zip.Position = zip.Length - tail.Length;
        zip.ReadExactly(tail);
        zip.Position = 0;
        var at = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (at < 0 || tail.Length - at < endLength)
        {
            return notZip;
        }

        // Where the directory begins; all ones: it stands in a second end, for long zips, that points there with 8 bytes.
        long begin = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 16));
        if (begin == uint.MaxValue)
        {
            var record = tail.AsSpan(0, at).LastIndexOf("PK\u0006\u0006"u8);
            begin = record >= 0 && at - record >= 56 ? BinaryPrimitives.ReadInt64LittleEndian(tail.AsSpan(record + 48)) : -1;
        }

        var length = zip.Length - tail.Length + at - begin;
        return begin < 0 || length < 0
            ? notZip
            : length > MaxDirectory ? "The zip holds more files than are taken. Leave out what can be rebuilt, "
                + "such as node_modules." : null;
    }

    /// <summary>Makes everything in a folder that exists and holds none of <see cref="Paths"/>.</summary>
    /// <param name="folder">Absolute path.</param>
    /// <param name="done">Told the files and bytes so far.</param>
    /// <param name="cancel">What was made by then stays.</param>
    /// <returns>Null, or why it stopped, for the user; what was made by then stays.</returns>
    public async Task<string?> UnpackAsync(string folder, Action<int, long>? done, CancellationToken cancel)
    {
        var buffer = new byte[128 * 1024];
        long bytes = 0;
        var files = 0;
        try
        {
            foreach (var item in _items.Where(item => item.Kind == Kind.Folder))
            {
                Directory.CreateDirectory($"{folder}/{item.Path}");
            }

            foreach (var item in _items.Where(item => item.Kind == Kind.File))
            {
                var full = $"{folder}/{item.Path}";
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                await using (var from = await item.Entry.OpenAsync(cancel))
                await using (var to = new FileStream(full, FileMode.CreateNew, FileAccess.Write))
                {
                    for (int n; (n = await from.ReadAsync(buffer, cancel)) > 0;)
                    {
                        if ((bytes += n) > _limits.Bytes)
                        {
                            return $"The zip holds more than {_limits.Bytes / 1024 / 1024:n0} MiB of files, "
                                + "the most that is taken. Leave out what can be rebuilt or is large.";
                        }

                        await to.WriteAsync(buffer.AsMemory(0, n), cancel);
                        done?.Invoke(files, bytes);
                    }
                }

                if (item.Executable)
                {
                    File.SetUnixFileMode(full, File.GetUnixFileMode(full) | Execute);
                }

                done?.Invoke(++files, bytes);
            }

            // Last, so that nothing is ever written through one.
            foreach (var item in _items.Where(item => item.Kind == Kind.Link))
            {
                Directory.CreateDirectory(Path.GetDirectoryName($"{folder}/{item.Path}")!);
                File.CreateSymbolicLink($"{folder}/{item.Path}", TargetOf(item)!);
            }

            return null;
        }
        catch (InvalidDataException)
        {
            return "The zip is damaged: its contents do not fit together. Pack it again, or download it again.";
        }
    }

    /// <summary>Whether a link at a path below some folder, with that text, stays inside the folder.</summary>
    public static bool StaysInside(string path, string target)
    {
        if (target.Length is 0 or > MaxPath || target[0] == '/' || target.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        var depth = path.Count(c => c == '/');
        foreach (var name in target.Split('/'))
        {
            depth += name switch { "" or "." => 0, ".." => -1, _ => 1 };
            if (depth < 0)
            {
                return false;
            }
        }

        return true;
    }

    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static string? Fault(string path)
    {
        if (path.Length == 0 || path[0] == '/' || (path.Length > 1 && path[1] == ':' && char.IsAsciiLetter(path[0])))
        {
            return $"\"{Short(path)}\" is a path from the root of a machine. Pack the files with paths below one folder.";
        }

        var names = path.TrimEnd('/').Split('/');
        if (names.Any(name => name is "" or "." or ".."))
        {
            return $"\"{Short(path)}\" would lead out of the folder. Whoever packed it may have meant harm.";
        }

        return Encoding.UTF8.GetByteCount(path) > MaxPath || names.Any(name => Encoding.UTF8.GetByteCount(name) > MaxName)
            || path.Any(char.IsControl)
            ? $"\"{Short(path)}\" is no name that can be kept: it is too long or holds control characters."
            : null;
    }

    private static string OnlyFolder(List<(ZipArchiveEntry Entry, string Path)> read)
    {
        if (read.Count == 0 || read[0].Path.IndexOf('/', StringComparison.Ordinal) is not (> 0 and var end))
        {
            return "";
        }

        var prefix = read[0].Path[..(end + 1)];
        return read.All(one => one.Path.StartsWith(prefix, StringComparison.Ordinal)) ? prefix : "";
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (var end = path.LastIndexOf('/'); end > 0; end = path.LastIndexOf('/', end - 1))
        {
            yield return path[..end];
        }
    }

    private static string? TargetOf(Item link)
    {
        try
        {
            using var from = link.Entry.Open();
            var text = new byte[MaxPath + 1];
            var length = from.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            return length > MaxPath ? null : Encoding.UTF8.GetString(text, 0, length);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static string Short(string path) => path.Length <= 80 ? path : path[..77] + "...";

    private sealed record Item(ZipArchiveEntry Entry, string Path, Kind Kind, bool Executable);
}
