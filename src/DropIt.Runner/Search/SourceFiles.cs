using DropIt.Runner.Files;

namespace DropIt.Runner.Search;

/// <summary>The files that a person means by "the files of this project": neither rebuildable, nor ignored by git, nor git's own.</summary>
internal static class SourceFiles
{
    private static readonly string[] IgnoreFiles = [".gitignore", ".ignore"];

    /// <summary>Their paths, files of a folder before those of the folders in it. Links are not followed.</summary>
    /// <param name="root">Absolute path of the workspace.</param>
    /// <param name="rules">The project's own; null goes into everything but <c>.git</c>, and asks no <c>.gitignore</c> either.</param>
    public static IEnumerable<string> Below(string root, IgnoreRules? rules)
    {
        var folders = new Stack<(string Path, GitIgnore? Ignore)>();
        folders.Push(("", rules is null ? null : Read(null, "", $"{root}/.git/info/exclude")));
        var below = new List<(string Path, GitIgnore? Ignore)>();
        while (folders.TryPop(out var folder))
        {
            var full = folder.Path.Length == 0 ? root : $"{root}/{folder.Path}";
            var names = TreeWalk.Names(full).ToList();
            var ignore = folder.Ignore;
            if (rules is not null)
            {
                foreach (var file in IgnoreFiles)
                {
                    if (names.Exists(name => name.Name == file))
                    {
                        ignore = Read(ignore, folder.Path, $"{full}/{file}");
                    }
                }
            }

            names.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
            below.Clear();
            foreach (var (name, isFolder) in names)
            {
                var path = folder.Path.Length == 0 ? name : $"{folder.Path}/{name}";
                if (name == ".git"
                    || (rules is null ? WorkspaceFiles.IsTemporary(name) : rules.Ignores(path, isFolder))
                    || ignore?.Ignores(path, isFolder) == true)
                {
                    continue;
                }

                if (isFolder)
                {
                    below.Add((path, ignore));
                }
                else
                {
                    yield return path;
                }
            }

            for (var i = below.Count - 1; i >= 0; i--)
            {
                folders.Push(below[i]);
            }
        }
    }

    private static GitIgnore? Read(GitIgnore? above, string folder, string full)
    {
        if (FileStat.Of(full) is not { Kind: FileKind.File, Size: <= GitIgnore.MaxLength })
        {
            return above;
        }

        try
        {
            return GitIgnore.Of(above, folder, File.ReadAllText(full));
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            return above;
        }
    }
}
