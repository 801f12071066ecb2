using DropIt.Protocol.Workspaces;
using DropIt.Tests.Services;
using Microsoft.Extensions.Time.Testing;

namespace DropIt.Bench;

/// <summary>
/// What an hour of typing costs in requests and bytes of a real S3 server: the storage service as the server hosts it, with a clock that is moved on by a
/// second with each edit.
/// </summary>
internal static class Storing
{
    private const int Hour = 3600;
    private const int Growth = 1000;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        await using var s3 = new S3Server();
        await s3.InitializeAsync();
        var small = await TypeAsync(s3, 10, Hour);
        var large = await TypeAsync(s3, 50_000, Hour);
        var (before, after) = await GrowAsync(s3);
        return
        [
            new("S3 writes sent in an hour of typing, 10 files", $"{small.Writes}", "240", "-"),
            new("S3 writes sent in an hour of typing, 50,000 files", $"{large.Writes}", "240", "-"),
            new("S3 reads sent in an hour of typing, 10; 50,000 files", $"{small.Reads}; {large.Reads}", "-", "-"),
            new("bytes written to S3 in that hour, 10; 50,000 files", $"{small.Bytes / 1000}; {large.Bytes / 1000} kB", "-", "-"),
            new("growth of S3 in 1,000 edits, before compaction", Sample.Show(before / 1000.0, "kB"), "-", "-"),
            new("growth of S3 in 1,000 edits, compacted", Sample.Show(after / 1000.0, "kB"), "-", "-"),
        ];
    }

    /// <summary>The figures of <see cref="Waking"/> with the workspace in a real S3 server alone.</summary>
    public static async Task<IReadOnlyList<Figure>> WakeAsync()
    {
        await using var s3 = new S3Server();
        await s3.InitializeAsync();
        Environment.SetEnvironmentVariable("DROPIT_S3_ACCESS_KEY", s3.AccessKey);
        Environment.SetEnvironmentVariable("DROPIT_S3_SECRET_KEY", s3.SecretKey);
        await using var rig = await Rig.StartAsync("--s3", $"s3://{S3Server.Bucket}/waking", "--s3-endpoint", s3.Endpoint);
        return [.. (await Waking.MeasureAsync(rig)).Select(figure => figure with { Name = "S3: " + figure.Name })];
    }

    /// <summary>Someone types without a pause: each second one file of 4 KB has changed.</summary>
    private static async Task<(int Writes, int Reads, long Bytes)> TypeAsync(S3Server s3, int files, int seconds)
    {
        await using var storage = await StorageService.StartAsync(s3, new FakeTimeProvider(DateTimeOffset.UtcNow));
        var slug = await storage.CreateAsync(files);
        await TypeAsync(storage, slug, 1);
        var (writes, reads, bytes) = (storage.Sent.Writes, storage.Sent.Reads, storage.Objects.Bytes);
        await TypeAsync(storage, slug, seconds);
        return (storage.Sent.Writes - writes, storage.Sent.Reads - reads, storage.Objects.Bytes - bytes);
    }

    /// <summary>What the present state needs more after 1,000 edits than before them; an hour later old states are gone, as far as none is kept of them.</summary>
    private static async Task<(long Before, long After)> GrowAsync(S3Server s3)
    {
        await using var storage = await StorageService.StartAsync(
            s3, new FakeTimeProvider(DateTimeOffset.UtcNow), options => options with { CompactAfter = int.MaxValue });
        var slug = await storage.CreateAsync(10);
        var start = await storage.LiveAsync(slug);
        await TypeAsync(storage, slug, Growth);
        var before = await storage.LiveAsync(slug);
        await storage.CompactAsync(slug);
        return (before - start, await storage.LiveAsync(slug) - start);
    }

    /// <summary>
    /// An edit a second; each batch is written when it is due, as it would be. No edit comes while one is written: it would be of it or of the next by chance,
    /// and the clock would run on by a whole delay for the one that waits alone.
    /// </summary>
    private static async Task TypeAsync(StorageService storage, Slug slug, int seconds)
    {
        var time = (FakeTimeProvider)storage.Time;
        var last = time.GetUtcNow();
        for (var i = 0; i < seconds; i++)
        {
            await storage.EditAsync(slug);
            await Task.Delay(1); // in a real second the persister sees the edit when it comes
            time.Advance(TimeSpan.FromSeconds(1));
            if (i == seconds - 1 || time.GetUtcNow() - last >= storage.Options.BatchDelay)
            {
                // The last batch of all is not due yet.
                time.Advance(i == seconds - 1 ? storage.Options.BatchDelay : TimeSpan.Zero);
                while (!await storage.IsAppliedAsync(slug))
                {
                    time.Advance(TimeSpan.FromMilliseconds(20));
                    await Task.Delay(1);
                }

                last = time.GetUtcNow();
            }
        }
    }
}
