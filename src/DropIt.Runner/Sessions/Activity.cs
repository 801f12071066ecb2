using DropIt.Protocol.Workspaces;

namespace DropIt.Runner.Sessions;

/// <summary>What keeps the workspace awake. The product's own probes never count.</summary>
internal sealed class Activity(OpenSessions sessions)
{
    private readonly List<Func<string?>> _reasons = [];
    private long _lastTouch = DateTimeOffset.UtcNow.UtcTicks;

    /// <summary>Adds a rule: a sentence for the user while it keeps the workspace awake, else null. Before the first question only.</summary>
    public void AddReason(Func<string?> reason) => _reasons.Add(reason);

    /// <summary>A sign of a user, such as a preview request.</summary>
    public void Touch() => Interlocked.Exchange(ref _lastTouch, DateTimeOffset.UtcNow.UtcTicks);

    /// <summary>The present answer.</summary>
    public RunnerActivity Now()
    {
        var connections = sessions.Count;
        var last = Math.Max(Interlocked.Read(ref _lastTouch), sessions.LastSeen.UtcTicks);
        var idle = connections > 0 ? 0 : (DateTimeOffset.UtcNow.UtcTicks - last) / TimeSpan.TicksPerSecond;
        return new RunnerActivity(connections, idle, [.. _reasons.Select(reason => reason()).OfType<string>()]);
    }
}
