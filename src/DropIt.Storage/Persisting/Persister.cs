using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Journal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Storage.Persisting;

/// <summary>
/// Reads the journal and writes workspaces, each in batches: a while after its first change, at once when asked. What
/// is pending when the
/// server stops is written then.
/// </summary>
internal sealed class Persister(
    IJournalQueue queue,
    WorkspaceWriter writer,
    Compactor compactor,
    StorageOptions options,
    TimeProvider time,
    ILogger<Persister> log)
    : BackgroundService
{
    /// <summary>A batch is held in memory while it is written; this much is not gathered longer.</summary>
    private const long MaxBatchBytes = 16L * 1024 * 1024;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, queue.Partitions).Select(partition => RunAsync(partition, stoppingToken)));

    private async Task RunAsync(int partition, CancellationToken stop)
    {
        var pending = new Dictionary<Slug, Pending>();
        await using var deliveries = queue.ReadAsync(partition, stop).GetAsyncEnumerator(stop);
        var next = deliveries.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                // 1. Take what is there, so that one batch has as much as possible.
                while (next.IsCompleted)
                {
                    if (!await next)
                    {
                        return;
                    }

                    Add(pending, deliveries.Current);
                    next = deliveries.MoveNextAsync().AsTask();
                }

                // 2. Write what is due.
                var now = time.GetUtcNow();
                if (pending.FirstOrDefault(pair => pair.Value.Due <= now) is { Value: { } batch } due)
                {
                    await WriteAsync(due.Key, batch, pending, stop);
                    continue;
                }

                // 3. Wait for either.
                await WaitAsync(next, pending.Count == 0 ? null : pending.Values.Min(item => item.Due) - now, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The reader cannot be disposed while a read is under way.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            await FlushAsync(pending);
        }
    }

    private void Add(Dictionary<Slug, Pending> pending, JournalDelivery delivery)
    {
        var now = time.GetUtcNow();
        if (!pending.TryGetValue(delivery.Workspace, out var batch))
        {
            if (delivery.Epoch == 0)
            {
                return; // the wish to hurry came after the work was done
            }

            pending[delivery.Workspace] = batch = new Pending { Due = now + options.BatchDelay };
        }

        if (delivery.Epoch > 0)
        {
            batch.Deliveries.Add(delivery);
            batch.Bytes += delivery.Length;
        }

        // After a failure the pause holds whatever comes, or a full disk would be tried without end.
        if (batch.Failures == 0 && (delivery.Hurry || batch.Bytes >= MaxBatchBytes))
        {
            batch.Due = now;
        }
    }

    private async Task WriteAsync(Slug slug, Pending batch, Dictionary<Slug, Pending> pending, CancellationToken stop)
    {
        var count = CountUpTo(batch.Deliveries, MaxBatchBytes);
        try
        {
            await writer.ApplyAsync(slug, batch.Deliveries.GetRange(0, count), stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            batch.Failures++;
            var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Min(batch.Failures, 10))));
            batch.Due = time.GetUtcNow() + pause;
            log.LogError(e, "Changes of {Workspace} wait in the journal; trying again in {Pause}.", slug, pause);
            return;
        }

        foreach (var delivery in batch.Deliveries.Take(count))
        {
            delivery.Ack();
        }

        batch.Bytes -= batch.Deliveries.Take(count).Sum(delivery => (long)delivery.Length);
        batch.Deliveries.RemoveRange(0, count);
        batch.Failures = 0;
        if (batch.Deliveries.Count == 0)
        {
            pending.Remove(slug);
        }

        await CompactAsync(slug, stop);
    }

    private async Task CompactAsync(Slug slug, CancellationToken stop)
    {
        try
        {
            await compactor.RunIfWorthAsync(slug, stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            log.LogWarning(e, "{Workspace} could not be compacted; its next batch tries again.", slug);
        }
    }

    private async Task FlushAsync(Dictionary<Slug, Pending> pending)
    {
        foreach (var (slug, batch) in pending.ToList())
        {
            // What fails stays in the journal and is written at the next start.
            while (batch.Deliveries.Count > 0)
            {
                var failures = batch.Failures;
                await WriteAsync(slug, batch, pending, CancellationToken.None);
                if (batch.Failures > failures)
                {
                    break;
                }
            }
        }
    }

    private async Task WaitAsync(Task next, TimeSpan? pause, CancellationToken stop)
    {
        if (pause is null)
        {
            await next.WaitAsync(stop);
            return;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var delay = Task.Delay(pause.Value, time, over.Token);
        await Task.WhenAny(next, delay);
        await over.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }

    private static int CountUpTo(List<JournalDelivery> deliveries, long bytes)
    {
        var count = 0;
        for (var sum = 0L; count < deliveries.Count; count++)
        {
            sum += deliveries[count].Length;
            if (count > 0 && sum > bytes)
            {
                break;
            }
        }

        return count;
    }

    /// <summary>What is gathered of one workspace.</summary>
    private sealed class Pending
    {
        public List<JournalDelivery> Deliveries { get; } = [];

        public long Bytes { get; set; }

        public DateTimeOffset Due { get; set; }

        public int Failures { get; set; }
    }
}
