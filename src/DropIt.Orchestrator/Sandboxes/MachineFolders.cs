using DropIt.Protocol.Workspaces;

namespace DropIt.Orchestrator.Sandboxes;

/// <summary>What a sandbox shows of the machine, to be read only: the system, and the toolchains that the server's own environment names.</summary>
internal static class MachineFolders
{
    private const UnixFileMode ReadByAll = UnixFileMode.OtherRead;
    private const UnixFileMode EnteredByAll = UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Folders of programs and libraries; where one is a link (<c>/bin</c> to <c>usr/bin</c>), so it is in the sandbox.</summary>
    public static IReadOnlyList<string> System { get; } = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix", "/gnu"];

    /// <summary>
    /// Folders and files that are shown besides, shortest first: what PATH and variables such as JAVA_HOME name and <see cref="System"/> does not hold.
    /// A program in <c>~/.nvm/versions/node/v22/bin</c> needs the folder above, of which it is a part. Never shown so: the home folder itself, <c>~/.local</c>
    /// (keyrings lie there), and whatever holds the data folder or lies in it.
    /// </summary>
    /// <param name="environment">The server's variables.</param>
    /// <param name="home">The home folder of the server's user.</param>
    /// <param name="data">The data folder.</param>
    public static IReadOnlyList<string> Toolchains(Func<string, string?> environment, string home, string data)
    {
        var path = (environment("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var named = path.Select(Prefix).Append(path.Contains(Path.Combine(home, ".cargo", "bin")) ? Rust(home) : "").Concat(
            ProgramVariables.PassedOn.Where(name => name != "PATH" && !ProgramVariables.Written.Contains(name)).Select(name => environment(name) ?? ""));
        var shown = new List<string>();
        foreach (var one in named.Where(Path.IsPathRooted).Select(Trimmed).Where(one => Path.Exists(one) && MayShow(one)).Distinct().OrderBy(one => one.Length))
        {
            if (!shown.Exists(folder => Holds(folder, one)))
            {
                shown.Add(one);
            }
        }

        return shown;

        string Prefix(string folder)
        {
            var above = Path.GetDirectoryName(Trimmed(folder));
            return above is not null && Path.GetFileName(Trimmed(folder)) is "bin" or "shims" && MayShow(above!) && above != Path.Combine(home, ".local")
                && Array.Exists(["lib", "libexec", "share", "include", "versions"], part => Directory.Exists(Path.Combine(above!, part)))
                    ? above!
                    : folder;
        }

        bool MayShow(string one) =>
            !Holds(one, home) && !Holds(one, data) && !Holds(data, one) && !Holds("/etc", one) && !Holds("/proc", one) && !System.Any(folder => Holds(folder, one));
    }

    /// <summary>Where the programs in <c>~/.cargo/bin</c> look for the toolchains that they stand for.</summary>
    public static string Rust(string home) => Path.Combine(home, ".rustup");

    /// <summary>
    /// What of <c>/etc</c> not every account of the machine may read: the sandbox's programs are the server's user, perhaps root, and must get no more
    /// than anyone.
    /// </summary>
    public static IReadOnlyList<(string Path, bool IsFolder)> Closed(string folder)
    {
        var closed = new List<(string, bool)>();
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (entry.LinkTarget is not null)
            {
                continue; // what it leads to is judged itself, or not there
            }

            if (entry is DirectoryInfo)
            {
                if ((entry.UnixFileMode & EnteredByAll) == EnteredByAll)
                {
                    closed.AddRange(Closed(entry.FullName));
                }
                else
                {
                    closed.Add((entry.FullName, true));
                }
            }
            else if ((entry.UnixFileMode & ReadByAll) == 0)
            {
                closed.Add((entry.FullName, false));
            }
        }

        return closed;
    }

    /// <summary><paramref name="path"/> is <paramref name="folder"/> or lies in it.</summary>
    public static bool Holds(string folder, string path) =>
        path == folder || folder == "/" || path.StartsWith(folder + "/", StringComparison.Ordinal);

    private static string Trimmed(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}
