using System.Text.Json.Serialization;
using DropIt.Storage.History;
using DropIt.Storage.Journal;

namespace DropIt.Storage.Heads;

/// <summary>
/// The one mutable object of a workspace: names everything else of it. Moved by conditional put only. An old one,
/// kept below
/// <c>history/</c>, is a whole earlier state.
/// </summary>
internal sealed record Head
{
    /// <summary>Format that this server writes.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Format without notes and with numbers for old heads, still read.</summary>
    public const int FirstVersion = 1;

    /// <summary>Most deltas between two compactions: what a cold read must fetch besides the base.</summary>
    public const int MaxDeltas = 64;

    /// <summary>Of the format.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Grows by one with each move.</summary>
    public long Revision { get; init; }

    /// <summary>Of the newest entry applied; 0: none yet.</summary>
    public long Epoch { get; init; }

    /// <summary>Of the newest entry applied.</summary>
    public long Sequence { get; init; }

    /// <summary>Where the epoch before the present one ended: what came of it later was never applied.</summary>
    public JournalPosition? Closed { get; init; }

    /// <summary>
    /// What was set aside of this workspace; null when nothing is. It takes no new entries until an operator has dealt with those.
    /// </summary>
    public Parking? Parked { get; init; }

    /// <summary>The newest entry applied.</summary>
    [JsonIgnore]
    public JournalPosition Position => new(Epoch, Sequence);

    /// <summary>When it was written.</summary>
    public DateTimeOffset Time { get; init; }

    /// <summary>The whole manifest at the last compaction.</summary>
    public required Section Base { get; init; }

    /// <summary>What changed since, in order.</summary>
    public IReadOnlyList<Delta> Deltas { get; init; } = [];

    /// <summary>Every pack that base and deltas, or the contents they name, lie in.</summary>
    public IReadOnlyList<PackUse> Packs { get; init; } = [];

    /// <summary>The old heads, oldest first: what versions they hold.</summary>
    public IReadOnlyList<PastHead> Past { get; init; } = [];

    /// <summary>Revisions of the old heads in <see cref="FirstVersion"/>; null since.</summary>
    public IReadOnlyList<long>? History { get; init; }

    /// <summary>The deltas that are versions, oldest first. Of several at one position the last is the version.</summary>
    public IEnumerable<Delta> Versions() => Deltas.Where((delta, i) =>
        !delta.Carried && (i == Deltas.Count - 1 || Deltas[i + 1].Id != delta.Id));

    /// <summary>The newest version; null only in the head of a template.</summary>
    [JsonIgnore]
    public VersionId? Newest => Versions().LastOrDefault()?.Id ?? (Past.Count > 0 ? Past[^1].End : null);

    /// <summary>This head as it was at one of its <see cref="Versions"/>.</summary>
    public Head At(Delta version) => this with { Deltas = [.. Deltas.TakeWhile(delta => delta != version), version] };
}

/// <summary>An old head: a piece of the timeline.</summary>
/// <param name="Name">The end of its key.</param>
/// <param name="Versions">How many it holds.</param>
/// <param name="From">Time of its oldest version.</param>
/// <param name="To">Time of its newest version.</param>
/// <param name="Epoch">Position of its newest version: those up to it are here or in an older one.</param>
/// <param name="Sequence">Position of its newest version.</param>
internal sealed record PastHead(string Name, int Versions, DateTimeOffset From, DateTimeOffset To, long Epoch, long Sequence)
{
    /// <summary>Its newest version.</summary>
    [JsonIgnore]
    public VersionId End => new(Epoch, Sequence);
}

/// <summary>Entries that were set aside.</summary>
/// <param name="Cause">Of the first.</param>
/// <param name="UpTo">The last; once it is applied, all are.</param>
internal sealed record Parking(string Cause, JournalPosition UpTo);

/// <summary>A piece of manifest in a pack.</summary>
/// <param name="Pack">The pack's id.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Compressed bytes.</param>
/// <param name="Entries">How many.</param>
internal sealed record Section(string Pack, long Offset, long Length, int Entries);

/// <summary>A step of history between two compactions.</summary>
/// <param name="Section">The changes; null when there are none: it only marks a version.</param>
/// <param name="Epoch">Position in the journal after it.</param>
/// <param name="Sequence">Position in the journal after it.</param>
/// <param name="Time">When it was written.</param>
/// <param name="Note">What the timeline says of it; null in what older servers wrote.</param>
/// <param name="Carried">It makes the state that the old head before ends with: no version of its own.</param>
internal sealed record Delta(
    Section? Section, long Epoch, long Sequence, DateTimeOffset Time, VersionNote? Note = null, bool Carried = false)
{
    /// <summary>The version after it.</summary>
    [JsonIgnore]
    public VersionId Id => new(Epoch, Sequence);
}

/// <summary>A pack that a workspace reads from.</summary>
/// <param name="Id">32 hex digits.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Shared">It came from a template or a fork: rewriting it would copy what is now stored once.</param>
internal sealed record PackUse(string Id, long Length, bool Shared = false);

/// <summary>JSON of heads and of the collector's list.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(Head))]
[JsonSerializable(typeof(Dictionary<string, DateTimeOffset>))]
internal sealed partial class HeadJson : JsonSerializerContext;
