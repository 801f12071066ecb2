namespace DropIt.Orchestrator.Processes;

/// <summary>Where what belongs to one workspace lies below the data folder.</summary>
/// <param name="Data">The data folder.</param>
/// <param name="Slug">The workspace's slug.</param>
internal sealed record WorkspacePlace(string Data, string Slug)
{
    /// <summary>All that is removed with the workspace.</summary>
    public string Folder => Path.Combine(Data, "workspaces", Slug);

    /// <summary>Its files.</summary>
    public string Files => Path.Combine(Folder, "files");

    /// <summary>The runner's own state.</summary>
    public string State => Path.Combine(Folder, "state");

    /// <summary>HOME in the sandbox; package caches gather there.</summary>
    public string Home => Path.Combine(Folder, "home");

    /// <summary>/tmp in the sandbox: on disk, so that it takes none of the memory; emptied at each start.</summary>
    public string Temporary => Path.Combine(Folder, "tmp");

    /// <summary>A folder of its own for the runner's socket: all that a sandbox sees of where sockets lie.</summary>
    public string Run => Path.Combine(Data, "run", Slug);

    /// <summary>The runner's socket.</summary>
    public string Socket => Path.Combine(Run, "sock");

    /// <summary>What tells the next server of the process.</summary>
    public string Mark => Run + RunnerMark.Extension;

    /// <summary>What the runner says.</summary>
    public string Log => Path.Combine(Data, "logs", Slug + ".log");
}
