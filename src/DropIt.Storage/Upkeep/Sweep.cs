namespace DropIt.Storage.Upkeep;

/// <summary>What a pass of the collector did.</summary>
/// <param name="dry">It only looked.</param>
public sealed class Sweep(bool dry)
{
    /// <summary>See above: what is counted as removed would be.</summary>
    public bool Dry { get; } = dry;

    /// <summary>Objects that had been unreferenced for the grace period.</summary>
    public int Removed { get; private set; }

    /// <summary>Bytes of those.</summary>
    public long RemovedBytes { get; private set; }

    /// <summary>Objects that are unreferenced, but not for long enough yet.</summary>
    public int Waiting { get; private set; }

    /// <summary>Bytes of those.</summary>
    public long WaitingBytes { get; private set; }

    internal void Remove(long bytes)
    {
        Removed++;
        RemovedBytes += bytes;
    }

    internal void Wait(long bytes)
    {
        Waiting++;
        WaitingBytes += bytes;
    }
}
