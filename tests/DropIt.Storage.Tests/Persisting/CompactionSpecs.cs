using DropIt.Protocol.Workspaces;
using DropIt.Storage.Heads;
using DropIt.Storage.History;
using DropIt.Storage.Persisting;
using static DropIt.Storage.Tests.StorageRig;

namespace DropIt.Storage.Tests.Persisting;

public sealed class CompactionSpecs
{
    [Fact]
    public async Task Many_deltas_become_one_pack_and_the_old_head_is_kept()
    {
        await using var rig = await StartAsync(options => options with { CompactAfter = 10 });
        var slug = await rig.CreateAsync(("a.txt", "1"), ("b.txt", "1"));

        await TypeAsync(rig, slug, 1, 9); // and its beginning
        await UntilAsync(() => { }, async () => (await rig.HeadAsync(slug)).Deltas.Count == 0);

        var head = await rig.HeadAsync(slug);
        Assert.Equal(9, head.Sequence);
        Assert.Equal(2, head.Packs.Count); // the template's, which still has b.txt, and the new one
        Assert.Equal("line 9", await rig.ReadAsync(slug, "a.txt"));
        Assert.Equal("1", await rig.ReadAsync(slug, "b.txt"));
        var (old, _) = await rig.Get<HeadBook>().ReadHeadAsync(Keys.OldHead(slug, Assert.Single(head.Past).Name), Cancel);
        Assert.Equal(10, old!.Deltas.Count);
        Assert.Equal(2, (await rig.Get<HeadBook>().MergeAsync(old, Cancel)).Entries.Count);
    }

    [Fact]
    public async Task A_deleted_workspaces_packs_go_and_those_of_its_fork_and_template_stay()
    {
        await using var rig = await StartAsync();
        var source = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(source, 1, 1, Write("b.txt", "2"));
        await rig.SettleAsync(source);
        var fork = Slug.Fresh();
        await rig.Workspaces.ForkAsync(source, fork, Cancel);
        await rig.PostAsync(source, 1, 2, Write("c.txt", "3"));
        await rig.SettleAsync(source);
        await rig.Workspaces.DeleteAsync(source, Cancel);
        Assert.Equal(3, await CountAsync(rig, Keys.Packs));

        await CollectAsync(rig);

        Assert.Equal(2, await CountAsync(rig, Keys.Packs));
        Assert.Equal("1", await rig.ReadAsync(fork, "a.txt"));
        Assert.Equal("2", await rig.ReadAsync(fork, "b.txt"));
    }

    [Fact]
    public async Task What_has_just_lost_its_last_reference_is_still_there_for_who_reads_it()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("b.txt", "2"));
        await rig.SettleAsync(slug);
        await rig.Workspaces.DeleteAsync(slug, Cancel);
        rig.Time.Advance(TimeSpan.FromHours(3));

        await rig.Get<Collector>().RunAsync(Cancel);
        rig.Time.Advance(TimeSpan.FromMinutes(59));
        await rig.Get<Collector>().RunAsync(Cancel);

        Assert.Equal(2, await CountAsync(rig, Keys.Packs));
    }

    [Fact]
    public async Task A_small_change_in_a_large_workspace_leaves_its_base_alone()
    {
        await using var rig = await StartAsync(options => options with { CompactAfter = 5 });
        var slug = await rig.CreateAsync([.. Enumerable.Range(0, 2000).Select(i => ($"d{i % 40}/f{i}.txt", $"{i}"))]);
        var before = (await rig.HeadAsync(slug)).Base;

        await TypeAsync(rig, slug, 1, 5);
        await UntilAsync(() => { }, async () => (await rig.HeadAsync(slug)).Past.Count == 1);

        Assert.Equal(before, (await rig.HeadAsync(slug)).Base);
        Assert.Equal("line 5", await rig.ReadAsync(slug, "a.txt"));
        Assert.Equal("77", await rig.ReadAsync(slug, "d37/f77.txt"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_crash_at_any_operation_loses_nothing_and_leaves_nothing(bool after)
    {
        await using var rig = await StartAsync(options => options with { CompactAfter = 3 });
        for (var operation = 1; await CrashesAsync(rig, operation, after); operation++)
        {
            Assert.InRange(operation, 1, 500);
        }
    }

    /// <summary>
    /// Types through several compactions and a collection, dies at one operation of the store, starts again and
    /// looks. False when there
    /// is no such operation any more.
    /// </summary>
    private static async Task<bool> CrashesAsync(StorageRig rig, int operation, bool after)
    {
        var slug = await rig.CreateAsync(("a.txt", "1"), ("b.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("first.txt", "first"));
        await rig.SettleAsync(slug);
        var sequence = 1;
        var died = rig.Store.DieAt(operation, after);
        for (; sequence < 8 && !died.IsCompleted; sequence++)
        {
            var entry = rig.PostAsync(slug, 1, sequence + 1, Write("a.txt", $"line {sequence + 1}"), Write($"f{sequence + 1}", "x"));
            if (await Answered(entry) == false)
            {
                break;
            }

            await Task.WhenAny(rig.SettleAsync(slug), died);
        }

        if (!died.IsCompleted)
        {
            rig.Time.Advance(TimeSpan.FromHours(2));
            await Task.WhenAny(Swallow(rig.Get<Collector>().RunAsync(Cancel)), died);
        }

        var crashed = died.IsCompleted;
        await rig.CrashAsync();
        await rig.SettleAsync(slug);

        Assert.Equal($"line {sequence}", await rig.ReadAsync(slug, "a.txt"));
        Assert.Equal("first", await rig.ReadAsync(slug, "first.txt"));
        Assert.Equal(sequence + 2, (await rig.PathsAsync(slug)).Count());
        await CollectAsync(rig);
        await AssertWholeAsync(rig);
        await rig.Workspaces.DeleteAsync(slug, Cancel);
        return crashed;
    }

    private static async Task<bool> Answered(Task posted)
    {
        try
        {
            await posted;
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task Swallow(Task task)
    {
        try
        {
            await task;
        }
        catch (IOException)
        {
            return;
        }
    }

    private static async Task TypeAsync(StorageRig rig, Slug slug, int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            await rig.PostAsync(slug, 1, i, Write("a.txt", $"line {i}"));
            await rig.SettleAsync(slug);
        }
    }

    /// <summary>
    /// Lets all garbage grow old enough and be removed, an old head and only then its packs, until nothing has changed for as long as that takes; the
    /// restart ends a compaction that is still under way.
    /// </summary>
    internal static async Task CollectAsync(StorageRig rig)
    {
        await rig.StopAsync();
        await rig.StartAsync();
        var before = "";
        for (var unchanged = 0; unchanged < 4;)
        {
            rig.Time.Advance(TimeSpan.FromHours(2));
            await rig.Get<Thinner>().RunAsync(Cancel);
            await rig.Get<Collector>().RunAsync(Cancel);
            var now = string.Join(' ', [.. await KeysAsync(rig, Keys.Packs), .. await KeysAsync(rig, Keys.History)]);
            unchanged = now == before ? unchanged + 1 : 0;
            before = now;
        }
    }

    /// <summary>Everything that is named exists and can be read; everything that exists is named.</summary>
    internal static async Task AssertWholeAsync(StorageRig rig)
    {
        var named = new HashSet<string>();
        var old = new HashSet<string>();
        foreach (var prefix in (string[])[Keys.Heads, Keys.Templates, Keys.History])
        {
            foreach (var key in await KeysAsync(rig, prefix))
            {
                var head = (await rig.Get<HeadBook>().ReadHeadAsync(key, Cancel)).Head!;
                var manifest = await rig.Get<HeadBook>().MergeAsync(head, Cancel);
                await rig.Get<Storage.Packs.PackReader>().ScanAsync(
                    manifest.Entries, (_, content) => content.CopyToAsync(Stream.Null, Cancel), Cancel);
                named.UnionWith(head.Packs.Select(pack => Keys.Pack(pack.Id)));
                if (Slug.TryParse(key.Split('/')[1], out var slug))
                {
                    old.UnionWith(head.Past.Select(past => Keys.OldHead(slug, past.Name)));
                }
            }
        }

        Assert.Equal(named.Order(StringComparer.Ordinal), await KeysAsync(rig, Keys.Packs));
        Assert.Equal(old.Order(StringComparer.Ordinal), await KeysAsync(rig, Keys.History));
        Assert.Empty(Directory.GetFiles(Path.Combine(rig.DataFolder, "spool")));
    }

    private static async Task<int> CountAsync(StorageRig rig, string prefix) => (await KeysAsync(rig, prefix)).Count;

    private static async Task<List<string>> KeysAsync(StorageRig rig, string prefix) =>
        [.. (await rig.Store.ListAsync(prefix, null, 1000, Cancel)).Objects.Select(item => item.Key)];
}
