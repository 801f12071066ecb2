using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using DropIt.Protocol.Journal;
using DropIt.Runner.Documents;
using DropIt.Runner.Files;
using DropIt.Runner.Journal;

namespace DropIt.Runner.History;

/// <summary>
/// Makes files as a version has them. A file is replaced in one step and its document, if someone has it open, takes that in as a diff, so that what is being typed
/// stays. What is not journalled (ignored, such as installed packages) is left as it is.
/// </summary>
internal sealed class VersionRestore(
    WorkspaceFiles files, FileIndex index, VersionClient versions, DocumentSet documents, Authorship authors, Func<IgnoreRules> rules)
{
    private const int MaxNamed = 20;

    /// <summary>Restores.</summary>
    /// <param name="version">Its name.</param>
    /// <param name="lines">What it holds.</param>
    /// <param name="paths">Only these files and folders; null: everything.</param>
    /// <param name="user">Who asked for it.</param>
    /// <param name="ct">Ends it after the file under way.</param>
    /// <exception cref="HttpRequestException">The storage service could not answer.</exception>
    public async Task<RestoredVersion> RunAsync(
        string version, IReadOnlyList<ManifestLine> lines, IReadOnlyList<string>? paths, string user, CancellationToken ct)
    {
        // 1. What differs from what the storage service has, which is what is here: it was flushed a moment ago.
        var ignore = rules();
        var wanted = lines
            .Where(line => Meant(line.Path, paths) && !ignore.IgnoresAnyOf(line.Path, line.Kind == ChangeKind.Folder))
            .ToDictionary(line => line.Path, StringComparer.Ordinal);
        var writes = wanted.Values.Where(line => !index.TryGet(line.Path, out var now) || !Same(line, now)).Select(line => line.Path).ToHashSet(StringComparer.Ordinal);
        var tally = new Tally();

        // 2. What the version does not have goes first: a folder may be where a file was.
        foreach (var path in index.Paths().Where(path => Meant(path, paths) && !wanted.ContainsKey(path)).Order(StringComparer.Ordinal))
        {
            ct.ThrowIfCancellationRequested();
            authors.Note(user, path);
            tally.Try(path, () => Delete(path));
        }

        // 3. What it has otherwise.
        if (writes.Count > 0)
        {
            using var response = await versions.TreeAsync(version, writes, ct);
            await using var tar = await response.Content.ReadAsStreamAsync(ct);
            await using var reader = new TarReader(tar);
            while (await reader.GetNextEntryAsync(copyData: false, ct) is { } entry)
            {
                var path = entry.Name.TrimEnd('/');
                authors.Note(user, path);
                await tally.TryAsync(path, () => WriteAsync(path, entry, ct));
            }
        }

        return tally.Result();
    }

    private static bool Meant(string path, IReadOnlyList<string>? paths) => paths is null || paths.Any(meant =>
        meant.Length == 0 || (path.StartsWith(meant, StringComparison.Ordinal) && (path.Length == meant.Length || path[meant.Length] == '/')));

    private static bool Same(ManifestLine line, IndexEntry now) => line.Kind == now.Kind && line.Kind switch
    {
        ChangeKind.File => line.Mode == now.Mode && line.Hash == Convert.ToHexStringLower(now.Hash),
        ChangeKind.Link => SHA256.HashData(Encoding.UTF8.GetBytes(line.Target ?? "")).AsSpan().SequenceEqual(now.Hash),
        _ => line.Mode == now.Mode,
    };

    /// <summary>Deletes what is at a path, and the folders above that have nothing left.</summary>
    private bool Delete(string path)
    {
        var full = Full(path);
        switch (FileStat.Of(full))
        {
            case null:
                return false;
            case { Kind: FileKind.Folder } when Directory.EnumerateFileSystemEntries(full).Any():
                return false; // something ignored is in it: that stays, and so does the folder
            case { Kind: FileKind.Folder }:
                Directory.Delete(full);
                break;
            default:
                File.Delete(full);
                break;
        }

        documents.FileChanged(path);
        for (var above = Path.GetDirectoryName(full)!; above.Length > files.Root.Length && !Directory.EnumerateFileSystemEntries(above).Any(); above = Path.GetDirectoryName(above)!)
        {
            Directory.Delete(above);
        }

        return true;
    }

    private async Task WriteAsync(string path, TarEntry entry, CancellationToken ct)
    {
        var full = Full(path);
        var mode = entry.Mode & (UnixFileMode)0x1ff;
        if (FileStat.Of(full) is { } there && there.Kind != FileKind.File && (there.Kind != FileKind.Folder || entry.EntryType != TarEntryType.Directory))
        {
            if (there.Kind == FileKind.Folder)
            {
                Directory.Delete(full);
            }
            else
            {
                File.Delete(full);
            }
        }

        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                Directory.CreateDirectory(full);
                File.SetUnixFileMode(full, mode);
                break;
            case TarEntryType.SymbolicLink:
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                File.Delete(full);
                File.CreateSymbolicLink(full, entry.LinkName);
                break;
            default:
                await AtomicFile.WriteAsync(full, to => entry.DataStream?.CopyToAsync(to, ct) ?? Task.CompletedTask, mode);
                File.SetUnixFileMode(full, mode);
                break;
        }

        documents.FileChanged(path);
    }

    private string Full(string path)
    {
        var resolved = files.Resolve(path, follow: false);
        return resolved.Error is null ? resolved.Full : throw new IOException(resolved.Message);
    }

    private sealed class Tally
    {
        private readonly List<FailedPath> _failed = [];
        private int _failedCount;
        private int _written;
        private int _deleted;

        public void Try(string path, Func<bool> delete)
        {
            try
            {
                _deleted += delete() ? 1 : 0;
            }
            catch (Exception e) when (FileFailure.Expected(e))
            {
                Fail(path, e);
            }
        }

        public async Task TryAsync(string path, Func<Task> write)
        {
            try
            {
                await write();
                _written++;
            }
            catch (Exception e) when (FileFailure.Expected(e) && e is not HttpIOException)
            {
                Fail(path, e);
            }
        }

        public RestoredVersion Result() => new(_written, _deleted, null, _failed, _failedCount);

        private void Fail(string path, Exception e)
        {
            _failedCount++;
            if (_failed.Count < MaxNamed)
            {
                _failed.Add(new FailedPath(path, FileFailure.Message(e, path)));
            }
        }
    }
}
