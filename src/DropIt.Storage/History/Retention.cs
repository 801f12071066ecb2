namespace DropIt.Storage.History;

/// <summary>
/// Which versions are kept: all of the last time, then the newest of each hour, then the newest of each day (UTC), then none. Decided from
/// values alone. Applying it again later to what it kept gives what applying it once to everything gives.
/// </summary>
public sealed record Retention
{
    /// <summary>Age up to which every version is kept.</summary>
    public TimeSpan All { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Age up to which the newest version of each hour is kept.</summary>
    public TimeSpan Hourly { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Age up to which the newest version of each day is kept.</summary>
    public TimeSpan Daily { get; init; } = TimeSpan.FromDays(365);

    /// <summary>
    /// Most versions of a workspace: a day of typing without a pause is some 4,300. Past it those go first, oldest first, that are not the newest of their hour.
    /// </summary>
    public int MaxVersions { get; init; } = 5_000;

    /// <summary>Says of each version whether it is kept. The newest always is: it is what the workspace holds.</summary>
    /// <param name="times">Of the versions, oldest first.</param>
    /// <param name="now">The present time.</param>
    public bool[] Keep(IReadOnlyList<DateTimeOffset> times, DateTimeOffset now)
    {
        var keep = new bool[times.Count];
        var kept = 0;
        for (var i = 0; i < times.Count; i++)
        {
            keep[i] = i == times.Count - 1 || now < Until(times, i);
            kept += keep[i] ? 1 : 0;
        }

        for (var i = 0; i < times.Count - 1 && kept > MaxVersions; i++)
        {
            if (keep[i] && Hour(times[i]) == Hour(times[i + 1]))
            {
                keep[i] = false;
                kept--;
            }
        }

        for (var i = 0; i < times.Count - 1 && kept > MaxVersions; i++)
        {
            kept -= keep[i] ? 1 : 0;
            keep[i] = false;
        }

        return keep;
    }

    /// <summary>When the next of the versions, all kept so far, is to go; the end of time when none ever is.</summary>
    /// <param name="times">Of the versions, oldest first.</param>
    public DateTimeOffset Next(IReadOnlyList<DateTimeOffset> times)
    {
        var next = DateTimeOffset.MaxValue;
        for (var i = 0; i < times.Count - 1; i++)
        {
            next = Until(times, i) is var until && until < next ? until : next;
        }

        return next;
    }

    /// <summary>A version is kept while it is younger than its rank allows; the newest of its day is also that of its hour.</summary>
    private DateTimeOffset Until(IReadOnlyList<DateTimeOffset> times, int i) =>
        times[i] + (i == times.Count - 1 || Day(times[i]) != Day(times[i + 1]) ? Daily : Hour(times[i]) != Hour(times[i + 1]) ? Hourly : All);

    private static long Hour(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerHour;

    private static long Day(DateTimeOffset time) => time.UtcTicks / TimeSpan.TicksPerDay;
}
