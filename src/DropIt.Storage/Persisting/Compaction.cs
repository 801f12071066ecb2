using DropIt.Storage.Heads;
using DropIt.Storage.Manifests;

namespace DropIt.Storage.Persisting;

/// <summary>What a compaction of a workspace is to do. Decided from values alone.</summary>
/// <param name="Rewrite">Packs whose living contents move into the new pack.</param>
/// <param name="KeepBase">
/// The base stays and all deltas become one: right while little has changed since, so that what is written is in
/// proportion to that.
/// </param>
internal sealed record Compaction(IReadOnlySet<string> Rewrite, bool KeepBase)
{
    /// <summary>A pack smaller than this costs a request for little; several become one.</summary>
    public const long SmallPack = 4L * 1024 * 1024;

    /// <summary>A pack this small joins whatever the others are.</summary>
    public const long TinyPack = 64 * 1024;

    /// <summary>
    /// A small pack is copied only into one at least a quarter of which is new: old heads keep the copy from before, so a content of a workspace
    /// is stored a few times at most, not once a compaction.
    /// </summary>
    private const int Growth = 4;

    /// <summary>A base is rewritten once the changes since number more than this part of it.</summary>
    private const int BaseParts = 4;

    /// <summary>Below this many entries a base is cheap whatever the changes are.</summary>
    private const int SmallBase = 256;

    /// <summary>Plans a compaction.</summary>
    /// <param name="head">The present head.</param>
    /// <param name="manifest">What it gives.</param>
    public static Compaction Plan(Head head, Manifest manifest)
    {
        var changes = head.Deltas.Sum(delta => delta.Section?.Entries ?? 0);
        var keepBase = KeepsBase(head.Base.Entries, changes);
        var live = LiveBytes(manifest);
        var rewrite = new HashSet<string>();
        var smaller = 0L;

        // A shared pack is stored once for many workspaces; rewriting it would copy it. The pack of a kept base stays.
        foreach (var pack in head.Packs.Where(pack => !pack.Shared && !(keepBase && pack.Id == head.Base.Pack)).OrderBy(pack => pack.Length))
        {
            if ((pack.Length < SmallPack && (pack.Length < TinyPack || pack.Length <= smaller * Growth))
                || live.GetValueOrDefault(pack.Id) < pack.Length / 2)
            {
                rewrite.Add(pack.Id);
                smaller += pack.Length;
            }
        }

        return new Compaction(rewrite, keepBase);
    }

    /// <summary>True while so few changes have been made to a base that writing them costs less than the base.</summary>
    public static bool KeepsBase(int entries, int changes) => entries > SmallBase && changes <= entries / BaseParts;

    /// <summary>Compressed bytes that the manifest's files use of each pack.</summary>
    private static Dictionary<string, long> LiveBytes(Manifest manifest)
    {
        var seen = new HashSet<PackLocation>();
        var live = new Dictionary<string, long>();
        foreach (var entry in manifest.Entries)
        {
            if (entry.Location is { } location && seen.Add(location))
            {
                live[location.Pack] = live.GetValueOrDefault(location.Pack) + location.Length;
            }
        }

        return live;
    }
}
