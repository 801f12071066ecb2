using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Files;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Journal;

/// <summary>The <c>journal</c> event's content: <c>safe</c>, <c>pending</c> or <c>stalled</c>.</summary>
/// <param name="State">As above.</param>
/// <param name="Pending">Paths that are not safe yet.</param>
/// <param name="Message">Why it is stalled, for the user.</param>
internal sealed record JournalState(string State, int Pending, string? Message = null);

/// <summary>The answer to <c>journal.flush</c>.</summary>
internal sealed record FlushResult(long Sequence);

/// <summary>
/// Carries changes on disk out of the workspace while the user works.
/// <code>
///  watcher ─ Touch ─> Pending ─ quiet ─> ChangeReader ─ changes ─> entry ─ POST ─> storage ─ 200 ─> safe
///                        ^──── changed while read, or storage not there: again, later ────┘
/// </code>
/// One entry is under way at a time; it is repeated until the storage service has it, so sequences have no gaps.
/// </summary>
internal sealed class JournalWriter
{
    /// <summary>Content (compressed) that closes an entry: with one more of the largest inline size it stays below the largest entry.</summary>
    private const int EntryContent = JournalEntry.MaxInlineContent;

    /// <summary>Changes that close an entry: 1,000 longest paths would just fit beside the content; usual ones are short.</summary>
    private const int EntryChanges = 200;

    /// <summary>Reads of a file that does not hold still, before what there is of it is taken.</summary>
    private const int MaxReads = 3;

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(5);

    private readonly RunnerOptions _options;
    private readonly OpenSessions _sessions;
    private readonly Notices _notices;
    private readonly StorageClient _storage;
    private readonly FileIndex _index;
    private readonly ChangeReader _reader;
    private readonly Func<IgnoreRules> _rules;
    private readonly Pending _pending = new();
    private readonly Dictionary<string, int> _reads = [];
    private readonly Lock _gate = new();
    private List<TaskCompletionSource<long>> _flushes = [];
    private volatile JournalState _state = new("safe", 0);
    private volatile HashSet<string> _underWay = [];
    private readonly string _root;
    private long _sequence;
    private long _since;
    private volatile string? _leftOut;
    private WorkspaceSize _fullest;
    private bool _stopping;

    /// <summary>Contributes <c>journal</c> to the hello.</summary>
    public JournalWriter(
        RunnerOptions options,
        WorkspaceFiles files,
        FileIndex index,
        StorageClient storage,
        WorkspaceQuota quota,
        Func<IgnoreRules> rules,
        OpenSessions sessions,
        Notices notices)
    {
        _options = options;
        _sessions = sessions;
        _notices = notices;
        _storage = storage;
        _index = index;
        _rules = rules;
        _root = files.Root;
        _reader = new ChangeReader(files, index, storage, quota);
        sessions.AddHello("journal", (_, writer) =>
            JsonSerializer.Serialize(writer, _state, JournalEventJson.Default.JournalState));
    }

    /// <summary>Called for every file whose content (hex SHA-256) is now safe. Set before <see cref="RunAsync"/>.</summary>
    public Action<string, string>? Safe { get; set; }

    /// <summary>Called when changes were dropped because too many waited: compare everything. Set before <see cref="RunAsync"/>.</summary>
    public Action? Lost { get; set; }

    /// <summary>Who changed what; <see langword="null"/>: nobody asks.</summary>
    public Authorship? Authors { get; set; }

    /// <summary>The version that files are being brought back from: what is journalled meanwhile says so.</summary>
    public string? Restoring { get; set; }

    /// <summary>What pages are told.</summary>
    public JournalState State => _state;

    /// <summary>What is on this machine only because the workspace may not hold it, while nothing else is unsafe; a sentence for the user.</summary>
    public string? OnlyHere => _state is { Pending: 0, Message: { } message } && message == _leftOut ? message : null;

    /// <summary>
    /// Since when something is not safe that could be; null when all is. What the workspace may not hold does not count: nothing but the user changes that.
    /// </summary>
    public TimeSpan? Unsafe
    {
        get
        {
            var underWay = _underWay.Count > 0 ? Volatile.Read(ref _since) : (long?)null;
            var oldest = Math.Min(_pending.Oldest ?? long.MaxValue, underWay ?? long.MaxValue);
            return oldest == long.MaxValue ? null : TimeSpan.FromMilliseconds(Math.Max(0, Environment.TickCount64 - oldest));
        }
    }

    /// <summary>
    /// Whether the storage service has this content (hex SHA-256) of a file. A false that is about to turn true is followed by <see cref="Safe"/>.
    /// </summary>
    public bool IsSafe(string path, string hash) =>
        !_underWay.Contains(path)
        && _index.TryGet(path, out var entry)
        && entry.Kind == ChangeKind.File
        && Convert.ToHexStringLower(entry.Hash) == hash;

    /// <summary>Notes paths that changed. Never waits.</summary>
    public void Touch(IReadOnlyCollection<string> paths)
    {
        if (paths.Count > 0)
        {
            _pending.Add(paths);
            Report();
        }
    }

    /// <summary>Completes with the last sequence when all touched before is safe.</summary>
    public Task<long> FlushAsync(CancellationToken ct)
    {
        var flush = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            _flushes.Add(flush);
        }

        _pending.Wake();
        return flush.Task.WaitAsync(ct);
    }

    /// <summary>Makes <see cref="RunAsync"/> write what waits and the stop entry, and return.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
        }

        _pending.Wake();
    }

    /// <summary>Journals until <see cref="Stop"/> or until a newer start of the workspace is met.</summary>
    /// <param name="sequence">Of the last entry that this start has written.</param>
    /// <param name="saved">The index on disk.</param>
    /// <param name="ct">Gives up what is not safe yet.</param>
    /// <returns>False when there is a newer start. After an exception the index is to be loaded anew, then everything compared.</returns>
    public async Task<bool> RunAsync(long sequence, SavedIndex saved, CancellationToken ct)
    {
        _sequence = sequence;
        saved.Changed(); // what the first comparison finds is about to come
        while (true)
        {
            await _pending.WaitAsync(saved.Due, ct);
            List<TaskCompletionSource<long>> flushes;
            bool stopping;
            lock (_gate)
            {
                flushes = _flushes;
                _flushes = [];
                stopping = _stopping;
            }

            try
            {
                (var paths, _since) = _pending.Take(all: stopping || flushes.Count > 0);
                if (paths.Count > 0)
                {
                    saved.Changed();
                }

                if (!await WriteAsync(paths, flushes.Count > 0 || stopping, ct)
                    || (stopping && !await SendAsync([], stop: true, ct)))
                {
                    return false;
                }
            }
            catch
            {
                lock (_gate)
                {
                    _flushes.InsertRange(0, flushes);
                }

                throw;
            }

            foreach (var flush in flushes)
            {
                flush.TrySetResult(_sequence);
            }

            if (_pending.TakeLost())
            {
                Lost?.Invoke();
            }

            Report();
            saved.Save(now: stopping);
            if (stopping)
            {
                return true;
            }
        }
    }

    /// <summary>Tells the user why nothing gets safe; null: it does again.</summary>
    public void SetProblem(string? problem)
    {
        lock (_gate)
        {
            if (_state.Message == problem)
            {
                return;
            }

            Publish(problem);
        }
    }

    /// <summary>Reads and sends all of <paramref name="paths"/>; false when superseded.</summary>
    private async Task<bool> WriteAsync(List<string> paths, bool flushing, CancellationToken ct)
    {
        var changes = new List<JournalChange>();
        var content = 0;
        _underWay = [.. paths];

        // What is gone comes last: the storage service finds contents that were moved at their old paths.
        var gone = paths.Where(path => _index.Knows(path) && FileStat.Of($"{_root}/{path}") is null).ToHashSet();
        _reader.Expect(gone);
        foreach (var path in paths.OrderBy(gone.Contains))
        {
            var before = changes.Count;
            if (!await ReadAsync(path, flushing, changes, ct))
            {
                return false;
            }

            for (; before < changes.Count; before++)
            {
                content += changes[before].Content?.Length ?? 0;
            }

            if (content >= EntryContent || changes.Count >= EntryChanges)
            {
                if (!await SendAsync(changes, stop: false, ct))
                {
                    return false;
                }

                changes = [];
                content = 0;
            }
        }

        if (changes.Count > 0 && !await SendAsync(changes, stop: false, ct))
        {
            return false;
        }

        _underWay = [];
        foreach (var path in paths)
        {
            if (_index.TryGet(path, out var entry) && entry.Kind == ChangeKind.File)
            {
                Safe?.Invoke(path, Convert.ToHexStringLower(entry.Hash));
            }
        }

        NoteLeftOut();
        return true;
    }

    private async Task<bool> ReadAsync(string path, bool flushing, List<JournalChange> changes, CancellationToken ct)
    {
        for (var wait = FirstRetry; ;)
        {
            var reads = _reads.GetValueOrDefault(path) + 1;
            ReadOutcome outcome;
            try
            {
                outcome = await _reader.ReadAsync(path, _rules(), accept: reads >= MaxReads, changes, ct);
            }
            catch (Exception e) when (FileFailure.Expected(e))
            {
                _notices.Set("journal.unreadable", NoticeLevel.Warning, $"Not saved outside this workspace: {FileFailure.Message(e, path)}");
                outcome = ReadOutcome.Done;
            }

            switch (outcome)
            {
                case ReadOutcome.Superseded:
                    return false;
                case ReadOutcome.Done:
                    _reads.Remove(path);
                    return true;
                case ReadOutcome.Unsteady when !flushing:
                    _reads[path] = Math.Min(reads, MaxReads);
                    _pending.Add([path]);
                    return true;
                case ReadOutcome.Unsteady when reads <= MaxReads:
                    _reads[path] = reads;
                    break;
                case ReadOutcome.Unsteady:
                    return true;
                default:
                    SetProblem($"Not safe yet: {_storage.Problem} What you write is kept in the workspace and sent again.");
                    await Task.Delay(wait, ct);
                    wait = Longer(wait);
                    break;
            }
        }
    }

    /// <summary>Sends one entry until it is taken; false when superseded.</summary>
    private async Task<bool> SendAsync(List<JournalChange> changes, bool stop, CancellationToken ct)
    {
        var sequence = _sequence + 1;
        var sent = Authors?.Now ?? 0;
        var entry = Serialize(changes, sequence, stop);
        var trace = $"00-{Hex(16)}-{Hex(8)}-01";
        for (var wait = FirstRetry; ; wait = Longer(wait))
        {
            switch (await _storage.PostAsync(entry, trace, Environment.TickCount64 - _since, ct))
            {
                case Taken.Yes:
                    _sequence = sequence;
                    Authors?.Forget(changes, sent);
                    SetProblem(LeftOut());
                    return true;
                case Taken.Superseded:
                    return false;
                case Taken.Missing:
                    var (supplied, gone) = await _reader.SupplyAsync(_storage.Missing, changes, ct);
                    _pending.Add(gone);
                    if (supplied == Taken.Superseded)
                    {
                        return false;
                    }

                    entry = Serialize(changes, sequence, stop);
                    await Task.Delay(supplied == Taken.Yes ? TimeSpan.Zero : wait, ct);
                    break;
                case Taken.Refused or Taken.TooLarge when changes.Count > 1:
                    // One that can not be taken must not keep the others from being safe.
                    var half = changes.Count / 2;
                    return await SendAsync(changes[..half], stop: false, ct) && await SendAsync(changes[half..], stop, ct);
                case Taken.TooLarge:
                    foreach (var change in changes)
                    {
                        _index.Remove(change.Path);
                        _reader.LeaveOut(change.Path, _storage.Problem);
                    }

                    SetProblem(LeftOut());
                    return true;
                case Taken.Refused:
                    // Nothing that trying again would mend; the paths are read anew when they change.
                    _notices.Set(
                        "journal.refused",
                        NoticeLevel.Error,
                        $"Some changes are on this machine only. {_storage.Problem} Tell the operator.");
                    foreach (var change in changes)
                    {
                        _index.Remove(change.Path);
                    }

                    return true;
                default:
                    SetProblem($"Not safe yet: {_storage.Problem} What you write is kept in the workspace and sent again.");
                    await Task.Delay(wait, ct);
                    break;
            }
        }
    }

    private byte[] Serialize(List<JournalChange> changes, long sequence, bool stop)
    {
        var (users, programs) = Authors?.Of(changes) ?? (null, false);
        var entry = new JournalEntry(_options.Workspace, _options.Epoch, sequence, changes, stop)
        {
            Authors = users,
            Programs = programs,
            Restored = Restoring,
        };
        return JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry);
    }

    private static string Hex(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));

    private static TimeSpan Longer(TimeSpan wait) => wait * 2 < LastRetry ? wait * 2 : LastRetry;

    /// <summary>Why some of what is here is not safe; null when nothing is left out.</summary>
    private string? LeftOut() => _leftOut = _reader.LeftOut.Count == 0
        ? null
        : $"Not safe, on this machine only: {Some(_reader.LeftOut)}. {_reader.Refusal}";

    private static string Some(IReadOnlyCollection<string> paths) => $"{string.Join(", ", paths.Take(3))}{(paths.Count > 3 ? ", .." : "")}";

    private void NoteLeftOut()
    {
        // What was left out is tried again as soon as there is more room than when it was.
        var size = _index.Size;
        if (_reader.LeftOut.Count > 0 && (size.Bytes < _fullest.Bytes || size.Files < _fullest.Files))
        {
            _pending.Add(_reader.LeftOut);
        }

        _fullest = size;
        _notices.Set("journal.left-out", NoticeLevel.Error, LeftOut() ?? "");
        SetProblem(LeftOut());
        Note("journal.names", "Kept on this machine only, since the name is not UTF-8 (rename it)", _reader.Nameless);

        void Note(string id, string what, IReadOnlyCollection<string> paths) => _notices.Set(
            id,
            NoticeLevel.Warning,
            paths.Count == 0 ? "" : $"{what}: {Some(paths)}");
    }

    private void Report()
    {
        lock (_gate)
        {
            Publish(_state.Message);
        }
    }

    private void Publish(string? problem)
    {
        var waiting = _pending.Count + _underWay.Count;
        var next = new JournalState(problem is not null ? "stalled" : waiting > 0 ? "pending" : "safe", waiting, problem);
        if (next != _state)
        {
            _state = next;
            _sessions.Broadcast("journal", "journal", next, JournalEventJson.Default.JournalState);
        }
    }
}

/// <summary>JSON of the journal's events, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalState))]
[JsonSerializable(typeof(FlushResult))]
internal sealed partial class JournalEventJson : JsonSerializerContext;
