using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
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
        return head switch
        {
            { Version: Head.CurrentVersion } => (head, content.Info.ETag),
            { Version: Head.FirstVersion } => (await UpgradeAsync(key, head, cancel), content.Info.ETag),
            _ => throw new InvalidDataException($"{key} was written by a newer version of the server. Update this one."),
        };
    }

    /// <summary>An old head that a present one names.</summary>
    public async Task<Head> ReadPastAsync(Slug slug, PastHead past, CancellationToken cancel) =>
        (await ReadHeadAsync(Keys.OldHead(slug, past.Name), cancel)).Head
        ?? throw new InvalidDataException($"A part of the history of {slug} ({past.Name}) is missing from the object store; take it from a backup.");

    /// <summary>The manifest that a head names.</summary>
    public async Task<Manifest> MergeAsync(Head head, CancellationToken cancel)
    {
        var sections = await packs.ReadSectionsAsync([head.Base, .. head.Deltas.Select(delta => delta.Section).OfType<Section>()], cancel);
        return Manifest.Of(sections[0]).Apply([.. sections.Skip(1).SelectMany(section => section)]);
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

    /// <summary>Writes an old head under a fresh name; throws <see cref="IOException"/> when the store is full.</summary>
    public async Task PutPastAsync(Slug slug, string name, Head head, CancellationToken cancel)
    {
        if ((await PutAsync(Keys.OldHead(slug, name), head, PutCondition.Absent, cancel)).Outcome != PutOutcome.Stored)
        {
            throw new IOException(StorageResult.FullMessage);
        }
    }

    /// <summary>Writes any head object.</summary>
    public Task<PutResult> PutAsync(string key, Head head, PutCondition condition, CancellationToken cancel)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(head, HeadJson.Default.Head);
        return store.PutAsync(key, new MemoryStream(bytes), bytes.Length, condition, cancel);
    }

    /// <summary>
    /// A head of the first format as one of the present: it named its old heads by number alone, at most 16, and had no version for
    /// what the workspace began with.
    /// </summary>
    private async Task<Head> UpgradeAsync(string key, Head head, CancellationToken cancel)
    {
        var past = new List<PastHead>();
        if (key.StartsWith(Keys.Heads, StringComparison.Ordinal) && Slug.TryParse(key[Keys.Heads.Length..], out var slug))
        {
            foreach (var name in (head.History ?? []).Select(Keys.FirstName))
            {
                if ((await ReadHeadAsync(Keys.OldHead(slug, name), cancel)).Head is { Deltas.Count: > 0 } old)
                {
                    past.Add(new PastHead(
                        name, old.Versions().Count(), old.Deltas[0].Time, old.Deltas[^1].Time, old.Deltas[^1].Epoch, old.Deltas[^1].Sequence));
                }
            }

            // What leads from a kept base to the state of the last old head is no version, nor is what a fork began with.
            var start = new Delta(null, 0, 0, head.Deltas.Count > 0 ? head.Deltas[0].Time : head.Time);
            head = past.Count > 0
                ? head with { Deltas = [.. head.Deltas.Select(delta => delta with { Carried = delta.Id <= past[^1].End })] }
                : head with { Deltas = [.. head.Deltas.Where(delta => delta.Id == default), start, .. head.Deltas.Where(delta => delta.Id != default)] };
        }

        return head with { Version = Head.CurrentVersion, Past = past, History = null };
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
