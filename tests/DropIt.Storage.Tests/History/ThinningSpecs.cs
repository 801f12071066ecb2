using DropIt.Protocol.Workspaces;
using DropIt.Storage.History;
using DropIt.Storage.Persisting;
using DropIt.Storage.Tests.Persisting;
using static DropIt.Storage.Tests.History.TimelineSpecs;
using static DropIt.Storage.Tests.StorageRig;

namespace DropIt.Storage.Tests.History;

public sealed class ThinningSpecs
{
    [Theory]
    [InlineData(4, 1)]
    [InlineData(12, 300)]
    public async Task What_the_policy_keeps_is_there_as_it_was_and_nothing_else(int compactAfter, int files)
    {
        await using var rig = await StartAsync(options => options with { CompactAfter = compactAfter });
        var slug = await rig.CreateAsync([("a.txt", "line 0"), .. Enumerable.Range(0, files).Select(i => ($"d/f{i}.txt", $"{i}"))]);
        var random = new Random(7);
        var written = new List<(DateTimeOffset Time, VersionId Id)> { (rig.Time.GetUtcNow(), default) };
        var sequence = 0;
        for (var week = 0; week < 5; week++)
        {
            for (var i = 0; i < 25; i++)
            {
                rig.Time.Advance(TimeSpan.FromMinutes(random.Next(1, 90)));
                await EditAsync(rig, slug, ++sequence, ["Ada"], Write("a.txt", $"line {sequence}"), Write($"d/f{sequence}.txt", $"new {sequence}"));
                written.Add((rig.Time.GetUtcNow(), new VersionId(1, sequence)));
            }

            rig.Time.Advance(TimeSpan.FromDays(random.Next(0, 9)));
            await CompactionSpecs.CollectAsync(rig);

            var keep = new Retention().Keep([.. written.Select(version => version.Time)], rig.Time.GetUtcNow());
            var versions = await AllAsync(rig, slug);
            Assert.Equal(written.Where((_, i) => keep[i]).Select(version => version.Id).Reverse(), versions.Select(version => version.Id));
            foreach (var version in versions)
            {
                var number = (int)version.Id.Sequence;
                Assert.Equal($"line {number}", await ReadAsync(rig, slug, version.Id, "a.txt"));
                Assert.Equal(Enumerable.Range(1, number).Where(i => i >= files).Count() + files + 1, await CountAsync(rig, slug, version.Id));
                Assert.Equal(written.Single(item => item.Id == version.Id).Time, version.Time);
            }

            await CompactionSpecs.AssertWholeAsync(rig);
        }

        Assert.InRange((await rig.HeadAsync(slug)).Past.Count, 1, 12);
    }

    [Fact]
    public async Task What_went_is_told_by_the_version_after_it()
    {
        await using var rig = await StartAsync();
        rig.Time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(rig.Time.GetUtcNow().UtcTicks % TimeSpan.TicksPerHour));
        var slug = await rig.CreateAsync(("a.txt", "0"));
        await EditAsync(rig, slug, 1, ["Ada"], Write("a.txt", "1"));
        await EditAsync(rig, slug, 2, ["Bob"], Write("b.txt", "1"));
        rig.Time.Advance(TimeSpan.FromHours(2));
        await EditAsync(rig, slug, 3, ["Cy"], Write("c.txt", "1"));
        rig.Time.Advance(TimeSpan.FromHours(25));

        await rig.Get<Thinner>().RunAsync(Cancel);

        var versions = await AllAsync(rig, slug);
        Assert.Equal([3, 2], versions.Select(version => version.Id.Sequence));
        Assert.Equal(["Ada", "Bob"], versions[1].Authors);
        Assert.Equal((1, 1, 0), (versions[1].Added, versions[1].Changed, versions[1].Deleted));
        Assert.Equal(["Cy"], versions[0].Authors);
    }

    [Fact]
    public async Task A_workspace_that_nobody_edits_is_thinned_too_and_then_left_alone()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "0"));
        for (var i = 1; i <= 10; i++)
        {
            await EditAsync(rig, slug, i, ["Ada"], Write("a.txt", $"line {i}"));
        }

        rig.Time.Advance(TimeSpan.FromDays(400));
        await CompactionSpecs.CollectAsync(rig);

        Assert.Equal(new VersionId(1, 10), Assert.Single(await AllAsync(rig, slug)).Id);
        Assert.Equal("line 10", await rig.ReadAsync(slug, "a.txt"));
        await CompactionSpecs.AssertWholeAsync(rig);
        var revision = (await rig.HeadAsync(slug)).Revision;
        await CompactionSpecs.CollectAsync(rig);
        Assert.Equal(revision, (await rig.HeadAsync(slug)).Revision);
    }

    [Fact]
    public async Task Past_the_bound_versions_go_without_waiting_for_the_collector()
    {
        await using var rig = await StartAsync(options => options with
        {
            CompactAfter = 60,
            Retention = new Retention { MaxVersions = 20 },
        });
        var slug = await rig.CreateAsync(("a.txt", "0"));
        for (var i = 1; i <= 600; i++)
        {
            await EditAsync(rig, slug, i, ["Ada"], Write("a.txt", $"line {i}"));
        }

        await UntilAsync(() => { }, async () => (await rig.HeadAsync(slug)).Past.Sum(past => past.Versions) < 100);
        Assert.Equal("line 600", await rig.ReadAsync(slug, "a.txt"));
    }

    [Fact]
    public async Task An_operators_policy_counts()
    {
        await using var rig = await StartAsync(options => options with
        {
            Retention = new Retention { All = TimeSpan.Zero, Hourly = TimeSpan.Zero, Daily = TimeSpan.Zero },
        });
        var slug = await rig.CreateAsync(("a.txt", "0"));
        await EditAsync(rig, slug, 1, ["Ada"], Write("a.txt", "1"));
        await EditAsync(rig, slug, 2, ["Ada"], Write("a.txt", "2"));

        await CompactionSpecs.CollectAsync(rig);

        Assert.Equal(new VersionId(1, 2), Assert.Single(await AllAsync(rig, slug)).Id);
        Assert.Equal("2", await rig.ReadAsync(slug, "a.txt"));
        await CompactionSpecs.AssertWholeAsync(rig);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_crash_at_any_operation_of_thinning_loses_nothing_that_is_kept(bool after)
    {
        await using var rig = await StartAsync(options => options with { CompactAfter = 4 });
        for (var operation = 1; await CrashesAsync(rig, operation, after); operation++)
        {
            Assert.InRange(operation, 1, 500);
        }
    }

    /// <summary>Two days of typing, then a collection that dies at one operation of the store. False when there is no such operation any more.</summary>
    private static async Task<bool> CrashesAsync(StorageRig rig, int operation, bool after)
    {
        var slug = await rig.CreateAsync(("a.txt", "line 0"));
        var times = new List<DateTimeOffset> { rig.Time.GetUtcNow() };
        for (var i = 1; i <= 14; i++)
        {
            rig.Time.Advance(TimeSpan.FromMinutes(i == 9 ? 26 * 60 : 17));
            await EditAsync(rig, slug, i, ["Ada"], Write("a.txt", $"line {i}"), Write($"f{i}", "x"));
            times.Add(rig.Time.GetUtcNow());
        }

        await rig.StopAsync(); // ends a compaction that is still under way
        await rig.StartAsync();
        var died = rig.Store.DieAt(operation, after);
        try
        {
            await rig.Get<Thinner>().RunAsync(Cancel);
            await rig.Get<Collector>().RunAsync(Cancel);
        }
        catch (IOException)
        {
            Assert.True(died.IsCompleted);
        }

        var crashed = died.IsCompleted;
        await rig.CrashAsync();
        await CompactionSpecs.CollectAsync(rig);

        var keep = new Retention().Keep(times, rig.Time.GetUtcNow());
        var kept = Enumerable.Range(0, times.Count).Where(i => keep[i]).ToList();
        Assert.InRange(kept.Count, 2, times.Count - 3);
        Assert.Equal(kept, (await AllAsync(rig, slug)).Select(version => (int)version.Id.Sequence).Reverse());
        foreach (var i in kept)
        {
            Assert.Equal($"line {i}", await ReadAsync(rig, slug, new VersionId(i == 0 ? 0 : 1, i), "a.txt"));
        }

        await CompactionSpecs.AssertWholeAsync(rig);
        await rig.Workspaces.DeleteAsync(slug, Cancel);
        return crashed;
    }

    private static async Task<int> CountAsync(StorageRig rig, Slug slug, VersionId id) =>
        (await Timeline(rig).FilesAsync(slug, id, Cancel)).Value!.Paths.Count;
}
