using System.Collections.Concurrent;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Manifests;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;
using DropIt.Storage.Persisting;
using Microsoft.Extensions.Logging;

namespace DropIt.Storage.History;

/// <summary>
/// Lets go of the versions that the policy no longer keeps. What stays of neighbouring old heads is written anew as one, with the contents that nothing
/// else needs, and the head moves to it; the <see cref="Collector"/> removes what is left over. A crash between any two steps changes nothing.
/// </summary>
internal sealed class Thinner(
    IObjectStore store,
    HeadBook heads,
    PackReader packs,
    Compactor compactor,
    StorageFolders folders,
    StorageOptions options,
    TimeProvider time,
    ILogger<Thinner> log)
{
    /// <summary>Versions that one old head has after thinning: what is read to see one of them is as little as in the present head.</summary>
    private const int MaxTogether = 32;

    /// <summary>Above the bound of the policy by this much, thinning no longer waits for the collector's pass.</summary>
    private const int Slack = 500;

    /// <summary>Twice in a row is a coincidence.</summary>
    private const int MaxRaces = 3;

    /// <summary>Workspaces that are known to need nothing until some time; with more, some are looked at for nothing.</summary>
    private const int MaxKnown = 10_000;

    private readonly ConcurrentDictionary<Slug, (long Revision, DateTimeOffset Due)> _known = new();

    /// <summary>Thins when there are far too many versions; else that is left to the collector.</summary>
    public async Task RunIfWorthAsync(Slug slug, CancellationToken cancel)
    {
        if (await heads.ReadAsync(slug, cancel) is { } view
            && view.Head.Past.Sum(past => past.Versions) > options.Retention.MaxVersions + Slack)
        {
            await RunAsync(slug, cancel);
        }
    }

    /// <summary>Thins every workspace that needs it.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await foreach (var item in store.AllAsync(Keys.Heads, cancel))
        {
            if (!Slug.TryParse(item.Key[Keys.Heads.Length..], out var slug))
            {
                continue;
            }

            try
            {
                await RunAsync(slug, cancel);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                // One damaged or full workspace must not keep the others' versions.
                log.LogWarning(e, "The history of {Slug} could not be thinned; the next pass tries again.", slug);
            }
        }
    }

    /// <summary>
    /// Thins. Throws <see cref="IOException"/> when the store is full or fails. When someone else moves the head meanwhile (the compaction behind the last
    /// batch does) it begins anew; when that goes on, it is left to the next pass.
    /// </summary>
    public async Task RunAsync(Slug slug, CancellationToken cancel)
    {
        for (var race = 0; race < MaxRaces && !await TryRunAsync(slug, cancel); race++)
        {
            log.LogDebug("The head of {Slug} was moved while its history was thinned.", slug);
        }
    }

    /// <summary>False when someone else moved the head meanwhile: nothing has happened.</summary>
    private async Task<bool> TryRunAsync(Slug slug, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var (head, _) = await heads.ReadHeadAsync(Keys.Head(slug), cancel);
        if (head is null || (_known.TryGetValue(slug, out var known) && known.Revision == head.Revision && now < known.Due))
        {
            return true;
        }

        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }

        // 1. What there is, and what of it stays.
        var pieces = await PiecesAsync(slug, head, cancel);
        var times = pieces.SelectMany(piece => piece.Versions.Select(version => version.Time)).ToList();
        var keep = options.Retention.Keep(times, now);
        if (Array.TrueForAll(keep, kept => kept))
        {
            _known[slug] = (head.Revision, options.Retention.Next(times));
            return true;
        }

        // 2. Versions of the present head become history first: there they can go one by one.
        if (keep.AsSpan(times.Count - pieces[^1].Versions.Count).Contains(false))
        {
            await compactor.RunAsync(slug, cancel);
            (head, _) = await heads.ReadHeadAsync(Keys.Head(slug), cancel);
            pieces = head is null ? [] : await PiecesAsync(slug, head, cancel);
            times = [.. pieces.SelectMany(piece => piece.Versions.Select(version => version.Time))];
            keep = options.Retention.Keep(times, now);
        }

        if (await heads.ReadAsync(slug, cancel) is not { } view || head is null || view.Head.Revision != head.Revision)
        {
            return false;
        }

        // 3. Neighbours of which something goes, together; the last piece is the head itself.
        var first = 0;
        foreach (var piece in pieces)
        {
            piece.Kept = [.. piece.Versions.Where((_, i) => keep[first + i])];
            first += piece.Versions.Count;
        }

        var past = new List<PastHead>();
        foreach (var group in Groups(pieces[..^1].Where(piece => piece.Kept.Count > 0)))
        {
            if (group.TrueForAll(piece => piece.Kept.Count == piece.Versions.Count))
            {
                past.AddRange(group.Select(piece => piece.Past!));
            }
            else
            {
                var others = pieces.Except(group).SelectMany(piece => piece.Head.Packs).Select(pack => pack.Id).ToHashSet();
                past.Add(await RewriteAsync(slug, group, others, view.Head.Revision, cancel));
            }
        }

        if (time.GetUtcNow() - now > options.GarbageGrace / 2)
        {
            throw new IOException($"Thinning the history of {slug} took so long that what it wrote may be taken for garbage; it is done again.");
        }

        // 4. The head. From here on the rest is no longer history.
        var next = view.Head with { Revision = view.Head.Revision + 1, Past = past };
        return await heads.MoveAsync(slug, view, next, view.Manifest, cancel) switch
        {
            PutOutcome.Stored => true,
            PutOutcome.Conflict => false,
            _ => throw new IOException(StorageResult.FullMessage),
        };
    }

    private async Task<List<Piece>> PiecesAsync(Slug slug, Head head, CancellationToken cancel)
    {
        var pieces = new List<Piece>();
        foreach (var past in head.Past)
        {
            pieces.Add(new Piece(past, await heads.ReadPastAsync(slug, past, cancel)));
        }

        pieces.Add(new Piece(null, head));
        return pieces;
    }

    /// <summary>Neighbours that become one: those of which something goes, and a small one before them.</summary>
    private static List<List<Piece>> Groups(IEnumerable<Piece> pieces)
    {
        var groups = new List<List<Piece>>();
        foreach (var piece in pieces)
        {
            if (groups.Count > 0
                && piece.Kept.Count < piece.Versions.Count
                && groups[^1].Sum(before => before.Kept.Count) + piece.Kept.Count <= MaxTogether)
            {
                groups[^1].Add(piece);
            }
            else
            {
                groups.Add([piece]);
            }
        }

        return groups;
    }

    /// <summary>Writes what is kept of a group as one old head.</summary>
    /// <param name="others">Packs that other heads of the workspace name too.</param>
    private async Task<PastHead> RewriteAsync(Slug slug, List<Piece> group, HashSet<string> others, long revision, CancellationToken cancel)
    {
        // 1. The kept versions, each as what changed since the one before.
        var steps = await StepsAsync(group, cancel);
        var start = Manifest.Of(await packs.ReadSectionAsync(group[0].Head.Base, cancel));
        var keepBase = Compaction.KeepsBase(start.Entries.Count, steps[0].Changes.Count);
        var base0 = keepBase ? start : steps[0].State;
        if (!keepBase)
        {
            steps[0] = steps[0] with { Changes = [] };
        }

        // 2. One pack: contents that lie in small packs which nothing else needs, then the sections.
        var named = base0.Entries.Concat(steps.SelectMany(step => step.Changes)).Where(entry => entry.Location is not null).ToList();
        var fixedPacks = keepBase ? start.Entries.Select(entry => entry.Location?.Pack).Append(group[0].Head.Base.Pack).ToHashSet() : [];
        var known = group.SelectMany(piece => piece.Head.Packs).DistinctBy(pack => pack.Id).ToDictionary(pack => pack.Id);
        var moving = known.Values
            .Where(pack => !pack.Shared && pack.Length < Compaction.SmallPack && !others.Contains(pack.Id) && !fixedPacks.Contains(pack.Id))
            .Select(pack => pack.Id)
            .ToHashSet();
        await using var pack = new PackWriter(folders.Spool);
        var moved = new Dictionary<PackLocation, PackLocation>();
        await packs.ScanCompressedAsync(
            named.Where(entry => moving.Contains(entry.Location!.Value.Pack)).DistinctBy(entry => entry.Location),
            async (sharers, content) => moved[sharers[0].Location!.Value] = await pack.AddCompressedAsync(content, cancel),
            cancel);

        var used = new HashSet<string>(fixedPacks.OfType<string>());
        var section = keepBase ? group[0].Head.Base : pack.AddSection(Placed(base0.Entries));
        var deltas = new List<Delta>();
        foreach (var (delta, changes, _) in steps)
        {
            deltas.Add(delta with { Section = changes.Count == 0 ? null : pack.AddSection(Placed(changes)) });
        }

        if (pack.Length > 0)
        {
            known[pack.Id] = new PackUse(pack.Id, pack.Length);
            used.Add(pack.Id);
            if (!await pack.PutAsync(store, cancel))
            {
                throw new IOException(StorageResult.FullMessage);
            }
        }

        // 3. The old head.
        var (name, end) = (Keys.FreshName(revision), deltas[^1].Id);
        var head = new Head
        {
            Revision = revision,
            Epoch = end.Epoch,
            Sequence = end.Sequence,
            Time = deltas[^1].Time,
            Base = section,
            Deltas = deltas,
            Packs = [.. known.Values.Where(pack => used.Contains(pack.Id))],
        };
        await heads.PutPastAsync(slug, name, head, cancel);
        return new PastHead(name, deltas.Count, deltas[0].Time, deltas[^1].Time, end.Epoch, end.Sequence);

        List<ManifestEntry> Placed(IReadOnlyList<ManifestEntry> entries)
        {
            var placed = new List<ManifestEntry>(entries.Count);
            foreach (var entry in entries)
            {
                var to = entry.Location is { } from && moved.TryGetValue(from, out var place) ? place : entry.Location;
                placed.Add(entry with { Location = to });
                if (to is { } location)
                {
                    used.Add(location.Pack);
                }
            }

            return placed;
        }
    }

    private async Task<List<Step>> StepsAsync(List<Piece> group, CancellationToken cancel)
    {
        var steps = new List<Step>();
        Manifest? last = null;
        var note = new VersionNote();
        foreach (var piece in group)
        {
            var deltas = piece.Head.Deltas;
            var sections = await packs.ReadSectionsAsync([piece.Head.Base, .. deltas.Select(delta => delta.Section).OfType<Section>()], cancel);
            var state = Manifest.Of(sections[0]);
            last ??= state;
            var next = 1;
            foreach (var delta in deltas)
            {
                state = delta.Section is null ? state : state.Apply(sections[next++]);
                if (!piece.Versions.Contains(delta))
                {
                    continue; // what leads to the first version is not one
                }

                note = (delta.Note ?? new VersionNote()).Taking(note);
                if (!piece.Kept.Contains(delta))
                {
                    continue;
                }

                // Contents that were there before keep their place, so that fewer packs are named. Not so those of the base: a place that was
                // left before its first version may be gone.
                var changes = last.ChangesTo(state, places: steps.Count == 0);
                var files = VersionNote.FilesOf(last, last.ChangesTo(state));
                last = last.Apply(changes);
                steps.Add(new Step(delta with { Note = note.IsStart ? note : note.Counting(files) }, changes, last));
                note = new VersionNote();
            }
        }

        return steps;
    }

    /// <summary>A kept version.</summary>
    /// <param name="Delta">Its mark and note.</param>
    /// <param name="Changes">Since the kept version before.</param>
    /// <param name="State">All of it.</param>
    private sealed record Step(Delta Delta, List<ManifestEntry> Changes, Manifest State);

    /// <summary>A head with the versions that it holds.</summary>
    private sealed class Piece(PastHead? past, Head head)
    {
        /// <summary>Null for the present head.</summary>
        public PastHead? Past { get; } = past;

        public Head Head { get; } = head;

        public List<Delta> Versions { get; } = [.. head.Versions()];

        public List<Delta> Kept { get; set; } = [];
    }
}
