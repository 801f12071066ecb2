using System.IO.Compression;
using System.Text;
using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.History;
using DropIt.Storage.Objects;
using static DropIt.Storage.Tests.StorageRig;

namespace DropIt.Storage.Tests.History;

public sealed class TimelineSpecs
{
    [Fact]
    public async Task A_version_tells_who_when_and_which_files()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"), ("old/b.txt", "1"), ("old/c.txt", "1"));
        rig.Time.Advance(TimeSpan.FromMinutes(5));
        await EditAsync(rig, slug, 1, ["Ada", "Bob"], Write("a.txt", "2"), Write("new.txt", "2"), Delete("old"));

        var page = await PageAsync(rig, slug);

        var (edit, start) = (page.Versions[0], page.Versions[1]);
        Assert.Equal(["Ada", "Bob"], edit.Authors);
        Assert.False(edit.Programs);
        Assert.Equal((new VersionId(1, 1), VersionCause.Edit), (edit.Id, edit.Cause));
        Assert.Equal(rig.Time.GetUtcNow(), edit.Time);
        Assert.Equal((1, 1, 2), (edit.Added, edit.Changed, edit.Deleted));
        Assert.Equal(
            [
                new("old/b.txt", FileChange.Deleted),
                new("old/c.txt", FileChange.Deleted),
                new("a.txt", FileChange.Changed),
                new ChangedPath("new.txt", FileChange.Added),
            ],
            edit.Files);
        Assert.Equal((default, VersionCause.Created), (start.Id, start.Cause));
        Assert.Equal(rig.Time.GetUtcNow() - TimeSpan.FromMinutes(5), start.Time);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task What_someone_and_a_program_wrote_in_one_batch_names_both()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(new JournalEntry(slug.Value, 1, 1, [Write("a.txt", "2")]) { Authors = ["Ada"] });
        await rig.PostAsync(new JournalEntry(slug.Value, 1, 2, [Write("b.txt", "2")]) { Programs = true, Restored = "0-0" });
        await rig.SettleAsync(slug);

        var version = (await PageAsync(rig, slug)).Versions[0];

        Assert.Equal(["Ada"], version.Authors);
        Assert.True(version.Programs);
        Assert.Equal((VersionCause.Restored, "0-0"), (version.Cause, version.Restored));
    }

    [Fact]
    public async Task Through_many_compactions_every_version_stays_and_reads_as_it_was()
    {
        await using var rig = await StartAsync(options => options with { CompactAfter = 5 });
        var slug = await rig.CreateAsync([("a.txt", "line 0"), .. Enumerable.Range(0, 300).Select(i => ($"d/f{i}.txt", $"{i}"))]);
        const int Count = 43;
        for (var i = 1; i <= Count; i++)
        {
            await EditAsync(rig, slug, i, [$"user{i}"], Write("a.txt", $"line {i}"), Write($"d/f{i}.txt", $"new {i}"));
        }

        await UntilAsync(() => { }, async () => (await rig.HeadAsync(slug)).Deltas.Count < 5);
        Assert.InRange((await rig.HeadAsync(slug)).Past.Count, 8, 11);
        var versions = await AllAsync(rig, slug, limit: 7);

        Assert.Equal(Enumerable.Range(0, Count + 1).Reverse().Select(i => new VersionId(i == 0 ? 0 : 1, i)), versions.Select(v => v.Id));
        for (var i = 0; i <= Count; i++)
        {
            var id = versions[Count - i].Id;
            Assert.Equal($"line {i}", await ReadAsync(rig, slug, id, "a.txt"));
            Assert.Equal(i == 0 ? "20" : i < 20 ? "20" : "new 20", await ReadAsync(rig, slug, id, "d/f20.txt"));
            Assert.Equal(i == 0 ? [] : [$"user{i}"], versions[Count - i].Authors);
        }
    }

    [Fact]
    public async Task A_page_costs_few_requests_and_as_many_bytes_as_it_shows()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "0"));
        for (var i = 1; i <= 200; i++)
        {
            await EditAsync(rig, slug, i, ["Ada"], Write("a.txt", $"{i}"));
        }

        await UntilAsync(() => { }, async () => (await rig.HeadAsync(slug)).Past.Count == 4);
        var before = rig.Store.Reads;
        var page = await PageAsync(rig, slug, limit: 50);

        Assert.Equal(50, page.Versions.Count);
        Assert.InRange(rig.Store.Reads - before, 1, 3);
        before = rig.Store.Reads;
        var last = await PageAsync(rig, slug, new VersionId(1, 3), limit: 50);
        Assert.Equal(3, last.Versions.Count);
        Assert.InRange(rig.Store.Reads - before, 1, 2); // what is later is passed over
    }

    [Fact]
    public async Task The_history_of_a_file_or_folder_has_what_changed_it()
    {
        await using var rig = await StartAsync(options => options with { CompactAfter = 4 });
        var slug = await rig.CreateAsync(("a.txt", "0"), ("src/x.txt", "0"));
        await EditAsync(rig, slug, 1, [], Write("src/y.txt", "1"));
        await EditAsync(rig, slug, 2, [], Write("a.txt", "2"));
        await EditAsync(rig, slug, 3, [], [.. Enumerable.Range(0, 20).Select(i => Write($"many/{i}", "3")), Write("src/x.txt", "3")]);
        await EditAsync(rig, slug, 4, [], Write("srcs.txt", "4"));
        await EditAsync(rig, slug, 5, [], Delete("src"));

        Assert.Equal([new(1, 5), new(1, 3), default], (await AllAsync(rig, slug, path: "src/x.txt")).Select(v => v.Id));
        Assert.Equal([new(1, 5), new(1, 3), new(1, 1), default], (await AllAsync(rig, slug, path: "src")).Select(v => v.Id));
        Assert.Equal([new(1, 2), default], (await AllAsync(rig, slug, path: "a.txt")).Select(v => v.Id));
        Assert.Equal([new VersionId(1, 4)], (await AllAsync(rig, slug, path: "srcs.txt")).Select(v => v.Id));
        Assert.Empty(await AllAsync(rig, slug, path: "nowhere"));
    }

    [Fact]
    public async Task Between_any_two_versions_lie_files_in_either_direction()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"), ("b.txt", "1"));
        await EditAsync(rig, slug, 1, [], Write("a.txt", "22"));
        await EditAsync(rig, slug, 2, [], Delete("b.txt"), Write("c.txt", "333"));

        var forward = await DifferencesAsync(rig, slug, default(VersionId), new VersionId(1, 2));
        var back = await DifferencesAsync(rig, slug, new VersionId(1, 2), default(VersionId));
        var step = await DifferencesAsync(rig, slug, null, new VersionId(1, 2));
        var first = await DifferencesAsync(rig, slug, null, default);

        Assert.Equal(
            [
                new("a.txt", FileChange.Changed, ChangeKind.File, 1, 2),
                new("b.txt", FileChange.Deleted, ChangeKind.File, 1, null),
                new FileDifference("c.txt", FileChange.Added, ChangeKind.File, null, 3),
            ],
            forward.Files);
        Assert.Equal([(FileChange.Changed), FileChange.Added, FileChange.Deleted], back.Files.Select(file => file.Change));
        Assert.Equal((new VersionId(1, 1), 2), (step.Since!.Value, step.Total));
        Assert.Null(first.Since);
        Assert.Equal([FileChange.Added, FileChange.Added], first.Files.Select(file => file.Change));
        Assert.Empty((await DifferencesAsync(rig, slug, new VersionId(1, 1), new VersionId(1, 1))).Files);
    }

    [Fact]
    public async Task More_differences_than_anyone_reads_are_counted_and_not_named()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await EditAsync(rig, slug, 1, [], [.. Enumerable.Range(0, WorkspaceHistory.MaxDifferences + 5).Select(i => Write($"f{i}", "x"))]);

        var step = await DifferencesAsync(rig, slug, null, new VersionId(1, 1));

        Assert.Equal((WorkspaceHistory.MaxDifferences, WorkspaceHistory.MaxDifferences + 5), (step.Files.Count, step.Total));
    }

    [Fact]
    public async Task A_version_comes_as_a_zip()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "one"), ("gone.txt", "gone"));
        await EditAsync(rig, slug, 1, [], Write("a.txt", "two"), Delete("gone.txt"));

        using var memory = new MemoryStream();
        Assert.True((await Timeline(rig).WriteZipAsync(slug, default, memory, Cancel)).Succeeded);

        await using var zip = new ZipArchive(memory);
        Assert.Equal(["a.txt", "gone.txt"], zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        using var text = new StreamReader(await zip.GetEntry("a.txt")!.OpenAsync(Cancel));
        Assert.Equal("one", await text.ReadToEndAsync(Cancel));
    }

    [Fact]
    public async Task A_version_that_does_not_exist_is_missed_in_words()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        var other = await rig.CreateAsync(("b.txt", "1"));
        await EditAsync(rig, other, 1, [], Write("b.txt", "2"));

        foreach (var id in (VersionId[])[new(1, 1), new(9, 9), new(0, 1)])
        {
            Assert.Equal(StorageError.NotFound, (await Timeline(rig).FilesAsync(slug, id, Cancel)).Error);
            Assert.Equal(StorageError.NotFound, (await Timeline(rig).OpenFileAsync(slug, id, "a.txt", Cancel)).Error);
            Assert.Equal(StorageError.NotFound, (await Timeline(rig).DifferencesAsync(slug, null, id, Cancel)).Error);
            Assert.Equal(StorageError.NotFound, (await Timeline(rig).DifferencesAsync(slug, id, default, Cancel)).Error);
            Assert.Contains("no longer kept", (await Timeline(rig).WriteZipAsync(slug, id, Stream.Null, Cancel)).Message, StringComparison.Ordinal);
        }

        Assert.Equal(StorageError.NotFound, (await Timeline(rig).ListAsync(Slug.Fresh(), null, null, 10, Cancel)).Error);
    }

    [Fact]
    public async Task A_fork_begins_its_own_timeline_with_what_it_was_made_from()
    {
        await using var rig = await StartAsync();
        var source = await rig.CreateAsync(("a.txt", "1"));
        await EditAsync(rig, source, 1, ["Ada"], Write("a.txt", "2"));
        await EditAsync(rig, source, 2, ["Ada"], Write("a.txt", "3"));
        var fork = Slug.Fresh();
        await rig.Workspaces.ForkAsync(source, fork, Cancel);
        await EditAsync(rig, fork, 1, ["Bob"], Write("a.txt", "4"));

        var versions = (await PageAsync(rig, fork)).Versions;

        Assert.Equal([VersionCause.Edit, VersionCause.Forked], versions.Select(v => v.Cause));
        Assert.Equal("3", await ReadAsync(rig, fork, versions[1].Id, "a.txt"));
        Assert.Equal(3, (await PageAsync(rig, source)).Versions.Count);
    }

    [Fact]
    public async Task Heads_of_the_first_format_are_read_and_go_on_in_the_present_one()
    {
        await using var rig = await StartAsync(options => options with { CompactAfter = 100 });
        var slug = await rig.CreateAsync(("a.txt", "line 0"));
        for (var i = 1; i <= 4; i++)
        {
            await EditAsync(rig, slug, i, ["Ada"], Write("a.txt", $"line {i}"));
        }

        // As the first format had it: an old head, named by number, then one change that leads to where it ended; no notes, no beginning.
        var head = await rig.HeadAsync(slug);
        var plain = head.Deltas.Where(delta => delta.Section is not null).Select(delta => delta with { Note = null }).ToList();
        await PutFirstAsync(rig, Keys.OldHead(slug, "000000000003"), head with { Deltas = plain[..2], Epoch = 1, Sequence = 2 }, null);
        await PutFirstAsync(rig, Keys.Head(slug), head with { Deltas = plain[1..], Revision = 9 }, [3]);

        var versions = await AllAsync(rig, slug);
        Assert.Equal([4, 3, 2, 1], versions.Select(v => v.Id.Sequence));
        Assert.All(versions, version => Assert.Empty(version.Authors));
        Assert.Equal("line 2", await ReadAsync(rig, slug, new VersionId(1, 2), "a.txt"));

        await EditAsync(rig, slug, 5, ["Ada"], Write("a.txt", "line 5"));
        Assert.Equal((Head.CurrentVersion, 10), ((await rig.HeadAsync(slug)).Version, (await rig.HeadAsync(slug)).Revision));
        Assert.Equal(["Ada"], (await PageAsync(rig, slug)).Versions[0].Authors);
        Assert.Equal("line 1", await ReadAsync(rig, slug, new VersionId(1, 1), "a.txt"));
        Assert.Equal("line 5", await rig.ReadAsync(slug, "a.txt"));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("0-0", true)]
    [InlineData("3-41", true)]
    [InlineData("3", false)]
    [InlineData("-3-4", false)]
    [InlineData("3-4-5", false)]
    [InlineData("3- 4", false)]
    [InlineData("99999999999999999999-1", false)]
    public void A_version_is_named_by_two_numbers(string text, bool good)
    {
        Assert.Equal(good, VersionId.TryParse(text, out var id));
        Assert.True(!good || id.ToString() == text);
    }

    [Fact]
    public async Task Hostile_authors_are_refused()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        var entry = new JournalEntry(slug.Value, 1, 1, [Write("a.txt", "2")]);
        foreach (var bad in (JournalEntry[])
            [
                entry with { Authors = [.. Enumerable.Repeat("a", 17)] },
                entry with { Authors = [new string('a', 101)] },
                entry with { Authors = [""] },
                entry with { Authors = [null!] },
                entry with { Restored = "yesterday" },
            ])
        {
            Assert.Equal(Storage.Journal.IntakeOutcome.Invalid, (await rig.PostAsync(bad)).Outcome);
        }
    }

    internal static WorkspaceHistory Timeline(StorageRig rig) => rig.Get<WorkspaceHistory>();

    internal static async Task EditAsync(StorageRig rig, Slug slug, long sequence, string[] authors, params JournalChange[] changes)
    {
        await rig.PostAsync(new JournalEntry(slug.Value, 1, sequence, changes) { Authors = authors });
        await rig.SettleAsync(slug);
    }

    internal static async Task<List<WorkspaceVersion>> AllAsync(StorageRig rig, Slug slug, string? path = null, int limit = 200)
    {
        var all = new List<WorkspaceVersion>();
        for (VersionId? before = null; ;)
        {
            var page = (await Timeline(rig).ListAsync(slug, before, path, limit, Cancel)).Value!;
            Assert.InRange(page.Versions.Count, 0, limit);
            all.AddRange(page.Versions);
            if ((before = page.Next) is null)
            {
                return all;
            }
        }
    }

    internal static async Task<string> ReadAsync(StorageRig rig, Slug slug, VersionId id, string path)
    {
        var file = await Timeline(rig).OpenFileAsync(slug, id, path, Cancel);
        Assert.True(file.Error == StorageError.None, file.Message);
        await using var opened = file.Value!;
        using var reader = new StreamReader(opened.Content);
        return await reader.ReadToEndAsync(Cancel);
    }

    private static async Task<VersionPage> PageAsync(StorageRig rig, Slug slug, VersionId? before = null, int limit = 200) =>
        (await Timeline(rig).ListAsync(slug, before, null, limit, Cancel)).Value!;

    private static async Task<VersionDifferences> DifferencesAsync(StorageRig rig, Slug slug, VersionId? since, VersionId id) =>
        (await Timeline(rig).DifferencesAsync(slug, since, id, Cancel)).Value!;

    private static async Task PutFirstAsync(StorageRig rig, string key, Head head, long[]? history)
    {
        var json = JsonSerializer.SerializeToNode(head with { Version = Head.FirstVersion }, HeadJson.Default.Head)!.AsObject();
        json.Remove("past");
        if (history is not null)
        {
            json["history"] = JsonSerializer.SerializeToNode(history);
        }

        var bytes = Encoding.UTF8.GetBytes(json.ToJsonString());
        await rig.Store.PutAsync(key, new MemoryStream(bytes), bytes.Length, PutCondition.None, Cancel);
    }
}
