using DropIt.Protocol.Workspaces;
using DropIt.Storage.Journal;

namespace DropIt.Storage.Tests.Journal;

public sealed class FileJournalQueueSpecs : IDisposable
{
    private static readonly Slug Workspace = Slug.Fresh();
    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-journal-").FullName;
    private readonly JournalBounds _bounds = new()
    {
        Partitions = 1,
        PartitionBytes = 100_000,
        WorkspaceBytes = 50_000,
        SegmentBytes = 10_000,
        PartitionEntries = 1000,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_published_is_delivered_in_order_and_again_until_acked()
    {
        using (var queue = Open())
        {
            for (var i = 1; i <= 5; i++)
            {
                Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, i));
            }

            (await TakeAsync(queue, 5)).First().Ack();
        }

        using var again = Open();
        var delivered = await TakeAsync(again, 5); // one ack in a file does not remove it
        Assert.Equal([1L, 2, 3, 4, 5], delivered.Select(item => item.Sequence));
        Assert.Equal(Body(3), delivered[2].Read());
        Assert.Equal(Workspace, delivered[2].Workspace);
    }

    [Fact]
    public async Task A_log_whose_entries_are_all_acked_is_removed()
    {
        using (var queue = Open())
        {
            await PublishAsync(queue, 1);
            (await TakeAsync(queue, 1))[0].Ack();
        }

        using (Open())
        {
            Assert.Equal(2, Logs().Length); // nothing says that it is done: it is read again, beside a new one
        }

        using var third = Open();
        (await TakeAsync(third, 1))[0].Ack();
        Assert.Single(Logs());
    }

    [Fact]
    public async Task A_torn_end_is_ignored_wherever_it_was_torn()
    {
        using (var queue = Open())
        {
            await PublishAsync(queue, 1);
            await PublishAsync(queue, 2);
        }

        var log = Logs().First(path => new FileInfo(path).Length > 0);
        var whole = File.ReadAllBytes(log);
        for (var length = whole.Length - 1; length > whole.Length / 2; length -= 7)
        {
            foreach (var old in Logs())
            {
                File.Delete(old);
            }

            File.WriteAllBytes(log, whole[..length]);
            using var queue = Open();
            await PublishAsync(queue, 3);
            Assert.Equal([1L, 3], (await TakeAsync(queue, 2)).Select(item => item.Sequence));
        }
    }

    [Fact]
    public async Task Past_its_bounds_it_is_busy_until_something_is_acked()
    {
        using var queue = Open();
        var count = 0;
        while (await PublishAsync(queue, count + 1) == PublishOutcome.Published)
        {
            count++;
        }

        Assert.InRange(count, 40, 50);
        Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, 1, Slug.Fresh())); // the bound was one workspace's

        foreach (var delivery in (await TakeAsync(queue, 5)).ToList())
        {
            delivery.Ack();
        }

        Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, count + 1));
    }

    [Fact]
    public async Task Settled_is_when_all_that_was_published_before_is_acked()
    {
        using var queue = Open();
        Assert.True(queue.SettledAsync(Workspace, Cancel).IsCompleted);
        await PublishAsync(queue, 1);
        await PublishAsync(queue, 2);

        var settled = queue.SettledAsync(Workspace, Cancel);
        await PublishAsync(queue, 3);
        var deliveries = (await TakeAsync(queue, 4)).Where(item => item.Epoch > 0).ToList();

        deliveries[0].Ack();
        Assert.False(settled.IsCompleted);
        deliveries[1].Ack();
        await settled;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] Body(long sequence) => [.. Enumerable.Repeat((byte)sequence, 1000)];

    private static Task<PublishOutcome> PublishAsync(FileJournalQueue queue, long sequence, Slug? workspace = null) =>
        queue.PublishAsync(new JournalRecord(workspace ?? Workspace, 1, sequence, false, Body(sequence)), Cancel);

    private static async Task<List<JournalDelivery>> TakeAsync(FileJournalQueue queue, int count)
    {
        var taken = new List<JournalDelivery>();
        await foreach (var delivery in queue.ReadAsync(0, Cancel))
        {
            taken.Add(delivery);
            if (taken.Count == count)
            {
                break;
            }
        }

        return taken;
    }

    private FileJournalQueue Open() => new(_folder, _bounds, sync: false);

    private string[] Logs() => Directory.GetFiles(Path.Combine(_folder, "0"));
}
