using System.Runtime.InteropServices;
using DropIt.Protocol.Workspaces;

namespace DropIt.Orchestrator.Sandboxes;

/// <summary>What sandboxes show of the machine, as it was when the server started.</summary>
/// <param name="Etc">The folder that is <c>/etc</c>.</param>
/// <param name="Closed">What of that is not shown.</param>
/// <param name="Toolchains">As <see cref="MachineFolders.Toolchains"/> says.</param>
internal sealed record MachineView(string Etc, IReadOnlyList<(string Path, bool IsFolder)> Closed, IReadOnlyList<string> Toolchains)
{
    /// <summary>Looks at the machine.</summary>
    /// <param name="data">The data folder.</param>
    /// <param name="home">The home folder of the server's user.</param>
    public static MachineView Read(string data, string home)
    {
        var toolchains = MachineFolders.Toolchains(Environment.GetEnvironmentVariable, home, data);
        if (!Environment.IsPrivilegedProcess)
        {
            return new("/etc", MachineFolders.Closed("/etc"), toolchains);
        }

        // A file that is replaced loses what covers it, and root could read the new one (a changed password): root's sandboxes have a copy.
        var etc = Path.Combine(data, "run", "etc");
        MachineFolders.CopyOpen("/etc", etc);
        return new(etc, [], toolchains);
    }
}

/// <summary>What a sandbox shows of the machine, to be read only: the system, and the toolchains that the server's own environment names.</summary>
internal static partial class MachineFolders
{
    private const int MayRead = 4;
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

    /// <summary>What of a folder the server's user may read and not every account of the machine.</summary>
    public static IReadOnlyList<(string Path, bool IsFolder)> Closed(string folder)
    {
        var closed = new List<(string, bool)>();
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos().Where(entry => entry.LinkTarget is null))
        {
            var isFolder = entry is DirectoryInfo;
            if (IsOpen(entry))
            {
                closed.AddRange(isFolder ? Closed(entry.FullName) : []);
            }
            else if (Access(entry.FullName, MayRead) == 0)
            {
                closed.Add((entry.FullName, isFolder));
            }
        }

        return closed;
    }

    /// <summary>
    /// Copies what every account of the machine may read of a folder; what is there already and as old stays, so that sandboxes which show the copy lose
    /// nothing.
    /// </summary>
    public static void CopyOpen(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            var copy = new FileInfo(Path.Combine(to, entry.Name));
            if (entry.LinkTarget is { } target)
            {
                if (copy.LinkTarget != target)
                {
                    copy.Delete();
                    copy.CreateAsSymbolicLink(target);
                }
            }
            else if (entry is DirectoryInfo && IsOpen(entry))
            {
                CopyOpen(entry.FullName, copy.FullName);
            }
            else if (entry is FileInfo file && IsOpen(file)
                && !(copy.Exists && copy.LastWriteTimeUtc == file.LastWriteTimeUtc && copy.Length == file.Length))
            {
                file.CopyTo(copy.FullName + ".new", overwrite: true);
                File.Move(copy.FullName + ".new", copy.FullName, overwrite: true);
            }
        }
    }

    /// <summary><paramref name="path"/> is <paramref name="folder"/> or lies in it.</summary>
    public static bool Holds(string folder, string path) =>
        path == folder || folder == "/" || path.StartsWith(folder + "/", StringComparison.Ordinal);

    private static bool IsOpen(FileSystemInfo entry) =>
        entry is DirectoryInfo ? (entry.UnixFileMode & EnteredByAll) == EnteredByAll : (entry.UnixFileMode & ReadByAll) != 0;

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Access(string path, int mode);

    private static string Trimmed(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}
