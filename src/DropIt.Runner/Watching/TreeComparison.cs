using DropIt.Protocol.Journal;
using DropIt.Runner.Files;
using DropIt.Runner.Journal;

namespace DropIt.Runner.Watching;

/// <summary>Finds what changed without having been told: by comparing the whole tree with what is known of it.</summary>
/// <param name="Paths">Those that differ, came or went.</param>
/// <param name="Folders">Those whose listing changed.</param>
internal sealed record TreeComparison(IReadOnlyCollection<string> Paths, IReadOnlyCollection<string> Folders)
{
    /// <summary>Goes through the tree, reading no file.</summary>
    public static TreeComparison Of(string root, IgnoreRules rules, FileIndex index)
    {
        var paths = new List<string>();
        var folders = new HashSet<string>();
        var seen = new HashSet<string>();
        foreach (var (path, isFolder) in TreeWalk.Below(root, "", rules))
        {
            seen.Add(path);
            if (!index.Knows(path))
            {
                paths.Add(path);
                folders.Add(Parent(path));
            }
            else if (isFolder
                ? FileStat.Of($"{root}/{path}") is not { } folder
                    || (index.TryGet(path, out var entry)
                        ? entry.Kind != ChangeKind.Folder || entry.Mode != folder.Mode
                        : folder.Mode != ChangeReader.UsualFolderMode)
                : !index.TryGet(path, out entry) || FileStat.Of($"{root}/{path}") is not { } stat || !entry.Fits(stat))
            {
                paths.Add(path);
            }
        }

        foreach (var path in index.Paths())
        {
            if (!seen.Contains(path)
                && !rules.IgnoresAnyOf(path, index.TryGet(path, out var entry) && entry.Kind == ChangeKind.Folder))
            {
                paths.Add(path);
                folders.Add(Parent(path));
            }
        }

        return new TreeComparison(paths, folders);
    }

    private static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];
}
