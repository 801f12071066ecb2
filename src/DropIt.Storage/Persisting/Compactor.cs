using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Manifests;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;

namespace DropIt.Storage.Persisting;

/// <summary>
/// Replaces many deltas and small packs by one pack. A crash between any two steps leaves the workspace as it was, or
/// done; what is left
/// over has no reference and the <see cref="Collector"/> removes it.
/// </summary>
internal sealed class Compactor(
    IObjectStore store, HeadBook heads, PackReader packs, StorageFolders folders, StorageOptions options, TimeProvider time)
{
    /// <summary>Compacts when enough has gathered.</summary>
    public async Task RunIfWorthAsync(Slug slug, CancellationToken cancel)
    {
        if (await heads.ReadAsync(slug, cancel) is { } view && view.Head.Deltas.Count >= options.CompactAfter)
        {
            await RunAsync(slug, cancel);
        }
    }

    /// <summary>
    /// Compacts. Throws <see cref="IOException"/> when the store is full or fails. When someone else moves the head
    /// meanwhile, nothing happens.
    /// </summary>
    public async Task RunAsync(Slug slug, CancellationToken cancel)
    {
        if (await heads.ReadAsync(slug, cancel) is not { } view)
        {
            return;
        }

        var (old, plan, now) = (view.Head, Compaction.Plan(view.Head, view.Manifest), time.GetUtcNow());

        // 1. A new pack: living contents of the packs that go, then the manifest.
        await using var pack = new PackWriter(folders.Spool);
        var manifest = await MoveContentsAsync(view.Manifest, plan.Rewrite, pack, cancel);
        var (start, deltas) = (old.Base, new List<Delta>());
        if (plan.KeepBase)
        {
            var section = pack.AddSection(
                Manifest.Of(await packs.ReadSectionAsync(old.Base, cancel)).ChangesTo(manifest, places: true));
            deltas.Add(new Delta(section, old.Epoch, old.Sequence, old.Time, Carried: true));
        }
        else
        {
            start = pack.AddSection(manifest.Entries);
        }

        if (!await pack.PutAsync(store, cancel))
        {
            throw new IOException(StorageResult.FullMessage);
        }

        // 2. The old head, whole, becomes history. Its name is new, so that nothing that counts is ever replaced.
        var past = old.Past;
        if (old.Versions().ToList() is { Count: > 0 } versions)
        {
            var name = Keys.FreshName(old.Revision);
            await heads.PutPastAsync(slug, name, old with { Past = [] }, cancel);
            past = [.. past, new PastHead(
                name, versions.Count, versions[0].Time, versions[^1].Time, versions[^1].Epoch, versions[^1].Sequence)];
        }

        if (time.GetUtcNow() - now > options.GarbageGrace / 2)
        {
            throw new IOException($"Compacting {slug} took so long that its pack may be taken for garbage; it "
                + $"is done again.");
        }

        // 3. The head. From here on the new pack counts.
        var head = old with
        {
            Revision = old.Revision + 1,
            Base = start,
            Deltas = deltas,
            Packs = Used(old, start, manifest, new PackUse(pack.Id, pack.Length)),
            Past = past,
        };
        if (await heads.MoveAsync(slug, view, head, manifest, cancel) == PutOutcome.Full)
        {
            throw new IOException(StorageResult.FullMessage);
        }
    }

    private async Task<Manifest> MoveContentsAsync(
        Manifest manifest, IReadOnlySet<string> rewrite, PackWriter pack, CancellationToken cancel)
    {
        var moved = new Dictionary<PackLocation, PackLocation>();
        await packs.ScanCompressedAsync(
            manifest.Entries.Where(entry => entry.Location is { } location && rewrite.Contains(location.Pack)),
            async (sharers, content) =>
                moved[sharers[0].Location!.Value] = await pack.AddCompressedAsync(content, cancel),
            cancel);
        return moved.Count == 0
            ? manifest
            : Manifest.Of([.. manifest.Entries.Select(entry =>
                entry.Location is { } from && moved.TryGetValue(from, out var to) ? entry with { Location = to } : entry)]);
    }

    private static List<PackUse> Used(Head old, Section start, Manifest manifest, PackUse added)
    {
        var used = manifest.Entries
            .Where(entry => entry.Location is not null)
            .Select(entry => entry.Location!.Value.Pack)
            .Append(start.Pack)
            .Append(added.Id)
            .ToHashSet();
        return [.. old.Packs.Append(added).Where(pack => used.Contains(pack.Id))];
    }
}
