using DropIt.Storage.Access;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Storage.Persisting;

/// <summary>Runs the collector twice in each grace period.</summary>
internal sealed class CollectorSchedule(
    Collector collector, StorageOptions options, TimeProvider time, ILogger<CollectorSchedule> log) : BackgroundService
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
            await collector.RunAsync(stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            log.LogWarning(e, "Unreferenced packs could not be collected; trying again in "
                + "{Pause}.", options.GarbageGrace / 2);
        }
    }
}
