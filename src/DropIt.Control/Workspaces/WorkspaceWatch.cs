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
/// The short way between control and the orchestrator of one process: a nudge one way, statuses the other. Both may be lost; rows and the orchestrator's
/// periodic look at them are what holds.
/// </summary>
public sealed class WorkspaceWatch
{
    // One place is enough: a nudge says "look at the rows", however many changed.
    private readonly Channel<bool> _nudges =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<string, WorkspaceStatus> _statuses = new();
    private readonly Dictionary<string, List<Channel<WorkspaceStatus>>> _watchers = [];

    /// <summary>Tells the orchestrator that a row has changed.</summary>
    public void Nudge() => _nudges.Writer.TryWrite(true);

    /// <summary>Where the orchestrator waits for nudges.</summary>
    public ChannelReader<bool> Nudges => _nudges.Reader;

    /// <summary>The last known status; null when the orchestrator has said nothing about it yet.</summary>
    public WorkspaceStatus? Find(string slug) => _statuses.GetValueOrDefault(slug);

    /// <summary>Says what a workspace is now; null when it is no more.</summary>
    public void Set(string slug, WorkspaceStatus? status)
    {
        lock (_lock)
        {
            if (status is null)
            {
                _statuses.TryRemove(slug, out _);
            }
            else
            {
                _statuses[slug] = status;
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
            channel.Writer.TryWrite(_statuses.GetValueOrDefault(slug, first));
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
