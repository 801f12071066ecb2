using DropIt.Control.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Control.Audit;

/// <summary>Removes entries that are older than the operator keeps them, and the oldest of too many.</summary>
internal sealed class AuditThinning(ControlDatabase database, ControlOptions options, TimeProvider time, ILogger<AuditThinning> log) : BackgroundService
{
    /// <summary>Most entries that are kept, some 40 MB: whoever makes entries on purpose fills no disk.</summary>
    public const int MaxEntries = 200_000;

    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromHours(1);

    // What the first page needs comes first.
    private static readonly TimeSpan s_beforeTheFirst = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(s_beforeTheFirst, time, stoppingToken);
        using var timer = new PeriodicTimer(s_betweenLooks, time);
        do
        {
            try
            {
                await ThinAsync(stoppingToken);
            }
            catch (Exception e) when (DatabaseTrouble.CauseOf(e) is { } cause)
            {
                log.LogWarning("Old entries of the audit log were not removed ({Cause}); they are in an hour", cause);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task ThinAsync(CancellationToken cancel)
    {
        var before = time.GetUtcNow() - options.AuditAge;
        await using var context = await database.OpenAsync(cancel);
        var newest = await context.AuditEntries.MaxAsync(e => (long?)e.Id, cancel) ?? 0;
        await context.AuditEntries.Where(e => e.At < before || e.Id <= newest - MaxEntries).ExecuteDeleteAsync(cancel);
    }
}
