using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Manifests;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;

namespace DropIt.Storage.Heads;

/// <summary>A workspace as one head shows it.</summary>
/// <param name="Head">The head.</param>
/// <param name="ETag">Of the head: the condition of the next move.</param>
/// <param name="Manifest">Base and deltas merged.</param>
internal sealed record WorkspaceView(Head Head, string ETag, Manifest Manifest);

/// <summary>
/// Reads and moves heads. Merged manifests are kept in memory, each good for exactly one etag, so another process's
/// move is seen.
/// </summary>
internal sealed class HeadBook(IObjectStore store, PackReader packs)
{
    /// <summary>
    /// Entries kept over all workspaces: about 200 bytes each, so 80 MB at most. The least recently used go first.
    /// </summary>
    private const int MaxEntries = 400_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<Slug, LinkedListNode<(Slug Slug, WorkspaceView View)>> _views = [];
    private readonly LinkedList<(Slug Slug, WorkspaceView View)> _recent = new();
    private int _entries;

    /// <summary>The present state; null when there is no such workspace.</summary>
    public async Task<WorkspaceView?> ReadAsync(Slug slug, CancellationToken cancel)
    {
        var (head, etag) = await ReadHeadAsync(Keys.Head(slug), cancel);
        if (head is null)
        {
            Forget(slug);
            return null;
        }

        if (Cached(slug, etag) is { } view)
        {
            return view;
        }

        view = new WorkspaceView(head, etag, await MergeAsync(head, cancel));
        Keep(slug, view);
        return view;
    }

    /// <summary>Any head object; null when there is none.</summary>
    public async Task<(Head? Head, string ETag)> ReadHeadAsync(string key, CancellationToken cancel)
    {
        await using var content = await store.GetAsync(key, null, cancel);
        if (content is null)
        {
            return (null, "");
        }

        var head = await JsonSerializer.DeserializeAsync(content.Stream, HeadJson.Default.Head, cancel);
        return head is { Version: Head.CurrentVersion }
            ? (head, content.Info.ETag)
            : throw new InvalidDataException($"{key} was written by a newer version of the server. Update this one.");
    }

    /// <summary>The manifest that a head names.</summary>
    public async Task<Manifest> MergeAsync(Head head, CancellationToken cancel)
    {
        var start = Manifest.Of(await packs.ReadSectionAsync(head.Base, cancel));
        var changes = new List<ManifestEntry>();
        foreach (var delta in head.Deltas)
        {
            changes.AddRange(await packs.ReadSectionAsync(delta.Section, cancel));
        }

        return start.Apply(changes);
    }

    /// <summary>Writes a workspace's first head.</summary>
    public async Task<PutOutcome> CreateAsync(Slug slug, Head head, CancellationToken cancel) =>
        (await PutAsync(Keys.Head(slug), head, PutCondition.Absent, cancel)).Outcome;

    /// <summary>Moves the head, when it is still the one that <paramref name="from"/> shows.</summary>
    /// <param name="manifest">What base and deltas of <paramref name="head"/> give.</param>
    public async Task<PutOutcome> MoveAsync(
        Slug slug, WorkspaceView from, Head head, Manifest manifest, CancellationToken cancel)
    {
        var result = await PutAsync(Keys.Head(slug), head, PutCondition.Match(from.ETag), cancel);
        if (result.Outcome == PutOutcome.Stored)
        {
            Keep(slug, new WorkspaceView(head, result.ETag, manifest));
        }

        return result.Outcome;
    }

    /// <summary>Writes any head object.</summary>
    public Task<PutResult> PutAsync(string key, Head head, PutCondition condition, CancellationToken cancel)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(head, HeadJson.Default.Head);
        return store.PutAsync(key, new MemoryStream(bytes), bytes.Length, condition, cancel);
    }

    private WorkspaceView? Cached(Slug slug, string etag)
    {
        lock (_gate)
        {
            if (!_views.TryGetValue(slug, out var node) || node.Value.View.ETag != etag)
            {
                return null;
            }

            _recent.Remove(node);
            _recent.AddLast(node);
            return node.Value.View;
        }
    }

    private void Keep(Slug slug, WorkspaceView view)
    {
        lock (_gate)
        {
            Drop(slug);
            _views[slug] = _recent.AddLast((slug, view));
            _entries += view.Manifest.Entries.Count + 1;
            while (_entries > MaxEntries && _recent.First is { } oldest)
            {
                Drop(oldest.Value.Slug);
            }
        }
    }

    private void Forget(Slug slug)
    {
        lock (_gate)
        {
            Drop(slug);
        }
    }

    private void Drop(Slug slug)
    {
        if (_views.Remove(slug, out var node))
        {
            _recent.Remove(node);
            _entries -= node.Value.View.Manifest.Entries.Count + 1;
        }
    }
}
