using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DropIt.Runner.Files;

namespace DropIt.Runner.Caching;

/// <summary>A path in a folder that can be built again.</summary>
/// <param name="Path">Relative to the workspace's root.</param>
/// <param name="Stat">As it was found.</param>
internal readonly record struct CachedPath(string Path, FileStat Stat);

/// <summary>
/// A folder that is not journalled because it can be built again (<c>node_modules</c>, <c>.venv</c>, <c>target</c>), and what is in it.
/// </summary>
/// <param name="Path">Relative to the workspace's root.</param>
/// <param name="Key">Another one when what it was built from has changed; see <see cref="LockFiles"/>.</param>
/// <param name="Paths">The folder itself and all below it, folders ahead of what they hold. Sockets and devices are left out.</param>
internal sealed record CachedFolder(string Path, string Key, IReadOnlyList<CachedPath> Paths)
{
    /// <summary>Paths in one folder; past it the folder is not kept.</summary>
    public const int MaxPaths = 200_000;

    private static readonly EnumerationOptions s_all = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = true };

    /// <summary>Bytes of all files.</summary>
    public long Bytes => Paths.Where(p => p.Stat.Kind == FileKind.File).Sum(p => p.Stat.Size);

    /// <summary>All such folders, not those inside of others.</summary>
    public static List<CachedFolder> Find(string root, IgnoreRules rules, CancellationToken ct)
    {
        var found = new List<CachedFolder>();
        var next = new Stack<string>([""]);
        while (next.TryPop(out var folder))
        {
            ct.ThrowIfCancellationRequested();
            foreach (var entry in new DirectoryInfo($"{root}/{folder}").EnumerateDirectories("*", s_all))
            {
                var path = folder.Length == 0 ? entry.Name : $"{folder}/{entry.Name}";
                if (entry.LinkTarget is not null || WorkspaceFiles.IsTemporary(entry.Name))
                {
                    continue;
                }

                if (!rules.Ignores(path, folder: true))
                {
                    next.Push(path);
                }
                else if (PathsIn(root, path, ct) is { } paths)
                {
                    found.Add(new CachedFolder(path, LockFiles.KeyOf(root, path), paths));
                }
            }
        }

        return found;
    }

    /// <summary>Another number when anything in the folders has changed; whole seconds count, as an archive has them.</summary>
    public static UInt128 Fingerprint(IEnumerable<CachedFolder> folders)
    {
        var sum = UInt128.Zero;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (var folder in folders)
        {
            Add(folder.Path + "\0" + folder.Key, hash);
            foreach (var (path, stat) in folder.Paths)
            {
                var when = stat.Kind == FileKind.File ? $"{stat.Size} {stat.Modified / 1_000_000_000}" : "";
                Add($"{path}\0{stat.Kind} {stat.Mode} {when}", hash);
            }
        }

        return sum;

        void Add(string text, Span<byte> into)
        {
            SHA256.HashData(Encoding.UTF8.GetBytes(text), into);
            sum += BinaryPrimitives.ReadUInt128LittleEndian(into);
        }
    }

    /// <summary>Null when there are too many.</summary>
    private static List<CachedPath>? PathsIn(string root, string folder, CancellationToken ct)
    {
        var paths = new List<CachedPath>();
        var next = new Stack<string>([folder]);
        while (next.TryPop(out var path))
        {
            ct.ThrowIfCancellationRequested();
            if (FileStat.Of($"{root}/{path}") is not { } stat || stat.Kind == FileKind.Other)
            {
                continue;
            }

            if (paths.Count == MaxPaths)
            {
                return null;
            }

            paths.Add(new CachedPath(path, stat));
            if (stat.Kind == FileKind.Folder)
            {
                foreach (var entry in Directory.EnumerateFileSystemEntries($"{root}/{path}", "*", s_all))
                {
                    next.Push(entry[(root.Length + 1)..]);
                }
            }
        }

        return paths;
    }
}
