using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Files;
using DropIt.Runner.Runs;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Lifecycle;

/// <summary>What <c>dropit.json</c> said when it was last read, and the rules that follow from it.</summary>
internal sealed class CurrentProject
{
    private readonly WorkspaceFiles _files;
    private readonly OpenSessions _sessions;
    private volatile Project _project = new();
    private volatile IgnoreRules _rules = new([]);

    /// <summary>Contributes <c>project</c> to the hello. Nothing is read yet.</summary>
    public CurrentProject(WorkspaceFiles files, OpenSessions sessions)
    {
        _files = files;
        _sessions = sessions;
        sessions.AddHello("project", (_, writer) =>
            JsonSerializer.Serialize(writer, _project, WorkspaceJson.Default.Project));
    }

    /// <summary>What the file said.</summary>
    public Project Now => _project;

    /// <summary>What is ignored.</summary>
    public IgnoreRules Rules => _rules;

    /// <summary>Reads the file and tells the pages; true when other paths are ignored now. A broken file leaves the rules as they were.</summary>
    public bool Reload()
    {
        var before = _project;
        _project = ProjectFile.Read(_files.Root);
        _sessions.Broadcast("project", "project", _project, WorkspaceJson.Default.Project);
        if (_project.Error is not null || _project.Ignore.SequenceEqual(before.Ignore))
        {
            return false;
        }

        _rules = new IgnoreRules(_project.Ignore);
        return true;
    }
}
