using System.Threading.Channels;
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

    /// <summary>Most deliveries of a partition that are handed out at once: a reader that never acks gets no more.</summary>
    int Window { get; }

    /// <summary>Why nothing can be published at present, for people; null when it can.</summary>
    string? Problem { get; }

    /// <summary>
    /// This workspace was changed by who does not know us, so nothing remembered of it is true any more; null: that may hold for every one.
    /// </summary>
    event Action<Slug?>? Forgotten;

    /// <summary>Answers <see cref="PublishOutcome.Published"/> only when the entry survives the death of this
    /// process. Bounded in time.</summary>
    Task<PublishResult> PublishAsync(JournalRecord record, CancellationToken cancel);

    /// <summary>Opens a partition: everything not yet acked, oldest first, then what comes. One reader a partition is served at a time.</summary>
    Task<JournalReader> OpenAsync(int partition, CancellationToken cancel);

    /// <summary>
    /// Completes when all that was published for the workspace so far is acked, and asks its reader to be quick about
    /// it. Throws <see cref="TimeoutException"/> with the cause, for people, when nobody says so in time.
    /// </summary>
    Task SettledAsync(Slug workspace, CancellationToken cancel);

    /// <summary>Raises <see cref="Forgotten"/> in every process on this queue; done when each is about to learn of it. Throws <see cref="TimeoutException"/> when the queue is away.</summary>
    Task ForgetAsync(Slug workspace, CancellationToken cancel);

    /// <summary>Why nothing can be published, as <see cref="Problem"/>, once it was tried; null when it can. Bounded in time.</summary>
    Task<string?> TroubleAsync(CancellationToken cancel);

    /// <summary>Entries of each partition that no reader has; null when that cannot be told at present. Bounded in time.</summary>
    Task<IReadOnlyList<long>?> DepthAsync(CancellationToken cancel);
}

/// <summary>A partition open for reading. What was not acked when it is disposed is delivered to the next reader.</summary>
/// <param name="deliveries">Completed when the connection is lost: open anew, all that was not acked comes again.</param>
/// <param name="close">Gives the partition up.</param>
internal sealed class JournalReader(ChannelReader<JournalDelivery> deliveries, Func<ValueTask> close) : IAsyncDisposable
{
    /// <summary>In order within a workspace.</summary>
    public ChannelReader<JournalDelivery> Deliveries { get; } = deliveries;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => close();
}

/// <summary>How publishing ended.</summary>
internal enum PublishOutcome
{
    /// <summary>The queue has it.</summary>
    Published,

    /// <summary>The queue does not have it: too much is waiting already, or it is away; try again later.</summary>
    Busy,

    /// <summary>The queue may have it or not; the same entry may be published again.</summary>
    Unknown,

    /// <summary>The journal's disk is full.</summary>
    Full,
}

/// <summary>The answer to publishing.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Cause">Why not, for people; empty when there is no more to say than the outcome.</param>
internal sealed record PublishResult(PublishOutcome Outcome, string Cause = "")
{
    /// <summary>The queue has it.</summary>
    public static PublishResult Published { get; } = new(PublishOutcome.Published);
}

/// <summary>A place in a workspace's journal.</summary>
/// <param name="Epoch">0: before all.</param>
/// <param name="Sequence">0: the opening of the epoch.</param>
internal readonly record struct JournalPosition(long Epoch, long Sequence) : IComparable<JournalPosition>
{
    /// <inheritdoc/>
    public int CompareTo(JournalPosition other) => (Epoch, Sequence).CompareTo((other.Epoch, other.Sequence));

    /// <inheritdoc/>
    public override string ToString() => $"{Epoch}.{Sequence}";
}

/// <summary>An entry on its way.</summary>
/// <param name="Workspace">Whose.</param>
/// <param name="Position">Of the entry; sequence 0 for the opening of an epoch, which has no changes.</param>
/// <param name="After">Of the entry accepted before it: a queue that can set entries aside hands it on, so that a hole is noticed.</param>
/// <param name="Hurry">Persist at once.</param>
/// <param name="Entry">JSON of the entry; empty for the opening of an epoch.</param>
internal sealed record JournalRecord(
    Slug Workspace, JournalPosition Position, JournalPosition? After, bool Hurry, ReadOnlyMemory<byte> Entry)
{
    /// <summary>The span that it was published in, as W3C's <c>traceparent</c>; null: nobody traces.</summary>
    public string? Trace { get; init; }
}

/// <summary>
/// An entry handed to the persister, without its body; or (epoch 0) the wish that its workspace be persisted now, whose ack tells the wisher that all
/// that was delivered before it is done.
/// </summary>
internal abstract class JournalDelivery
{
    /// <summary>Cause of what came after its epoch was over. It is not missing in front of anything, so it holds nothing up.</summary>
    public const string Late = "It was accepted from a runner whose workspace had been started again.";

    /// <summary>Whose.</summary>
    public required Slug Workspace { get; init; }

    /// <summary>Of the entry; epoch 0: a wish.</summary>
    public required JournalPosition Position { get; init; }

    /// <summary>Of the entry accepted before it; null when that is not known.</summary>
    public JournalPosition? After { get; init; }

    /// <summary>Persist at once.</summary>
    public required bool Hurry { get; init; }

    /// <summary>Bytes of the body.</summary>
    public required int Length { get; init; }

    /// <summary>When it was accepted; to the second, and after a restart of the one machine's queue that restart.</summary>
    public required DateTimeOffset Accepted { get; init; }

    /// <summary>As <see cref="JournalRecord.Trace"/>; the queue of one machine does not keep it over a restart.</summary>
    public string? Trace { get; init; }

    /// <summary>It came so often without being acked that it may be what ends its reader.</summary>
    public bool Suspect { get; init; }

    /// <summary>Not an entry but a wish.</summary>
    public bool IsWish => Position.Epoch == 0;

    /// <summary>Reads the body.</summary>
    public abstract byte[] Read();

    /// <summary>The work is done; the entry need not be delivered again. Called once, in order within a
    /// workspace.</summary>
    public abstract ValueTask AckAsync();

    /// <summary>
    /// Instead of <see cref="AckAsync"/>: moves the entry to where an operator finds it, for good. False when the queue has no such place, or cannot at
    /// present; the entry is then still the reader's.
    /// </summary>
    /// <param name="cause">For the operator.</param>
    public virtual ValueTask<bool> SetAsideAsync(string cause) => new(false);
}
