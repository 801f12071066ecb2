using System.Diagnostics;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.History;
using DropIt.Storage.Journal;
using DropIt.Storage.Metrics;
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
    Thinner thinner,
    StorageOptions options,
    StorageMetrics metrics,
    TimeProvider time,
    ILogger<Persister> log)
    : BackgroundService
{
    /// <summary>A batch is held in memory while it is written; this much is not gathered longer.</summary>
    private const long MaxBatchBytes = 16L * 1024 * 1024;

    /// <summary>
    /// What cannot be applied for a reason of its own, and not of the store's, is tried this often (half a minute in all) before it is set aside. An entry
    /// that came out of order has its predecessor by then.
    /// </summary>
    private const int MaxTries = 5;

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly InHand[] _inHand = new InHand[queue.Partitions];

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Array.Fill(_inHand, InHand.Nothing);
        metrics.ObservePersister(
            () => _inHand.Sum(hand => hand.Entries),
            () => _inHand.Min(hand => hand.Oldest) is { } oldest && time.GetUtcNow() - oldest is var lag && lag > TimeSpan.Zero ? lag : TimeSpan.Zero);
        return Task.WhenAll(Enumerable.Range(0, queue.Partitions).Select(partition => RunAsync(partition, stoppingToken)));
    }

    private async Task RunAsync(int partition, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var pending = new Dictionary<Slug, Pending>();
            try
            {
                await using var reader = await queue.OpenAsync(partition, stop);
                try
                {
                    await ServeAsync(partition, reader, pending, stop);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    await FlushAsync(pending); // the partition is still ours
                }
                finally
                {
                    _inHand[partition] = InHand.Nothing;
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Nobody else would serve the partition, and nobody would hear of it.
                log.LogError(e, "The journal's partition {Partition} is read anew.", partition);
                await Task.Delay(TimeSpan.FromSeconds(1), time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Until the reader is lost: what is pending then comes again.</summary>
    private async Task ServeAsync(int partition, JournalReader reader, Dictionary<Slug, Pending> pending, CancellationToken stop)
    {
        while (true)
        {
            // 1. Take what is there, so that one batch has as much as possible.
            while (reader.Deliveries.TryRead(out var delivery))
            {
                await AddAsync(pending, delivery);
            }

            if (reader.Deliveries.Completion is { IsCompleted: true } ended)
            {
                if (ended.Exception is { } e)
                {
                    log.LogError(e, "The journal cannot be read; trying again.");
                    await Task.Delay(TimeSpan.FromSeconds(1), time, stop);
                }

                return;
            }

            _inHand[partition] = InHand.Of(pending.Values);

            // 2. Write what is due. Half a window in hand is too much to wait with: the other half must hold what comes meanwhile.
            var now = time.GetUtcNow();
            var full = pending.Values.Sum(item => (long)item.Deliveries.Count) > queue.Window / 2;
            if (pending.Count > 0 && pending.MinBy(pair => pair.Value.Due) is var (slug, batch) && (batch.Due <= now || (full && batch.Failures == 0)))
            {
                if (await WriteAsync(slug, batch, pending, stop))
                {
                    _inHand[partition] = InHand.Of(pending.Values);
                    await CompactAsync(slug, stop);
                }

                continue;
            }

            // 3. Wait for either.
            await WaitAsync(reader, pending.Count == 0 ? null : pending.Values.Min(item => item.Due) - now, stop);
        }
    }

    private async Task AddAsync(Dictionary<Slug, Pending> pending, JournalDelivery delivery)
    {
        var now = time.GetUtcNow();
        if (!pending.TryGetValue(delivery.Workspace, out var batch))
        {
            if (delivery.IsWish)
            {
                await delivery.AckAsync(); // the wish to hurry came after the work was done
                return;
            }

            pending[delivery.Workspace] = batch = new Pending { Due = now + options.BatchDelay };
        }

        batch.Deliveries.Add(delivery);
        batch.Bytes += delivery.Length;

        // After a failure the pause holds whatever comes, or a full disk would be tried without end.
        if (batch.Failures == 0 && (delivery.Hurry || delivery.Suspect || batch.Bytes >= MaxBatchBytes))
        {
            batch.Due = now;
        }
    }

    /// <summary>False when the batch waits to be tried again.</summary>
    private async Task<bool> WriteAsync(Slug slug, Pending batch, Dictionary<Slug, Pending> pending, CancellationToken stop)
    {
        var count = CountUpTo(batch.Deliveries, MaxBatchBytes);
        var taken = batch.Deliveries.GetRange(0, count);
        var (start, outcome) = (Stopwatch.GetTimestamp(), "written");
        using var span = JournalTrace.Persist(slug, taken);
        try
        {
            if (taken.Find(delivery => delivery.Suspect) is { } suspect
                && await TrySetAsideAsync(slug, taken, suspect, "It was handed out again and again without being stored.", stop))
            {
                outcome = "set_aside";
                Drop(batch, count);
            }
            else
            {
                var late = await writer.ApplyAsync(slug, taken, stop);
                foreach (var delivery in taken)
                {
                    if (!late.Contains(delivery) || !await delivery.SetAsideAsync(JournalDelivery.Late))
                    {
                        await delivery.AckAsync();
                    }
                }

                Drop(batch, count);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            batch.Failures++;
            outcome = "failed";
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            if (!IsOfTheStore(e) && batch.Failures >= MaxTries && await TrySetAsideAsync(slug, taken, null, e.Message, stop))
            {
                outcome = "set_aside";
                Drop(batch, count);
            }
            else
            {
                var pause = TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, Math.Pow(2, Math.Min(batch.Failures, 10))));
                batch.Due = time.GetUtcNow() + pause;
                log.LogError(e, "Changes of {Slug} wait in the journal; trying again in {Pause}.", slug, pause);
                return false;
            }
        }
        finally
        {
            metrics.Batch(outcome, taken, Stopwatch.GetElapsedTime(start));
        }

        if (batch.Deliveries.Count == 0)
        {
            pending.Remove(slug);
        }

        return true;
    }

    /// <summary>
    /// Applies what stands before the entry that is the trouble, notes in the head that the workspace waits for an operator, and sets that entry and all
    /// behind it aside: applied without it they would make it impossible to apply it ever. False when something failed on the way, or the queue keeps
    /// everything; nothing is lost then, and it is tried again.
    /// </summary>
    private async Task<bool> TrySetAsideAsync(
        Slug slug, List<JournalDelivery> deliveries, JournalDelivery? trouble, string cause, CancellationToken stop)
    {
        var ordered = deliveries.OrderBy(delivery => delivery.IsWish).ThenBy(delivery => delivery.Position).ToList();
        var next = 0;
        try
        {
            for (; next < ordered.Count && !ordered[next].IsWish && ordered[next] != trouble; next++)
            {
                await writer.ApplyAsync(slug, [ordered[next]], stop);
                await ordered[next].AckAsync();
            }
        }
        catch (Exception e) when (IsOfTheStore(e))
        {
            return false;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            cause = e.Message;
        }

        try
        {
            if (next < ordered.Count && !ordered[next].IsWish)
            {
                await writer.ParkAsync(slug, cause, ordered.Where(delivery => !delivery.IsWish).Max(delivery => delivery.Position), stop);
                log.LogError(
                    "{Slug}: an entry cannot be stored and is set aside with all behind it ({Cause}). Look at it with ./dropit journal dead list.", slug, cause);
            }

            for (; next < ordered.Count; next++)
            {
                if (ordered[next].IsWish)
                {
                    await ordered[next].AckAsync();
                }
                else if (!await ordered[next].SetAsideAsync(cause))
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>
    /// Whether it goes away by itself, whatever the entry says. All else is the entry's: it passed the intake of another version, or met a bug, and must not
    /// keep what is behind it from being stored.
    /// </summary>
    private static bool IsOfTheStore(Exception e) => e is IOException or UnauthorizedAccessException;

    private static void Drop(Pending batch, int count)
    {
        batch.Bytes -= batch.Deliveries.Take(count).Sum(delivery => (long)delivery.Length);
        batch.Deliveries.RemoveRange(0, count);
        batch.Failures = 0;
    }

    private async Task CompactAsync(Slug slug, CancellationToken stop)
    {
        try
        {
            await compactor.RunIfWorthAsync(slug, stop);
            await thinner.RunIfWorthAsync(slug, stop);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            log.LogWarning(e, "{Slug} could not be compacted; its next batch tries again.", slug);
        }
    }

    private async Task FlushAsync(Dictionary<Slug, Pending> pending)
    {
        foreach (var (slug, batch) in pending.ToList())
        {
            // What fails stays in the journal and is written at the next start.
            while (batch.Deliveries.Count > 0)
            {
                if (!await WriteAsync(slug, batch, pending, CancellationToken.None))
                {
                    break;
                }
            }
        }
    }

    private async Task WaitAsync(JournalReader reader, TimeSpan? pause, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task next = reader.Deliveries.WaitToReadAsync(over.Token).AsTask();
        await Task.WhenAny(next, Task.Delay(pause ?? Timeout.InfiniteTimeSpan, time, over.Token));
        await over.CancelAsync();
        await next.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
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

    /// <summary>What a partition has in hand, for who measures.</summary>
    /// <param name="Entries">Accepted, not written.</param>
    /// <param name="Oldest">When the oldest of them was accepted.</param>
    private sealed record InHand(int Entries, DateTimeOffset? Oldest)
    {
        public static InHand Nothing { get; } = new(0, null);

        public static InHand Of(IEnumerable<Pending> pending)
        {
            var (entries, oldest) = (0, DateTimeOffset.MaxValue);
            foreach (var delivery in pending.SelectMany(batch => batch.Deliveries).Where(delivery => !delivery.IsWish))
            {
                entries++;
                oldest = delivery.Accepted < oldest ? delivery.Accepted : oldest;
            }

            return entries == 0 ? Nothing : new InHand(entries, oldest);
        }
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
