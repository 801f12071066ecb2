using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Manifests;
using DropIt.Storage.Packs;

namespace DropIt.Storage.History;

/// <summary>A version of a workspace.</summary>
/// <param name="Id">Names it.</param>
/// <param name="Time">When it was stored.</param>
/// <param name="Cause">Why there is one.</param>
/// <param name="Authors">Users who edited, at most 8.</param>
/// <param name="Programs">Programs wrote too.</param>
/// <param name="Restored">The version that files were brought back from, if any.</param>
/// <param name="Added">Files that are new since the version before.</param>
/// <param name="Changed">Files that are different.</param>
/// <param name="Deleted">Files that are gone.</param>
/// <param name="Files">The first few of them.</param>
public sealed record WorkspaceVersion(
    VersionId Id,
    DateTimeOffset Time,
    VersionCause Cause,
    IReadOnlyList<string> Authors,
    bool Programs,
    string? Restored,
    int Added,
    int Changed,
    int Deleted,
    IReadOnlyList<ChangedPath> Files);

/// <summary>A part of a timeline.</summary>
/// <param name="Versions">Newest first; fewer than asked for, even none, where it took long to find them.</param>
/// <param name="Next">Ask for what is before it; null at the beginning of the timeline.</param>
public sealed record VersionPage(IReadOnlyList<WorkspaceVersion> Versions, VersionId? Next);

/// <summary>A file that is not the same in two versions.</summary>
/// <param name="Path">Relative to the root.</param>
/// <param name="Change">What happened to it.</param>
/// <param name="Kind">File or link: what it is now, or was.</param>
/// <param name="Before">Bytes in the first; null when it was not there.</param>
/// <param name="After">Bytes in the second; null when it is not there.</param>
public sealed record FileDifference(string Path, FileChange Change, ChangeKind Kind, long? Before, long? After);

/// <summary>What lies between two versions.</summary>
/// <param name="Since">The first; null: nothing was there before.</param>
/// <param name="Files">In the order of their paths, at most <see cref="WorkspaceHistory.MaxDifferences"/>.</param>
/// <param name="Total">How many there are.</param>
public sealed record VersionDifferences(VersionId? Since, IReadOnlyList<FileDifference> Files, int Total);

/// <summary>
/// The earlier versions of workspaces. A version is a prefix of the deltas of the head or of an old one; a page of the timeline reads as many old heads as it
/// has parts of, a version at most 65 sections.
/// </summary>
public sealed class WorkspaceHistory
{
    /// <summary>Most versions of a page.</summary>
    public const int MaxPage = 200;

    /// <summary>Most files that are named between two versions: more than anyone reads.</summary>
    public const int MaxDifferences = 2_000;

    /// <summary>Versions looked through for one page of a file's history, and sections read for it, before it is answered with what was found.</summary>
    private const int MaxScanned = 1_000;

    private const int MaxSections = 64;

    /// <summary>Entries of versions kept in memory: about 200 bytes each, so 40 MB at most. Looking at a version asks for it again and again.</summary>
    private const int MaxEntries = 200_000;

    private readonly HeadBook _heads;
    private readonly PackReader _packs;
    private readonly Lock _gate = new();
    private readonly LinkedList<(string Key, Manifest Manifest)> _recent = new();

    internal WorkspaceHistory(HeadBook heads, PackReader packs) => (_heads, _packs) = (heads, packs);

    /// <summary>A page of the timeline.</summary>
    /// <param name="slug">Whose.</param>
    /// <param name="before">Only versions before this one; null: from the newest.</param>
    /// <param name="path">Only versions that changed this file, or something in this folder; null: all.</param>
    /// <param name="limit">Most versions, 1 to <see cref="MaxPage"/>.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async Task<StorageResult<VersionPage>> ListAsync(
        Slug slug, VersionId? before, string? path, int limit, CancellationToken cancel = default)
    {
        if ((await _heads.ReadHeadAsync(Keys.Head(slug), cancel)).Head is not { } head)
        {
            return StorageResult<VersionPage>.Failed(StorageError.NotFound, $"There is no workspace named {slug}.");
        }

        var found = new List<WorkspaceVersion>();
        var (scanned, sections) = (0, 0);
        for (var i = head.Past.Count; i >= 0; i--)
        {
            if (before is { } earlier && i > 0 && head.Past[i - 1].End >= earlier)
            {
                continue; // all of it is later
            }

            var piece = i == head.Past.Count ? head : await _heads.ReadPastAsync(slug, head.Past[i], cancel);
            var versions = piece.Versions().Where(version => before is null || version.Id < before).Reverse().ToList();
            var touching = path is null ? null : await TouchingAsync(piece, versions, path, cancel);
            sections += touching?.Read ?? 0;
            foreach (var version in versions)
            {
                if (touching is null || touching.Versions.Contains(version))
                {
                    found.Add(Of(version));
                }

                if (++scanned >= MaxScanned || found.Count == limit)
                {
                    var last = i == 0 && version == versions[^1];
                    return StorageResult<VersionPage>.Of(new VersionPage(found, last ? null : version.Id));
                }
            }

            if (sections >= MaxSections && i > 0 && versions.Count > 0)
            {
                return StorageResult<VersionPage>.Of(new VersionPage(found, versions[^1].Id));
            }
        }

        return StorageResult<VersionPage>.Of(new VersionPage(found, null));
    }

    /// <summary>What a version holds.</summary>
    public async Task<StorageResult<WorkspaceListing>> FilesAsync(Slug slug, VersionId id, CancellationToken cancel = default) =>
        await OpenAsync(slug, id, cancel) is { } opened
            ? StorageResult<WorkspaceListing>.Of(WorkspaceStore.Listing(opened.Manifest, opened.Version.Time))
            : Missing<WorkspaceListing>(id);

    /// <summary>Opens one file of a version.</summary>
    public async Task<StorageResult<WorkspaceFile>> OpenFileAsync(Slug slug, VersionId id, string path, CancellationToken cancel = default) =>
        await OpenAsync(slug, id, cancel) is { } opened
            ? await WorkspaceStore.OpenFileAsync(opened.Manifest, path, _packs, cancel)
            : Missing<WorkspaceFile>(id);

    /// <summary>What lies between two versions, in whichever order they are.</summary>
    /// <param name="slug">Whose.</param>
    /// <param name="since">The first; null: the one before the second.</param>
    /// <param name="id">The second.</param>
    /// <param name="cancel">Ends the reading.</param>
    public async Task<StorageResult<VersionDifferences>> DifferencesAsync(
        Slug slug, VersionId? since, VersionId id, CancellationToken cancel = default)
    {
        if (await OpenAsync(slug, id, cancel) is not { } second)
        {
            return Missing<VersionDifferences>(id);
        }

        since ??= await BeforeAsync(slug, id, cancel);
        var first = Manifest.Empty;
        if (since is { } other)
        {
            if (await OpenAsync(slug, other, cancel) is not { } opened)
            {
                return Missing<VersionDifferences>(other);
            }

            first = opened.Manifest;
        }

        var files = VersionNote.FilesOf(first, first.ChangesTo(second.Manifest));
        files.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        return StorageResult<VersionDifferences>.Of(new VersionDifferences(
            since,
            [.. files.Take(MaxDifferences).Select(file =>
            {
                var (was, now) = (first.Find(file.Path), second.Manifest.Find(file.Path));
                return new FileDifference(
                    file.Path,
                    file.Change,
                    (now ?? was)!.Kind,
                    file.Change == FileChange.Added ? null : was?.Size,
                    file.Change == FileChange.Deleted ? null : now?.Size);
            })],
            files.Count));
    }

    /// <summary>Writes a version as a zip to a stream, which need not seek and stays open.</summary>
    public async Task<StorageResult> WriteZipAsync(Slug slug, VersionId id, Stream output, CancellationToken cancel = default)
    {
        if (await OpenAsync(slug, id, cancel) is not { } opened)
        {
            return new StorageResult(StorageError.NotFound, Missing(id));
        }

        await WorkspaceZip.WriteAsync(opened.Manifest, opened.Version.Time, _packs, output, cancel);
        return StorageResult.Ok;
    }

    internal static string Missing(VersionId id) =>
        $"There is no version {id} of this workspace, or it is no longer kept. Choose another one from its history.";

    /// <summary>A version and all that it holds; null when there is none of this name.</summary>
    internal async Task<(Delta Version, Manifest Manifest)?> OpenAsync(Slug slug, VersionId id, CancellationToken cancel)
    {
        if (await FindAsync(slug, id, cancel) is not var (piece, name, version))
        {
            return null;
        }

        // The name of the old head is part of the key: after thinning, contents lie elsewhere.
        var key = $"{slug}/{name}/{id}";
        if (Recent(key) is { } kept)
        {
            return (version, kept);
        }

        var manifest = await _heads.MergeAsync(piece.At(version), cancel);
        Keep(key, manifest);
        return (version, manifest);
    }

    private static StorageResult<T> Missing<T>(VersionId id)
        where T : class => StorageResult<T>.Failed(StorageError.NotFound, Missing(id));

    private static WorkspaceVersion Of(Delta version)
    {
        var note = version.Note ?? new VersionNote();
        return new WorkspaceVersion(
            version.Id, version.Time, note.Cause, note.Authors, note.Programs, note.Restored, note.Added, note.Changed, note.Deleted, note.Files);
    }

    private async Task<(Head Piece, string Name, Delta Version)?> FindAsync(Slug slug, VersionId id, CancellationToken cancel)
    {
        if ((await _heads.ReadHeadAsync(Keys.Head(slug), cancel)).Head is not { } head)
        {
            return null;
        }

        var past = head.Past.FirstOrDefault(past => past.End >= id);
        var piece = past is null ? head : await _heads.ReadPastAsync(slug, past, cancel);
        return piece.Versions().FirstOrDefault(version => version.Id == id) is { } version ? (piece, past?.Name ?? "", version) : null;
    }

    private async Task<VersionId?> BeforeAsync(Slug slug, VersionId id, CancellationToken cancel) =>
        (await ListAsync(slug, id, null, 1, cancel)).Value is { Versions: [var newest, ..] } ? newest.Id : null;

    /// <summary>The versions of a head that changed a path or something below it, and how many sections were read to know.</summary>
    private async Task<Touching> TouchingAsync(Head piece, List<Delta> versions, string path, CancellationToken cancel)
    {
        var touching = new HashSet<Delta>();
        var unknown = new List<Delta>();
        foreach (var version in versions)
        {
            if (version.Note is { NamesAll: true, IsStart: false } note)
            {
                if (note.Files.Any(file => Within(file.Path, path)))
                {
                    touching.Add(version);
                }
            }
            else if (version.Section is not null)
            {
                unknown.Add(version);
            }
            else if ((await _heads.MergeAsync(piece.At(version), cancel)).AtOrBelow(path).Any())
            {
                touching.Add(version);
            }
        }

        var sections = await _packs.ReadSectionsAsync([.. unknown.Select(version => version.Section!)], cancel);
        for (var i = 0; i < sections.Length; i++)
        {
            if (sections[i].Exists(entry => Within(entry.Path, path) || (entry.Kind == ChangeKind.Delete && Within(path, entry.Path))))
            {
                touching.Add(unknown[i]);
            }
        }

        return new Touching(touching, sections.Length);
    }

    private static bool Within(string path, string folder) =>
        path.StartsWith(folder, StringComparison.Ordinal) && (path.Length == folder.Length || path[folder.Length] == '/');

    private Manifest? Recent(string key)
    {
        lock (_gate)
        {
            for (var node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Key == key)
                {
                    _recent.Remove(node);
                    _recent.AddFirst(node);
                    return node.Value.Manifest;
                }
            }

            return null;
        }
    }

    private void Keep(string key, Manifest manifest)
    {
        // Each counts for at least so much that there are never too many to look through.
        const int Least = 1_000;
        lock (_gate)
        {
            _recent.AddFirst((key, manifest));
            var entries = 0L;
            for (var node = _recent.First; node is not null;)
            {
                var next = node.Next;
                entries += Math.Max(Least, node.Value.Manifest.Entries.Count);
                if (entries > MaxEntries)
                {
                    _recent.Remove(node);
                }

                node = next;
            }
        }
    }

    private sealed record Touching(HashSet<Delta> Versions, int Read);
}
