using System.Globalization;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Machine;

/// <summary>
/// Tells pages that the kernel has ended a program because the workspace used up its memory. It takes the largest, which is not the runner, and says so to nobody in
/// here: all that is seen of it otherwise is a program that was killed.
/// </summary>
internal static class MemoryWatch
{
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(2);

    // Long enough to be read after a coffee.
    private static readonly TimeSpan s_told = TimeSpan.FromMinutes(10);

    /// <summary>Looks until <paramref name="stop"/>; at once over where the workspace has no bound of its own or nothing is counted.</summary>
    public static async Task RunAsync(Notices notices, CancellationToken stop)
    {
        if (ControlGroup.MemoryLimit is not { } limit || ControlGroup.MemoryKills is not { } before)
        {
            return;
        }

        var (seen, last) = (before, 0L);
        using var timer = new PeriodicTimer(s_betweenLooks);
        while (await NextAsync())
        {
            var now = ControlGroup.MemoryKills ?? seen;
            if (now > seen)
            {
                (seen, last) = (now, Environment.TickCount64);
                notices.Set("memory", NoticeLevel.Warning, Sentence(now - before, limit));
            }
            else if (seen > before && Environment.TickCount64 - last > s_told.TotalMilliseconds)
            {
                before = seen;
                notices.Set("memory", NoticeLevel.Warning, "");
            }
        }

        async ValueTask<bool> NextAsync()
        {
            try
            {
                return await timer.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    private static string Sentence(long kills, long limit)
    {
        var what = kills == 1 ? "A program was ended" : string.Create(CultureInfo.InvariantCulture, $"{kills} programs were ended");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what} by the system: the workspace had used all of its memory ({limit >> 20} MB). Run less at once, or have whoever runs this server raise the limit.");
    }
}
