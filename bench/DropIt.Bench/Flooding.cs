using System.Diagnostics;
using System.Globalization;
using DropIt.Protocol.Frames;

namespace DropIt.Bench;

/// <summary>What a runner weighs while <c>yes</c> prints for a minute to a page that takes all of it, and what an awake runner costs when nothing happens.</summary>
internal static class Flooding
{
    private const uint Channel = 1;
    private static readonly TimeSpan Flood = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(20);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig)
    {
        var slug = await rig.CreateAsync("node");
        await using var wire = await Wire.ConnectAsync(rig, slug);
        var created = await wire.RequestAsync("terminal.create", "\"columns\":80,\"rows\":24");
        var id = created.GetProperty("terminal").GetRawText();
        await wire.RequestAsync("terminal.attach", $"\"channel\":{Channel},\"terminal\":{id},\"columns\":80,\"rows\":24");
        await wire.NextAsync(Channel, FrameType.Output, FrameType.Restore);
        var runner = Memory.RunnerOf(slug, rig);
        await Task.Delay(Calm / 2); // past the start
        var before = Milliseconds(runner);
        await Task.Delay(Calm);
        var idle = (Milliseconds(runner) - before) / Calm.TotalMilliseconds;

        await wire.SendAsync(Channel, FrameType.Input, "yes\r"u8.ToArray());
        var clock = Stopwatch.StartNew();
        var bytes = 0L;
        var (least, most) = (double.MaxValue, 0.0);
        var ack = new byte[Varint.MaxLength];
        var looked = TimeSpan.Zero;
        while (clock.Elapsed < Flood)
        {
            var output = await wire.NextAsync(Channel, FrameType.Output);
            bytes += output.Length;
            await wire.SendAsync(Channel, FrameType.Ack, ack.AsMemory(0, Varint.Write(ack, (uint)output.Length)));
            if (clock.Elapsed - looked > TimeSpan.FromSeconds(1))
            {
                looked = clock.Elapsed;
                var resident = Starting.Resident(runner);
                (least, most) = (Math.Min(least, resident), Math.Max(most, resident));
            }
        }

        // Else it takes half of the machine from the programs that come after.
        await wire.RequestAsync("terminal.close", $"\"terminal\":{id}");
        var mb = (bytes / 1e6).ToString("n0", CultureInfo.InvariantCulture);
        return
        [
            new("processor of an awake runner with a shell and a page, idle", (100 * idle).ToString("0.00", CultureInfo.InvariantCulture) + " %", "0.1 %", "-"),
            new($"runner memory while yes prints for a minute ({mb} MB)", $"{least:0} to {most:0} MB", "45 MB", "-"),
        ];
    }

    /// <summary>Processor time that a process has used.</summary>
    private static double Milliseconds(int pid)
    {
        using var process = Process.GetProcessById(pid);
        return process.TotalProcessorTime.TotalMilliseconds;
    }
}
