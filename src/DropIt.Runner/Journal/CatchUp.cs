using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Files;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Journal;

/// <summary>
/// Brings the index in line with what the storage service has; and the disk too, where the workspace ran elsewhere since it last ran here:
/// <list type="bullet">
/// <item>what did not change here becomes as it is stored,</item>
/// <item>what changed here alone stays, and is journalled,</item>
/// <item>what changed at both places becomes as it is stored, and the version from here stands beside it.</item>
/// </list>
/// </summary>
internal sealed class CatchUp
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    private readonly RunnerOptions _options;
    private readonly WorkspaceFiles _files;
    private readonly FileIndex _index;
    private readonly StorageClient _storage;
    private readonly Func<IgnoreRules> _rules;
    private readonly WorkspaceQuota _quota;
    private readonly Notices _notices;
    private readonly string _epoch;
    private bool _current;

    /// <summary>Nothing is read yet.</summary>
    public CatchUp(
        RunnerOptions options,
        WorkspaceFiles files,
        FileIndex index,
        StorageClient storage,
        Func<IgnoreRules> rules,
        WorkspaceQuota quota,
        Notices notices)
    {
        (_options, _files, _index, _storage, _rules, _quota, _notices) = (options, files, index, storage, rules, quota, notices);
        _epoch = Path.Combine(options.State, "epoch");
        SavedIndex = Path.Combine(options.State, "index");
    }

    /// <summary>Where what is known of the disk is kept between starts.</summary>
    public string SavedIndex { get; }

    /// <summary>Loads the index anew; keeps trying while the storage service can not be reached.</summary>
    /// <param name="problem">Told why it takes long, and null when it no longer does.</param>
    /// <returns>The sequence of the last entry that this start has written.</returns>
    /// <exception cref="SupersededException">A newer start exists.</exception>
    public async Task<long> RunAsync(Action<string?> problem, CancellationToken ct)
    {
        for (var wait = FirstRetry; ; wait = wait * 2 < LastRetry ? wait * 2 : LastRetry)
        {
            try
            {
                var sequence = await LoadAsync(ct);
                problem(null);
                return sequence;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
            {
                problem(e is HttpRequestException or HttpIOException or JsonException
                    ? "Not safe yet: the storage service can not be reached. What you write is kept in the workspace and sent again."
                    : $"Not safe yet: {FileFailure.Message(e, "The workspace's files")} It is tried again.");
                await Task.Delay(wait, ct);
            }
        }
    }

    private async Task<long> LoadAsync(CancellationToken ct)
    {
        _index.Clear();
        var saved = FileIndex.ReadSaved(SavedIndex);
        var stale = !_current && ServedEpoch() is { } served && (await _storage.HeadAsync(ct)).Epoch > served;
        if (!stale)
        {
            // Ahead of opening this epoch: from then on the head says no longer who wrote before.
            NoteEpoch();
        }

        var rules = _rules();
        var head = await _storage.ManifestAsync(
            line =>
            {
                // What is ignored now was not when it was written; it stays there as it is.
                if (!rules.IgnoresAnyOf(line.Path, line.Kind == ChangeKind.Folder))
                {
                    _index.Set(line.Path, Known(line));
                }
            },
            ct);
        _quota.Limits = head.Quota;
        if (stale)
        {
            await MendAsync(saved, ct);
            NoteEpoch();
        }

        _index.Recall(saved);
        return head.Epoch == _options.Epoch ? head.Sequence : 0;
    }

    /// <summary>The last start that had this disk in line with the storage service; null when none noted it.</summary>
    private long? ServedEpoch() =>
        File.Exists(_epoch) && long.TryParse(File.ReadAllText(_epoch), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            ? epoch
            : null;

    private void NoteEpoch()
    {
        if (!_current)
        {
            File.WriteAllText(_epoch + ".tmp", _options.Epoch.ToString(CultureInfo.InvariantCulture));
            File.Move(_epoch + ".tmp", _epoch, overwrite: true);
            _current = true;
        }
    }

    private async Task MendAsync(Dictionary<string, IndexEntry> saved, CancellationToken ct)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        var aside = new List<string>();
        foreach (var path in _index.Paths().Union(saved.Keys).Order(StringComparer.Ordinal))
        {
            var full = $"{_files.Root}/{path}";
            var then = saved.GetValueOrDefault(path);
            _index.TryGet(path, out var stored);
            if (Same(then, stored))
            {
                continue;
            }

            var stat = FileStat.Of(full);
            if (stored is null)
            {
                if (IsAs(full, stat, then!))
                {
                    Delete(full, stat!.Value.Kind);
                }
            }
            else if (!IsAs(full, stat, stored) || (stored.Kind != ChangeKind.Link && stored.Mode != stat!.Value.Mode))
            {
                var ours = stat is not null && !IsAs(full, stat, stored) && (then is null || !IsAs(full, stat, then));
                PutAside(path, only: ours || (stat is { Kind: FileKind.Folder } && stored.Kind != ChangeKind.Folder), aside);
                wanted.Add(path);
            }
        }

        if (wanted.Count > 0)
        {
            var (response, _) = await _storage.TreeAsync(ct);
            using (response)
            {
                await using var tar = new TarReader(await response.Content.ReadAsStreamAsync(ct));
                await Restore.FromAsync(tar, _files, _ => { }, ct, wanted.Contains);
            }
        }

        if (aside.Count > 0)
        {
            _notices.Set(
                "journal.aside",
                NoticeLevel.Warning,
                "This workspace ran elsewhere meanwhile. What was changed here too is kept beside the newer files: "
                    + $"{string.Join(", ", aside.Take(5))}{(aside.Count > 5 ? ", .." : "")}. Take from there what you need.");
        }
    }

    /// <summary>Makes way for a stored path: what is in its place moves to <c>name.unsaved</c>.</summary>
    /// <param name="path">Of what is stored.</param>
    /// <param name="only">Moves what stands at the path itself; what is no folder above it always.</param>
    /// <param name="aside">Gets where things are now.</param>
    private void PutAside(string path, bool only, List<string> aside)
    {
        for (var slash = path.IndexOf('/'); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            if (FileStat.Of($"{_files.Root}/{path[..slash]}") is { Kind: not FileKind.Folder })
            {
                Move(path[..slash]);
            }
        }

        if (only)
        {
            Move(path);
        }

        void Move(string from)
        {
            for (var n = 1; ; n++)
            {
                var to = n == 1 ? $"{from}.unsaved" : $"{from}.unsaved-{n}";
                if (FileOperations.Move($"{_files.Root}/{from}", $"{_files.Root}/{to}"))
                {
                    aside.Add(to);
                    return;
                }
            }
        }
    }

    private static bool Same(IndexEntry? a, IndexEntry? b) =>
        a is null || b is null
            ? a is null && b is null
            : a.Kind == b.Kind && (a.Mode == b.Mode || a.Kind == ChangeKind.Link) && a.Hash.AsSpan().SequenceEqual(b.Hash);

    /// <summary>Whether the disk has the content of an entry.</summary>
    private static bool IsAs(string full, FileStat? stat, IndexEntry entry)
    {
        if (stat is not { } found)
        {
            return false;
        }

        if (entry.Fits(found))
        {
            return true;
        }

        switch (entry.Kind, found.Kind)
        {
            case (ChangeKind.Folder, FileKind.Folder):
                return true;
            case (ChangeKind.Link, FileKind.Link):
                return LinkHash(new FileInfo(full).LinkTarget ?? "").AsSpan().SequenceEqual(entry.Hash);
            case (ChangeKind.File, FileKind.File):
                using (var file = File.OpenRead(full))
                {
                    return SHA256.HashData(file).AsSpan().SequenceEqual(entry.Hash);
                }

            default:
                return false;
        }
    }

    private static void Delete(string full, FileKind kind)
    {
        if (kind != FileKind.Folder)
        {
            File.Delete(full);
        }
        else if (!Directory.EnumerateFileSystemEntries(full).Any())
        {
            Directory.Delete(full);
        }
    }

    private static byte[] LinkHash(string target) => SHA256.HashData(Encoding.UTF8.GetBytes(target));

    private static IndexEntry Known(ManifestLine line) => line.Kind switch
    {
        ChangeKind.Link => new IndexEntry(ChangeKind.Link, line.Mode, LinkHash(line.Target ?? "")),
        ChangeKind.Folder => new IndexEntry(ChangeKind.Folder, line.Mode, []),
        _ => new IndexEntry(ChangeKind.File, line.Mode, Convert.FromHexString(line.Hash ?? ""), Length: line.Size),
    };
}
