using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Sessions;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Machine;

/// <summary>
/// What the workspace uses of the machine: the runner and all its descendants. Looks only when a page asks, and at most once a second for
/// all of them together.
/// </summary>
/// <param name="options">Its files and bounds.</param>
/// <param name="activity">What keeps it awake.</param>
internal sealed class WorkspaceMachine(RunnerOptions options, Activity activity) : IDisposable
{
    private const string Path = "/.dropit/machine";

    /// <summary>Processes listed, those with the most memory first.</summary>
    public const int MaxProcesses = 200;

    /// <summary>Files looked at to measure the disk; past it the sum is a lower bound.</summary>
    private const int MaxFiles = 300_000;

    private const double TicksPerSecond = 100;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DiskFresh = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private Dictionary<(int Id, long Started), long> _before = [];
    private long _beforeTime;
    private MachineSample? _last;
    private long? _disk;
    private long _diskTime = -(long)DiskFresh.TotalMilliseconds;
    private Task _measuring = Task.CompletedTask;

    /// <summary>The present use. The first look knows no processor time yet: it takes two to compare.</summary>
    public MachineSample Look()
    {
        lock (_gate)
        {
            var now = Environment.TickCount64;
            if (_last is { } last && now - _beforeTime < Fresh.TotalMilliseconds)
            {
                return last;
            }

            var processes = Descendants();
            var seconds = (now - _beforeTime) / 1000.0;
            var ticks = processes.ToDictionary(p => (p.Id, p.Started), p => p.Ticks);
            var known = _before.Count > 0;
            var list = processes
                .Where(p => !p.Zombie && p.Id != Environment.ProcessId)
                .OrderByDescending(p => p.Memory)
                .Take(MaxProcesses)
                .Select(p => new MachineEntry(
                    p.Id, p.Parent, p.Name, p.Command(), p.Started, p.Memory, known ? Used(p) / TicksPerSecond / seconds : null))
                .ToList();
            var used = known ? Math.Max(0, processes.Sum(Used)) / TicksPerSecond / seconds : (double?)null;
            (_before, _beforeTime) = (ticks, now);
            MeasureDisk(now);
            var awake = activity.Now();
            return _last = new MachineSample(
                used,
                ControlGroup.Processors ?? Environment.ProcessorCount,
                processes.Sum(p => p.Memory),
                options.MemoryBytes ?? ControlGroup.MemoryLimit ?? ControlGroup.MachineMemory,
                _disk,
                FreeDisk(),
                list,
                awake.Connections,
                awake.Reasons,
                options.Unprotected);

            long Used(MachineProcess p) => Math.Max(0, p.Ticks - _before.GetValueOrDefault((p.Id, p.Started), 0));
        }
    }

    /// <summary>Maps <c>/.dropit/machine</c>.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path, async context =>
    {
        var now = await Task.Run(Look, context.RequestAborted);
        var use = new MachineUse(now.Cpu, now.Processors, now.Memory, now.MemoryLimit, now.Disk);
        context.Response.ContentType = "application/json";
        await JsonSerializer.SerializeAsync(context.Response.Body, use, WorkspaceJson.Default.MachineUse, context.RequestAborted);
    });

    /// <summary>Ends a process of this workspace; a sentence for the user when it cannot be.</summary>
    /// <param name="id">The process.</param>
    /// <param name="started">Its <see cref="MachineProcess.Started"/>: another one may have its number by now.</param>
    /// <param name="force">At once, without a word to it.</param>
    public static string? End(int id, long started, bool force)
    {
        if (id == Environment.ProcessId
            || !Descendants().Exists(p => p.Id == id && p.Started == started))
        {
            return "This process has ended already, or is none of this workspace.";
        }

        return Libc.Signal(id, force ? Libc.Kill : Libc.Terminate) == 0
            ? null
            : "The system did not let this process be ended. It may belong to another user.";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _measuring.Wait();
        _stop.Dispose();
    }

    /// <summary>The runner itself and everything below it.</summary>
    private static List<MachineProcess> Descendants()
    {
        var all = ProcessTable.Read();
        return [.. ProcessTable.Descendants(all, Environment.ProcessId)
            .Select(p => p.Id)
            .Prepend(Environment.ProcessId)
            .Select(MachineProcess.Read)
            .OfType<MachineProcess>()];
    }

    private long? FreeDisk()
    {
        try
        {
            return new DriveInfo(options.Root).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private void MeasureDisk(long now)
    {
        if (!_measuring.IsCompleted || now - _diskTime < DiskFresh.TotalMilliseconds || _stop.IsCancellationRequested)
        {
            return;
        }

        _diskTime = now;
        _measuring = Task.Run(() =>
        {
            var bytes = 0L;
            var files = 0;
            var all = new EnumerationOptions
            {
                RecurseSubdirectories = true,
                IgnoreInaccessible = true,
                AttributesToSkip = FileAttributes.ReparsePoint,
            };
            foreach (var file in new DirectoryInfo(options.Root).EnumerateFiles("*", all))
            {
                if (_stop.IsCancellationRequested || files++ == MaxFiles)
                {
                    break;
                }

                bytes += SizeOf(file);
            }

            lock (_gate)
            {
                _disk = bytes;
            }
        });
    }

    private static long SizeOf(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (IOException)
        {
            return 0; // gone meanwhile
        }
    }
}
