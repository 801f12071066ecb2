using System.Formats.Tar;
using DropIt.Runner.Files;

namespace DropIt.Runner.Journal;

/// <summary>Unpacks the tree of a workspace into its root.</summary>
internal static class Restore
{
    private const int ReportEvery = 256 * 1024;

    /// <summary>
    /// Writes every file, folder and link of the archive. Entries that would leave the root, also through links made before, are refused:
    /// the archive holds what a workspace's programs wrote.
    /// </summary>
    /// <param name="tar">The archive.</param>
    /// <param name="files">The workspace.</param>
    /// <param name="progress">Told the bytes written so far.</param>
    /// <param name="wanted">Which paths to write; null: all.</param>
    /// <exception cref="IOException">The disk is full, or the archive was cut short.</exception>
    public static async Task FromAsync(Stream tar, WorkspaceFiles files, Action<long> progress, CancellationToken ct, Predicate<string>? wanted = null)
    {
        var folders = new List<(string Full, UnixFileMode Mode)>();
        var done = 0L;
        var reported = 0L;
        await using var reader = new TarReader(tar);
        while (await reader.GetNextEntryAsync(copyData: false, ct) is { } entry)
        {
            var name = entry.Name.TrimEnd('/');
            name = name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name;
            if (name is "" or "." || wanted?.Invoke(name) == false)
            {
                continue;
            }

            var path = files.Resolve(name, follow: false);
            if (path.Error is not null)
            {
                throw new IOException($"the stored tree has a path that can not be restored, \"{name}\": {path.Message}");
            }

            if (FileStat.Of(path.Full) is { Kind: not FileKind.Folder })
            {
                File.Delete(path.Full);
            }

            switch (entry.EntryType)
            {
                case TarEntryType.Directory:
                    Directory.CreateDirectory(path.Full);
                    folders.Add((path.Full, entry.Mode & (UnixFileMode)0x1ff));
                    break;
                case TarEntryType.SymbolicLink:
                    Directory.CreateDirectory(Path.GetDirectoryName(path.Full)!);
                    File.CreateSymbolicLink(path.Full, entry.LinkName);
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                    await WriteAsync(entry, path.Full, ct);
                    done += entry.Length;
                    break;
            }

            if (done - reported >= ReportEvery)
            {
                reported = done;
                progress(done);
            }
        }

        // Last and from below, since a folder may be read-only.
        for (var i = folders.Count - 1; i >= 0; i--)
        {
            File.SetUnixFileMode(folders[i].Full, folders[i].Mode);
        }
    }

    private static async Task WriteAsync(TarEntry entry, string full, CancellationToken ct)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            PreallocationSize = entry.Length,
        };
        await using var file = new FileStream(full, options);
        if (entry.DataStream is { } data)
        {
            await data.CopyToAsync(file, ct);
        }

        File.SetUnixFileMode(file.SafeFileHandle, entry.Mode & (UnixFileMode)0x1ff);
    }
}
