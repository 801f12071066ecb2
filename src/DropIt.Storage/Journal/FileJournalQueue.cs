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

    /// <summary>Its deliveries lie on the disk, so any number may be out.</summary>
    public int Window => int.MaxValue;

    /// <inheritdoc/>
    public string? Problem => null;

    /// <inheritdoc/>
    public event Action<Slug?>? Forgotten;

    /// <inheritdoc/>
    public Task<PublishResult> PublishAsync(JournalRecord record, CancellationToken cancel) =>
        Task.FromResult(new PublishResult(PartitionOf(record.Workspace).Publish(record)));

    /// <inheritdoc/>
    public Task<JournalReader> OpenAsync(int partition, CancellationToken cancel) =>
        Task.FromResult(new JournalReader(_partitions[partition].Deliveries, () => default));

    /// <summary>The reader is in this process, so its callers bound the wait.</summary>
    public Task SettledAsync(Slug workspace, CancellationToken cancel) =>
        PartitionOf(workspace).SettledAsync(workspace).WaitAsync(cancel);

    /// <inheritdoc/>
    public Task ForgetAsync(Slug workspace, CancellationToken cancel)
    {
        Forgotten?.Invoke(workspace);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<string?> TroubleAsync(CancellationToken cancel) => Task.FromResult<string?>(null);

    /// <inheritdoc/>
    public Task<IReadOnlyList<long>?> DepthAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<long>?>([.. _partitions.Select(partition => (long)partition.Deliveries.Count)]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var partition in _partitions)
        {
            partition.Dispose();
        }
    }

    private FilePartition PartitionOf(Slug workspace) => _partitions[JournalPartition.Of(workspace, _partitions.Length)];
}

/// <summary>Which partition a workspace is in.</summary>
internal static class JournalPartition
{
    /// <summary>The same in every run and every process, unlike <see cref="string.GetHashCode()"/>: what lies in a partition stays there (FNV-1a).</summary>
    public static int Of(Slug workspace, int partitions)
    {
        var hash = 2166136261u;
        foreach (var c in workspace.Value)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return (int)(hash % (uint)partitions);
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
