namespace DropIt.Control.Workspaces;

/// <summary>What the operator says about sleep.</summary>
/// <param name="Left">How long after the last page was closed, and the last work ended, a workspace sleeps.</param>
/// <param name="Untouched">The same while a page is open that nobody uses.</param>
/// <param name="MayNever">Users may choose <see cref="SleepPolicy.Never"/>.</param>
public sealed record SleepRules(TimeSpan Left, TimeSpan Untouched, bool MayNever)
{
    /// <summary>What a user's choice comes to here.</summary>
    public SleepPolicy Allowed(SleepPolicy chosen) =>
        chosen == SleepPolicy.Never && !MayNever ? SleepPolicy.WhenNothingRuns : chosen;
}
