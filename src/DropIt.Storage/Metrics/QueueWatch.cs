using DropIt.Storage.Journal;
using Microsoft.Extensions.Hosting;

namespace DropIt.Storage.Metrics;

/// <summary>Asks the queue now and then how much waits in it: a scrape must not wait for a broker.</summary>
internal sealed class QueueWatch : BackgroundService
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(10);

    private readonly IJournalQueue _queue;
    private readonly TimeProvider _time;
    private volatile IReadOnlyList<(int, long)> _depth = [];

    /// <summary>Of what this process publishes to.</summary>
    public QueueWatch(IJournalQueue queue, StorageMetrics metrics, TimeProvider time)
    {
        (_queue, _time) = (queue, time);
        metrics.ObserveQueue(() => _depth, () => queue.Problem is null);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            _depth = await _queue.DepthAsync(stoppingToken) is { } depth ? [.. depth.Index()] : [];
            await Task.Delay(Between, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
