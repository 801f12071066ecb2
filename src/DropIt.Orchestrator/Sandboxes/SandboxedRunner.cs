using System.Diagnostics;
using System.Globalization;

namespace DropIt.Orchestrator.Sandboxes;

/// <summary>
/// A runner in its sandbox as the machine sees it: <c>sh</c>, bubblewrap, the first process of the namespace (1 in there), the runner (2 in there). Signals
/// go to the runner itself: those before it would end and take it along, the first process of a namespace would not notice.
/// </summary>
internal static class SandboxedRunner
{
    private const int Above = 3;

    // Making namespaces and mounts takes a few milliseconds, and nothing tells when they are there.
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(2);

    /// <summary>The runner's number; null when <paramref name="started"/> ends before there is one.</summary>
    public static async Task<int?> FindAsync(Process started, CancellationToken cancel)
    {
        while (!started.HasExited)
        {
            if (Below(started.Id, Above) is { } runner && NumberInside(runner) == "2")
            {
                return runner;
            }

            await Task.Delay(s_betweenLooks, cancel);
        }

        return null;
    }

    private static int? Below(int process, int steps)
    {
        try
        {
            while (steps-- > 0)
            {
                var children = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task/{process}/children"));
                process = int.Parse(children.AsSpan(0, children.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
            }

            return process;
        }
        catch (Exception e) when (e is IOException or FormatException or ArgumentOutOfRangeException)
        {
            return null; // not there yet, or no more
        }
    }

    // "NSpid:	4711	2"
    private static string? NumberInside(int process)
    {
        try
        {
            return File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status"))
                .FirstOrDefault(line => line.StartsWith("NSpid:", StringComparison.Ordinal))?.Split('\t')[^1];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
