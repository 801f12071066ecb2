using System.Globalization;
using System.Text.Json;
using DropIt.Runner.Files;
using DropIt.Runner.Journal;
using DropIt.Runner.Runs;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Caching;

/// <summary>The <c>cache</c> event's content.</summary>
/// <param name="State"><c>none</c>, <c>restoring</c>, <c>restored</c>, or <c>missing</c>: something was kept and is not back.</param>
/// <param name="DoneBytes">While restoring.</param>
/// <param name="TotalBytes">While restoring.</param>
/// <param name="Message">What came back, or why it did not and what follows; for the user.</param>
internal sealed record CacheState(string State, long DoneBytes = 0, long TotalBytes = 0, string? Message = null);

/// <summary>
/// Folders that can be built again, kept beside the journal on a best effort: saved when the workspace stops, restored in the background when it starts on a disk
/// that does not have it. A folder comes back whole and at once, and only where nothing stands and what it was built from is the same.
/// <code>
///   stop:   find ─> as before? done ─> archive ─> PUT kept/cache
///   start:  GET kept/cache ─> folders whose lock files fit ─> .dropit-cache.tmp/ ─> rename into place
/// </code>
/// </summary>
internal sealed class PackageCache : IDisposable
{
    private const string Name = "cache";

    /// <summary>Hidden from watching, journal and search, as everything that is being written.</summary>
    private const string Staging = ".dropit-cache.tmp";

    /// <summary>How long a stop waits for the cache at most: what is not saved by then is built again.</summary>
    private static readonly TimeSpan s_saving = TimeSpan.FromSeconds(20);

    private readonly WorkspaceFiles _files;
    private readonly StorageClient _storage;
    private readonly OpenSessions _sessions;
    private readonly Func<IgnoreRules> _rules;
    private readonly InstallStamp _stamp;
    private readonly long _most;
    private readonly string _saved;
    private readonly CancellationTokenSource _stop = new();
    private volatile CacheState _state = new("none");

    /// <summary>Contributes <c>cache</c> to the hello.</summary>
    /// <param name="most">Most bytes of files that are kept; 0: nothing is, since the disk stays.</param>
    public PackageCache(
        WorkspaceFiles files, StorageClient storage, OpenSessions sessions, Func<IgnoreRules> rules, InstallStamp stamp, string state, long most)
    {
        (_files, _storage, _sessions, _rules, _stamp, _most) = (files, storage, sessions, rules, stamp, most);
        _saved = Path.Combine(state, Name);
        sessions.AddHello("cache", (_, writer) => JsonSerializer.Serialize(writer, _state, CacheJson.Default.CacheState));
    }

    /// <summary>Ends when what comes back is back; never fails.</summary>
    public Task Restored { get; private set; } = Task.CompletedTask;

    private string StagingFolder => $"{_files.Root}/{Staging}";

    /// <summary>Begins to bring back what is kept, in the background.</summary>
    public void BeginRestore()
    {
        if (_most > 0)
        {
            Become(new CacheState("restoring"));
            Restored = Task.Run(RestoreAsync);
        }
    }

    /// <summary>Saves what can be saved in the time for it. When everything else of a stop is done.</summary>
    public async Task SaveAsync()
    {
        // What was cut off is not all back: what is kept is better than what is here.
        var back = Restored.IsCompleted;
        await _stop.CancelAsync();
        await Restored;
        if (_most == 0 || !back)
        {
            return;
        }

        using var bound = new CancellationTokenSource(s_saving);
        try
        {
            var folders = CachedFolder.Find(_files.Root, _rules(), bound.Token);
            var mark = CachedFolder.Fingerprint(folders).ToString(CultureInfo.InvariantCulture);
            if (folders.Count == 0 || (File.Exists(_saved) && await File.ReadAllTextAsync(_saved, bound.Token) == mark))
            {
                return;
            }

            var (kept, leftOut) = Choose(folders, _most);
            var index = new CacheIndex([.. kept.Select(f => new ArchivedFolder(f.Path, f.Key, f.Bytes))], leftOut, _stamp.Lines());
            using var archive = new CacheArchive(_files.Root, index, kept);
            if (await _storage.PutKeptAsync(Name, archive, bound.Token) is { } problem)
            {
                Console.Error.WriteLine($"cache: not saved: {problem}");
            }
            else
            {
                await File.WriteAllTextAsync(_saved, mark, bound.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException || FileFailure.Expected(e))
        {
            Console.Error.WriteLine($"cache: not saved, it is built again after the next start on another disk: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();

    /// <summary>As many of the folders as fit, and a sentence about each that does not.</summary>
    public static (List<CachedFolder> Kept, List<string> LeftOut) Choose(IEnumerable<CachedFolder> folders, long most)
    {
        var kept = new List<CachedFolder>();
        var leftOut = new List<string>();
        var sum = 0L;
        foreach (var folder in folders.OrderBy(f => f.Bytes))
        {
            if (sum + folder.Bytes <= most)
            {
                kept.Add(folder);
                sum += folder.Bytes;
            }
            else
            {
                leftOut.Add($"{folder.Path} ({InWords(folder.Bytes)}) was not kept: a workspace's caches may have {InWords(most)} in all.");
            }
        }

        return (kept, leftOut);
    }

    private static string InWords(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, bytes / 1_000_000):n0} MB");

    private async Task RestoreAsync()
    {
        CacheState state;
        try
        {
            state = await TryRestoreAsync(_stop.Token);
        }
        catch (Exception e) when (e is HttpRequestException or InvalidDataException or JsonException or OperationCanceledException
            || FileFailure.Expected(e))
        {
            Console.Error.WriteLine($"cache: {e.Message}");
            state = new CacheState("missing", Message: "Installed packages could not be brought back. Run installs them again.");
        }

        Discard();
        Become(state);
    }

    private async Task<CacheState> TryRestoreAsync(CancellationToken ct)
    {
        using var response = await _storage.KeptAsync(Name, ct);
        if (response is null)
        {
            return new CacheState("none");
        }

        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        var (tar, index) = await CacheArchive.OpenAsync(stream, ct);
        await using (tar)
        {
            // 1. What belongs here still.
            var rules = _rules();
            var fit = index.Folders.Where(f => Fits(f, rules)).ToList();
            var total = fit.Sum(f => f.Bytes);
            if (fit.Count > 0)
            {
                // 2. All of it aside: a folder that is half there would be taken for whole.
                Discard();
                Directory.CreateDirectory(StagingFolder);
                await Restore.FromAsync(tar, new WorkspaceFiles(StagingFolder), Report, ct, Wanted, keepTimes: true);

                // 3. Into place.
                fit = [.. fit.Where(TryMove)];
                if (fit.Count == index.Folders.Count && index.LeftOut.Count == 0)
                {
                    _stamp.Put(index.Installed);
                }

                var found = CachedFolder.Find(_files.Root, rules, ct);
                await File.WriteAllTextAsync(_saved, CachedFolder.Fingerprint(found).ToString(CultureInfo.InvariantCulture), ct);
            }

            List<string> words =
            [
                .. fit.Select(f => $"{f.Path} ({InWords(f.Bytes)}) was restored from the cache."),
                .. index.Folders.Except(fit).Select(f =>
                    $"{f.Path} was not restored, since what it was built from has changed or it is there already. Run installs again where it must."),
                .. index.LeftOut,
            ];
            return new CacheState(fit.Count > 0 ? "restored" : words.Count > 0 ? "missing" : "none", total, total, string.Join(' ', words));

            bool Wanted(string path) => fit.Exists(f => path == f.Path || path.StartsWith(f.Path + "/", StringComparison.Ordinal));

            void Report(long done)
            {
                if (done > _most)
                {
                    throw new InvalidDataException("the archive holds more than it says");
                }

                Become(new CacheState("restoring", done, total));
            }
        }
    }

    private bool Fits(ArchivedFolder folder, IgnoreRules rules) =>
        _files.Resolve(folder.Path, follow: false) is { Error: null, Full: var full }
        && rules.IgnoresAnyOf(folder.Path, folder: true)
        && FileStat.Of(full) is null
        && LockFiles.KeyOf(_files.Root, folder.Path) == folder.Key;

    private bool TryMove(ArchivedFolder folder)
    {
        if (_files.Resolve(folder.Path, follow: false) is not { Error: null, Full: var full } || FileStat.Of(full) is not null)
        {
            return false; // someone was faster
        }

        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        Directory.Move($"{StagingFolder}/{folder.Path}", full);
        return true;
    }

    private void Discard()
    {
        try
        {
            if (Directory.Exists(StagingFolder))
            {
                Directory.Delete(StagingFolder, recursive: true);
            }
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            Console.Error.WriteLine($"cache: {FileFailure.Message(e, Staging)}");
        }
    }

    private void Become(CacheState state)
    {
        _state = state;
        _sessions.Broadcast("cache", "cache", state, CacheJson.Default.CacheState);
    }
}
