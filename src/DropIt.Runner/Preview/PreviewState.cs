using DropIt.Runner.Ports;
using DropIt.Runner.Runs;

namespace DropIt.Runner.Preview;

/// <summary>Why a port has nothing to show.</summary>
internal enum PreviewTrouble
{
    /// <summary>It has: the port can be forwarded to.</summary>
    None,

    /// <summary>Nothing listens, and nothing runs.</summary>
    NothingRuns,

    /// <summary>Dependencies are being installed.</summary>
    Installing,

    /// <summary>Something runs and does not listen yet.</summary>
    Starting,

    /// <summary>The run ended.</summary>
    Ended,

    /// <summary>The run cannot start: a tool is missing.</summary>
    Missing,

    /// <summary>Programs of the workspace listen, on other ports.</summary>
    OtherPorts,

    /// <summary>A program listens on an address that previews cannot reach.</summary>
    Unreachable,

    /// <summary>A program listens and does not answer.</summary>
    NoAnswer,
}

/// <summary>What can be said about a port now. Pure.</summary>
/// <param name="Trouble">Why there is nothing to show.</param>
/// <param name="Port">The port.</param>
/// <param name="Run">Where the run is.</param>
/// <param name="Entry">The listener of the port, when there is one.</param>
/// <param name="Others">Other ports that a preview can reach.</param>
internal sealed record PreviewState(
    PreviewTrouble Trouble, int Port, RunState Run, PortEntry? Entry, IReadOnlyList<PortEntry> Others)
{
    /// <summary>Changes when a page that shows the state should be shown anew; the same text otherwise.</summary>
    public string Key => $"{Trouble}/{Run.State}/{Run.Code}/{Run.Task}/{string.Join(',', Others.Select(p => p.Port))}";

    /// <summary>Finds out.</summary>
    public static PreviewState Of(int port, IReadOnlyList<PortEntry> ports, RunState run)
    {
        var entry = ports.FirstOrDefault(p => p.Port == port);
        var others = ports.Where(p => p.Port != port && p.Reachable).ToList();
        var trouble = entry switch
        {
            { Reachable: true } => PreviewTrouble.None,
            { } => PreviewTrouble.Unreachable,
            null when others.Count > 0 => PreviewTrouble.OtherPorts,
            null => run.State switch
            {
                RunState.Installing => PreviewTrouble.Installing,
                RunState.Running => PreviewTrouble.Starting,
                RunState.Exited => PreviewTrouble.Ended,
                RunState.Missing => PreviewTrouble.Missing,
                _ => PreviewTrouble.NothingRuns,
            },
        };
        return new PreviewState(trouble, port, run, entry, others);
    }
}
