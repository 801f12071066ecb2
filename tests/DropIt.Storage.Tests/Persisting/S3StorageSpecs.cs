using DropIt.Storage.Heads;
using DropIt.Storage.History;
using DropIt.Storage.Journal;
using DropIt.Storage.Tests.History;
using DropIt.Storage.Tests.Objects;
using DropIt.Tests.Services;
using static DropIt.Storage.Tests.StorageRig;

namespace DropIt.Storage.Tests.Persisting;

/// <summary>Batches while the object store has trouble.</summary>
[Collection(S3Suite.Name)]
public sealed class S3StorageSpecs(S3Fixture server)
{
    [Fact]
    public async Task A_batch_that_meets_a_killed_gateway_waits_in_the_journal_and_is_written_when_it_is_back()
    {
        await using var rig = await RigAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("b.txt", "before"));
        await rig.SettleAsync(slug);
        await server.KillAsync();
        Task settled;
        try
        {
            Assert.Equal(IntakeOutcome.Accepted, (await rig.PostAsync(slug, 1, 2, Write("b.txt", "while it was gone"))).Outcome);
            var failed = rig.Store.FailedAsync();
            settled = rig.SettleAsync(slug);
            await failed;
            Assert.False(settled.IsCompleted);
        }
        finally
        {
            await server.StartAsync();
        }

        await UntilAsync(() => rig.Time.Advance(TimeSpan.FromSeconds(1)), () => Task.FromResult(settled.IsCompleted));
        await settled;
        Assert.Equal("while it was gone", await rig.ReadAsync(slug, "b.txt"));
        Assert.Equal(2, (await rig.HeadAsync(slug)).Sequence);
    }

    [Fact]
    public async Task A_gateway_that_stands_still_delays_a_batch_which_is_then_written_once()
    {
        await using var rig = await RigAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("b.txt", "before"));
        await rig.SettleAsync(slug);
        await server.PauseAsync();
        Task settled;
        try
        {
            await rig.PostAsync(slug, 1, 2, Write("b.txt", "while it stood"));
            var failed = rig.Store.FailedAsync();
            settled = rig.SettleAsync(slug);
            await failed;
        }
        finally
        {
            await server.ResumeAsync();
        }

        await UntilAsync(() => rig.Time.Advance(TimeSpan.FromSeconds(1)), () => Task.FromResult(settled.IsCompleted));
        var head = await rig.HeadAsync(slug);
        Assert.Equal((2, 3), (head.Sequence, head.Deltas.Count)); // and its beginning
        Assert.Equal("while it stood", await rig.ReadAsync(slug, "b.txt"));
    }

    [Fact]
    public async Task Many_deltas_become_one_pack_as_on_a_disk()
    {
        await using var rig = await RigAsync(compactAfter: 4);
        var slug = await rig.CreateAsync(("a.txt", "1"));
        for (var i = 1; i <= 3; i++)
        {
            await rig.PostAsync(slug, 1, i, Write("a.txt", $"line {i}"));
            await rig.SettleAsync(slug);
        }

        await UntilAsync(() => { }, async () => (await rig.HeadAsync(slug)).Deltas.Count == 0);
        Assert.Equal("line 3", await rig.ReadAsync(slug, "a.txt"));
        Assert.NotNull(await rig.Store.StatAsync(Keys.OldHead(slug, Assert.Single((await rig.HeadAsync(slug)).Past).Name), Cancel));
    }

    [Fact]
    public async Task Versions_are_listed_read_and_thinned_as_on_a_disk()
    {
        await using var rig = await RigAsync(compactAfter: 4);
        var slug = await rig.CreateAsync(("a.txt", "line 0"));
        for (var i = 1; i <= 9; i++)
        {
            await TimelineSpecs.EditAsync(rig, slug, i, ["Ada"], Write("a.txt", $"line {i}"));
        }

        await UntilAsync(() => { }, async () => (await rig.HeadAsync(slug)).Past.Count == 2);
        var all = await TimelineSpecs.AllAsync(rig, slug, limit: 3);
        Assert.Equal(Enumerable.Range(0, 10).Reverse(), all.Select(version => (int)version.Id.Sequence));
        Assert.Equal("line 2", await TimelineSpecs.ReadAsync(rig, slug, new VersionId(1, 2), "a.txt"));

        rig.Time.Advance(TimeSpan.FromDays(400));
        await rig.Get<Thinner>().RunAsync(slug, Cancel);
        Assert.Equal(new VersionId(1, 9), Assert.Single(await TimelineSpecs.AllAsync(rig, slug)).Id);
        Assert.Equal("line 9", await TimelineSpecs.ReadAsync(rig, slug, new VersionId(1, 9), "a.txt"));
    }

    [Fact]
    public async Task A_large_content_goes_through_the_bucket_and_comes_back_whole()
    {
        await using var rig = await RigAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        var content = new byte[20 * 1024 * 1024];
        new Random(3).NextBytes(content);
        using (var put = await rig.Http.SendAsync(
            rig.Request(HttpMethod.Put, slug, "contents/" + Write("x", content, inline: false).Hash, new ByteArrayContent(content)), Cancel))
        {
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync(Cancel));
        }

        Assert.Equal(IntakeOutcome.Accepted, (await rig.PostAsync(slug, 1, 1, Write("large.bin", content, inline: false))).Outcome);
        await rig.SettleAsync(slug);
        await using var file = (await rig.Workspaces.OpenFileAsync(slug, "large.bin", Cancel)).Value!;
        using var memory = new MemoryStream();
        await file.Content.CopyToAsync(memory, Cancel);
        Assert.True(content.AsSpan().SequenceEqual(memory.ToArray()));
    }

    private Task<StorageRig> RigAsync(int compactAfter = 48)
    {
        var s3 = server.Options(S3Server.FreshPrefix()) with { AttemptTimeout = TimeSpan.FromSeconds(2) };
        return StartAsync(options => options with { S3 = s3, CompactAfter = compactAfter });
    }
}
