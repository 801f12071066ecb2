using System.Globalization;
using DropIt.Orchestrator.Processes;
using DropIt.Protocol.Workspaces;

namespace DropIt.Orchestrator.Sandboxes;

/// <summary>
/// The command line of bubblewrap for one workspace. Folders are where they are outside, so that paths in files (of a virtual environment, of a build)
/// mean the same in a sandbox and without one.
/// <code>
///   read only   /usr /bin /lib .. /opt /etc, toolchains that PATH names, the runner, the folder with the storage service's socket
///   own         /tmp, /dev, /proc, HOME, files, state, the folder with the runner's socket
///   shared      what --sandbox-share names, the network
///   not there   everything else: homes, /root, /run, /sys, /var, the data folder's rest
/// </code>
/// </summary>
internal static class Bubblewrap
{
    private const string Unix = "unix:";

    /// <summary>Bytes of shared memory: as containers have it; more would be a way around the bound on memory.</summary>
    private const int SharedMemory = 64 * 1024 * 1024;

    // Writing there is root's right, and the programs of a server that runs as root are root to these files.
    private static readonly string[] s_kernel = ["sys", "sysrq-trigger", "fs", "acpi", "scsi", "mtrr"];

    /// <summary>All arguments before the program's own.</summary>
    /// <param name="options">What is shared and hidden.</param>
    /// <param name="place">The workspace's folders, which exist.</param>
    /// <param name="runner">The runner's executable.</param>
    /// <param name="storage">The storage service's address.</param>
    /// <param name="machine">What is shown of the machine.</param>
    public static List<string> Arguments(SandboxOptions options, WorkspacePlace place, string runner, string storage, MachineView machine)
    {
        // 1. Namespaces of its own but for the network; no rights, no way to more of either.
        List<string> line =
        [
            "--die-with-parent", "--unshare-user", "--disable-userns", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
            "--cap-drop", "ALL",
        ];

        // 2. The system.
        foreach (var folder in MachineFolders.System)
        {
            var there = new DirectoryInfo(folder);
            line.AddRange(there.LinkTarget is { } target ? ["--symlink", target, folder] : there.Exists ? ["--ro-bind", folder, folder] : []);
        }

        line.AddRange(["--ro-bind", machine.Etc, "/etc"]);
        foreach (var (path, isFolder) in machine.Closed)
        {
            Hide(path, isFolder);
        }

        // The resolver's file is often a link to where a service writes it anew.
        if (File.ResolveLinkTarget("/etc/resolv.conf", returnFinalTarget: true) is { } resolver && !MachineFolders.Holds("/etc", resolver.FullName))
        {
            ReadOnly(Path.GetDirectoryName(resolver.FullName)!);
        }

        line.AddRange(["--proc", "/proc"]);
        foreach (var name in s_kernel)
        {
            ReadOnly("/proc/" + name);
        }

        ReadOnly("/sys/devices/system/cpu");
        line.AddRange(["--dev", "/dev", "--size", SharedMemory.ToString(CultureInfo.InvariantCulture), "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]);
        line.AddRange(["--bind", place.Temporary, "/tmp", "--dir", "/var", "--symlink", "../tmp", "/var/tmp", "--dir", "/run"]);
        foreach (var path in machine.Toolchains)
        {
            ReadOnly(path);
        }

        foreach (var path in options.Shared)
        {
            line.AddRange(["--bind-try", path, path]);
        }

        // 3. The workspace's own, with the rest of the data folder out of sight wherever that lies.
        foreach (var path in options.Secrets.Where(path => Path.Exists(path) && MachineFolders.System.Append("/etc").Concat(machine.Toolchains).Any(folder => MachineFolders.Holds(folder, path))))
        {
            Hide(path, Directory.Exists(path));
        }

        line.AddRange(["--tmpfs", place.Data]);
        ReadOnly(runner);
        if (storage.StartsWith(Unix, StringComparison.Ordinal))
        {
            ReadOnly(Path.GetDirectoryName(storage[Unix.Length..])!);
        }

        // One mount for all that is the workspace's: what is moved within it is renamed, not copied.
        foreach (var path in (string[])[place.Folder, place.Run])
        {
            line.AddRange(["--bind", path, path]);
        }

        line.AddRange(["--remount-ro", place.Data, "--remount-ro", "/", "--chdir", place.Files, "--"]);
        return line;

        void ReadOnly(string path) => line.AddRange(["--ro-bind-try", path, path]);

        void Hide(string path, bool isFolder) => line.AddRange(isFolder ? ["--size", "4096", "--tmpfs", path] : ["--ro-bind", "/dev/null", path]);
    }

    /// <summary>What the runner and its programs get of the server's environment.</summary>
    /// <param name="environment">The server's variables.</param>
    /// <param name="options">What is shared.</param>
    /// <param name="place">The workspace's folders.</param>
    /// <param name="userHome">The home folder of the server's user.</param>
    /// <param name="machine">What is shown of the machine.</param>
    public static Dictionary<string, string> Variables(
        Func<string, string?> environment, SandboxOptions options, WorkspacePlace place, string userHome, MachineView machine)
    {
        var variables = new Dictionary<string, string>();
        foreach (var name in ProgramVariables.PassedOn)
        {
            if (environment(name) is { } value
                && (!ProgramVariables.Written.Contains(name) || options.Shared.Any(folder => MachineFolders.Holds(folder, value))))
            {
                variables[name] = value;
            }
        }

        variables["HOME"] = place.Home;

        if (machine.Toolchains.Contains(MachineFolders.Rust(userHome)))
        {
            variables.TryAdd("RUSTUP_HOME", MachineFolders.Rust(userHome));
        }

        return variables;
    }
}
