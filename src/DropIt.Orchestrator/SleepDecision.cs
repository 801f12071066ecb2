using System.Globalization;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Workspaces;

namespace DropIt.Orchestrator;

/// <summary>Whether a workspace sleeps, from what its runner says and what was chosen; no clock.</summary>
internal abstract record SleepDecision
{
    // Long enough to be seen by someone who reads, short enough that it is about now.
    private static readonly TimeSpan s_longestWarning = TimeSpan.FromMinutes(2);

    /// <summary>It stays awake, and nothing need be said about it.</summary>
    public sealed record Awake : SleepDecision;

    /// <summary>It sleeps in <paramref name="Seconds"/> unless someone uses it; the open pages are told why.</summary>
    public sealed record Soon(long Seconds, string Why) : SleepDecision;

    /// <summary>It goes to sleep now.</summary>
    public sealed record Now(string Why) : SleepDecision;

    /// <summary>Decides.</summary>
    public static SleepDecision Of(SleepPolicy chosen, RunnerActivity activity, SleepRules rules)
    {
        var policy = rules.Allowed(chosen);
        if (policy == SleepPolicy.Never || activity.Reasons.Count > 0
            || (policy == SleepPolicy.WhenNothingRuns && activity.Running.Count > 0))
        {
            return new Awake();
        }

        var open = activity.Connections > 0;
        var limit = open ? rules.Untouched : rules.Left;
        var left = limit - TimeSpan.FromSeconds(activity.IdleSeconds);
        if (left <= TimeSpan.Zero)
        {
            var why = open ? $"the page was open, but nobody used it for {InWords(limit)}." : $"nobody was here for {InWords(limit)}.";
            return new Now($"Asleep: {why}{(activity.LeftOut is { } leftOut ? " " + leftOut : "")}");
        }

        var warning = limit / 2 < s_longestWarning ? limit / 2 : s_longestWarning;
        return open && left <= warning
            ? new Soon((long)Math.Ceiling(left.TotalSeconds), $"Nobody has used this workspace for {InWords(limit - left)}.")
            : new Awake();
    }

    /// <summary>What keeps it awake, for whoever looks after the server.</summary>
    public static string WhyAwake(SleepPolicy chosen, RunnerActivity activity, SleepRules rules)
    {
        var policy = rules.Allowed(chosen);
        return activity.Reasons.Count > 0 ? activity.Reasons[0]
            : policy == SleepPolicy.Never ? "Its owner keeps it awake for ever."
            : policy == SleepPolicy.WhenNothingRuns && activity.Running.Count > 0 ? activity.Running[0]
            : (activity.Connections == 1 ? "A page is open" : activity.Connections > 1 ? $"{activity.Connections} pages are open" : "Nobody is there")
                + $", last used {InWords(TimeSpan.FromSeconds(activity.IdleSeconds))} ago.";
    }

    /// <summary>"1 minute", "15 minutes", "40 seconds".</summary>
    private static string InWords(TimeSpan time)
    {
        var (number, unit) = time < TimeSpan.FromMinutes(1) ? ((long)time.TotalSeconds, "second") : ((long)time.TotalMinutes, "minute");
        return string.Create(CultureInfo.InvariantCulture, $"{number} {unit}{(number == 1 ? "" : "s")}");
    }
}
