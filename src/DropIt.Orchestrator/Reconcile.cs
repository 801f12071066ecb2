using DropIt.Control.Workspaces;

namespace DropIt.Orchestrator;

/// <summary>What there is of a workspace on this machine.</summary>
internal enum Phase
{
    /// <summary>No runner.</summary>
    Down,

    /// <summary>A runner that does not serve yet.</summary>
    Starting,

    /// <summary>A runner that serves.</summary>
    Up,

    /// <summary>A runner that is ending.</summary>
    Stopping,

    /// <summary>No runner, and its traces are being removed.</summary>
    Deleting,
}

/// <summary>What to do next for one workspace.</summary>
internal enum Step
{
    /// <summary>Nothing now.</summary>
    None,

    /// <summary>Start a runner.</summary>
    Start,

    /// <summary>Give up the start under way.</summary>
    Abort,

    /// <summary>End the runner, with all saved.</summary>
    Stop,

    /// <summary>Write down that it sleeps: it was to be started again, and no longer is.</summary>
    Rest,

    /// <summary>Remove files, store and row.</summary>
    Delete,
}

/// <summary>What is, as far as a decision needs it.</summary>
/// <param name="Phase">What there is.</param>
/// <param name="Failures">Starts that failed and runs that broke since it was last well.</param>
/// <param name="RetryAt">Not to be started again before.</param>
internal sealed record Actual(Phase Phase, int Failures = 0, DateTimeOffset RetryAt = default);

/// <summary>From wanted and actual to the next step; no clock, no process, no database.</summary>
internal static class Reconcile
{
    /// <summary>A runner that served this long was well: what broke it was not its start.</summary>
    public static readonly TimeSpan Well = TimeSpan.FromMinutes(1);

    /// <summary>What a workspace that keeps outgrowing its disk says besides.</summary>
    public const string OutgrownAgain = "It was ended twice for that and is not started again by itself. Its files can be read and downloaded meanwhile. Put it to sleep "
        + "and open it to try again; if its files and packages need the room, whoever runs this cluster must give it more (\"disk\" in docs/operations.md).";

    // A node looks at its disks some times a minute, and what was restored must be written first.
    private static readonly TimeSpan s_outgrowing = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(30);

    /// <summary>The next step for a workspace.</summary>
    public static Step Decide(Wanted wanted, Actual actual, DateTimeOffset now) => (wanted, actual.Phase) switch
    {
        (Wanted.Awake, Phase.Down) => now >= actual.RetryAt ? Step.Start : Step.None,
        (Wanted.Awake, _) => Step.None,
        (_, Phase.Starting) => Step.Abort,
        (_, Phase.Up) => Step.Stop,
        (Wanted.Gone, Phase.Down) => Step.Delete,
        (Wanted.Asleep, Phase.Down) => Step.Rest,
        _ => Step.None,
    };

    /// <summary>What follows from a start that failed or a runner that ended by itself.</summary>
    /// <param name="before">Until then.</param>
    /// <param name="served">How long it had served; zero when it never did.</param>
    /// <param name="now">The present time.</param>
    public static Actual Broken(Actual before, TimeSpan served, DateTimeOffset now)
    {
        // The first time after a good while is not waited for: someone is typing.
        var failures = served >= Well ? 0 : before.Failures;
        return new Actual(Phase.Down, failures + 1, now + Delay(failures));
    }

    /// <summary>
    /// What follows from a runner that held more than its disk may, when that happened before at <paramref name="last"/>: what is restored would be evicted
    /// again, for ever, so the second time in a row is the last until someone asks for it. Null the first time.
    /// </summary>
    public static Actual? Outgrown(Actual before, DateTimeOffset last, DateTimeOffset now) =>
        now - last < s_outgrowing ? new Actual(Phase.Down, before.Failures + 1, DateTimeOffset.MaxValue) : null;

    /// <summary>0, 1, 2, 4, ... 30 seconds.</summary>
    private static TimeSpan Delay(int failures) =>
        failures == 0 ? TimeSpan.Zero
        : TimeSpan.FromSeconds(Math.Min(s_longestDelay.TotalSeconds, Math.Pow(2, Math.Min(failures - 1, 10))));
}
