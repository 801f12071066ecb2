using DropIt.Storage.Access;
using DropIt.Storage.History;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Storage.Persisting;

/// <summary>Twice in each grace period: lets go of versions that are no longer kept, then of what nothing names any more.</summary>
internal sealed class CollectorSchedule(
    Thinner thinner, Collector collector, StorageOptions options, TimeProvider time, ILogger<CollectorSchedule> log) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.GarbageGrace / 2, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RunAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await thinner.RunAsync(stop);
            await collector.RunAsync(stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            log.LogWarning(e, "Unreferenced packs could not be collected; trying again in "
                + "{Pause}.", options.GarbageGrace / 2);
        }
    }
}
