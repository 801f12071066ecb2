using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Journal;
using DropIt.Storage.Persisting;
using static DropIt.Storage.Tests.StorageRig;

namespace DropIt.Storage.Tests.Persisting;

public sealed class PersisterSpecs
{
    [Fact]
    public async Task What_was_accepted_is_in_the_workspace_once_it_is_settled()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"), ("old/x", "x"), ("old/y", "y"));

        await rig.PostAsync(slug, 1, 1, Write("a.txt", "2"), Delete("old"), Write("new/z.sh", "z", 0x1ED));
        await rig.PostAsync(
            slug,
            1,
            2,
            new JournalChange { Path = "link", Kind = ChangeKind.Link, Target = "/etc/passwd" },
            new JournalChange { Path = "void", Kind = ChangeKind.Folder, Mode = 0x1C0 });
        await rig.SettleAsync(slug);

        var listing = (await rig.Workspaces.ListAsync(slug, Cancel)).Value!;
        Assert.Equal(["a.txt", "link", "new/z.sh", "void"], listing.Paths.Select(path => path.Path));
        Assert.Equal("/etc/passwd", listing.Paths[1].Target);
        Assert.Equal(0x1ED, listing.Paths[2].Mode);
        Assert.Equal("2", await rig.ReadAsync(slug, "a.txt"));
        var head = await rig.HeadAsync(slug);
        Assert.Equal((1, 2), (head.Epoch, head.Sequence));
    }

    [Fact]
    public async Task Many_entries_are_gathered_into_two_writes()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        var before = rig.Store.Writes;

        for (var i = 1; i <= 50; i++)
        {
            await rig.PostAsync(slug, 1, i, Write("a.txt", $"line {i}"));
        }

        Assert.Equal(0, rig.Store.Writes - before);
        await rig.SettleAsync(slug);

        Assert.Equal(2, rig.Store.Writes - before);
        Assert.Equal("line 50", await rig.ReadAsync(slug, "a.txt"));
        Assert.Equal([null, 1], (await rig.HeadAsync(slug)).Deltas.Select(delta => delta.Section?.Entries)); // its beginning, then all of it
    }

    [Fact]
    public async Task A_batch_is_written_by_itself_when_its_time_has_come()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("a.txt", "2"));

        await UntilAsync(() => rig.Time.Advance(TimeSpan.FromSeconds(21)), async () => (await rig.HeadAsync(slug)).Sequence == 1);

        Assert.Equal("2", await rig.ReadAsync(slug, "a.txt"));
    }

    [Fact]
    public async Task A_stop_entry_is_written_at_once()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));

        await rig.PostAsync(new JournalEntry(slug.Value, 1, 1, [Write("a.txt", "2")], Stop: true));

        await UntilAsync(() => { }, async () => (await rig.HeadAsync(slug)).Sequence == 1);
    }

    [Fact]
    public async Task An_entry_that_comes_again_changes_nothing()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("a.txt", "2"));
        await rig.PostAsync(slug, 1, 2, Write("a.txt", "3"));
        await rig.SettleAsync(slug);

        var again = await rig.PostAsync(slug, 1, 1, Write("a.txt", "2"));
        await rig.SettleAsync(slug);

        Assert.Equal(IntakeOutcome.Accepted, again.Outcome);
        Assert.Equal("3", await rig.ReadAsync(slug, "a.txt"));
    }

    [Fact]
    public async Task A_runner_whose_workspace_was_started_again_is_refused()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("a.txt", "2"));
        await rig.PostAsync(slug, 2, 1, Write("a.txt", "3"));

        var late = await rig.PostAsync(slug, 1, 2, Write("a.txt", "late"));

        Assert.Equal(IntakeOutcome.NewerEpoch, late.Outcome);
        await rig.SettleAsync(slug);
        Assert.Equal("3", await rig.ReadAsync(slug, "a.txt"));
        Assert.Equal(IntakeOutcome.NewerEpoch, (await rig.PostAsync(slug, 1, 3, Write("a.txt", "later"))).Outcome);
    }

    [Fact]
    public async Task Opening_an_epoch_fences_off_the_one_before_even_across_a_restart()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("a.txt", "2"));
        Assert.Equal(IntakeOutcome.Accepted, (await rig.Get<JournalIntake>().OpenEpochAsync(slug, 2, Cancel)).Outcome);
        await rig.CrashAsync();

        Assert.Equal(IntakeOutcome.NewerEpoch, (await rig.PostAsync(slug, 1, 2, Write("a.txt", "late"))).Outcome);
        Assert.Equal(IntakeOutcome.NewerEpoch, (await rig.Get<JournalIntake>().OpenEpochAsync(slug, 1, Cancel)).Outcome);
        Assert.Equal(IntakeOutcome.Accepted, (await rig.PostAsync(slug, 2, 1, Write("b.txt", "3"))).Outcome);
        await rig.SettleAsync(slug);
        Assert.Equal("2", await rig.ReadAsync(slug, "a.txt"));
        Assert.Equal("3", await rig.ReadAsync(slug, "b.txt"));
    }

    [Fact]
    public async Task What_was_accepted_before_a_crash_is_there_after_it()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("a.txt", "2"));
        await rig.PostAsync(slug, 1, 2, Write("b.txt", "3"));

        await rig.CrashAsync();
        await rig.SettleAsync(slug);

        Assert.Equal("2", await rig.ReadAsync(slug, "a.txt"));
        Assert.Equal("3", await rig.ReadAsync(slug, "b.txt"));
        Assert.Equal(IntakeOutcome.Accepted, (await rig.PostAsync(slug, 1, 3, Write("c.txt", "4"))).Outcome);
    }

    [Fact]
    public async Task A_server_that_stops_writes_what_is_pending_first()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("a.txt", "2"));
        var writes = rig.Store.Writes;

        await rig.StopAsync();
        Assert.Equal(2, rig.Store.Writes - writes);

        await rig.StartAsync();
        Assert.Equal("2", await rig.ReadAsync(slug, "a.txt"));
    }

    [Fact]
    public async Task A_content_that_the_workspace_has_is_not_stored_again()
    {
        await using var rig = await StartAsync();
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i * 7919 % 100_003} "));
        var slug = await rig.CreateAsync(("a.txt", text));
        var before = rig.Store.BytesWritten;

        await rig.PostAsync(slug, 1, 1, Write("b.txt", text), Delete("a.txt"));
        await rig.SettleAsync(slug);

        Assert.InRange(rig.Store.BytesWritten - before, 1, 2_000);
        Assert.Equal(text, await rig.ReadAsync(slug, "b.txt"));
    }

    [Fact]
    public async Task Entries_of_a_deleted_workspace_go_nowhere_and_hold_nothing_up()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("a.txt", "2"));

        await rig.Workspaces.DeleteAsync(slug, Cancel);
        await rig.SettleAsync(slug);

        Assert.False(await rig.Workspaces.ExistsAsync(slug, Cancel));
        Assert.Equal(IntakeOutcome.NoWorkspace, (await rig.PostAsync(slug, 1, 2, Write("a.txt", "3"))).Outcome);
    }

    [Fact]
    public async Task A_fork_has_what_the_source_had_and_goes_its_own_way()
    {
        await using var rig = await StartAsync();
        var source = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(source, 5, 1, Write("b.txt", "2"));
        await rig.SettleAsync(source);
        var fork = Slug.Fresh();

        Assert.True((await rig.Workspaces.ForkAsync(source, fork, Cancel)).Succeeded);
        await rig.PostAsync(fork, 1, 1, Write("b.txt", "fork"));
        await rig.SettleAsync(fork);

        Assert.Equal("2", await rig.ReadAsync(source, "b.txt"));
        Assert.Equal("fork", await rig.ReadAsync(fork, "b.txt"));
        Assert.Equal("1", await rig.ReadAsync(fork, "a.txt"));
    }

    [Fact]
    public async Task On_a_full_disk_changes_wait_in_the_journal_and_are_written_once_there_is_room()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        rig.Store.Full = true;
        await rig.PostAsync(slug, 1, 1, Write("a.txt", "2"));
        var settled = rig.SettleAsync(slug);
        await UntilAsync(() => { }, () => Task.FromResult(rig.Store.Writes > 2));

        var created = await rig.Workspaces.CreateAsync(Slug.Fresh(), rig.Template(("b", "1")), Cancel);
        Assert.Equal(StorageError.Full, created.Error);
        Assert.False(settled.IsCompleted);
        Assert.Equal(IntakeOutcome.Accepted, (await rig.PostAsync(slug, 1, 2, Write("b.txt", "3"))).Outcome);

        rig.Store.Full = false;
        await UntilAsync(() => rig.Time.Advance(TimeSpan.FromSeconds(5)), () => Task.FromResult(settled.IsCompleted));
        await rig.SettleAsync(slug);
        Assert.Equal("2", await rig.ReadAsync(slug, "a.txt"));
        Assert.Equal("3", await rig.ReadAsync(slug, "b.txt"));
    }

    [Fact]
    public async Task A_content_put_ahead_is_removed_when_its_time_is_over_and_no_earlier()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        var change = Write("big", [1, 2, 3], inline: false);
        using var put = await rig.Http.SendAsync(
            rig.Request(HttpMethod.Put, slug, $"contents/{change.Hash}", new ByteArrayContent([1, 2, 3])), Cancel);
        rig.Time.Advance(TimeSpan.FromHours(11));
        await rig.Get<Collector>().RunAsync(Cancel);
        Assert.Equal(IntakeOutcome.Accepted, (await rig.PostAsync(slug, 1, 1, change)).Outcome);

        rig.Time.Advance(TimeSpan.FromHours(14));
        await rig.Get<Collector>().RunAsync(Cancel);

        Assert.Equal("\u0001\u0002\u0003", await rig.ReadAsync(slug, "big"));
        Assert.Empty((await rig.Store.ListAsync(Keys.UploadsOf(slug), null, 10, Cancel)).Objects);
    }
}
