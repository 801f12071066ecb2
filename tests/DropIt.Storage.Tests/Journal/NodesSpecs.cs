using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Journal;
using DropIt.Storage.Journal.Rabbit;
using DropIt.Storage.Objects;
using DropIt.Storage.Persisting;
using DropIt.Tests.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using static DropIt.Storage.Tests.StorageRig;

namespace DropIt.Storage.Tests.Journal;

/// <summary>Several storage services and persisters on one store and one broker.</summary>
[Collection(RabbitSuite.Name)]
public sealed class NodesSpecs : IAsyncLifetime
{
    private readonly RabbitServer _server;
    private RabbitOptions _rabbit;
    private readonly string _root = Directory.CreateTempSubdirectory("dropit-nodes-").FullName;
    private readonly DiskObjectStore _store;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly List<IHost> _nodes = [];

    public NodesSpecs(RabbitServer server)
    {
        _server = server;
        _rabbit = new RabbitOptions { Address = server.Address, Prefix = "spec." + Guid.NewGuid().ToString("n"), Partitions = 2 };
        _store = new DiskObjectStore(Path.Combine(_root, "store"));
    }

    [Fact]
    public async Task The_next_entry_may_come_to_any_node_and_again_to_another()
    {
        var (first, second) = (await NodeAsync(), await NodeAsync());
        await NodeAsync(persister: true);
        var slug = await CreateAsync(first);
        var random = new Random(1);
        for (var i = 1; i <= 40; i++)
        {
            var entry = Json(new JournalEntry(slug.Value, 1, i, [Write("a.txt", $"line {i}"), Write($"{i}.txt", $"{i}")]));
            foreach (var node in random.GetItems([first, second], random.Next(1, 4)))
            {
                var answer = await IntakeOf(node).AcceptAsync(slug, entry, Cancel);
                Assert.True(answer.Outcome == IntakeOutcome.Accepted, $"entry {i}: {answer}");
            }
        }

        await SettleAsync(first, slug);
        var head = await HeadAsync(first, slug);
        Assert.Equal(new JournalPosition(1, 40), head.Position);
        Assert.Equal("line 40", await ReadAsync(second, slug, "a.txt"));
        Assert.Equal(42, (await StoreOf(first).ListAsync(slug, Cancel)).Value!.Paths.Count);

        var gap = await IntakeOf(second).AcceptAsync(slug, Json(new JournalEntry(slug.Value, 1, 42, [])), Cancel);
        Assert.Equal(IntakeOutcome.Invalid, gap.Outcome);
        Assert.Contains("41 is next", gap.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_runner_thought_dead_that_comes_back_at_another_node_changes_nothing()
    {
        var (first, second) = (await NodeAsync(), await NodeAsync());
        await NodeAsync(persister: true);
        var slug = await CreateAsync(first);
        Assert.Equal(IntakeOutcome.Accepted, await PostAsync(first, slug, 1, 1, Write("a.txt", "of the first start")));

        // The second start restores at another node, and writes.
        Assert.Equal(IntakeOutcome.Accepted, (await IntakeOf(second).OpenEpochAsync(slug, 2, Cancel)).Outcome);
        await SettleAsync(second, slug);
        Assert.Equal(IntakeOutcome.Accepted, await PostAsync(second, slug, 2, 1, Write("a.txt", "of the second start")));

        // The first one lives after all.
        Assert.Equal(IntakeOutcome.NewerEpoch, await PostAsync(first, slug, 1, 2, Write("a.txt", "late")));
        Assert.Equal(IntakeOutcome.NewerEpoch, await PostAsync(second, slug, 1, 2, Write("a.txt", "late")));
        Assert.Equal(IntakeOutcome.NewerEpoch, (await IntakeOf(first).OpenEpochAsync(slug, 1, Cancel)).Outcome);
        await SettleAsync(first, slug);
        Assert.Equal("of the second start", await ReadAsync(first, slug, "a.txt"));
        Assert.Empty(await new DeadLetters(_rabbit).ListAsync(Cancel));
    }

    [Fact]
    public async Task What_was_accepted_after_its_epoch_was_over_changes_nothing_and_is_kept_aside()
    {
        var node = await NodeAsync();
        await NodeAsync(persister: true);
        var slug = await CreateAsync(node);
        await PostAsync(node, slug, 1, 1, Write("a.txt", "1"));
        await IntakeOf(node).OpenEpochAsync(slug, 2, Cancel);
        await SettleAsync(node, slug);

        // As from a node that heard of the new epoch too late; the second is one that came twice.
        await PublishAsync(node, slug, new(1, 2), new(1, 1), Write("a.txt", "late"));
        await PublishAsync(node, slug, new(1, 1), default, Write("a.txt", "1"));
        await SettleAsync(node, slug);

        Assert.Equal("1", await ReadAsync(node, slug, "a.txt"));
        var letters = new DeadLetters(_rabbit);
        var letter = Assert.Single(await letters.ListAsync(Cancel));
        Assert.True(letter.Late);
        Assert.Equal((1, 2), (letter.Epoch, letter.Sequence));
        Assert.Equal(IntakeOutcome.Accepted, await PostAsync(node, slug, 2, 1, Write("b.txt", "goes on")));
        Assert.Equal(0, await letters.ReplayAsync(null, Cancel));
        Assert.Equal(1, await letters.DropAsync(slug, Cancel));
        Assert.Empty(await letters.ListAsync(Cancel));
    }

    [Fact]
    public async Task An_entry_behind_a_hole_is_set_aside_the_workspace_takes_no_more_and_a_replay_in_order_heals_it()
    {
        var node = await NodeAsync();
        await NodeAsync(persister: true);
        var slug = await CreateAsync(node);
        await PostAsync(node, slug, 1, 1, Write("a.txt", "1"));
        await SettleAsync(node, slug);

        // Entry 2 went another way; 3 and 4 come.
        await PublishAsync(node, slug, new(1, 3), new(1, 2), Write("a.txt", "3"));
        await PublishAsync(node, slug, new(1, 4), new(1, 3), Write("a.txt", "4"));
        await UntilAsync(() => _time.Advance(TimeSpan.FromSeconds(1)), async () => (await HeadAsync(node, slug)).Parked is not null);
        var letters = new DeadLetters(_rabbit);
        await UntilAsync(() => _time.Advance(TimeSpan.FromSeconds(1)), async () => (await letters.ListAsync(Cancel)).Count == 2);

        var fresh = await NodeAsync();
        var answer = await IntakeOf(fresh).AcceptAsync(slug, Json(new JournalEntry(slug.Value, 1, 5, [])), Cancel);
        Assert.Equal(IntakeOutcome.Busy, answer.Outcome);
        Assert.Contains("operator", answer.Message, StringComparison.Ordinal);
        Assert.Equal(IntakeOutcome.Busy, (await IntakeOf(fresh).OpenEpochAsync(slug, 2, Cancel)).Outcome);
        Assert.Equal("1", await ReadAsync(node, slug, "a.txt"));

        await PublishAsync(node, slug, new(1, 2), new(1, 1), Write("b.txt", "2"));
        Assert.Equal(2, await letters.ReplayAsync(slug, Cancel));
        await SettleAsync(node, slug);
        Assert.Equal("4", await ReadAsync(node, slug, "a.txt"));
        Assert.Equal("2", await ReadAsync(node, slug, "b.txt"));
        Assert.Equal(IntakeOutcome.Accepted, await PostAsync(fresh, slug, 1, 5, Write("a.txt", "5")));
    }

    [Fact]
    public async Task An_entry_that_only_looks_like_one_is_set_aside_with_its_cause_and_others_of_its_partition_go_on()
    {
        _rabbit = _rabbit with { Partitions = 1 };
        var node = await NodeAsync();
        await NodeAsync(persister: true);
        var (trouble, other) = (await CreateAsync(node), await CreateAsync(node));
        await PublishAsync(node, trouble, new(1, 1), default, new JournalChange { Path = "a.txt", Kind = ChangeKind.File });
        var letters = new DeadLetters(_rabbit);
        await UntilAsync(() => _time.Advance(TimeSpan.FromSeconds(1)), async () => (await letters.ListAsync(Cancel)).Count == 1);
        Assert.Equal(["a.txt"], Assert.Single(await letters.ListAsync(Cancel)).Paths);
        Assert.NotNull((await HeadAsync(node, trouble)).Parked);

        Assert.Equal(IntakeOutcome.Accepted, await PostAsync(node, other, 1, 1, Write("a.txt", "of another")));
        await SettleAsync(node, other);
        Assert.Equal("of another", await ReadAsync(node, other, "a.txt"));
    }

    [Fact]
    public async Task An_entry_that_is_handed_out_again_and_again_is_set_aside_and_others_go_on()
    {
        _rabbit = _rabbit with { SuspectAfter = 2 };
        var node = await NodeAsync();
        var (trouble, other) = (await CreateAsync(node), await CreateAsync(node));
        await PublishAsync(node, trouble, new(1, 1), default, Write("a.txt", "1"));
        for (var i = 0; i < _rabbit.SuspectAfter; i++)
        {
            await HandOutAsync(node, trouble);
        }

        await NodeAsync(persister: true);
        Assert.Equal(IntakeOutcome.Accepted, await PostAsync(node, other, 1, 1, Write("a.txt", "of another")));
        await SettleAsync(node, other);
        Assert.Equal("of another", await ReadAsync(node, other, "a.txt"));
        var letters = new DeadLetters(_rabbit);
        await UntilAsync(() => { }, async () => (await letters.ListAsync(Cancel)).Count == 1);
        Assert.Contains("again and again", Assert.Single(await letters.ListAsync(Cancel)).Cause, StringComparison.Ordinal);
        Assert.NotNull((await HeadAsync(node, trouble)).Parked);

        Assert.Equal(1, await letters.ReplayAsync(trouble, Cancel));
        await SettleAsync(node, trouble);
        Assert.Equal("1", await ReadAsync(node, trouble, "a.txt"));
    }

    [Fact]
    public async Task One_that_no_persister_lives_to_set_aside_is_set_aside_by_the_broker()
    {
        _rabbit = _rabbit with { SuspectAfter = 1 };
        var node = await NodeAsync();
        var slug = await CreateAsync(node);
        await PublishAsync(node, slug, new(1, 1), default, Write("a.txt", "1"));
        for (var i = 0; i <= 2 * _rabbit.SuspectAfter; i++)
        {
            await HandOutAsync(node, slug);
        }

        var letters = new DeadLetters(_rabbit);
        await UntilAsync(() => { }, async () => (await letters.ListAsync(Cancel)).Count == 1);
        Assert.Equal("delivery_limit", Assert.Single(await letters.ListAsync(Cancel)).Cause);
        await NodeAsync(persister: true);
        Assert.Equal(1, await letters.ReplayAsync(slug, Cancel));
        await SettleAsync(node, slug);
        Assert.Equal("1", await ReadAsync(node, slug, "a.txt"));
    }

    [Fact]
    public async Task Two_persisters_at_once_on_the_same_entries_write_them_once()
    {
        var (first, second) = (await NodeAsync(writer: true), await NodeAsync(writer: true));
        var slug = await CreateAsync(first);
        var entries = Enumerable.Range(1, 20).Select(i => new Handed(
            Json(new JournalEntry(slug.Value, 1, i, [Write("a.txt", $"line {i}"), Write($"{i}.txt", "x")])))
        {
            Workspace = slug,
            Position = new JournalPosition(1, i),
            After = new JournalPosition(i == 1 ? 0 : 1, i - 1),
            Hurry = false,
            Length = 1,
            Accepted = default,
        }).ToList();

        await Task.WhenAll(
            Task.Run(() => WriterOf(first).ApplyAsync(slug, entries, Cancel), Cancel),
            Task.Run(() => WriterOf(second).ApplyAsync(slug, entries[..10], Cancel), Cancel),
            Task.Run(() => WriterOf(second).ApplyAsync(slug, entries, Cancel), Cancel));

        var head = await HeadAsync(first, slug);
        Assert.Equal(new JournalPosition(1, 20), head.Position);
        Assert.InRange(head.Deltas.Count, 2, 3);
        Assert.Equal("line 20", await ReadAsync(second, slug, "a.txt"));
    }

    [Fact]
    public async Task A_wish_survives_the_change_from_one_persister_to_the_next_and_one_that_stops_writes_first()
    {
        var node = await NodeAsync();
        var leaving = await NodeAsync(persister: true);
        var slug = await CreateAsync(node);
        Assert.Equal(IntakeOutcome.Accepted, await PostAsync(node, slug, 1, 1, Write("a.txt", "1")));
        await UntilAsync(() => { }, async () =>
            (await _server.ControlAsync("list_queues", "name", "messages_unacknowledged")).Split('\n').Any(line =>
                line.StartsWith(_rabbit.Queue(slug), StringComparison.Ordinal) && line.EndsWith("\t1", StringComparison.Ordinal)));
        await leaving.StopAsync(Cancel); // the batch's 20 s are not over: it is written because of the stop
        Assert.Equal(new JournalPosition(1, 1), (await HeadAsync(node, slug)).Position);

        Assert.Equal(IntakeOutcome.Accepted, await PostAsync(node, slug, 1, 2, Write("a.txt", "2")));
        var settled = SettleAsync(node, slug);
        Assert.Equal(new JournalPosition(1, 1), (await HeadAsync(node, slug)).Position);
        await NodeAsync(persister: true);
        await settled;
        Assert.Equal("2", await ReadAsync(node, slug, "a.txt"));
    }

    [Fact]
    public async Task Two_persisters_share_the_partitions_and_when_one_goes_the_other_has_all()
    {
        var node = await NodeAsync();
        var (one, _) = (await NodeAsync(persister: true), await NodeAsync(persister: true));
        var slugs = new List<Slug>();
        for (var i = 0; i < 8; i++)
        {
            slugs.Add(await CreateAsync(node));
        }

        for (var i = 1; i <= 10; i++)
        {
            if (i == 5)
            {
                await one.StopAsync(Cancel);
            }

            foreach (var slug in slugs)
            {
                Assert.Equal(IntakeOutcome.Accepted, await PostAsync(node, slug, 1, i, Write("a.txt", $"{i}")));
            }
        }

        foreach (var slug in slugs)
        {
            await SettleAsync(node, slug);
            Assert.Equal("10", await ReadAsync(node, slug, "a.txt"));
        }
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.StopAsync(CancellationToken.None);
            if (node is IAsyncDisposable later)
            {
                await later.DisposeAsync();
            }
        }

        Directory.Delete(_root, recursive: true);
    }

    private static JournalIntake IntakeOf(IHost node) => node.Services.GetRequiredService<JournalIntake>();

    private static WorkspaceStore StoreOf(IHost node) => node.Services.GetRequiredService<WorkspaceStore>();

    private static WorkspaceWriter WriterOf(IHost node) => node.Services.GetRequiredService<WorkspaceWriter>();

    private static Task SettleAsync(IHost node, Slug slug) => StoreOf(node).SettledAsync(slug, Cancel);

    private static async Task<Head> HeadAsync(IHost node, Slug slug) =>
        (await node.Services.GetRequiredService<HeadBook>().ReadHeadAsync(Keys.Head(slug), Cancel)).Head!;

    private static async Task<IntakeOutcome> PostAsync(IHost node, Slug slug, long epoch, long sequence, params JournalChange[] changes) =>
        (await IntakeOf(node).AcceptAsync(slug, Json(new JournalEntry(slug.Value, epoch, sequence, changes)), Cancel)).Outcome;

    private static async Task PublishAsync(IHost node, Slug slug, JournalPosition position, JournalPosition after, params JournalChange[] changes)
    {
        var json = Json(new JournalEntry(slug.Value, position.Epoch, position.Sequence, changes));
        var result = await node.Services.GetRequiredService<IJournalQueue>().PublishAsync(new JournalRecord(slug, position, after, true, json), Cancel);
        Assert.Equal(PublishOutcome.Published, result.Outcome);
    }

    /// <summary>As to a persister that ends before it has written anything.</summary>
    private async Task HandOutAsync(IHost node, Slug slug)
    {
        await using var reader = await node.Services.GetRequiredService<IJournalQueue>().OpenAsync(JournalPartition.Of(slug, _rabbit.Partitions), Cancel);
        await reader.Deliveries.ReadAsync(Cancel);
    }

    private static async Task<string> ReadAsync(IHost node, Slug slug, string path)
    {
        var file = await StoreOf(node).OpenFileAsync(slug, path, Cancel);
        Assert.True(file.Error == StorageError.None, file.Message);
        await using var opened = file.Value!;
        using var reader = new StreamReader(opened.Content);
        return await reader.ReadToEndAsync(Cancel);
    }

    private async Task<Slug> CreateAsync(IHost node)
    {
        var template = Directory.CreateDirectory(Path.Combine(_root, "template")).FullName;
        await File.WriteAllTextAsync(Path.Combine(template, "a.txt"), "0", Cancel);
        await File.WriteAllTextAsync(Path.Combine(template, "b.txt"), "0", Cancel);
        var slug = Slug.Fresh();
        Assert.True((await StoreOf(node).CreateAsync(slug, template, Cancel)).Succeeded);
        return slug;
    }

    /// <summary>A process, as far as the others can tell.</summary>
    /// <param name="persister">It reads the journal.</param>
    /// <param name="writer">It has what a persister writes with, and reads nothing.</param>
    private async Task<IHost> NodeAsync(bool persister = false, bool writer = false)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddStorage(new StorageOptions { DataFolder = Path.Combine(_root, $"node{_nodes.Count}"), PublicKey = () => "", Rabbit = _rabbit });
        builder.Services.AddSingleton<IObjectStore>(_store);
        builder.Services.AddIntake();
        if (persister)
        {
            builder.Services.AddPersister();
        }
        else if (writer)
        {
            builder.Services.AddSingleton<Compactor>().AddSingleton<WorkspaceWriter>();
        }

        var node = builder.Build();
        _nodes.Add(node);
        await node.StartAsync(Cancel);
        return node;
    }

    private sealed class Handed(byte[] body) : JournalDelivery
    {
        public override byte[] Read() => body;

        public override ValueTask AckAsync() => default;
    }
}
