using System.ComponentModel;
using System.Text;
using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Sessions;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Runs;

/// <summary>
/// The one task of <c>dropit.json</c> that runs at a time, in a terminal of its own: idle, then (installing,) running, then exited or,
/// when the user stopped it, idle. Tells every page at each step.
/// </summary>
internal sealed class ProjectRun : IAsyncDisposable
{
    private static readonly TimeSpan StopStep = TimeSpan.FromSeconds(2);
    private static readonly (ushort, ushort) FirstSize = (120, 30);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly OpenSessions _sessions;
    private readonly TerminalSet _terminals;
    private readonly ProgramEnvironment _environment;
    private readonly Func<Project> _project;
    private readonly Dictionary<string, string> _terminalOfTask = [];
    private RunState _state = new(RunState.Idle);
    private Terminal? _terminal;
    private Task _following = Task.CompletedTask;
    private bool _stopped;

    /// <summary>Contributes <c>run</c> to the hello.</summary>
    /// <param name="project">What <c>dropit.json</c> says now.</param>
    public ProjectRun(
        RunnerOptions options, OpenSessions sessions, TerminalSet terminals, ProgramEnvironment environment, Func<Project> project)
    {
        _sessions = sessions;
        _terminals = terminals;
        _environment = environment;
        _project = project;
        Stamp = new InstallStamp(options.Root, options.State);
        sessions.AddHello("run", (_, writer) => JsonSerializer.Serialize(writer, State, RunJson.Default.RunState));
    }

    /// <summary>What was installed last.</summary>
    public InstallStamp Stamp { get; }

    /// <summary>What a start waits for: packages that are being brought back. Set before the first.</summary>
    public Func<Task> Packages { get; set; } = () => Task.CompletedTask;

    /// <summary>Where it is now.</summary>
    public RunState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Terminals of tasks that were brought back: a task that starts again takes the place of its own.</summary>
    public void Adopt(IEnumerable<Terminal> terminals)
    {
        foreach (var terminal in terminals.Where(t => t.Kind == TerminalKind.Run))
        {
            _terminalOfTask[terminal.Name] = terminal.Id;
        }
    }

    /// <summary>The last lines that it printed, as plain text; empty when its terminal is closed.</summary>
    public string LastLines(int lines) => State.Terminal is { } id ? _terminals.Find(id)?.LastLines(lines) ?? "" : "";

    /// <summary>Starts a task; the reply names its terminal, or says why it cannot run.</summary>
    /// <param name="task"><c>run</c>, <c>install</c> or <c>test</c>.</param>
    public async Task<Reply> StartAsync(string task, CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            return await StartWithPackagesAsync(task, ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Stops what runs: asks (Ctrl-C), insists, kills; returns when nothing of it is left.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await StopRunningAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Stops what runs and starts the same task again; <c>run</c> when nothing was run yet.</summary>
    public async Task<Reply> RestartAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await StopRunningAsync();
            return await StartWithPackagesAsync(State.Task ?? "run", ct);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        _turn.Dispose();
    }

    private async Task<Reply> StartWithPackagesAsync(string task, CancellationToken ct)
    {
        if (Packages() is { IsCompleted: false } packages)
        {
            Become(new RunState(RunState.Installing, task, Message: "Installed packages are being brought back from the cache."));
            await packages.WaitAsync(ct);
            Become(new RunState(RunState.Idle));
        }

        return Start(task);
    }

    private Reply Start(string task)
    {
        if (!_following.IsCompleted)
        {
            return Reply.Failed(ErrorCode.Busy, $"\"{State.Command}\" is running. Stop it first, or restart it.");
        }

        var project = _project();
        var command = task switch
        {
            "run" => project.Run,
            "install" => project.Install,
            _ => project.Test,
        };
        if (project.Error is { } error)
        {
            return Reply.Failed(ErrorCode.Failed, error);
        }

        if (string.IsNullOrWhiteSpace(command))
        {
            return Reply.Failed(
                ErrorCode.NotFound,
                $"{Project.FileName} does not say how to {task} this project. Add \"{task}\": \"<command>\" to it.");
        }

        var missing = project.Tools.Where(tool => _environment.Find(tool) is null).ToList();
        if (missing.Count > 0)
        {
            var sentence = ToolHints.Sentence(missing);
            Become(new RunState(RunState.Missing, task, null, command, null, sentence));
            return Reply.Failed(ErrorCode.MissingTool, sentence);
        }

        if (_terminalOfTask.Remove(task, out var before))
        {
            _terminals.TryClose(before);
        }

        var install = !string.IsNullOrWhiteSpace(project.Install)
            && (task == "install" || !Stamp.Holds(Stamp.Hash(project)));
        var plan = new Plan(task, project, install ? project.Install : null, task == "install" ? null : command);
        var first = plan.Install ?? command;
        var (terminal, refusal) = _terminals.Create(
            TerminalKind.Run, task, _environment.Command(Announced(first), project.Port), FirstSize, last: plan.Command is null || !install);
        if (terminal is null)
        {
            return Reply.Failed(ErrorCode.Limit, refusal!);
        }

        _terminalOfTask[task] = terminal.Id;
        _terminal = terminal;
        _stopped = false;
        Become(new RunState(install ? RunState.Installing : RunState.Running, task, terminal.Id, first));
        _following = FollowAsync(terminal, plan);
        return Reply.Of(new TerminalCreated(terminal.Id), TerminalJson.Default.TerminalCreated);
    }

    /// <summary>Sees the task through. Runs until its program has ended; <see cref="StopRunningAsync"/> waits for it.</summary>
    private async Task FollowAsync(Terminal terminal, Plan plan)
    {
        var status = await terminal.Ended;
        var state = State;
        if (plan.Install is not null)
        {
            if (status.Code == 0)
            {
                WriteStamp(plan, terminal);
            }

            if (plan.Command is not null)
            {
                if (status.Code != 0 || _stopped || terminal.Closing || !TryStart(terminal, plan))
                {
                    terminal.Finish(status);
                    Become(state with
                    {
                        State = _stopped ? RunState.Idle : RunState.Exited,
                        Code = status.Code,
                        Message = _stopped || status.Code == 0
                            ? null
                            : $"\"{plan.Install}\" failed with code {status.Code}, so \"{plan.Command}\" was not started. "
                                + "Its last lines in the terminal say why; mend that and run again.",
                    });
                    return;
                }

                state = new RunState(RunState.Running, plan.Task, terminal.Id, plan.Command);
                Become(state);
                status = await terminal.Ended;
            }
        }

        Become(_stopped ? state with { State = RunState.Idle } : state with { State = RunState.Exited, Code = status.Code });
    }

    private bool TryStart(Terminal terminal, Plan plan)
    {
        try
        {
            terminal.Start(_environment.Command(Announced(plan.Command!), plan.Project.Port));
            return true;
        }
        catch (Win32Exception e)
        {
            terminal.Print(Encoding.UTF8.GetBytes($"\r\n[drop.it] The shell could not be started: {e.Message}.\r\n"));
            return false;
        }
    }

    private void WriteStamp(Plan plan, Terminal terminal)
    {
        try
        {
            // Of what the manifests say now: installs write lock files.
            Stamp.Write(Stamp.Hash(plan.Project), plan.Project);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            terminal.Print(Encoding.UTF8.GetBytes(
                $"\r\n[drop.it] The next run will install again, as this install could not be noted: {e.Message}\r\n"));
        }
    }

    private async Task StopRunningAsync()
    {
        if (_following.IsCompleted || _terminal is not { } terminal)
        {
            return;
        }

        _stopped = true;
        var session = terminal.Process;
        terminal.SignalForeground(Libc.Interrupt);
        if (!await EndsAsync() && terminal.Process is { } asked)
        {
            ProcessTable.SignalSession(asked, Libc.Terminate);
        }

        if (!await EndsAsync() && terminal.Process is { } insisted)
        {
            ProcessTable.SignalSession(insisted, Libc.Kill);
        }

        await _following;
        if (session is { } left)
        {
            // What the shell left behind would keep the port.
            ProcessTable.SignalSession(left, Libc.Kill);
        }
    }

    private async Task<bool> EndsAsync() => await Task.WhenAny(_following, Task.Delay(StopStep)) == _following;

    private void Become(RunState state)
    {
        lock (_gate)
        {
            _state = state;
            _sessions.Broadcast("run", "run", state, RunJson.Default.RunState);
        }
    }

    /// <summary>Prints the command before it runs, as a shell's history would show it.</summary>
    private static string Announced(string command) =>
        $"printf '\\033[90m$ %s\\033[0m\\n' '{command.Replace("'", "'\\''", StringComparison.Ordinal)}'\n{command}";

    /// <summary>What a start comes to.</summary>
    /// <param name="Install">To run first; null when it is not needed.</param>
    /// <param name="Command">To run then; null for the task <c>install</c>.</param>
    private sealed record Plan(string Task, Project Project, string? Install, string? Command);
}
