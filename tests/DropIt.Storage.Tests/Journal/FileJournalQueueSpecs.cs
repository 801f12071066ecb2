using DropIt.Protocol.Workspaces;
using DropIt.Storage.Journal;

namespace DropIt.Storage.Tests.Journal;

public sealed class FileJournalQueueSpecs : JournalQueueSpecs, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-journal-").FullName;
    private readonly JournalBounds _bounds = new()
    {
        Partitions = 1,
        PartitionBytes = 100_000,
        WorkspaceBytes = 50_000,
        SegmentBytes = 10_000,
        PartitionEntries = 1000,
    };

    [Fact]
    public async Task A_log_whose_entries_are_all_acked_is_removed()
    {
        await using (var queue = Open())
        {
            await PublishAsync(queue, 1);
            await (await TakeAsync(queue, 1))[0].AckAsync();
        }

        await using (Open())
        {
            Assert.Equal(2, Logs().Length); // nothing says that it is done: it is read again, beside a new one
        }

        await using var third = Open();
        await (await TakeAsync(third, 1))[0].AckAsync();
        Assert.Single(Logs());
    }

    [Fact]
    public async Task A_torn_end_is_ignored_wherever_it_was_torn()
    {
        await using (var queue = Open())
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
            await using var queue = Open();
            await PublishAsync(queue, 3);
            Assert.Equal([1L, 3], (await TakeAsync(queue, 2)).Select(item => item.Position.Sequence));
        }
    }

    [Fact]
    public async Task The_bound_of_one_workspace_leaves_room_for_another()
    {
        await using var queue = Open();
        var count = 0;
        while (await PublishAsync(queue, count + 1) == PublishOutcome.Published)
        {
            count++;
        }

        Assert.InRange(count, 40, 50);
        Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, 1, workspace: Slug.Fresh()));
    }

    [Fact]
    public async Task Where_nothing_waits_it_is_settled_at_once()
    {
        await using var queue = Open();
        Assert.True(queue.Queue.SettledAsync(Workspace, Cancel).IsCompleted);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<List<JournalDelivery>> TakeAsync(Opened queue, int count) =>
        await TakeAsync(await queue.Queue.OpenAsync(0, Cancel), count);

    private protected override Opened Open() => new(new FileJournalQueue(_folder, _bounds, sync: false));

    private string[] Logs() => Directory.GetFiles(Path.Combine(_folder, "0"));
}
