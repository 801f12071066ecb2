namespace DropIt.Orchestrator.Sandboxes;

/// <summary>Whether workspaces that are processes of this machine run in a sandbox.</summary>
public enum SandboxChoice
{
    /// <summary>Where the machine lets one be made.</summary>
    Auto,

    /// <summary>Always: a server that cannot make one does not start.</summary>
    Bubblewrap,

    /// <summary>Never.</summary>
    None,
}

/// <summary>How a sandbox is to be.</summary>
public sealed record SandboxOptions
{
    /// <summary>Whether there is to be one.</summary>
    public required SandboxChoice Choice { get; init; }

    /// <summary>Most bytes of memory: of a workspace in a control group, of each of its programs without one.</summary>
    public required long MemoryBytes { get; init; }

    /// <summary>Most processes and threads of a workspace.</summary>
    public required int Processes { get; init; }

    /// <summary>Folders that all workspaces may read and write, such as package caches.</summary>
    public required IReadOnlyList<string> Shared { get; init; }

    /// <summary>Files with secrets of the server, outside its data folder, that its user can read.</summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>A folder may be shared: it is there, and neither holds the data folder nor lies in it.</summary>
    public static bool MayShare(string folder, string data) =>
        Path.IsPathRooted(folder) && Directory.Exists(folder) && !MachineFolders.Holds(Path.GetFullPath(folder), data) && !MachineFolders.Holds(data, Path.GetFullPath(folder));
}
