using DropIt.Protocol.Journal;
using DropIt.Storage.Manifests;
using DropIt.Storage.Packs;

namespace DropIt.Storage.Templates;

/// <summary>One path of a folder on disk that becomes a workspace's.</summary>
/// <param name="Path">Relative to the folder, <c>/</c> between names.</param>
/// <param name="Source">Absolute path of a file; empty for other kinds.</param>
/// <param name="Kind">File, link, or folder (only when nothing is in it).</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Size">Bytes of a file.</param>
/// <param name="Target">Text of a link.</param>
internal sealed record FolderFile(string Path, string Source, ChangeKind Kind, int Mode, long Size, string? Target);

/// <summary>A folder on disk as the beginning of a workspace.</summary>
internal static class FolderFiles
{
    /// <summary>Everything below a folder, in ordinal order; links are not followed.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="except">A path that is left out; null: none.</param>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static List<FolderFile> List(string folder, string? except = null) =>
        [.. Below(new DirectoryInfo(folder), "", except).OrderBy(file => file.Path, StringComparer.Ordinal)];

    /// <summary>Puts all contents and the manifest into a pack.</summary>
    /// <returns>Where the manifest stands in it.</returns>
    public static async Task<Heads.Section> PackAsync(
        IReadOnlyList<FolderFile> files, PackWriter pack, Action<long>? done, CancellationToken cancel)
    {
        var entries = new List<ManifestEntry>(files.Count);
        long bytes = 0;
        foreach (var file in files)
        {
            if (file.Kind != ChangeKind.File)
            {
                entries.Add(new ManifestEntry(file.Path, file.Kind, file.Mode, 0, default, null, file.Target));
                continue;
            }

            entries.Add(await PackAsync(file, pack, cancel));
            done?.Invoke(bytes += file.Size);
        }

        return pack.AddSection(Manifest.Empty.Apply(entries).Entries);
    }

    private static async Task<ManifestEntry> PackAsync(FolderFile file, PackWriter pack, CancellationToken cancel)
    {
        // Twice over the file, so that nothing of its size is held: the second time it comes from the page cache.
        await using var content = File.OpenRead(file.Source);
        var hash = new byte[ContentHash.Length];
        await System.Security.Cryptography.SHA256.HashDataAsync(content, hash, cancel);
        content.Position = 0;
        PackLocation? location = content.Length == 0 ? null : await pack.AddAsync(content, cancel);
        return new ManifestEntry(file.Path, file.Kind, file.Mode, content.Length, ContentHash.From(hash), location);
    }

    private static IEnumerable<FolderFile> Below(DirectoryInfo folder, string prefix, string? except)
    {
        var any = false;
        foreach (var info in folder.EnumerateFileSystemInfos())
        {
            any = true;
            var path = prefix + info.Name;
            if (path == except)
            {
                continue;
            }

            var mode = (int)info.UnixFileMode & 0x1FF;
            if (info.LinkTarget is { } target)
            {
                yield return new FolderFile(path, "", ChangeKind.Link, 0, 0, target);
            }
            else if (info is DirectoryInfo child)
            {
                foreach (var file in Below(child, path + "/", except))
                {
                    yield return file;
                }
            }
            else
            {
                yield return new FolderFile(path, info.FullName, ChangeKind.File, mode, ((FileInfo)info).Length, null);
            }
        }

        if (!any && prefix.Length > 0)
        {
            yield return new FolderFile(
                prefix[..^1], "", ChangeKind.Folder, (int)folder.UnixFileMode & 0x1FF, 0, null);
        }
    }
}
