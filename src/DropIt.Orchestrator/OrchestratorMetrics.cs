using System.Diagnostics.Metrics;

namespace DropIt.Orchestrator;

/// <summary>What runners say of themselves, of all workspaces together (docs/operations.md, "Metrics").</summary>
internal sealed class OrchestratorMetrics
{
    /// <summary>Of the meter.</summary>
    public const string Name = "DropIt.Orchestrator";

    private int _runners;
    private long _unsafe;

    /// <summary>The instruments.</summary>
    public OrchestratorMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        meter.CreateObservableGauge("dropit.runners", () => Volatile.Read(ref _runners));
        meter.CreateObservableGauge("dropit.unsafe.age", () => Volatile.Read(ref _unsafe) / 1000.0, "s");
    }

    /// <summary>A look at all runners is over.</summary>
    /// <param name="runners">That serve.</param>
    /// <param name="unsafeMilliseconds">Age of the oldest change of any that is not safe yet.</param>
    public void Looked(int runners, long unsafeMilliseconds)
    {
        Volatile.Write(ref _runners, runners);
        Volatile.Write(ref _unsafe, unsafeMilliseconds);
    }
}
