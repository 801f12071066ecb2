using System.Diagnostics.CodeAnalysis;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Files;

namespace DropIt.Runner.Journal;

/// <summary>What the storage service has, or is about to get, for a path.</summary>
/// <param name="Kind">File, link or (empty) folder.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Hash">SHA-256 of a file's content or a link's target; empty for a folder.</param>
/// <param name="Size">State on disk when it was read; with the times it tells whether to read again. -1: not known.</param>
/// <param name="Modified">As in <see cref="FileStat"/>.</param>
/// <param name="Changed">As in <see cref="FileStat"/>.</param>
/// <param name="Length">Bytes of a file's content, as they are stored.</param>
internal sealed record IndexEntry(
    ChangeKind Kind, int Mode, byte[] Hash, long Size = -1, long Modified = 0, long Changed = 0, long Length = 0)
{
    /// <summary>Whether the disk is as it was when the entry was made.</summary>
    public bool Fits(FileStat stat) =>
        Size == stat.Size && Modified == stat.Modified && Changed == stat.Changed && Mode == stat.Mode
        && Kind == stat.Kind switch
        {
            FileKind.File => ChangeKind.File,
            FileKind.Link => ChangeKind.Link,
            FileKind.Folder => ChangeKind.Folder,
            _ => ChangeKind.Delete,
        };
}

/// <summary>
/// All journalled paths, some 250 bytes each. Knows for every folder how many are below, so that the frequent question "is there
/// anything below" costs nothing. Safe for several threads.
/// </summary>
internal sealed class FileIndex
{
    private const int FileVersion = 1;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, IndexEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _below = new(StringComparer.Ordinal);
    private long _edits;
    private long _bytes;

    /// <summary>How much is journalled.</summary>
    public WorkspaceSize Size
    {
        get
        {
            lock (_gate)
            {
                return new WorkspaceSize(_entries.Count, _bytes);
            }
        }
    }

    /// <summary>The paths there now, each with its bytes.</summary>
    public IReadOnlyList<(string Path, long Bytes)> Files()
    {
        lock (_gate)
        {
            return [.. _entries.Select(entry => (entry.Key, entry.Value.Length))];
        }
    }

    /// <summary>Grows with every change, so that who saves it knows whether there is anything new.</summary>
    public long Edits
    {
        get
        {
            lock (_gate)
            {
                return _edits;
            }
        }
    }

    /// <summary>Finds a path's entry.</summary>
    public bool TryGet(string path, [NotNullWhen(true)] out IndexEntry? entry)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(path, out entry);
        }
    }

    /// <summary>Whether the path or anything below it is there.</summary>
    public bool Knows(string path)
    {
        lock (_gate)
        {
            return _entries.ContainsKey(path) || _below.ContainsKey(path);
        }
    }

    /// <summary>Whether anything is below the folder.</summary>
    public bool HasBelow(string path)
    {
        lock (_gate)
        {
            return _below.ContainsKey(path);
        }
    }

    /// <summary>Adds or replaces an entry.</summary>
    public void Set(string path, IndexEntry entry)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(path, out var known))
            {
                Count(path, 1);
            }

            _bytes += entry.Length - (known?.Length ?? 0);
            _entries[path] = entry;
            _edits++;
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
            _below.Clear();
            _bytes = 0;
            _edits++;
        }
    }

    /// <summary>Removes one entry, if there.</summary>
    public void Remove(string path)
    {
        lock (_gate)
        {
            if (_entries.Remove(path, out var entry))
            {
                _bytes -= entry.Length;
                Count(path, -1);
            }
        }
    }

    /// <summary>Removes the path and all below it; false when there was nothing.</summary>
    public bool RemoveTree(string path)
    {
        lock (_gate)
        {
            var any = _entries.Remove(path, out var entry);
            if (any)
            {
                _bytes -= entry!.Length;
                Count(path, -1);
            }

            if (!_below.ContainsKey(path))
            {
                return any;
            }

            var prefix = path + "/";
            foreach (var below in _entries.Keys.Where(p => p.StartsWith(prefix, StringComparison.Ordinal)).ToList())
            {
                _entries.Remove(below, out var gone);
                _bytes -= gone!.Length;
                Count(below, -1);
            }

            return true;
        }
    }

    /// <summary>Contents of the path and all below it (hex SHA-256) that the storage service has.</summary>
    public IReadOnlyList<string> Contents(string path)
    {
        lock (_gate)
        {
            var prefix = path + "/";
            var entries = !_below.ContainsKey(path)
                ? _entries.TryGetValue(path, out var one) ? [one] : []
                : _entries.Where(e => e.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(e => e.Value);
            return [.. entries.Where(e => e.Kind == ChangeKind.File).Select(e => Convert.ToHexStringLower(e.Hash))];
        }
    }

    /// <summary>The paths there now.</summary>
    public IReadOnlyList<string> Paths()
    {
        lock (_gate)
        {
            return [.. _entries.Keys];
        }
    }

    /// <summary>Saves what is known about the disk, so that the next start need not read every file.</summary>
    public void Save(string path)
    {
        lock (_gate)
        {
            var temporary = path + ".tmp";
            try
            {
                using (var writer = new BinaryWriter(File.Create(temporary)))
                {
                    writer.Write(FileVersion);
                    writer.Write(_entries.Count);
                    foreach (var (name, entry) in _entries)
                    {
                        writer.Write(name);
                        writer.Write((byte)entry.Kind);
                        writer.Write(entry.Mode);
                        writer.Write((byte)entry.Hash.Length);
                        writer.Write(entry.Hash);
                        writer.Write(entry.Size);
                        writer.Write(entry.Modified);
                        writer.Write(entry.Changed);
                    }
                }

                File.Move(temporary, path, overwrite: true);
            }
            catch
            {
                File.Delete(temporary); // it would take the room that others need
                throw;
            }
        }
    }

    /// <summary>
    /// Takes over what <see cref="Save"/> knew about the disk, for entries that are the same still.
    /// </summary>
    public void Recall(IReadOnlyDictionary<string, IndexEntry> saved)
    {
        foreach (var (name, then) in saved)
        {
            if (TryGet(name, out var now) && now.Kind == then.Kind
                && (now.Mode == then.Mode || now.Kind == ChangeKind.Link)
                && now.Hash.AsSpan().SequenceEqual(then.Hash))
            {
                Set(name, then with { Length = now.Length });
            }
        }
    }

    /// <summary>What <see cref="Save"/> wrote; of a missing or broken file as much as can be read, which only means that more is read anew.</summary>
    public static Dictionary<string, IndexEntry> ReadSaved(string path)
    {
        var saved = new Dictionary<string, IndexEntry>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return saved;
        }

        try
        {
            using var reader = new BinaryReader(File.OpenRead(path));
            if (reader.ReadInt32() != FileVersion)
            {
                return saved;
            }

            for (var count = reader.ReadInt32(); count > 0; count--)
            {
                var name = reader.ReadString();
                saved[name] = new IndexEntry(
                    (ChangeKind)reader.ReadByte(),
                    reader.ReadInt32(),
                    reader.ReadBytes(reader.ReadByte()),
                    reader.ReadInt64(),
                    reader.ReadInt64(),
                    reader.ReadInt64());
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            Console.Error.WriteLine($"{path}: {e.Message}");
        }

        return saved;
    }

    private void Count(string path, int by)
    {
        _edits++;
        for (var i = path.LastIndexOf('/'); i > 0; i = path.LastIndexOf('/', i - 1))
        {
            var folder = path[..i];
            var count = _below.GetValueOrDefault(folder) + by;
            if (count == 0)
            {
                _below.Remove(folder);
            }
            else
            {
                _below[folder] = count;
            }
        }
    }
}
