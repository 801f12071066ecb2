using DropIt.Control.Database;
using DropIt.Control.Workspaces;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Control.Sharing;

/// <summary>Ends memberships whose time is over. They give no right from that moment on; this closes the pages that are still open.</summary>
internal sealed class Expiry(ControlDatabase database, WorkspaceWatch watch, TimeProvider time, ILogger<Expiry> log) : BackgroundService
{
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_betweenLooks, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await EndAsync(stoppingToken);
            }
            catch (Exception e) when (DatabaseTrouble.CauseOf(e) is { } cause)
            {
                log.LogWarning("Memberships whose time is over were not ended ({Cause}); they are in {Seconds} s", cause, s_betweenLooks.TotalSeconds);
            }
        }
    }

    private async Task EndAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var context = await database.OpenAsync(cancel);
        var over = await context.Members.Where(m => m.ExpiresAt <= now).Select(m => m.Slug).Distinct().ToListAsync(cancel);
        foreach (var slug in over)
        {
            await context.Members.Where(m => m.Slug == slug && m.ExpiresAt <= now).ExecuteDeleteAsync(cancel);
            await context.RevokeAsync(watch, slug, cancel);
        }
    }
}
