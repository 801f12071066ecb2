using DropIt.Protocol.Workspaces;

namespace DropIt.Orchestrator;

/// <summary>
/// What the orchestrator holds of one workspace. Its loop alone reads and writes this; a step under way hands over what it came to when it ends.
/// </summary>
internal sealed class Ward(Slug slug)
{
    public Slug Slug { get; } = slug;

    /// <summary>How often someone had lost access when the runner was last told.</summary>
    public long Told { get; set; }

    /// <summary>Version of the variables that the runner has.</summary>
    public long Variables { get; set; }

    /// <summary>Tells the runner newer ones, and which it has then; never throws.</summary>
    public Task<long>? Telling { get; set; }

    /// <summary>The newest start that is known of.</summary>
    public long Epoch { get; set; }

    public Actual Actual { get; set; } = new(Phase.Down);

    /// <summary>The runner while there is one that serves.</summary>
    public IRunner? Runner { get; set; }

    /// <summary>Nudges the loop when <see cref="Runner"/> has ended.</summary>
    public Task EndNudge { get; set; } = Task.CompletedTask;

    /// <summary>When the runner began to serve.</summary>
    public DateTimeOffset UpSince { get; set; }

    /// <summary>Why there is a start after a runner that broke; null when nothing did.</summary>
    public string? Cause { get; set; }

    /// <summary>When it last ended because it held more than its disk may.</summary>
    public DateTimeOffset OutgrownAt { get; set; }

    /// <summary>The step under way, which never throws.</summary>
    public Task<Outcome>? Step { get; set; }

    /// <summary>Gives up the step under way.</summary>
    public CancellationTokenSource? Abort { get; set; }
}

/// <summary>What a step came to.</summary>
internal abstract record Outcome
{
    /// <summary>The runner serves, and has that version of the workspace's variables.</summary>
    public sealed record Serving(IRunner Runner, long Variables) : Outcome;

    /// <summary>There is no runner, as intended.</summary>
    public sealed record Ended : Outcome;

    /// <summary>There is no runner, and there should be.</summary>
    public sealed record Broken(string Message, bool Outgrown = false) : Outcome;

    /// <summary>The workspace is no more.</summary>
    public sealed record Removed : Outcome;
}
