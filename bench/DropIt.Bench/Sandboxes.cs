using System.Diagnostics;
using System.Globalization;

namespace DropIt.Bench;

/// <summary>What a sandbox costs: a sleeping workspace, whose files are on the disk, to its page's first message, and the memory of what stands around the runner.</summary>
internal static class Sandboxes
{
    private const int Runs = 15;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        var (plain, plainMemory) = await MeasureAsync("none");
        var (boxed, boxedMemory) = await MeasureAsync("bubblewrap");
        return
        [
            new("wake without a sandbox, median", Sample.Show(plain, "ms"), "-", "-"),
            new("wake in a sandbox, median", Sample.Show(boxed, "ms"), "-", "-"),
            new("a sandbox takes, of a wake", Sample.Show(boxed - plain, "ms"), "50 ms", "-"),
            new("times the wake without one", (boxed / plain).ToString("0.00", CultureInfo.InvariantCulture), "-", "-"),
            new("runner without a sandbox, its own share of memory (PSS)", Sample.Show(plainMemory, "MB"), "30 MB", "-"),
            new("runner with its sandbox", Sample.Show(boxedMemory, "MB"), "-", "-"),
        ];
    }

    private static async Task<(double Ms, double Mb)> MeasureAsync(string sandbox)
    {
        await using var rig = await Rig.StartAsync("--sandbox", sandbox);
        var slug = await rig.CreateAsync("empty");
        var wakes = new List<double>();
        var memory = new List<double>();
        for (var i = 0; i < Runs; i++)
        {
            var clock = Stopwatch.StartNew();
            await using (await Waking.WakeAsync(rig, slug))
            {
                wakes.Add(clock.Elapsed.TotalMilliseconds);
                memory.Add(ShareOf(Memory.RunnerOf(slug, rig), rig.ProcessId));
            }

            await Waking.SleepAsync(rig, slug);
        }

        return (Sample.At(wakes, 0.5), Sample.At(memory, 0.5));
    }

    // Of the runner and of what is between it and the server.
    private static double ShareOf(int process, int server)
    {
        var kilobytes = 0.0;
        while (process != server)
        {
            var share = File.ReadLines($"/proc/{process}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
            kilobytes += double.Parse(share.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            var parent = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal));
            process = int.Parse(parent.AsSpan(5).Trim(), CultureInfo.InvariantCulture);
        }

        return kilobytes / 1024;
    }
}
