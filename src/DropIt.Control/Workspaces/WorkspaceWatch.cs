using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace DropIt.Control.Workspaces;

/// <summary>What a workspace is right now, finer than its row.</summary>
/// <param name="State">The state.</param>
/// <param name="Message">A sentence for the user, if there is something to say.</param>
/// <param name="DoneBytes">Restored so far.</param>
/// <param name="TotalBytes">To restore.</param>
/// <param name="Cause">What broke the runner before this one: kept until the next start, so that whoever looks later learns of it too.</param>
public sealed record WorkspaceStatus(WorkspaceState State, string? Message = null, long DoneBytes = 0, long TotalBytes = 0, string? Cause = null);

/// <summary>
/// The short way between control and the orchestrator: a nudge one way, statuses the other, in this process and, by whoever listens to <see cref="Said"/>,
/// in the others. Both may be lost; rows and the periodic look at them are what holds.
/// </summary>
public sealed class WorkspaceWatch(TimeProvider time)
{
    // What another server said last of a workspace is believed this long against the row; the rows are looked at every 2 s.
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(3);

    // One place is enough: a nudge says "look at the rows", however many changed.
    private readonly Channel<bool> _nudges =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Lock _lock = new();
    private readonly WorkspaceEvents _events = new();
    private readonly ConcurrentDictionary<string, (WorkspaceStatus Status, DateTimeOffset At)> _statuses = new();
    private readonly Dictionary<string, List<Channel<WorkspaceStatus>>> _watchers = [];

    /// <summary>Tells the orchestrator that a row has changed.</summary>
    public void Nudge()
    {
        _nudges.Writer.TryWrite(true);
        Said?.Invoke(null, null);
    }

    /// <summary>Something was said here that other servers should hear: a workspace's status, null when it is no more; or, without a slug, a nudge.</summary>
    public event Action<string?, WorkspaceStatus?>? Said;

    /// <summary>Where the orchestrator waits for nudges.</summary>
    public ChannelReader<bool> Nudges => _nudges.Reader;

    /// <summary>The last known status; null when the orchestrator has said nothing about it yet.</summary>
    public WorkspaceStatus? Find(string slug) => _statuses.TryGetValue(slug, out var known) ? known.Status : null;

    /// <summary>The last things that were said of it since this server started, the newest first.</summary>
    public IReadOnlyList<WorkspaceEvent> EventsOf(string slug) => _events.Of(slug);

    /// <summary>Says what a workspace is now; null when it is no more.</summary>
    public void Set(string slug, WorkspaceStatus? status)
    {
        Note(slug, status);
        Said?.Invoke(slug, status);
    }

    /// <summary>What another server said.</summary>
    internal void Hear(string? slug, WorkspaceStatus? status)
    {
        if (slug is not null)
        {
            Note(slug, status);
        }

        _nudges.Writer.TryWrite(true);
    }

    /// <summary>Workspaces that are not known to be asleep, or that someone watches.</summary>
    public IReadOnlyList<string> Lively
    {
        get
        {
            lock (_lock)
            {
                return [.. _statuses.Where(s => s.Value.Status.State != WorkspaceState.Asleep).Select(s => s.Key).Union(_watchers.Keys)];
            }
        }
    }

    /// <summary>Takes in rows that another server writes, which makes up for a status that was lost.</summary>
    /// <param name="lively">Of <see cref="Lively"/>, asked before the rows were read: those without a row are no more.</param>
    /// <param name="rows">What the rows say.</param>
    public void Follow(IReadOnlyList<string> lively, IReadOnlyDictionary<string, WorkspaceStatus> rows)
    {
        var now = time.GetUtcNow();
        foreach (var (slug, row) in rows)
        {
            if (!_statuses.TryGetValue(slug, out var known))
            {
                Note(slug, row);
            }
            else if (now - known.At > s_fresh
                && !IsFinerThan(known.Status.State, row.State)
                && (known.Status.State, known.Status.Message) != (row.State, row.Message))
            {
                Note(slug, row);
            }
        }

        foreach (var gone in lively.Where(slug => !rows.ContainsKey(slug)))
        {
            Note(gone, null);
        }
    }

    /// <summary>States that pass are only said, never written.</summary>
    private static bool IsFinerThan(WorkspaceState said, WorkspaceState written) =>
        (said, written) is (WorkspaceState.Restoring, WorkspaceState.Starting) or (WorkspaceState.Stopping, WorkspaceState.Awake);

    private void Note(string slug, WorkspaceStatus? status)
    {
        lock (_lock)
        {
            if (status is null)
            {
                _statuses.TryRemove(slug, out _);
                _events.Forget(slug);
            }
            else
            {
                _statuses[slug] = (status, time.GetUtcNow());
                _events.Note(slug, status, time.GetUtcNow());
            }

            foreach (var watcher in _watchers.GetValueOrDefault(slug, []))
            {
                if (status is null)
                {
                    watcher.Writer.TryComplete();
                }
                else
                {
                    watcher.Writer.TryWrite(status);
                }
            }
        }
    }

    // Each step of a start is a line for the user. A reader further behind than this misses the oldest.
    private const int MaxBehind = 64;

    /// <summary>The present status and every later one; a slow reader misses the oldest. Ends when the workspace is deleted.</summary>
    /// <param name="slug">The workspace.</param>
    /// <param name="first">What to say while nothing is known: the row's state.</param>
    /// <param name="cancel">Ends the watching.</param>
    public async IAsyncEnumerable<WorkspaceStatus> WatchAsync(
        string slug, WorkspaceStatus first, [EnumeratorCancellation] CancellationToken cancel)
    {
        var channel = Channel.CreateBounded<WorkspaceStatus>(
            new BoundedChannelOptions(MaxBehind) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            channel.Writer.TryWrite(Find(slug) ?? first);
            if (!_watchers.TryGetValue(slug, out var list))
            {
                _watchers[slug] = list = [];
            }

            list.Add(channel);
        }

        try
        {
            await foreach (var status in channel.Reader.ReadAllAsync(cancel))
            {
                yield return status;
            }
        }
        finally
        {
            lock (_lock)
            {
                var list = _watchers[slug];
                list.Remove(channel);
                if (list.Count == 0)
                {
                    _watchers.Remove(slug);
                }
            }
        }
    }
}
