using System.Globalization;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Machine;

/// <summary>
/// The programs of the workspace: which there are, and which of them use the processor. Shells that wait for their user are none.
/// </summary>
/// <param name="shells">Processes of the terminals' own shells.</param>
/// <param name="time">Measures processor time.</param>
internal sealed class WorkingPrograms(Func<IReadOnlyList<int>> shells, TimeProvider time)
{
    /// <summary>Share of one processor from which a program works: a development server that waits takes far less.</summary>
    private const double Works = 0.1;

    private const double TicksPerSecond = 100;

    /// <summary>Programs named at most.</summary>
    private const int MaxNamed = 5;

    /// <summary>Processor time is counted in hundredths of a second: over less than this a share says nothing.</summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private Dictionary<(int Id, long Started), long> _ticks = [];
    private List<MachineProcess> _programs = [];
    private List<MachineProcess> _working = [];
    private long _looked;

    /// <summary>Why the workspace is awake when a program uses the processor; else null. The first look only begins to measure.</summary>
    public string? Reason()
    {
        lock (_gate)
        {
            Look();
            return _working.Count > 0
                ? $"{string.Join(", ", _working.Select(Named).Distinct().Take(MaxNamed))} {(_working.Count == 1 ? "uses" : "use")} the processor."
                : null;
        }
    }

    /// <summary>What runs, a sentence each.</summary>
    public IReadOnlyList<string> Running()
    {
        lock (_gate)
        {
            Look();
            return [.. _programs.Select(p => $"{Named(p)} is running.").Distinct().Take(MaxNamed)];
        }
    }

    private static string Named(MachineProcess program) => string.Create(CultureInfo.InvariantCulture, $"{program.Name} ({program.Id})");

    private void Look()
    {
        var elapsed = time.GetElapsedTime(_looked);
        if (_looked != 0 && elapsed < s_shortest)
        {
            return;
        }

        var own = shells();
        _programs = [.. ProcessTable.Descendants(ProcessTable.Read(), Environment.ProcessId)
            .Where(p => !p.Zombie && !own.Contains(p.Id))
            .Select(p => MachineProcess.Read(p.Id))
            .OfType<MachineProcess>()];
        _working = _looked == 0
            ? []
            : [.. _programs.Where(p => _ticks.TryGetValue((p.Id, p.Started), out var before)
                && (p.Ticks - before) / TicksPerSecond >= Works * elapsed.TotalSeconds)];
        _ticks = _programs.ToDictionary(p => (p.Id, p.Started), p => p.Ticks);
        _looked = time.GetTimestamp();
    }
}
