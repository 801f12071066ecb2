using System.IO.Enumeration;

namespace DropIt.Runner.Files;

/// <summary>Goes through the tree without following links and without going into ignored folders.</summary>
internal static class TreeWalk
{
    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = true,
        ReturnSpecialDirectories = false,
    };

    /// <summary>Every path below <paramref name="from"/>, folders before what is in them.</summary>
    /// <param name="root">Absolute path of the workspace.</param>
    /// <param name="from">Relative path of the folder to begin in; <c>""</c> is the root. A link or a file has nothing below it.</param>
    /// <param name="rules">What to leave out; null leaves out only files being written.</param>
    public static IEnumerable<(string Path, bool Folder)> Below(string root, string from, IgnoreRules? rules)
    {
        var folders = new Stack<string>();
        folders.Push(from);
        while (folders.TryPop(out var folder))
        {
            foreach (var (name, isFolder) in Names(folder.Length == 0 ? root : $"{root}/{folder}"))
            {
                var path = folder.Length == 0 ? name : $"{folder}/{name}";
                if (rules is null ? WorkspaceFiles.IsTemporary(name) : rules.Ignores(path, isFolder))
                {
                    continue;
                }

                yield return (path, isFolder);
                if (isFolder)
                {
                    folders.Push(path);
                }
            }
        }
    }

    /// <summary>The names in one folder; none when it can not be read.</summary>
    public static IEnumerable<(string Name, bool Folder)> Names(string full)
    {
        IEnumerator<(string, bool)> names;
        try
        {
            names = new FileSystemEnumerable<(string, bool)>(
                full,
                (ref FileSystemEntry entry) =>
                    (entry.FileName.ToString(), entry.IsDirectory && (entry.Attributes & FileAttributes.ReparsePoint) == 0),
                Everything).GetEnumerator();
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            yield break;
        }

        using (names)
        {
            while (true)
            {
                try
                {
                    if (!names.MoveNext())
                    {
                        yield break;
                    }
                }
                catch (Exception e) when (FileFailure.Expected(e))
                {
                    yield break;
                }

                yield return names.Current;
            }
        }
    }
}
