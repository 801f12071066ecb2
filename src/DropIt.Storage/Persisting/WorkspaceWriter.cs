using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.History;
using DropIt.Storage.Journal;
using DropIt.Storage.Manifests;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;

namespace DropIt.Storage.Persisting;

/// <summary>
/// Applies a batch of one workspace: one pack with the new contents and the delta, then the head. Doing it twice is
/// doing it once.
/// </summary>
internal sealed class WorkspaceWriter(
    IObjectStore store,
    HeadBook heads,
    Compactor compactor,
    StorageFolders folders,
    StorageOptions options,
    TimeProvider time)
{
    /// <summary>Someone else moving the same head is rare (a second persister taking over); losing this often in a
    /// row is trouble.</summary>
    private const int MaxRaces = 5;

    /// <summary>
    /// Applies what the head does not have yet. Throws <see cref="IOException"/> when the store is full or fails:
    /// nothing is acked then
    /// and the batch comes again; <see cref="InvalidDataException"/> when an entry is not one, has no content, or leaves a hole.
    /// </summary>
    /// <returns>
    /// What was accepted after the epoch of its runner was over, and is therefore in no workspace: the intake of another process had not heard of it.
    /// </returns>
    public async Task<IReadOnlySet<JournalDelivery>> ApplyAsync(Slug slug, IReadOnlyList<JournalDelivery> deliveries, CancellationToken cancel)
    {
        for (var race = 0; race < MaxRaces; race++)
        {
            if (await heads.ReadAsync(slug, cancel) is not { } view)
            {
                return new HashSet<JournalDelivery>(); // deleted: its changes have nowhere to go
            }

            if (view.Head.Deltas.Count >= Head.MaxDeltas)
            {
                // Compaction after an earlier batch kept failing; a head must not grow without end.
                await compactor.RunAsync(slug, cancel);
                continue;
            }

            if (await TryApplyAsync(slug, view, deliveries, cancel) is { } late)
            {
                return late;
            }
        }

        throw Raced(slug);
    }

    /// <summary>
    /// Notes in the head that entries were set aside: until an operator has brought them back, or given them up, the workspace takes no new ones.
    /// </summary>
    public async Task ParkAsync(Slug slug, string cause, JournalPosition upTo, CancellationToken cancel)
    {
        for (var race = 0; race < MaxRaces; race++)
        {
            if (await heads.ReadAsync(slug, cancel) is not { } view)
            {
                return;
            }

            var parked = view.Head.Parked ?? new Parking(cause, upTo);
            parked = parked with { UpTo = parked.UpTo.CompareTo(upTo) > 0 ? parked.UpTo : upTo };
            var head = view.Head with { Revision = view.Head.Revision + 1, Parked = parked };
            if (await MoveAsync(slug, view, head, view.Manifest, cancel))
            {
                return;
            }
        }

        throw Raced(slug);
    }

    private static IOException Raced(Slug slug) =>
        new($"The head of {slug} is being moved by someone else again and again. Do two servers share its store?");

    /// <summary>Null when someone else moved the head meanwhile.</summary>
    private async Task<HashSet<JournalDelivery>?> TryApplyAsync(
        Slug slug, WorkspaceView view, IReadOnlyList<JournalDelivery> deliveries, CancellationToken cancel)
    {
        // 1. What the head does not have, in order; what an older epoch sends is fenced off.
        var changes = new List<ManifestEntry>();
        var inline = new Dictionary<ContentHash, byte[]>();
        var note = new VersionNote();
        var late = new HashSet<JournalDelivery>();
        var (at, closed) = (view.Head.Position, view.Head.Closed);
        foreach (var delivery in deliveries.Where(delivery => !delivery.IsWish).OrderBy(delivery => delivery.Position))
        {
            if (delivery.Position.CompareTo(at) <= 0)
            {
                if (closed is { } end && delivery.Position.Epoch == end.Epoch && delivery.Position.Sequence > end.Sequence)
                {
                    late.Add(delivery);
                }

                continue;
            }

            if (delivery.After is { } after && after.CompareTo(at) > 0)
            {
                throw new InvalidDataException($"Entry {delivery.Position} of {slug} follows {after}, which did not come: the workspace is at {at}.");
            }

            if (delivery.Position.Epoch > at.Epoch)
            {
                closed = at;
            }

            at = delivery.Position;
            note = Take(delivery, changes, inline, note);
        }

        if (at == view.Head.Position)
        {
            return late;
        }

        var now = time.GetUtcNow();
        var head = view.Head with { Revision = view.Head.Revision + 1, Epoch = at.Epoch, Sequence = at.Sequence, Closed = closed, Time = now };
        head = head.Parked is { } parked && at.CompareTo(parked.UpTo) >= 0 ? head with { Parked = null } : head;
        var delta = view.Manifest.ChangesTo(view.Manifest.Apply(changes));
        if (delta.Count == 0)
        {
            return await MoveAsync(slug, view, head, view.Manifest, cancel) ? late : null;
        }

        // 2. One pack: contents that no pack of the workspace has yet, then the delta.
        await using var pack = new PackWriter(folders.Spool);
        var placed = await PlaceAsync(slug, view.Manifest, delta, inline, pack, cancel);
        var section = pack.AddSection(placed);
        if (!await pack.PutAsync(store, cancel))
        {
            throw new IOException(StorageResult.FullMessage);
        }

        // The collector spares what is unreferenced for the grace period only; half of it leaves room for clocks that
        // differ.
        if (time.GetUtcNow() - now > options.GarbageGrace / 2)
        {
            throw new IOException($"Writing a pack of {slug} took so long that it may be taken for garbage; it "
                + $"is written again.");
        }

        // 3. The head.
        head = head with
        {
            Deltas =
            [
                .. head.Deltas,
                new Delta(section, at.Epoch, at.Sequence, now, note.Counting(VersionNote.FilesOf(view.Manifest, delta))),
            ],
            Packs = [.. head.Packs, new PackUse(pack.Id, pack.Length)],
        };
        return await MoveAsync(slug, view, head, view.Manifest.Apply(placed), cancel) ? late : null;
    }

    private static VersionNote Take(
        JournalDelivery delivery, List<ManifestEntry> changes, Dictionary<ContentHash, byte[]> inline, VersionNote note)
    {
        if (delivery.Length == 0)
        {
            return note; // the opening of an epoch
        }

        var entry = Parse(delivery);
        foreach (var change in entry.Changes)
        {
            var item = EntryCheck.ToEntry(change);
            changes.Add(item);
            if (change.Content is not null)
            {
                inline[item.Hash] = change.Content;
            }
        }

        return note with
        {
            Cause = entry.Restored is null ? note.Cause : VersionCause.Restored,
            Authors = VersionNote.Together([.. note.Authors, .. entry.Authors ?? []]),
            Programs = note.Programs || entry.Programs,
            Restored = entry.Restored ?? note.Restored,
        };
    }

    private static JournalEntry Parse(JournalDelivery delivery)
    {
        try
        {
            return JsonSerializer.Deserialize(delivery.Read(), JournalJson.Default.JournalEntry)!;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"Entry {delivery.Position} of {delivery.Workspace} is not valid: {e.Message}", e);
        }
    }

    private async Task<List<ManifestEntry>> PlaceAsync(
        Slug slug,
        Manifest manifest,
        List<ManifestEntry> changes,
        Dictionary<ContentHash, byte[]> inline,
        PackWriter pack,
        CancellationToken cancel)
    {
        var wanted = changes.Where(change => change.Size > 0).Select(change => change.Hash).ToHashSet();
        var locations = manifest.Locate(wanted).ToDictionary(pair => pair.Key, pair => pair.Value.Location);
        var placed = new List<ManifestEntry>(changes.Count);
        foreach (var change in changes)
        {
            if (change.Size == 0)
            {
                placed.Add(change);
                continue;
            }

            if (!locations.TryGetValue(change.Hash, out var location))
            {
                await using var content = inline.TryGetValue(change.Hash, out var bytes)
                    ? new MemoryStream(bytes)
                    : await OpenUploadAsync(slug, change, cancel);
                location = await pack.AddCompressedAsync(content, cancel);
                locations[change.Hash] = location;
            }

            placed.Add(change with { Location = location });
        }

        return placed;
    }

    private async Task<Stream> OpenUploadAsync(Slug slug, ManifestEntry change, CancellationToken cancel)
    {
        var content = await store.GetAsync(Keys.Upload(slug, change.Hash, change.Size), null, cancel)
            ?? throw new InvalidDataException($"The content of {change.Path} in {slug} ({change.Hash}) is not "
                + $"in the object store.");
        return content.Stream;
    }

    private async Task<bool> MoveAsync(
        Slug slug, WorkspaceView view, Head head, Manifest manifest, CancellationToken cancel) =>
        await heads.MoveAsync(slug, view, head, manifest, cancel) switch
        {
            PutOutcome.Stored => true,
            PutOutcome.Conflict => false,
            _ => throw new IOException(StorageResult.FullMessage),
        };
}
