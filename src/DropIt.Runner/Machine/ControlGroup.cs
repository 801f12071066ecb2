using System.Globalization;

namespace DropIt.Runner.Machine;

/// <summary>What there is to use: the bounds of a container, null where there are none, and the machine itself.</summary>
internal static class ControlGroup
{
    private const string Folder = "/sys/fs/cgroup/";

    // A node with control groups of the first version says a number near the largest where it sets no bound.
    private const long Unbounded = 1L << 60;

    /// <summary>Most bytes of memory that the workspace may take: the container's bound.</summary>
    public static long? MemoryLimit => (Number("memory.max") ?? Number("memory/memory.limit_in_bytes")) is < Unbounded and var bytes ? bytes : null;

    /// <summary>Bytes of memory of the whole machine; 0 when it does not say.</summary>
    public static long MachineMemory { get; } = ReadMachineMemory();

    /// <summary>Processors that the workspace may use at once, such as 1.5.</summary>
    public static double? Processors =>
        (Text("cpu.max") ?? $"{Text("cpu/cpu.cfs_quota_us")} {Text("cpu/cpu.cfs_period_us")}").Split(' ') is [var quota, var period]
        && double.TryParse(quota, CultureInfo.InvariantCulture, out var most)
        && double.TryParse(period, CultureInfo.InvariantCulture, out var of)
        && most > 0 && of > 0
            ? most / of
            : null;

    /// <summary>
    /// Programs that the kernel has ended so far because the bound of memory was reached; null where it does not count them. Those of this container only.
    /// </summary>
    public static long? MemoryKills => (Text("memory.events") ?? Text("memory/memory.oom_control"))?.Split('\n')
        .FirstOrDefault(line => line.StartsWith("oom_kill ", StringComparison.Ordinal)) is { } line
        && long.TryParse(line.AsSpan("oom_kill ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out var kills)
            ? kills
            : null;

    private static long ReadMachineMemory()
    {
        // "MemTotal:       32768000 kB"
        var line = File.ReadLines("/proc/meminfo").FirstOrDefault(text => text.StartsWith("MemTotal:", StringComparison.Ordinal));
        return line?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var kilobytes, ..]
            && long.TryParse(kilobytes, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number * 1024
            : 0;
    }

    private static long? Number(string file) =>
        long.TryParse(Text(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Text(string file)
    {
        try
        {
            return File.ReadAllText(Folder + file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
