using DropIt.Protocol.Workspaces;

namespace DropIt.Storage.Journal;

/// <summary>
/// The queue of one machine: a log on disk per partition. What is published is in the file (by a plain write, or
/// synced when so
/// configured) before the answer; memory holds where it lies. A restart delivers again what was not acked.
/// </summary>
internal sealed class FileJournalQueue : IJournalQueue, IDisposable
{
    private readonly FilePartition[] _partitions;

    /// <summary>Opens or makes the logs; throws <see cref="IOException"/> when the folder cannot be written.</summary>
    public FileJournalQueue(string folder, JournalBounds bounds, bool sync)
    {
        _partitions = new FilePartition[bounds.Partitions];
        for (var i = 0; i < _partitions.Length; i++)
        {
            _partitions[i] = new FilePartition(Path.Combine(folder, $"{i}"), bounds, sync);
        }
    }

    /// <inheritdoc/>
    public int Partitions => _partitions.Length;

    /// <inheritdoc/>
    public Task<PublishOutcome> PublishAsync(JournalRecord record, CancellationToken cancel) =>
        Task.FromResult(PartitionOf(record.Workspace).Publish(record));

    /// <inheritdoc/>
    public IAsyncEnumerable<JournalDelivery> ReadAsync(int partition, CancellationToken cancel) =>
        _partitions[partition].Deliveries.ReadAllAsync(cancel);

    /// <inheritdoc/>
    public Task SettledAsync(Slug workspace, CancellationToken cancel) =>
        PartitionOf(workspace).SettledAsync(workspace).WaitAsync(cancel);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var partition in _partitions)
        {
            partition.Dispose();
        }
    }

    /// <summary>The same in every run, unlike <see cref="string.GetHashCode()"/>: what lies in a log stays in its
    /// partition.</summary>
    private FilePartition PartitionOf(Slug workspace)
    {
        var hash = 2166136261u;
        foreach (var c in workspace.Value)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return _partitions[hash % (uint)_partitions.Length];
    }
}

/// <summary>How much may wait. Past it publishing answers busy, and runners keep their changes and try
/// again.</summary>
internal sealed record JournalBounds
{
    /// <summary>Number of logs: workspaces that are persisted side by side. Fixed for a data folder.</summary>
    public int Partitions { get; init; } = 2;

    /// <summary>Bytes waiting in one partition: an hour's outage of the object store for a busy machine.</summary>
    public long PartitionBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Bytes waiting for one workspace, so that none can fill the queue for all.</summary>
    public long WorkspaceBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Entries waiting in one partition: each costs some 200 bytes of memory.</summary>
    public int PartitionEntries { get; init; } = 100_000;

    /// <summary>A log file is closed at this length; it is removed when all in it is acked.</summary>
    public long SegmentBytes { get; init; } = 16L * 1024 * 1024;
}
