using DropIt.Runner.Files;

namespace DropIt.Runner.Terminals;

/// <summary>Which file a program means by a name that it printed.</summary>
internal static class PrintedPaths
{
    /// <summary>Most names asked for at once: those of one long line.</summary>
    public const int Max = 64;

    /// <summary>The file's path relative to the root, <c>/</c> between names; null when no file of the workspace has that name.</summary>
    /// <param name="root">The workspace's root, without links.</param>
    /// <param name="folder">Where the program works, absolute; tried before the root.</param>
    /// <param name="printed">Absolute, relative, <c>file://</c> or beginning with <c>~/</c>.</param>
    public static string? Find(string root, string? folder, string printed)
    {
        if (printed.Length is 0 or > WorkspaceFiles.MaxPath || printed.Contains('\0'))
        {
            return null;
        }

        var name = printed.StartsWith("file://", StringComparison.Ordinal) ? printed["file://".Length..] : printed;
        if (name.StartsWith("~/", StringComparison.Ordinal))
        {
            name = (Environment.GetEnvironmentVariable("HOME") ?? root) + name[1..];
        }

        return Inside(root, Path.Combine(folder ?? root, name)) ?? Inside(root, Path.Combine(root, name));
    }

    private static string? Inside(string root, string path)
    {
        var full = Path.GetFullPath(path);
        var at = full.StartsWith(root + "/", StringComparison.Ordinal) ? full : FileStat.RealPath(full);
        return at is not null
            && at.StartsWith(root + "/", StringComparison.Ordinal)
            && FileStat.RealPath(at) is { } real
            && real.StartsWith(root + "/", StringComparison.Ordinal)
            && FileStat.Of(real) is { Kind: FileKind.File }
            ? at[(root.Length + 1)..]
            : null;
    }
}
