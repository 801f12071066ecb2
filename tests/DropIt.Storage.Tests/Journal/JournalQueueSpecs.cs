using DropIt.Protocol.Workspaces;
using DropIt.Storage.Journal;

namespace DropIt.Storage.Tests.Journal;

/// <summary>What every queue must do. A queue is added to the suite by a subclass.</summary>
public abstract class JournalQueueSpecs
{
    private protected static readonly Slug Workspace = Slug.Fresh();

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_published_is_delivered_in_order_and_again_until_it_is_acked()
    {
        await using (var queue = Open())
        {
            for (var i = 1; i <= 5; i++)
            {
                Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, i));
            }

            await using var reader = await queue.Queue.OpenAsync(0, Cancel);
            await (await TakeAsync(reader, 5))[0].AckAsync();
        }

        await using var again = Open();
        await using var second = await again.Queue.OpenAsync(0, Cancel);
        var delivered = await TakeUntilAsync(second, 5); // the first may come again: a consumer is idempotent
        Assert.Equal([2L, 3, 4, 5], delivered.Select(item => item.Position.Sequence).SkipWhile(sequence => sequence == 1));
        Assert.Equal(Body(3), delivered.Find(item => item.Position.Sequence == 3)!.Read());
        Assert.All(delivered, item => Assert.Equal(Workspace, item.Workspace));
    }

    [Fact]
    public async Task What_is_acked_to_the_end_does_not_come_again_while_it_runs()
    {
        await using var queue = Open();
        await PublishAsync(queue, 1);
        await using (var first = await queue.Queue.OpenAsync(0, Cancel))
        {
            await (await TakeAsync(first, 1))[0].AckAsync();
        }

        await PublishAsync(queue, 2);
        await using var second = await queue.Queue.OpenAsync(0, Cancel);
        Assert.Equal(2, (await TakeAsync(second, 1))[0].Position.Sequence);
    }

    [Fact]
    public async Task Settled_is_when_all_that_was_published_before_is_acked()
    {
        await using var queue = Open();
        await using var reader = await queue.Queue.OpenAsync(0, Cancel);
        await PublishAsync(queue, 1);
        await PublishAsync(queue, 2);
        var settled = queue.Queue.SettledAsync(Workspace, Cancel);
        var deliveries = await TakeAsync(reader, 3);
        Assert.True(deliveries[2].IsWish);
        await PublishAsync(queue, 3);

        await deliveries[0].AckAsync();
        await deliveries[1].AckAsync();
        Assert.False(settled.IsCompleted);
        await deliveries[2].AckAsync();
        await settled.WaitAsync(Cancel);
        Assert.Equal(3, (await TakeAsync(reader, 1))[0].Position.Sequence);
    }

    [Fact]
    public async Task Many_who_wait_are_all_answered_and_each_for_what_was_published_before_it_asked()
    {
        await using var queue = Open();
        await using var reader = await queue.Queue.OpenAsync(0, Cancel);
        var acked = 0L;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var reading = Task.Run(
            async () =>
            {
                while (await reader.Deliveries.WaitToReadAsync(stop.Token))
                {
                    while (reader.Deliveries.TryRead(out var delivery))
                    {
                        if (!delivery.IsWish)
                        {
                            Interlocked.Exchange(ref acked, delivery.Position.Sequence);
                        }

                        await delivery.AckAsync();
                    }
                }
            },
            Cancel);
        for (var i = 1; i <= 30; i++)
        {
            Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, i));
            var expected = i;
            await Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
            {
                await queue.Queue.SettledAsync(Workspace, Cancel);
                Assert.True(Interlocked.Read(ref acked) >= expected, $"settled at {acked}, before {expected}");
            }));
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task Past_its_bounds_it_takes_nothing_until_something_is_acked()
    {
        await using var queue = Open();
        var count = 0;
        while (await PublishAsync(queue, count + 1, new byte[1000]) == PublishOutcome.Published)
        {
            Assert.InRange(++count, 1, 2000);
        }

        await using var reader = await queue.Queue.OpenAsync(0, Cancel);
        foreach (var delivery in await TakeAsync(reader, count))
        {
            await delivery.AckAsync();
        }

        await UntilAsync(async () => await PublishAsync(queue, count + 1) == PublishOutcome.Published);
    }

    private protected abstract Opened Open();

    private protected static byte[] Body(long sequence) => [.. Enumerable.Repeat((byte)sequence, 1000)];

    private protected static async Task<PublishOutcome> PublishAsync(Opened queue, long sequence, byte[]? body = null, Slug? workspace = null, long epoch = 1)
    {
        var position = new JournalPosition(epoch, sequence);
        var after = new JournalPosition(epoch, sequence - 1);
        var record = new JournalRecord(workspace ?? Workspace, position, after, false, body ?? Body(sequence));
        return (await queue.Queue.PublishAsync(record, Cancel)).Outcome;
    }

    private protected static async Task<List<JournalDelivery>> TakeAsync(JournalReader reader, int count)
    {
        var taken = new List<JournalDelivery>();
        while (taken.Count < count)
        {
            taken.Add(await reader.Deliveries.ReadAsync(Cancel));
        }

        return taken;
    }

    private protected static async Task<List<JournalDelivery>> TakeUntilAsync(JournalReader reader, long sequence)
    {
        var taken = new List<JournalDelivery>();
        do
        {
            taken.Add(await reader.Deliveries.ReadAsync(Cancel));
        }
        while (taken[^1].Position.Sequence != sequence);
        return taken;
    }

    /// <summary>Looks until it is so; the test's own time limit ends it otherwise.</summary>
    private protected static async Task UntilAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
        {
            await Task.Delay(20, Cancel);
        }
    }

    /// <summary>A queue with what ends it.</summary>
    private protected sealed record Opened(IJournalQueue Queue) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (Queue is IAsyncDisposable later)
            {
                await later.DisposeAsync();
            }
            else
            {
                ((IDisposable)Queue).Dispose();
            }
        }
    }
}
