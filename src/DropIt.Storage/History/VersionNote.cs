using System.Text.Json.Serialization;
using DropIt.Protocol.Journal;
using DropIt.Storage.Manifests;

namespace DropIt.Storage.History;

/// <summary>Why there is a version.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VersionCause>))]
public enum VersionCause
{
    /// <summary>Someone or something wrote.</summary>
    [JsonStringEnumMemberName("edit")] Edit,

    /// <summary>The workspace was made from a template.</summary>
    [JsonStringEnumMemberName("created")] Created,

    /// <summary>It was made from another workspace.</summary>
    [JsonStringEnumMemberName("forked")] Forked,

    /// <summary>It was made from a repository or a zip.</summary>
    [JsonStringEnumMemberName("imported")] Imported,

    /// <summary>Files were brought back from an earlier version.</summary>
    [JsonStringEnumMemberName("restored")] Restored,
}

/// <summary>What happened to a path between two versions.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FileChange>))]
public enum FileChange
{
    /// <summary>It was not there before.</summary>
    [JsonStringEnumMemberName("added")] Added,

    /// <summary>Its content, mode or target is another.</summary>
    [JsonStringEnumMemberName("changed")] Changed,

    /// <summary>It is gone.</summary>
    [JsonStringEnumMemberName("deleted")] Deleted,
}

/// <summary>A path that a version changed.</summary>
/// <param name="Path">Relative to the root.</param>
/// <param name="Change">How.</param>
public sealed record ChangedPath(string Path, FileChange Change);

/// <summary>What the timeline says of a version, kept in the head so that a page of it costs no other read.</summary>
internal sealed record VersionNote
{
    /// <summary>Most names of users that are kept.</summary>
    public const int MaxAuthors = 8;

    /// <summary>Paths that are named: typing is in one file or two, and a head holds up to 64 notes.</summary>
    public const int MaxFiles = 4;

    private const int MaxNamedPath = 200;

    /// <summary>Why there is this version.</summary>
    public VersionCause Cause { get; init; }

    /// <summary>Users who edited, in the order of their names.</summary>
    public IReadOnlyList<string> Authors { get; init; } = [];

    /// <summary>Programs wrote too: in a terminal, a run.</summary>
    public bool Programs { get; init; }

    /// <summary>The version that files were brought back from.</summary>
    public string? Restored { get; init; }

    /// <summary>Files and links that are new.</summary>
    public int Added { get; init; }

    /// <summary>Files and links that are different.</summary>
    public int Changed { get; init; }

    /// <summary>Files and links that are gone.</summary>
    public int Deleted { get; init; }

    /// <summary>The first few of them.</summary>
    public IReadOnlyList<ChangedPath> Files { get; init; } = [];

    /// <summary>True when <see cref="Files"/> is all of them.</summary>
    [JsonIgnore]
    public bool NamesAll => Added + Changed + Deleted == Files.Count;

    /// <summary>It is what a workspace began with.</summary>
    [JsonIgnore]
    public bool IsStart => Cause is VersionCause.Created or VersionCause.Forked or VersionCause.Imported;

    /// <summary>The same note with what lies between two states as its files.</summary>
    public VersionNote Counting(IReadOnlyCollection<ChangedPath> files) => this with
    {
        Added = files.Count(file => file.Change == FileChange.Added),
        Changed = files.Count(file => file.Change == FileChange.Changed),
        Deleted = files.Count(file => file.Change == FileChange.Deleted),
        Files = [.. files.Where(file => file.Path.Length <= MaxNamedPath).Take(MaxFiles)],
    };

    /// <summary>A note for both this version and an earlier one that is no longer kept; its files are to be counted anew.</summary>
    public VersionNote Taking(VersionNote earlier) => this with
    {
        Authors = Together([.. earlier.Authors, .. Authors]),
        Programs = Programs || earlier.Programs,
    };

    /// <summary>Names as a note keeps them.</summary>
    public static IReadOnlyList<string> Together(IEnumerable<string> authors) =>
        [.. authors.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(MaxAuthors)];

    /// <summary>Files and links that changes touch, in the order of the changes; folders are not told.</summary>
    /// <param name="before">What the changes apply to.</param>
    /// <param name="changes">As <see cref="Manifest.ChangesTo"/> gives them.</param>
    public static List<ChangedPath> FilesOf(Manifest before, IReadOnlyList<ManifestEntry> changes)
    {
        var files = new List<ChangedPath>();
        foreach (var change in changes)
        {
            switch (change.Kind)
            {
                case ChangeKind.Delete:
                    files.AddRange(before.AtOrBelow(change.Path)
                        .Where(gone => gone.Kind != ChangeKind.Folder)
                        .Select(gone => new ChangedPath(gone.Path, FileChange.Deleted)));
                    break;
                case ChangeKind.File or ChangeKind.Link:
                    var was = before.Find(change.Path);
                    files.Add(new ChangedPath(
                        change.Path, was is null or { Kind: ChangeKind.Folder } ? FileChange.Added : FileChange.Changed));
                    break;
            }
        }

        return files;
    }
}
