using DropIt.Protocol.Workspaces;
using DropIt.Runner.Access;
using DropIt.Runner.Machine;
using DropIt.Runner.Ports;
using DropIt.Runner.Preview;
using DropIt.Runner.Sessions;
using DropIt.Runner.Terminals;
using Yarp.ReverseProxy.Forwarder;

namespace DropIt.Runner.Runs;

/// <summary>Everything of the workspace that starts programs or watches them: terminals, the run, ports, previews.</summary>
internal sealed class WorkspacePrograms : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly RunnerOptions _options;
    private readonly Activity _activity;
    private readonly Task _watching;
    private PreviewForwarder? _forwarder;

    /// <summary>Starts to watch; registers requests, contributions to the hello and reasons to stay awake.</summary>
    /// <param name="project">What <c>dropit.json</c> says now.</param>
    /// <param name="variables">What the workspace's people set for programs, now.</param>
    /// <param name="flushDocuments">Writes every open document to disk.</param>
    public WorkspacePrograms(
        RunnerOptions options,
        RequestTable requests,
        OpenSessions sessions,
        Activity activity,
        Func<Project> project,
        Func<IReadOnlyDictionary<string, string>> variables,
        Func<CancellationToken, Task> flushDocuments)
    {
        _options = options;
        _activity = activity;
        Environment = new ProgramEnvironment(options, System.Environment.GetEnvironmentVariable, variables);
        Terminals = new TerminalSet(sessions, Environment);
        Run = new ProjectRun(options, sessions, Terminals, Environment, project);
        Ports = new PortWatch(sessions, Terminals);
        requests.AddTerminals(Terminals, options.Root, flushDocuments);
        requests.AddRuns(Run, flushDocuments);
        requests.Add("preview.check", (_, request, ct) => _forwarder!.CheckAsync(request, ct));
        Machine = new WorkspaceMachine(options, activity);
        requests.AddMachine(Machine);
        var working = new WorkingPrograms(() => Terminals.Shells, TimeProvider.System);
        activity.AddReason(working.Reason);
        activity.SetRunning(working.Running);
        activity.AddReason(() => Run.State.State == RunState.Installing ? "Dependencies are being installed." : null);
        activity.AddReason(() => Terminals.PrintedSince(System.Environment.TickCount64 - PrintedMilliseconds)
            ? "A program in a terminal is printing."
            : null);
        _watching = Task.Run(() => Ports.RunAsync(_stop.Token));
    }

    /// <summary>What programs are started with.</summary>
    public ProgramEnvironment Environment { get; }

    /// <summary>The terminals.</summary>
    public TerminalSet Terminals { get; }

    /// <summary>The run.</summary>
    public ProjectRun Run { get; }

    /// <summary>What all of it uses.</summary>
    public WorkspaceMachine Machine { get; }

    /// <summary>The ports.</summary>
    public PortWatch Ports { get; }

    /// <summary>Longer than between two questions what keeps it awake: what prints now and then is noticed each time, and idle from then on.</summary>
    private static long PrintedMilliseconds => (long)TimeSpan.FromSeconds(20).TotalMilliseconds;

    /// <summary>Serves the workspace's preview origins; ahead of routing, which they share paths with.</summary>
    public void UsePreview(IApplicationBuilder app, Gate gate)
    {
        var address = new PreviewAddress(_options);
        _forwarder = new PreviewForwarder(
            app.ApplicationServices.GetRequiredService<IHttpForwarder>(), address, Ports, Run, _activity);
        var preview = new PreviewGate(address, gate, _forwarder);
        app.Use(next => context => preview.ServeAsync(context, next));
    }

    /// <summary>Ends every program, and the watching.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await Run.DisposeAsync();
        await Terminals.DisposeAsync();
        await _stop.CancelAsync();
        await _watching;
        Machine.Dispose();
        _forwarder?.Dispose();
    }
}
