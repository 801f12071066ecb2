using System.Globalization;

namespace DropIt.Orchestrator.Sandboxes;

/// <summary>
/// A control group (version 2) a workspace, where the server's user may make them: below the server's own group when that is the server's alone (a service
/// with <c>Delegate=yes</c>), or beside it (a login of systemd, root).
/// </summary>
internal sealed class ControlGroups
{
    private const string Root = "/sys/fs/cgroup";
    private const string Trial = "trial";

    private readonly string _above;
    private readonly SandboxOptions _options;

    private ControlGroups(string above, SandboxOptions options) => (_above, _options) = (above, options);

    /// <summary>Tries to make one; else says why it cannot.</summary>
    public static (ControlGroups? Groups, string Why) Find(SandboxOptions options)
    {
        try
        {
            if (!File.Exists(Path.Combine(Root, "cgroup.controllers")))
            {
                return (null, "this machine has no control groups of version 2");
            }

            // "0::/user.slice/user-1000.slice/..."
            var own = Root + File.ReadLines("/proc/self/cgroup").First(line => line.StartsWith("0::", StringComparison.Ordinal))[3..].TrimEnd('/');
            return Below(own, options, prepare: true) is { } below ? (below, "")
                : own != Root && Below(Path.GetDirectoryName(own)!, options, prepare: false) is { } beside ? (beside, "")
                : (null, "the server's user may make no control group with bounds");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return (null, $"control groups cannot be read ({e.Message})");
        }
    }

    /// <summary>The group of a workspace, with its bounds; a process that writes 0 to its <c>cgroup.procs</c> is in it.</summary>
    public string Make(string name)
    {
        var folder = FolderOf(name);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "memory.max"), _options.MemoryBytes.ToString(CultureInfo.InvariantCulture));
        File.WriteAllText(Path.Combine(folder, "pids.max"), _options.Processes.ToString(CultureInfo.InvariantCulture));
        return folder;
    }

    /// <summary>Removes a group that nothing is in; one that something still ends in stays, and is used again.</summary>
    public void Remove(string name)
    {
        try
        {
            Directory.Delete(FolderOf(name));
        }
        catch (IOException)
        {
            // As said.
        }
    }

    private static ControlGroups? Below(string folder, SandboxOptions options, bool prepare)
    {
        try
        {
            if (!Bounds(folder))
            {
                // A group that hands bounds down may hold no process itself.
                if (!prepare || File.ReadAllText(Path.Combine(folder, "cgroup.procs")).Trim() != Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
                {
                    return null;
                }

                var leaf = Path.Combine(folder, "dropit-server");
                Directory.CreateDirectory(leaf);
                File.WriteAllText(Path.Combine(leaf, "cgroup.procs"), "0");
                File.WriteAllText(Path.Combine(folder, "cgroup.subtree_control"), "+memory +pids");
            }

            var groups = new ControlGroups(folder, options);
            groups.Make(Trial);
            groups.Remove(Trial);
            return groups;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool Bounds(string folder) =>
        File.ReadAllText(Path.Combine(folder, "cgroup.subtree_control")).Split(' ', '\n') is var handed && handed.Contains("memory") && handed.Contains("pids");

    private string FolderOf(string name) => Path.Combine(_above, "dropit-" + name);
}
