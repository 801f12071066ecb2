using System.Diagnostics;
using System.Globalization;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Journal.Rabbit;
using DropIt.Tests.Services;

namespace DropIt.Bench;

/// <summary>
/// How many entries a second go through a real RabbitMQ to a real S3 server: every workspace sends its next one when the one before is confirmed, 4 KB each.
/// Storage and persister are this process; broker and S3 server are on the same machine.
/// </summary>
internal static class Throughput
{
    private const int Workspaces = 50;
    private const int EntriesEach = 400;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        await using var s3 = new S3Server();
        await s3.InitializeAsync();
        await using var broker = new RabbitServer();
        await broker.InitializeAsync();
        await using var storage = await StorageService.StartAsync(
            s3, TimeProvider.System, options => options with { Rabbit = new RabbitOptions { Address = broker.Address } });
        var slugs = new List<Slug>();
        for (var i = 0; i < Workspaces; i++)
        {
            slugs.Add(await storage.CreateAsync(10));
        }

        var (waits, writes) = (0, storage.Sent.Writes);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(slugs.Select(async slug =>
        {
            for (var sent = 0; sent < EntriesEach;)
            {
                if (await storage.EditAsync(slug))
                {
                    sent++;
                }
                else
                {
                    Interlocked.Increment(ref waits);
                    await Task.Delay(100);
                }
            }
        }));
        var confirmed = clock.Elapsed;
        foreach (var slug in slugs)
        {
            while (!await storage.IsAppliedAsync(slug))
            {
                await Task.Delay(100);
            }
        }

        var applied = clock.Elapsed;
        var entries = Workspaces * EntriesEach;
        using var own = Process.GetCurrentProcess();
        return
        [
            new("entries/s that RabbitMQ has confirmed, 50 workspaces", Rate(entries, confirmed), "-", "-"),
            new("entries/s from the first one to the last one in S3", Rate(entries, applied), "-", "-"),
            new("writes to S3 for those entries", $"{storage.Sent.Writes - writes} for {entries}", "-", "-"),
            new("entries that were told to come again", $"{waits}", "-", "-"),
            new("most memory of storage and persister, in one process", $"{own.PeakWorkingSet64 >> 20} MiB", "600 MiB", "-"),
        ];
    }

    private static string Rate(int entries, TimeSpan time) => (entries / time.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
}
