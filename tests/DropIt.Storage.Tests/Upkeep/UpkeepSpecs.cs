using System.Formats.Tar;
using System.IO.Compression;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Objects;
using DropIt.Storage.Tests.Objects;
using DropIt.Storage.Upkeep;
using DropIt.Tests.Services;
using static DropIt.Storage.Tests.StorageRig;

namespace DropIt.Storage.Tests.Upkeep;

/// <summary>What operators do beside a running server. A store is added to the suite by a subclass.</summary>
public abstract class UpkeepSpecs
{
    private protected abstract Task<StorageRig> StartAsync();

    [Fact]
    public async Task A_whole_store_is_found_whole()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"), ("b.txt", "2"));
        await rig.PostAsync(slug, 1, 1, Write("c.txt", "3"));
        await rig.SettleAsync(slug);
        var other = await rig.CreateAsync(("d.txt", "4"));

        var seen = await VerifyAsync(rig);
        Assert.Empty(seen.Findings);
        Assert.Equal((4, 3), (seen.Heads, seen.Packs)); // two workspaces, their two templates; a pack each and one of the change
        Assert.Equal(1, (await VerifyAsync(rig, other)).Heads);
    }

    [Fact]
    public async Task A_missing_pack_is_found_with_every_workspace_it_touches()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("b.txt", "2"));
        await rig.SettleAsync(slug);
        var fork = Slug.Fresh();
        await rig.Workspaces.ForkAsync(slug, fork, Cancel);
        var whole = await rig.CreateAsync(("c.txt", "3"));
        var pack = (await rig.HeadAsync(slug)).Deltas[^1].Section!.Pack;
        await rig.Store.DeleteAsync(Keys.Pack(pack), Cancel);

        var finding = Assert.Single((await VerifyAsync(rig)).Findings);
        Assert.Equal((pack, true), (finding.Name, finding.Missing));
        Assert.Equal(new[] { slug.Value, fork.Value }.Order(StringComparer.Ordinal), finding.Touched);
        Assert.Empty((await VerifyAsync(rig, whole)).Findings);
    }

    [Fact]
    public async Task A_damaged_content_is_found_by_its_hash_with_the_files_it_was()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("b.txt", new string('b', 300)), Write("same.txt", new string('b', 300)), Write("c.txt", "whole"));
        await rig.SettleAsync(slug);
        var head = await rig.HeadAsync(slug);
        var entry = (await rig.Get<HeadBook>().ReadAsync(slug, Cancel))!.Manifest.Find("b.txt")!;
        await FlipAsync(rig, entry.Location!.Value.Pack, entry.Location.Value.Offset + (entry.Location.Value.Length / 2));

        var finding = Assert.Single((await VerifyAsync(rig)).Findings);
        Assert.Equal((entry.Location.Value.Pack, false), (finding.Name, finding.Missing));
        Assert.Equal([$"{slug}: b.txt, same.txt"], finding.Touched);
        Assert.Equal(1, head.Sequence);
    }

    [Fact]
    public async Task A_damaged_list_of_files_and_a_pack_cut_short_are_found()
    {
        await using var rig = await StartAsync();
        var (listless, shortened) = (await rig.CreateAsync(("a.txt", "1")), await rig.CreateAsync(("b.txt", new string('b', 3000) + "c")));
        var section = (await rig.HeadAsync(listless)).Base;
        await FlipAsync(rig, section.Pack, section.Offset + 1);
        var other = (await rig.HeadAsync(shortened)).Base.Pack;
        await ReplaceAsync(rig, other, bytes => bytes[..5]);

        var seen = await VerifyAsync(rig);
        Assert.Equal(new[] { section.Pack, other }.Order(StringComparer.Ordinal), seen.Findings.Select(finding => finding.Name));
        Assert.All(seen.Findings, finding => Assert.False(finding.Missing));
        Assert.Contains(seen.Findings.SelectMany(finding => finding.Touched), touched => touched == $"{listless}: its list of files");
        Assert.Contains(
            seen.Findings.SelectMany(finding => finding.Touched), touched => touched.StartsWith($"{shortened}: it has 5 bytes instead of", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_nothing_refers_to_is_removed_in_two_steps_and_a_dry_run_only_says_so()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 1, 1, Write("b.txt", "2"));
        await rig.SettleAsync(slug);
        await rig.Workspaces.DeleteAsync(slug, Cancel);
        using var upkeep = new StorageUpkeep(rig.Options with { GarbageGrace = TimeSpan.Zero });

        // Only what is older than the grace period is looked at, and a clock must have moved on for that.
        var first = await upkeep.CollectAsync(dry: true, Cancel);
        Assert.Equal((0, 1), (first.Removed, first.Waiting));
        Assert.Equal((0, 1), Counts(await upkeep.CollectAsync(dry: false, Cancel)));
        Assert.Equal((1, 0), Counts(await upkeep.CollectAsync(dry: true, Cancel)));
        Assert.Equal(2, await CountAsync(rig, Keys.Packs));
        Assert.Equal((1, 0), Counts(await upkeep.CollectAsync(dry: false, Cancel)));
        Assert.Equal(1, await CountAsync(rig, Keys.Packs));
        Assert.Equal((0, 0), Counts(await upkeep.CollectAsync(dry: false, Cancel)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_workspace_is_exported_whole(bool tar)
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("src/a.txt", "1"), ("b.txt", "2"));
        using var upkeep = new StorageUpkeep(rig.Options);
        using var archive = new MemoryStream();
        Assert.NotNull(await upkeep.ExportAsync(slug, tar, archive, Cancel));
        archive.Position = 0;
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (tar)
        {
            await using var reader = new TarReader(archive);
            while (await reader.GetNextEntryAsync(cancellationToken: Cancel) is { } entry)
            {
                files[entry.Name] = await new StreamReader(entry.DataStream!).ReadToEndAsync(Cancel);
            }
        }
        else
        {
            await using var zip = await ZipArchive.CreateAsync(archive, ZipArchiveMode.Read, leaveOpen: true, null, Cancel);
            foreach (var entry in zip.Entries)
            {
                files[entry.FullName] = await new StreamReader(await entry.OpenAsync(Cancel)).ReadToEndAsync(Cancel);
            }
        }

        Assert.Equal(new SortedDictionary<string, string>(StringComparer.Ordinal) { ["b.txt"] = "2", ["src/a.txt"] = "1" }, files);
        Assert.Null(await upkeep.ExportAsync(Slug.Fresh(), tar, Stream.Null, Cancel));
    }

    private static (int Removed, int Waiting) Counts(Sweep sweep) => (sweep.Removed, sweep.Waiting);

    private static async Task<Verification> VerifyAsync(StorageRig rig, Slug? only = null)
    {
        using var upkeep = new StorageUpkeep(rig.Options);
        return await upkeep.VerifyAsync(only, Cancel);
    }

    private static Task FlipAsync(StorageRig rig, string pack, long at) => ReplaceAsync(rig, pack, bytes =>
    {
        bytes[at] ^= 0x55;
        return bytes;
    });

    private static async Task ReplaceAsync(StorageRig rig, string pack, Func<byte[], byte[]> change)
    {
        await using var got = await rig.Store.GetAsync(Keys.Pack(pack), null, Cancel);
        using var memory = new MemoryStream();
        await got!.Stream.CopyToAsync(memory, Cancel);
        var bytes = change(memory.ToArray());
        await rig.Store.PutAsync(Keys.Pack(pack), new MemoryStream(bytes), bytes.Length, PutCondition.None, Cancel);
    }

    private static async Task<int> CountAsync(StorageRig rig, string prefix) =>
        (await rig.Store.ListAsync(prefix, null, 1000, Cancel)).Objects.Count;
}

public sealed class DiskUpkeepSpecs : UpkeepSpecs
{
    private protected override Task<StorageRig> StartAsync() => StorageRig.StartAsync();

    [Fact]
    public void A_folder_without_workspaces_is_said_to_be_one()
    {
        var error = Assert.Throws<IOException>(() => new StorageUpkeep(new StorageOptions { DataFolder = "/nowhere", PublicKey = () => "" }));
        Assert.Contains("--data", error.Message, StringComparison.Ordinal);
    }
}

[Collection(S3Suite.Name)]
public sealed class S3UpkeepSpecs(S3Fixture server) : UpkeepSpecs
{
    private protected override Task<StorageRig> StartAsync()
    {
        var s3 = server.Options(S3Server.FreshPrefix());
        return StorageRig.StartAsync(options => options with { S3 = s3 });
    }
}
