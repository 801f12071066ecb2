using System.Globalization;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Files;

/// <summary>
/// What was deleted by hand, kept for a while so that it can be brought back. It lies in the state folder, outside the workspace: the journal does not
/// keep it, and it goes when the runner ends.
/// </summary>
internal sealed class Trash
{
    /// <summary>Deletions that are kept, the oldest goes first: about as many as a page remembers to undo.</summary>
    private const int MaxItems = 64;

    /// <summary>Paths in one deletion; what has more is rebuildable rather than written, and counting it would take long.</summary>
    private const int MaxPaths = 20_000;

    /// <summary>Bytes of all that is kept: the disk of a workspace is small.</summary>
    private const long MaxBytes = 256L * 1024 * 1024;

    /// <summary>A disk with less than a twentieth, and less than this, is nearly full.</summary>
    private const int TightPart = 20;

    private readonly Lock _lock = new();
    private readonly LinkedList<Item> _items = new();
    private readonly string _folder;
    private readonly string _root;
    private long _bytes;
    private int _last;

    /// <summary>Of the workspace in <paramref name="root"/>; what an earlier runner kept below <paramref name="state"/> is removed.</summary>
    public Trash(string root, string state)
    {
        _root = root;
        _folder = Path.Combine(state, "trash");
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Whether all at <paramref name="full"/> is little enough to be kept.</summary>
    public static bool Takes(string full) => SizeOf(full) is not null;

    /// <summary>
    /// Moves what is at <paramref name="full"/> here. Null when it cannot be kept: too large, or the disk is nearly full. It is
    /// still there then.
    /// </summary>
    /// <param name="relative">Its path in the workspace.</param>
    /// <param name="full">Absolute, without links on the way.</param>
    public string? Take(string relative, string full)
    {
        if (SizeOf(full) is not { } bytes)
        {
            return null;
        }

        lock (_lock)
        {
            if (IsTight())
            {
                // Who deletes now wants room: what was deleted before gives way first.
                while (_items.First is { } oldest)
                {
                    Drop(oldest);
                }

                return null;
            }

            var id = (++_last).ToString(CultureInfo.InvariantCulture);
            try
            {
                Directory.CreateDirectory(_folder);
                if (!FileOperations.Move(full, Path.Combine(_folder, id)))
                {
                    return null;
                }
            }
            catch (IOException) when (FileStat.Of(full) is not null)
            {
                return null; // no room, or nothing that may be moved
            }

            _items.AddLast(new Item(id, relative, bytes));
            _bytes += bytes;
            while (_items.Count > MaxItems || _bytes > MaxBytes)
            {
                Drop(_items.First!);
            }

            return id;
        }
    }

    private bool IsTight()
    {
        var disk = new DriveInfo(_root);
        return disk.AvailableFreeSpace < Math.Min(MaxBytes, disk.TotalSize / TightPart);
    }

    /// <summary>Puts it back to where it was, with the folders above.</summary>
    /// <returns>Its path; or why not, for the user.</returns>
    public (string? Path, ErrorCode Code, string Message) Restore(string id)
    {
        lock (_lock)
        {
            var node = _items.First;
            while (node is not null && node.Value.Id != id)
            {
                node = node.Next;
            }

            if (node is null)
            {
                return (null, ErrorCode.NotFound, "That is no longer in the trash. An earlier state of the workspace may still have it.");
            }

            var (_, relative, bytes) = node.Value;
            var full = Path.Combine(_root, relative);
            if (FileStat.Of(full) is not null)
            {
                return (null, ErrorCode.Exists, $"\"{relative}\" exists again. Rename that one, then undo once more.");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            if (!FileOperations.Move(Path.Combine(_folder, id), full))
            {
                return (null, ErrorCode.Exists, $"\"{relative}\" exists again. Rename that one, then undo once more.");
            }

            _items.Remove(node);
            _bytes -= bytes;
            return (relative, default, "");
        }
    }

    private void Drop(LinkedListNode<Item> node)
    {
        FileOperations.Remove(Path.Combine(_folder, node.Value.Id));
        _bytes -= node.Value.Bytes;
        _items.Remove(node);
    }

    /// <summary>Bytes below a path; null past the bounds.</summary>
    private static long? SizeOf(string full)
    {
        if (FileStat.Of(full) is not { } stat || stat.Kind != FileKind.Folder)
        {
            return FileStat.Of(full)?.Size is { } size && size <= MaxBytes ? size : null;
        }

        var (paths, bytes) = (0, 0L);
        foreach (var (path, folder) in TreeWalk.Below(full, "", null))
        {
            bytes += folder ? 0 : FileStat.Of($"{full}/{path}")?.Size ?? 0;
            if (++paths > MaxPaths || bytes > MaxBytes)
            {
                return null;
            }
        }

        return bytes;
    }

    private sealed record Item(string Id, string Path, long Bytes);
}
