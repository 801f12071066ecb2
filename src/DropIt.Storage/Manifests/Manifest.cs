using DropIt.Protocol.Journal;

namespace DropIt.Storage.Manifests;

/// <summary>
/// All paths of a workspace at one moment, immutable, in ordinal order. Nothing lies below a file or a link, so restoring
/// it never writes through one.
/// </summary>
internal sealed class Manifest
{
    private static readonly Comparer<ManifestEntry> ByPath =
        Comparer<ManifestEntry>.Create((a, b) => string.CompareOrdinal(a.Path, b.Path));

    private readonly ManifestEntry[] _entries;

    private Manifest(ManifestEntry[] entries)
    {
        _entries = entries;
        foreach (var entry in entries)
        {
            Bytes += entry.Size;
        }
    }

    /// <summary>Nothing.</summary>
    public static Manifest Empty { get; } = new([]);

    /// <summary>In ordinal order of paths; no deletes.</summary>
    public IReadOnlyList<ManifestEntry> Entries => _entries;

    /// <summary>Sum of the sizes of all files.</summary>
    public long Bytes { get; }

    /// <summary>The entry of a path; null when there is none (a folder with something in it may have none).</summary>
    public ManifestEntry? Find(string path)
    {
        var index = LowerBound(path);
        return index < _entries.Length && _entries[index].Path == path ? _entries[index] : null;
    }

    /// <summary>True when something lies below the path.</summary>
    public bool IsFolder(string path)
    {
        var index = LowerBound(path + "/");
        return index < _entries.Length && _entries[index].Path.StartsWith(path + "/", StringComparison.Ordinal);
    }

    /// <summary>Where those of the wanted contents lie that are in this manifest.</summary>
    public Dictionary<ContentHash, PackLocation?> Locate(IReadOnlySet<ContentHash> wanted)
    {
        var found = new Dictionary<ContentHash, PackLocation?>();
        if (wanted.Count > 0)
        {
            foreach (var entry in _entries)
            {
                if (entry.Kind == ChangeKind.File && wanted.Contains(entry.Hash))
                {
                    found[entry.Hash] = entry.Location;
                }
            }
        }

        return found;
    }

    /// <summary>The manifest after the changes, applied in order. Costs the number of changes plus one copy of the array.</summary>
    public Manifest Apply(IReadOnlyList<ManifestEntry> changes)
    {
        if (changes.Count == 0)
        {
            return this;
        }

        // What differs from this manifest; null: gone.
        var overlay = new SortedDictionary<string, ManifestEntry?>(StringComparer.Ordinal);
        foreach (var change in changes)
        {
            ClearAncestors(change, overlay);
            if (change.Kind != ChangeKind.Folder)
            {
                ClearBelow(change.Path, overlay);
            }

            overlay[change.Path] = change.Kind == ChangeKind.Delete ? null : change;
        }

        return new Manifest(Merge(overlay));
    }

    /// <summary>
    /// The same changes without those that a later one makes pointless: typing in one file for a minute is one change.
    /// </summary>
    public static List<ManifestEntry> Fold(IReadOnlyList<ManifestEntry> changes)
    {
        var last = new HashSet<string>(StringComparer.Ordinal);
        var kept = new List<ManifestEntry>();
        for (var i = changes.Count - 1; i >= 0; i--)
        {
            var change = changes[i];
            if (last.Contains(change.Path))
            {
                continue;
            }

            // A folder keeps what lies below it, so what stood at its path before still matters.
            if (change.Kind != ChangeKind.Folder)
            {
                last.Add(change.Path);
            }

            kept.Add(change);
        }

        kept.Reverse();
        return kept;
    }

    private void ClearAncestors(ManifestEntry change, SortedDictionary<string, ManifestEntry?> overlay)
    {
        if (change.Kind == ChangeKind.Delete)
        {
            return;
        }

        for (var slash = change.Path.LastIndexOf('/'); slash > 0; slash = change.Path.LastIndexOf('/', slash - 1))
        {
            var ancestor = change.Path[..slash];
            var entry = overlay.TryGetValue(ancestor, out var changed) ? changed : Find(ancestor);
            if (entry is not null && entry.Kind != ChangeKind.Folder)
            {
                overlay[ancestor] = null;
            }
        }
    }

    private void ClearBelow(string path, SortedDictionary<string, ManifestEntry?> overlay)
    {
        var prefix = path + "/";
        for (var i = LowerBound(prefix); i < _entries.Length; i++)
        {
            if (!_entries[i].Path.StartsWith(prefix, StringComparison.Ordinal))
            {
                break;
            }

            overlay[_entries[i].Path] = null;
        }

        var below = overlay.Where(pair => pair.Value is not null && pair.Key.StartsWith(prefix, StringComparison.Ordinal));
        foreach (var pair in below.ToList())
        {
            overlay[pair.Key] = null;
        }
    }

    private ManifestEntry[] Merge(SortedDictionary<string, ManifestEntry?> overlay)
    {
        var merged = new List<ManifestEntry>(_entries.Length + overlay.Count);
        var next = 0;
        foreach (var (path, entry) in overlay)
        {
            var index = LowerBound(path);
            merged.AddRange(_entries.AsSpan(next, index - next));
            next = index < _entries.Length && _entries[index].Path == path ? index + 1 : index;
            if (entry is not null)
            {
                merged.Add(entry);
            }
        }

        merged.AddRange(_entries.AsSpan(next));
        return [.. merged];
    }

    private int LowerBound(string path)
    {
        var probe = new ManifestEntry(path, ChangeKind.File, 0, 0, default, null);
        var index = Array.BinarySearch(_entries, probe, ByPath);
        return index < 0 ? ~index : index;
    }
}
