using System.Text.Json.Serialization;
using DropIt.Protocol.Workspaces;

namespace DropIt.Protocol.Journal;

/// <summary>What kind of thing a path names in a manifest or a change.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChangeKind>))]
public enum ChangeKind
{
    /// <summary>A regular file with content.</summary>
    [JsonStringEnumMemberName("file")] File,

    /// <summary>A symbolic link.</summary>
    [JsonStringEnumMemberName("link")] Link,

    /// <summary>A folder; only those with nothing in them need an entry.</summary>
    [JsonStringEnumMemberName("folder")] Folder,

    /// <summary>The path, and all below it, is gone.</summary>
    [JsonStringEnumMemberName("delete")] Delete,
}

/// <summary>One path's new state (docs/protocol.md, "Runner and storage").</summary>
public sealed record JournalChange
{
    /// <summary>Relative to the workspace root, <c>/</c> between names.</summary>
    public required string Path { get; init; }

    /// <summary>What it now is.</summary>
    public required ChangeKind Kind { get; init; }

    /// <summary>Permission bits (octal 0777) of a file or folder.</summary>
    public int? Mode { get; init; }

    /// <summary>Bytes of the content.</summary>
    public long? Size { get; init; }

    /// <summary>SHA-256 of the content, hex, lower case.</summary>
    public string? Hash { get; init; }

    /// <summary>The content, raw deflate; null when it was put ahead under its hash.</summary>
    public byte[]? Content { get; init; }

    /// <summary>Where a link points, as written in it.</summary>
    public string? Target { get; init; }
}

/// <summary>
/// The unit of the journal, idempotent by (workspace, epoch, sequence).
/// </summary>
/// <param name="Workspace">The slug.</param>
/// <param name="Epoch">Grows with every start of the workspace; a lower one than the newest known is refused.</param>
/// <param name="Sequence">Counts from 1 in each epoch, without gaps.</param>
/// <param name="Changes">In order; a later one of the same path wins.</param>
/// <param name="Stop">The last entry of its epoch: the persister writes at once.</param>
public sealed record JournalEntry(string Workspace, long Epoch, long Sequence, IReadOnlyList<JournalChange> Changes, bool Stop = false)
{
    /// <summary>Most names in <see cref="Authors"/>.</summary>
    public const int MaxAuthors = 16;

    /// <summary>Most characters of a name in <see cref="Authors"/>.</summary>
    public const int MaxAuthorLength = 100;

    /// <summary>Names of the users whose edits are in it; null: none.</summary>
    public IReadOnlyList<string>? Authors { get; init; }

    /// <summary>What programs wrote (in a terminal, a run) is in it.</summary>
    public bool Programs { get; init; }

    /// <summary>The version that its files were brought back from; null: it is no restore.</summary>
    public string? Restored { get; init; }

    /// <summary>Largest serialized entry in bytes.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    /// <summary>Contents above this many bytes are put under their hash ahead of the entry.</summary>
    public const int MaxInlineContent = 1024 * 1024;

    /// <summary>Largest file that is journalled, in bytes.</summary>
    public const long MaxFileLength = 512L * 1024 * 1024;
}

/// <summary>First line of a manifest.</summary>
/// <param name="Epoch">Epoch of the last entry applied; 0 for a fresh workspace.</param>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Files">Number of lines that follow.</param>
/// <param name="Bytes">Sum of their sizes.</param>
/// <param name="Quota">What the workspace may hold.</param>
/// <param name="Version">Names this state in the workspace's history.</param>
public sealed record ManifestHead(long Epoch, long Sequence, int Files, long Bytes, Quota? Quota = null, string? Version = null);

/// <summary>A further line of a manifest. Fields as in <see cref="JournalChange"/>.</summary>
public sealed record ManifestLine(string Path, ChangeKind Kind, int Mode, long Size, string? Hash, string? Target = null);

/// <summary>The storage service's answer to an entry: it is in the queue.</summary>
/// <param name="Sequence">Of the entry.</param>
public sealed record JournalAck(long Sequence);

/// <summary>JSON of the journal, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(JournalAck))]
[JsonSerializable(typeof(ManifestHead))]
[JsonSerializable(typeof(ManifestLine))]
public sealed partial class JournalJson : JsonSerializerContext;
