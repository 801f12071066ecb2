namespace DropIt.Control.Workspaces;

/// <summary>A thing that was said of a workspace.</summary>
/// <param name="At">When.</param>
/// <param name="State">What it was then.</param>
/// <param name="Message">In words, if there was something to say.</param>
public sealed record WorkspaceEvent(DateTimeOffset At, WorkspaceState State, string? Message);

/// <summary>
/// The last things that were said of each workspace since this server started, for whoever looks after it: some of the most recent workspaces. What has to last
/// is in the row, the audit log and the cluster.
/// </summary>
internal sealed class WorkspaceEvents
{
    /// <summary>Events kept of a workspace: a start is some six of them.</summary>
    public const int Most = 30;

    // With sentences of 200 characters about 12 MB. Past it the workspace of which nothing was said for longest is forgotten.
    private const int MostWorkspaces = 1000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedList<WorkspaceEvent>> _events = [];

    /// <summary>Of that workspace, the newest first.</summary>
    public IReadOnlyList<WorkspaceEvent> Of(string slug)
    {
        lock (_lock)
        {
            return [.. _events.GetValueOrDefault(slug, [])];
        }
    }

    /// <summary>Takes in what is said; how far a restore is, is no news.</summary>
    public void Note(string slug, WorkspaceStatus status, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (!_events.TryGetValue(slug, out var said))
            {
                if (_events.Count == MostWorkspaces)
                {
                    _events.Remove(_events.MinBy(e => e.Value.First!.Value.At).Key);
                }

                _events[slug] = said = [];
            }

            if (said.First?.Value is { } last && (last.State, last.Message) == (status.State, status.Message))
            {
                return;
            }

            said.AddFirst(new WorkspaceEvent(now, status.State, status.Message));
            if (said.Count > Most)
            {
                said.RemoveLast();
            }
        }
    }

    /// <summary>The workspace is no more.</summary>
    public void Forget(string slug)
    {
        lock (_lock)
        {
            _events.Remove(slug);
        }
    }
}
