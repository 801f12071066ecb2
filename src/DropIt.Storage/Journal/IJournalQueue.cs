using DropIt.Protocol.Workspaces;

namespace DropIt.Storage.Journal;

/// <summary>
/// What has been accepted from runners and waits to be persisted. Entries of one workspace keep their order; one may
/// be delivered
/// again after a crash, so the consumer is idempotent.
/// </summary>
internal interface IJournalQueue
{
    /// <summary>Number of independent streams; a workspace is always in the same one.</summary>
    int Partitions { get; }

    /// <summary>Returns <see cref="PublishOutcome.Published"/> only when the entry survives the death of this
    /// process.</summary>
    Task<PublishOutcome> PublishAsync(JournalRecord record, CancellationToken cancel);

    /// <summary>Everything not yet acked, oldest first, then what comes. One reader a partition.</summary>
    IAsyncEnumerable<JournalDelivery> ReadAsync(int partition, CancellationToken cancel);

    /// <summary>
    /// Completes when all that was published for the workspace so far is acked, and asks its reader to be quick about
    /// it.
    /// </summary>
    Task SettledAsync(Slug workspace, CancellationToken cancel);
}

/// <summary>How publishing ended.</summary>
internal enum PublishOutcome
{
    /// <summary>The queue has it.</summary>
    Published,

    /// <summary>Too much is waiting already; try again later.</summary>
    Busy,

    /// <summary>The journal's disk is full.</summary>
    Full,
}

/// <summary>An entry on its way.</summary>
/// <param name="Workspace">Whose.</param>
/// <param name="Epoch">Of the entry.</param>
/// <param name="Sequence">Of the entry; 0 for the opening of an epoch, which has no changes.</param>
/// <param name="Hurry">Persist at once.</param>
/// <param name="Entry">JSON of the entry; empty for the opening of an epoch.</param>
internal sealed record JournalRecord(Slug Workspace, long Epoch, long Sequence, bool Hurry, ReadOnlyMemory<byte> Entry);

/// <summary>An entry handed to the persister, without its body, or (length 0 and epoch 0) the wish to hurry.</summary>
internal abstract class JournalDelivery
{
    /// <summary>Whose.</summary>
    public required Slug Workspace { get; init; }

    /// <summary>Of the entry; 0: not an entry but the wish that this workspace be persisted now.</summary>
    public required long Epoch { get; init; }

    /// <summary>Of the entry.</summary>
    public required long Sequence { get; init; }

    /// <summary>Persist at once.</summary>
    public required bool Hurry { get; init; }

    /// <summary>Bytes of the body.</summary>
    public required int Length { get; init; }

    /// <summary>Reads the body.</summary>
    public abstract byte[] Read();

    /// <summary>The work is done; the entry need not be delivered again. Called once, in order within a
    /// workspace.</summary>
    public abstract void Ack();
}
