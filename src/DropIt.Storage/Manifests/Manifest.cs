using DropIt.Protocol.Journal;

namespace DropIt.Storage.Manifests;

/// <summary>
/// All paths of a workspace at one moment, immutable, in ordinal order. Nothing lies below a file or a link, so
/// restoring
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

    /// <summary>What <see cref="Entries"/> of another manifest were.</summary>
    public static Manifest Of(IReadOnlyList<ManifestEntry> entries) => new([.. entries]);

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

    /// <summary>The entry of a path, if there is one, and all below it.</summary>
    public IEnumerable<ManifestEntry> AtOrBelow(string path)
    {
        if (Find(path) is { } own)
        {
            yield return own;
        }

        for (var i = LowerBound(path + "/"); i < _entries.Length && _entries[i].Path.StartsWith(path + "/", StringComparison.Ordinal); i++)
        {
            yield return _entries[i];
        }
    }

    /// <summary>Those of the wanted contents that are in this manifest, each with a file that has it.</summary>
    public Dictionary<ContentHash, ManifestEntry> Locate(IReadOnlySet<ContentHash> wanted)
    {
        var found = new Dictionary<ContentHash, ManifestEntry>();
        if (wanted.Count > 0)
        {
            foreach (var entry in _entries)
            {
                if (entry.Kind == ChangeKind.File && wanted.Contains(entry.Hash))
                {
                    found[entry.Hash] = entry;
                }
            }
        }

        return found;
    }

    /// <summary>The manifest after the changes, applied in order. Costs the number of changes plus one copy of the
    /// array.</summary>
    public Manifest Apply(IReadOnlyList<ManifestEntry> changes)
    {
        if (changes.Count == 0)
        {
            return this;
        }

        var overlay = new Overlay();
        foreach (var change in changes)
        {
            ClearAncestors(change, overlay);
            if (change.Kind != ChangeKind.Folder)
            {
                ClearBelow(change.Path, overlay);
            }

            overlay.Set(change.Path, change.Kind == ChangeKind.Delete ? null : change);
        }

        return new Manifest(Merge(overlay));
    }

    /// <summary>
    /// The fewest changes that make this manifest into another one: deletes first, a folder that is gone as one, then
    /// what is new or
    /// different. Typing in one file for a minute is one change; a save that changed nothing is none.
    /// </summary>
    /// <param name="next">What is to come out.</param>
    /// <param name="places">A content that lies somewhere else counts as different.</param>
    public List<ManifestEntry> ChangesTo(Manifest next, bool places = false)
    {
        var deletes = new List<ManifestEntry>();
        var writes = new List<ManifestEntry>();
        var (i, j) = (0, 0);
        while (i < _entries.Length || j < next._entries.Length)
        {
            var order = i == _entries.Length ? 1
                : j == next._entries.Length ? -1
                : string.CompareOrdinal(_entries[i].Path, next._entries[j].Path);
            if (order < 0)
            {
                var gone = Gone(_entries[i++].Path, next);
                if (deletes.Count == 0 || deletes[^1].Path != gone)
                {
                    deletes.Add(new ManifestEntry(gone, ChangeKind.Delete, 0, 0, default, null));
                }

                continue;
            }

            if (order > 0 || !Same(_entries[i], next._entries[j], places))
            {
                writes.Add(next._entries[j]);
            }

            i += order == 0 ? 1 : 0;
            j++;
        }

        return [.. deletes, .. writes];
    }

    /// <summary>The highest folder of a path that has nothing left, or the path.</summary>
    private static string Gone(string path, Manifest next)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
        {
            var folder = path[..slash];
            if (next.Find(folder) is null && !next.IsFolder(folder))
            {
                return folder;
            }
        }

        return path;
    }

    private static bool Same(ManifestEntry a, ManifestEntry b, bool places) =>
        ReferenceEquals(a, b) || (places ? a == b : a with { Location = null } == b with { Location = null });

    private void ClearAncestors(ManifestEntry change, Overlay overlay)
    {
        if (change.Kind == ChangeKind.Delete)
        {
            return;
        }

        for (var slash = change.Path.LastIndexOf('/'); slash > 0; slash = change.Path.LastIndexOf('/', slash - 1))
        {
            var ancestor = change.Path[..slash];
            var entry = overlay.Changed.TryGetValue(ancestor, out var changed) ? changed : Find(ancestor);
            if (entry is not null && entry.Kind != ChangeKind.Folder)
            {
                overlay.Set(ancestor, null);
            }
        }
    }

    private void ClearBelow(string path, Overlay overlay)
    {
        var prefix = path + "/";
        for (var i = LowerBound(prefix); i < _entries.Length; i++)
        {
            if (!_entries[i].Path.StartsWith(prefix, StringComparison.Ordinal))
            {
                break;
            }

            overlay.Set(_entries[i].Path, null);
        }

        // "0" follows "/" in ordinal order, so this is the end of all that starts with the prefix.
        foreach (var below in overlay.Paths.GetViewBetween(prefix, path + "0"))
        {
            if (below.Length != prefix.Length || below[^1] == '/')
            {
                overlay.Changed[below] = null;
            }
        }
    }

    private ManifestEntry[] Merge(Overlay overlay)
    {
        var merged = new List<ManifestEntry>(_entries.Length + overlay.Paths.Count);
        var next = 0;
        foreach (var path in overlay.Paths)
        {
            var entry = overlay.Changed[path];
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

    /// <summary>What differs from the manifest; null: gone.</summary>
    private sealed class Overlay
    {
        public SortedSet<string> Paths { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, ManifestEntry?> Changed { get; } = new(StringComparer.Ordinal);

        public void Set(string path, ManifestEntry? entry)
        {
            Paths.Add(path);
            Changed[path] = entry;
        }
    }
}
