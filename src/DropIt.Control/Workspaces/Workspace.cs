namespace DropIt.Control.Workspaces;

/// <summary>What a workspace's user asked for. Control writes it, the orchestrator makes it so.</summary>
public enum Wanted
{
    /// <summary>No runner; the files stay in storage.</summary>
    Asleep,

    /// <summary>A runner that serves.</summary>
    Awake,

    /// <summary>Deleted: invisible from now on, and no more when the orchestrator has removed everything.</summary>
    Gone,
}

/// <summary>When a workspace may be put to sleep, as its user chose.</summary>
public enum SleepPolicy
{
    /// <summary>When nobody is there and nothing works.</summary>
    WhenLeft,

    /// <summary>Not before every program in it has ended, also one that only waits.</summary>
    WhenNothingRuns,

    /// <summary>Only when its user stops it. Where the operator does not allow that, as <see cref="WhenNothingRuns"/>.</summary>
    Never,
}

/// <summary>What a workspace is, as the page shows it. The orchestrator writes it.</summary>
public enum WorkspaceState
{
    /// <summary>No runner.</summary>
    Asleep,

    /// <summary>A runner is being started.</summary>
    Starting,

    /// <summary>The runner is fetching the files.</summary>
    Restoring,

    /// <summary>The runner serves.</summary>
    Awake,

    /// <summary>The runner is saving what is left and ends.</summary>
    Stopping,

    /// <summary>The runner could not be started or died; the message says why. It is tried again while wanted.</summary>
    Failed,
}

/// <summary>The row of one workspace.</summary>
public sealed class Workspace
{
    /// <summary>Longest name, in UTF-16 units: more does not fit the home page's cards.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Its slug; the key.</summary>
    public required string Slug { get; init; }

    /// <summary>Who it belongs to; who made it, when it belongs to a team.</summary>
    public required int OwnerId { get; set; }

    /// <summary>The team it belongs to; null when it is a person's.</summary>
    public int? TeamId { get; set; }

    /// <summary>What its files have in storage, as last heard; null when nobody has looked yet.</summary>
    public long? Bytes { get; set; }

    /// <summary>What its user calls it, 1 to <see cref="MaxNameLength"/> characters.</summary>
    public required string Name { get; set; }

    /// <summary>Id of the stack it was made from.</summary>
    public required string Stack { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last opened.</summary>
    public required DateTimeOffset UsedAt { get; set; }

    /// <summary>The PORT of its programs on a machine that all workspaces share; stable, one workspace each.</summary>
    public required int Port { get; set; }

    /// <summary>What is wanted.</summary>
    public Wanted Wanted { get; set; }

    /// <summary>When it may be put to sleep.</summary>
    public SleepPolicy Sleeps { get; set; }

    /// <summary>Number of starts so far: the epoch of the newest runner.</summary>
    public long Epoch { get; set; }

    /// <summary>How often someone has lost access; tickets say as of when they are.</summary>
    public long Access { get; set; }

    /// <summary>How often its variables have been changed; runners say as of when theirs are.</summary>
    public long Variables { get; set; }

    /// <summary>What it is, as of the last change.</summary>
    public WorkspaceState State { get; set; }

    /// <summary>A sentence for the user about <see cref="State"/>, if there is something to say.</summary>
    public string? Message { get; set; }
}
