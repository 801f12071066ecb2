using System.Diagnostics;
using System.Globalization;
using DropIt.Protocol.Workspaces;

namespace DropIt.Orchestrator.Processes;

/// <summary>
/// What is written beside a runner's socket, so that the next server finds the process: <c>run/&lt;slug&gt;.pid</c> with one line
/// <c>pid started epoch</c>, the number as this machine counts, also of a runner in a sandbox. The start time (ticks since boot) tells the process from a later one with the same number.
/// </summary>
internal sealed record RunnerMark(Slug Slug, int Pid, string Started, long Epoch)
{
    public const string Extension = ".pid";

    public static RunnerMark Of(Slug slug, int pid, long epoch) => new(slug, pid, StartOf(pid) ?? "", epoch);

    public static RunnerMark? Read(string path)
    {
        try
        {
            return Slug.TryParse(Path.GetFileNameWithoutExtension(path), out var slug)
                && File.ReadAllText(path).Trim().Split(' ') is [var pid, var started, var epoch]
                    ? new RunnerMark(
                        slug, int.Parse(pid, CultureInfo.InvariantCulture), started, long.Parse(epoch, CultureInfo.InvariantCulture))
                    : null;
        }
        catch (Exception e) when (e is IOException or FormatException or OverflowException)
        {
            return null;
        }
    }

    public void Write(string path) => File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"{Pid} {Started} {Epoch}\n"));

    /// <summary>The process, if it still is the one that was marked.</summary>
    public Process? Find()
    {
        if (StartOf(Pid) is not { } started || started != Started)
        {
            return null;
        }

        try
        {
            return Process.GetProcessById(Pid);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string? StartOf(int pid)
    {
        try
        {
            // The second field is the program's name in parentheses and may hold anything; the start time is field 22.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] == "Z" ? null : fields[19];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
