using DropIt.Protocol.Workspaces;
using DropIt.Storage.Journal;
using DropIt.Storage.Journal.Rabbit;
using DropIt.Tests.Services;
using Microsoft.Extensions.Logging.Abstractions;

namespace DropIt.Storage.Tests.Journal;

/// <summary>Specs that share one RabbitMQ, one after the other: some of them kill it.</summary>
[CollectionDefinition(Name)]
public sealed class RabbitSuite : ICollectionFixture<RabbitServer>
{
    public const string Name = "RabbitMQ";
}

[Collection(RabbitSuite.Name)]
public sealed class RabbitJournalQueueSpecs : JournalQueueSpecs, IDisposable
{
    private readonly RabbitServer _server;
    private readonly RabbitOptions _options;
    private readonly string _spool = Directory.CreateTempSubdirectory("dropit-spool-").FullName;

    public RabbitJournalQueueSpecs(RabbitServer server)
    {
        _server = server;
        _options = new RabbitOptions
        {
            Address = server.Address,
            Prefix = "spec." + Guid.NewGuid().ToString("n"),
            Partitions = 1,
            PartitionBytes = 100_000,
            ConfirmIn = TimeSpan.FromSeconds(3),
        };
    }

    [Fact]
    public async Task What_was_confirmed_is_there_after_the_broker_was_killed_and_the_queue_comes_back_by_itself()
    {
        await using var queue = Open();
        await using var other = Open();
        Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, 1));
        Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, 2));
        var reader = await queue.Queue.OpenAsync(0, Cancel);
        var before = await TakeAsync(reader, 2);

        await _server.KillAsync();
        try
        {
            await reader.Deliveries.Completion.WaitAsync(Cancel); // what is in hand comes again
            await before[0].AckAsync();
            await reader.DisposeAsync();
            var refused = await queue.Queue.PublishAsync(new JournalRecord(Workspace, new(1, 3), new(1, 2), false, Body(3)), Cancel);
            Assert.NotEqual(PublishOutcome.Published, refused.Outcome);
            Assert.Contains("message broker", refused.Cause, StringComparison.Ordinal);
            await UntilAsync(() => Task.FromResult(queue.Queue.Problem?.Contains("message broker", StringComparison.Ordinal) is true));
        }
        finally
        {
            await _server.StartAsync();
        }

        await UntilAsync(async () => await PublishAsync(queue, 3) == PublishOutcome.Published);
        Assert.Null(queue.Queue.Problem);
        await using var again = await queue.Queue.OpenAsync(0, Cancel);
        var delivered = await TakeUntilAsync(again, 3);
        Assert.Equal([1L, 2, 3], delivered.Select(item => item.Position.Sequence).Distinct());
    }

    /// <summary>RabbitMQ forgets, or never wakes, a queue that it has made only a moment before it is killed: whoever comes second must wait as the first does.</summary>
    [Fact]
    public async Task A_broker_that_is_killed_when_the_first_says_that_it_is_ready_has_every_queue()
    {
        var options = _options with { Partitions = 8 };
        await using var first = Open(options);
        await using var second = Open(options);
        var declaring = first.Queue.TroubleAsync(Cancel);
        await UntilAsync(async () => await second.Queue.TroubleAsync(Cancel) is null);
        await _server.KillAsync();
        await _server.StartAsync();
        await declaring;
        for (var i = 0; i < options.Partitions; i++)
        {
            // Served only by a queue with a leader.
            await using var reader = await first.Queue.OpenAsync(i, Cancel).WaitAsync(TimeSpan.FromMinutes(2), Cancel);
        }
    }

    [Fact]
    public async Task The_queues_are_kept_by_a_quorum_have_one_consumer_and_a_limit_of_deliveries()
    {
        await using var queue = Open();
        await PublishAsync(queue, 1);
        var listed = await _server.ControlAsync("-q", "list_queues", "name", "type", "arguments");
        foreach (var (name, arguments) in (ValueTuple<string, string[]>[])
        [
            (_options.Queue(0), ["x-single-active-consumer", $"\"x-delivery-limit\",{2 * _options.SuspectAfter}", $"\"x-dead-letter-routing-key\",\"{_options.Dead}\""]),
            (_options.Dead, ["\"x-delivery-limit\""]),
        ])
        {
            var line = listed.Split('\n').Single(line => line.StartsWith(name + "\t", StringComparison.Ordinal));
            Assert.Equal("quorum", line.Split('\t')[1]);
            Assert.All(arguments, argument => Assert.Contains(argument, line, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_reader_holds_its_window_and_gets_the_next_when_it_has_done_one()
    {
        await using var queue = Open(_options with { Window = 3 });
        for (var i = 1; i <= 10; i++)
        {
            Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, i));
        }

        await using var reader = await queue.Queue.OpenAsync(0, Cancel);
        var held = await TakeAsync(reader, 3);
        await UntilAsync(async () => (await _server.ControlAsync("-q", "list_queues", "name", "messages_ready", "messages_unacknowledged"))
            .Contains($"{_options.Queue(0)}\t7\t3\n", StringComparison.Ordinal));
        Assert.False(reader.Deliveries.TryRead(out _));
        await held[0].AckAsync();
        Assert.Equal(4, (await TakeAsync(reader, 1))[0].Position.Sequence);
        Assert.False(reader.Deliveries.TryRead(out _));
    }

    [Fact]
    public async Task What_is_published_and_not_confirmed_is_bounded_and_more_is_asked_to_come_again()
    {
        await using var queue = Open(_options with { InFlightBytes = 2500, ConfirmIn = TimeSpan.FromMinutes(1) });
        Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, 1));
        await _server.PauseAsync();
        var waiting = new List<Task<PublishOutcome>>();
        try
        {
            while (waiting.TrueForAll(publish => !publish.IsCompleted))
            {
                waiting.Add(PublishAsync(queue, waiting.Count + 2)); // 1,000 bytes each
                Assert.InRange(waiting.Count, 1, 3);
                await Task.Delay(20, Cancel);
            }
        }
        finally
        {
            await _server.ResumeAsync();
        }

        Assert.Equal([PublishOutcome.Published, PublishOutcome.Published, PublishOutcome.Busy], await Task.WhenAll(waiting));
        Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, 4));
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("memory")]
    public async Task While_the_broker_has_an_alarm_entries_are_refused_with_the_cause_and_readers_go_on(string what)
    {
        Func<bool, Task> fill = what == "disk" ? _server.FillDiskAsync : _server.FillMemoryAsync;
        await using var queue = Open();
        Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, 1));
        await fill(true);
        try
        {
            PublishResult refused = null!;
            await UntilAsync(async () =>
            {
                refused = await queue.Queue.PublishAsync(new JournalRecord(Workspace, new(1, 2), new(1, 1), false, Body(2)), Cancel);
                return refused.Cause.Contains(what, StringComparison.Ordinal);
            });
            Assert.NotEqual(PublishOutcome.Published, refused.Outcome);
            Assert.Equal(queue.Queue.Problem, refused.Cause);
            var waiting = await Assert.ThrowsAsync<TimeoutException>(() => queue.Queue.SettledAsync(Workspace, Cancel));
            Assert.Contains(what, waiting.Message, StringComparison.Ordinal);

            await using var reader = await queue.Queue.OpenAsync(0, Cancel);
            await (await TakeAsync(reader, 1))[0].AckAsync();
        }
        finally
        {
            await fill(false);
        }

        await UntilAsync(async () => await PublishAsync(queue, 2) == PublishOutcome.Published);
    }

    [Fact]
    public async Task A_broker_that_stands_still_costs_a_bounded_wait_and_nothing_else()
    {
        await using var queue = Open();
        Assert.Equal(PublishOutcome.Published, await PublishAsync(queue, 1));
        await _server.PauseAsync();
        try
        {
            var result = await queue.Queue.PublishAsync(new JournalRecord(Workspace, new(1, 2), new(1, 1), false, Body(2)), Cancel);
            Assert.Equal(PublishOutcome.Unknown, result.Outcome);
            Assert.Contains("does not answer", result.Cause, StringComparison.Ordinal);
        }
        finally
        {
            await _server.ResumeAsync();
        }

        await UntilAsync(async () => await PublishAsync(queue, 2) == PublishOutcome.Published);
        await using var reader = await queue.Queue.OpenAsync(0, Cancel);
        var delivered = await TakeAsync(reader, 2);
        Assert.Equal([1L, 2], delivered.Select(item => item.Position.Sequence));
    }

    [Fact]
    public async Task Of_two_readers_one_is_served_and_the_other_takes_over_with_all_that_was_not_acked()
    {
        await using var queue = Open();
        await using var other = Open();
        var first = await queue.Queue.OpenAsync(0, Cancel);
        await PublishAsync(queue, 1);
        await PublishAsync(queue, 2);
        var held = await TakeAsync(first, 2);
        await using var second = await other.Queue.OpenAsync(0, Cancel);
        await PublishAsync(queue, 3);
        await TakeAsync(first, 1);
        Assert.False(second.Deliveries.TryRead(out _));

        var settled = queue.Queue.SettledAsync(Workspace, Cancel);
        await TakeAsync(first, 1);
        await held[0].AckAsync();
        await first.DisposeAsync();

        var taken = await TakeAsync(second, 3);
        Assert.Equal([2L, 3, 0], taken.Select(item => item.Position.Sequence));
        Assert.False(settled.IsCompleted);
        foreach (var delivery in taken)
        {
            await delivery.AckAsync();
        }

        await settled.WaitAsync(Cancel);
    }

    [Fact]
    public async Task What_is_set_aside_is_listed_with_its_cause_replayed_or_dropped()
    {
        await using var queue = Open();
        await using var reader = await queue.Queue.OpenAsync(0, Cancel);
        var letters = new DeadLetters(_options);
        Assert.Empty(await letters.ListAsync(Cancel));
        for (var i = 1; i <= 2; i++)
        {
            await PublishAsync(queue, i, StorageRig.Json(new(Workspace.Value, 1, i, [StorageRig.Write($"{i}.txt", "x")])));
        }

        foreach (var delivery in await TakeAsync(reader, 2))
        {
            Assert.True(await delivery.SetAsideAsync("the spec wants it"));
        }

        var list = await letters.ListAsync(Cancel);
        Assert.Equal([(Workspace.Value, 1L, 1L), (Workspace.Value, 1L, 2L)], list.Select(letter => (letter.Workspace, letter.Epoch, letter.Sequence)));
        Assert.All(list, letter => Assert.Equal("the spec wants it", letter.Cause));
        Assert.Equal("2.txt", Assert.Single(list[1].Paths!));

        Assert.Equal(0, await letters.ReplayAsync(Slug.Fresh(), Cancel));
        Assert.Equal(2, await letters.ReplayAsync(Workspace, Cancel));
        Assert.Empty(await letters.ListAsync(Cancel));
        var replayed = await TakeAsync(reader, 2);
        Assert.Equal([new JournalPosition(1, 1), new JournalPosition(1, 2)], replayed.Select(item => item.Position));
        Assert.Equal(new JournalPosition(1, 1), replayed[1].After);

        Assert.True(await replayed[0].SetAsideAsync("again"));
        Assert.Equal(1, await letters.DropAsync(Workspace, Cancel));
        var place = (await TakeAsync(reader, 1))[0];
        Assert.Equal(new JournalPosition(1, 1), place.Position);
        Assert.DoesNotContain("1.txt", System.Text.Encoding.UTF8.GetString(place.Read()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_one_process_says_is_to_be_forgotten_is_told_to_all()
    {
        await using var queue = Open();
        await using var other = Open();
        var (here, there) = (new TaskCompletionSource<Slug?>(), new TaskCompletionSource<Slug?>());
        await PublishAsync(queue, 1);
        await PublishAsync(other, 1);
        queue.Queue.Forgotten += slug => here.TrySetResult(slug);
        other.Queue.Forgotten += slug => there.TrySetResult(slug);

        await queue.Queue.ForgetAsync(Workspace, Cancel);

        Assert.Equal(Workspace, await here.Task.WaitAsync(Cancel));
        Assert.Equal(Workspace, await there.Task.WaitAsync(Cancel));
    }

    [Fact]
    public async Task Bodies_beyond_the_memory_bound_lie_on_the_disk_until_they_are_done()
    {
        var spool = new DeliverySpool(_spool);
        var bodies = Enumerable.Range(0, 20).Select(i => spool.Take(Enumerable.Repeat((byte)i, 4 * 1024 * 1024).ToArray())).ToList();
        Assert.InRange(spool.Held, 1, DeliverySpool.MemoryBytes);
        Assert.NotEmpty(Directory.GetFiles(_spool));
        Assert.All(bodies.Index(), body => Assert.Equal((byte)body.Index, body.Item.Read()[^1]));
        bodies.ForEach(body => body.Drop());
        bodies.ForEach(body => body.Drop());
        Assert.Equal(0, spool.Held);
        Assert.Empty(Directory.GetFiles(_spool));
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_wrong_password_and_a_broker_that_is_not_there_are_told_with_the_cure()
    {
        await using var stranger = Open(_options with { Address = new Uri($"amqp://test:wrong@127.0.0.1:{_server.Port}/") });
        await using var nobody = Open(_options with { Address = new Uri("amqp://test:test@127.0.0.1:9/") });
        await UntilAsync(async () => await PublishAsync(stranger, 1) == PublishOutcome.Busy
            && stranger.Queue.Problem!.Contains("user or password", StringComparison.Ordinal));
        await UntilAsync(async () => await PublishAsync(nobody, 1) == PublishOutcome.Busy
            && nobody.Queue.Problem!.Contains("cannot be reached", StringComparison.Ordinal));
        Assert.DoesNotContain("wrong", stranger.Queue.Problem!, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<IOException>(() => new DeadLetters(_options with { Address = new Uri("amqp://127.0.0.1:9/") }).ListAsync(Cancel));
        Assert.Contains("DROPIT_RABBITMQ", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_spool, recursive: true);

    private protected override Opened Open() => Open(_options);

    private Opened Open(RabbitOptions options) =>
        new(new RabbitJournalQueue(options, new DeliverySpool(_spool), NullLogger<RabbitJournalQueue>.Instance));
}
