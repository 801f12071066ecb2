using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using DropIt.Control.Workspaces;
using DropIt.Orchestrator.Processes;

namespace DropIt.Orchestrator.Sandboxes;

/// <summary>What trying to make a sandbox has shown.</summary>
/// <param name="Works">Workspaces run in one.</param>
/// <param name="Why">
/// When it does not: why, as the end of a sentence. When it does: what bounds the memory and the processes of a workspace, as sentences.
/// </param>
/// <param name="Cure">What to do about it; null when it works.</param>
public sealed record SandboxTrial(bool Works, string Why, string? Cure = null)
{
    /// <summary>Told to users of a workspace; null when it has a sandbox.</summary>
    public string? Unprotected => Works ? null
        : $"This workspace has no sandbox: its programs run as the server's user, who can read other workspaces and the server's data. Reason: {Why}.";
}

/// <summary>The sandbox that each workspace of this machine runs in, if one can be made: a real one is tried, once.</summary>
public sealed class Sandbox
{
    // Standard input is the runner's. The shell stays as the parent whose end ends the sandbox: bubblewrap's own would be the server, which runners outlive.
    private const string Launch = """
        exec >>"$1" 2>&1
        shift
        while [ "$1" != -- ]; do echo 0 >"$1/cgroup.procs" || exit 1; shift; done
        shift
        "$@"
        exit $?
        """;

    // The runner's answer to a command line that it does not understand: proof that it and its libraries are found.
    private const string Try = "test ! -e \"$1\" && cd \"$2\" && { \"$3\" 2>/dev/null; test $? -eq 2; }";

    private const string Install = "Install bubblewrap 0.8 or newer (Debian, Ubuntu: apt install bubblewrap) and start the server again.";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly SandboxOptions _options;
    private readonly string _runner;
    private readonly string _data;
    private readonly string _home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
    private readonly Lazy<Task<SandboxTrial>> _trial;
    private string _program = "";
    private ControlGroups? _groups;
    private MachineView? _machine;

    /// <summary>Tries nothing yet.</summary>
    /// <param name="options">How it is to be.</param>
    /// <param name="runner">The runner's executable.</param>
    /// <param name="data">The data folder.</param>
    public Sandbox(SandboxOptions options, string runner, string data)
    {
        (_options, _runner, _data) = (options, runner, data);
        _trial = new(() => Task.Run(TryAsync));
    }

    /// <summary>What trying it showed; the first to ask has it tried, in a fraction of a second.</summary>
    public Task<SandboxTrial> TrialAsync() => _trial.Value;

    /// <summary>Most bytes of a workspace's memory where that is bounded as a whole; null where it is not.</summary>
    internal long? MemoryBytes => _groups is null ? null : _options.MemoryBytes;

    /// <summary>What a workspace of this machine can take.</summary>
    public async Task<WorkspaceLimits> LimitsAsync()
    {
        const string Processors = "Processors are shared with everything on this machine.";
        var trial = await TrialAsync();
        return MemoryBytes is { } bytes
            ? new(null, (int)(bytes / (1024 * 1024)), Processors)
            : new(null, null, trial.Works ? $"{Processors} {trial.Why}" : $"{Processors} Workspaces have no sandbox that bounds their memory: {trial.Why}.");
    }

    /// <summary>How a runner is started in its sandbox; the trial must have shown that this works. Makes the workspace's folders.</summary>
    /// <exception cref="IOException">A folder cannot be made.</exception>
    internal ProcessStartInfo Start(WorkspacePlace place, string storage) => Start(place, storage, [_runner, "--config", "-"]);

    /// <summary>Lets go of what a workspace that has ended leaves in the system.</summary>
    internal void Ended(string slug) => _groups?.Remove(slug);

    private ProcessStartInfo Start(WorkspacePlace place, string storage, IReadOnlyList<string> program)
    {
        WritableFolder.Delete(place.Temporary);
        foreach (var folder in (string[])[place.Files, place.State, place.Home, place.Temporary, place.Run])
        {
            Directory.CreateDirectory(folder);
        }

        var start = new ProcessStartInfo("setsid") { WorkingDirectory = "/", RedirectStandardInput = true };
        start.Environment.Clear();
        foreach (var (name, value) in Bubblewrap.Variables(Environment.GetEnvironmentVariable, _options, place, _home, _machine!))
        {
            start.Environment[name] = value;
        }

        // A control group counts all of the workspace. Without one the kernel counts processes of a user in a namespace, and memory of each process.
        IReadOnlyList<string> limits = _groups is not null ? [] : string.Create(
            CultureInfo.InvariantCulture, $"prlimit --nproc={_options.Processes} --data={_options.MemoryBytes} --").Split(' ');
        foreach (var argument in (IEnumerable<string>)
            [
                "/bin/sh", "-c", Launch, "sh", place.Log, .. _groups is null ? Array.Empty<string>() : [_groups.Make(place.Slug)], "--", _program,
                .. Bubblewrap.Arguments(_options, place, _runner, storage, _machine!), .. limits, .. program,
            ])
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }

    private async Task<SandboxTrial> TryAsync()
    {
        if (_options.Choice == SandboxChoice.None)
        {
            return new(false, "the server was started with --sandbox none", "Start it with --sandbox auto.");
        }

        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, "bwrap")).FirstOrDefault(File.Exists);
        if (found is null)
        {
            return new(false, "bubblewrap is not installed", Install);
        }

        if (!File.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/task/{Environment.ProcessId}/children")))
        {
            return new(false, "this kernel does not say what the children of a process are", "Use a kernel with CONFIG_PROC_CHILDREN.");
        }

        _program = found;
        (_groups, var noGroups) = ControlGroups.Find(_options);
        var folder = Directory.CreateTempSubdirectory("dropit-sandbox-").FullName;
        try
        {
            _machine = MachineView.Read(_data, _home);
            return await TryInAsync(folder) is { } trouble
                ? new(false, $"bubblewrap does not work here ({trouble})", $"{Install} docs/operations.md says what the kernel must allow.")
                : new(true, Bounds(noGroups));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            return new(false, $"bubblewrap cannot be tried ({e.Message})", Install);
        }
        finally
        {
            WritableFolder.Delete(folder);
        }
    }

    // A data folder of its own, with a file in it that must not be seen; null when all is well, else what was said.
    private async Task<string?> TryInAsync(string folder)
    {
        var place = new WorkspacePlace(folder, "trial");
        var (secret, storage) = (Path.Combine(folder, "secret"), Path.Combine(folder, "run", "storage"));
        await File.WriteAllTextAsync(secret, "");
        Directory.CreateDirectory(storage);
        Directory.CreateDirectory(Path.GetDirectoryName(place.Log)!);
        using var process = Process.Start(Start(place, $"unix:{storage}/sock", ["/bin/sh", "-c", Try, "sh", secret, place.Files, _runner]))!;
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return $"it did nothing for {s_patience.TotalSeconds} s";
        }

        Ended(place.Slug);
        return process.ExitCode == 0 ? null
            : (await File.ReadAllLinesAsync(place.Log)).LastOrDefault(line => line.Length > 0) ?? "the runner does not start in it";
    }

    private string Bounds(string noGroups)
    {
        var memory = string.Create(CultureInfo.InvariantCulture, $"{_options.MemoryBytes / (1024 * 1024)} MiB of memory");
        var processes = string.Create(CultureInfo.InvariantCulture, $"{_options.Processes} processes and threads");
        return _groups is not null ? $"A control group bounds each workspace to {memory} and {processes}."
            : Environment.IsPrivilegedProcess
                ? $"Each of its programs may take {memory}; how many there are is not bounded, since {noGroups} and the kernel does not count root's. Run the server as another user."
                : $"Each of its programs may take {memory}, and there may be {processes}; all of them together are not bounded in memory, since {noGroups}.";
    }
}
