using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Manifests;
using DropIt.Storage.Packs;
using DropIt.Storage.Persisting;
using static DropIt.Storage.Tests.StorageRig;

namespace DropIt.Storage.Tests.Access;

/// <summary>Memory is the whole process's: nothing else may run meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SizeSuite
{
    public const string Name = "Size";
}

/// <summary>Large workspaces. Bytes and requests are bounds; times are printed, for they are the machine's.</summary>
[Collection(SizeSuite.Name)]
public sealed class SizeSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task Creating_from_a_template_takes_one_small_write()
    {
        await using var rig = await StartAsync(onDisk: true);
        var template = rig.Template([.. Enumerable.Range(0, 15).Select(i => ($"src/f{i}.ts", new string('x', 2000)))]);
        await rig.Workspaces.CreateAsync(Slug.Fresh(), template, Cancel);
        var (writes, bytes, times) = (rig.Store.Writes, rig.Store.BytesWritten, new List<double>());

        for (var i = 0; i < 21; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await rig.Workspaces.CreateAsync(Slug.Fresh(), template, Cancel);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        times.Sort();
        output.WriteLine($"create from a template: p50 {times[10]:f1} ms, max {times[20]:f1} ms, "
            + $"{(rig.Store.BytesWritten - bytes) / 21} bytes");
        Assert.Equal(21, rig.Store.Writes - writes);
        Assert.InRange(rig.Store.BytesWritten - bytes, 1, 21 * 1000);
    }

    [Fact]
    public async Task One_line_in_50_000_files_is_a_small_write()
    {
        await using var rig = await StartAsync(onDisk: true);
        var slug = await LargeAsync(rig, 50_000, 200);
        var cold = await TimeAsync(() => rig.Get<HeadBook>().ReadAsync(slug, Cancel));
        output.WriteLine($"50,000 files: manifest {(await rig.HeadAsync(slug)).Base.Length / 1024} KiB, read "
            + $"and merged in {cold:f0} ms");
        await rig.PostAsync(slug, 1, 1, Write("d7/f7.txt", "one line\n"));
        await rig.SettleAsync(slug);

        var (writes, bytes) = (rig.Store.Writes, rig.Store.BytesWritten);
        var post = await TimeAsync(() => rig.PostAsync(slug, 1, 2, Write("d7/f7.txt", "another line\n")));
        var batch = await TimeAsync(() => rig.SettleAsync(slug));

        output.WriteLine($"one line: post {post:f1} ms, batch {batch:f0} ms, {rig.Store.BytesWritten - bytes} "
            + $"bytes in {rig.Store.Writes - writes} writes");
        Assert.Equal(2, rig.Store.Writes - writes);
        Assert.InRange(rig.Store.BytesWritten - bytes, 1, 4000);
        bytes = rig.Store.BytesWritten;
        var compact = await TimeAsync(() => rig.Get<Compactor>().RunAsync(slug, Cancel));
        output.WriteLine($"compaction with the base kept: {compact:f0} ms, {rig.Store.BytesWritten - bytes} bytes");
        Assert.InRange(rig.Store.BytesWritten - bytes, 1, 8000);
    }

    [Fact]
    public async Task A_tree_of_10_000_files_and_100_MB_comes_in_few_requests_and_little_memory()
    {
        await using var rig = await StartAsync(onDisk: true);
        var slug = await LargeAsync(rig, 10_000, 10_000);
        var reads = rig.Store.Reads;
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var start = Stopwatch.GetTimestamp();

        using var tree = await rig.Http.SendAsync(
            rig.Request(HttpMethod.Get, slug, "tree"), HttpCompletionOption.ResponseHeadersRead, Cancel);
        await using var stream = await tree.Content.ReadAsStreamAsync(Cancel);
        var (sum, peak, buffer) = (0L, before, new byte[1 << 20]);
        for (int read, chunk = 0; (read = await stream.ReadAsync(buffer, Cancel)) > 0; chunk++)
        {
            sum += read;
            peak = chunk % 500 == 0 ? Math.Max(peak, GC.GetTotalMemory(forceFullCollection: true)) : peak;
        }

        var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
        output.WriteLine(
            $"tree: {sum / 1_000_000} MB in {time:f1} s, {rig.Store.Reads - reads} requests, "
                + $"{(peak - before) / 1_000_000} MB live memory");
        Assert.InRange(sum, 100_000_000, 130_000_000);
        Assert.InRange(rig.Store.Reads - reads, 1, 30);
        Assert.InRange(peak - before, long.MinValue, 40_000_000);
    }

    private static async Task<Slug> LargeAsync(StorageRig rig, int files, int size)
    {
        var slug = Slug.Fresh();
        await using var pack = new PackWriter(rig.Get<StorageFolders>().Spool);
        var entries = new List<ManifestEntry>();
        var random = new Random(1);
        for (var i = 0; i < files; i++)
        {
            var content = Encoding.ASCII.GetBytes(Convert.ToHexString(RandomBytes(random, size / 2)));
            var location = await pack.AddCompressedAsync(new MemoryStream(Deflate(content)), Cancel);
            var hash = ContentHash.From(SHA256.HashData(content));
            entries.Add(new ManifestEntry($"d{i % 100}/f{i}.txt", ChangeKind.File, 0x1A4, content.Length, hash, location));
        }

        var section = pack.AddSection(Manifest.Empty.Apply(entries).Entries);
        await pack.PutAsync(rig.Store, Cancel);
        var head = new Head { Base = section, Packs = [new PackUse(pack.Id, pack.Length)] };
        await rig.Get<HeadBook>().CreateAsync(slug, head, Cancel);
        return slug;
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
