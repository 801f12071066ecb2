using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using DropIt.Control;
using DropIt.Control.Tickets;
using DropIt.Orchestrator.Sandboxes;
using DropIt.Protocol.Workspaces;

namespace DropIt.Orchestrator.Processes;

/// <summary>Runners as processes of this machine, each in a session and, where one can be made, in a sandbox of its own.</summary>
internal sealed class RunnerProcesses(OrchestratorOptions options, ControlOptions control, SigningKey key, Sandbox sandbox) : IWorkspaceDriver
{
    // A session of its own: Ctrl-C in the server's terminal must not reach a runner before the server has told it to save, and a server that is killed
    // must not take it along. The log is opened for appending, so that truncating it works while it is written.
    private const string Launch = "exec \"$1\" --config - >>\"$2\" 2>&1";

    // A runner may live for weeks; what fences it off is its epoch.
    private static readonly TimeSpan s_storageTicket = TimeSpan.FromDays(365);

    private string Run => Path.Combine(options.DataFolder, "run");

    public bool EndsWithServer => true;

    public Task<IReadOnlyList<IRunner>> SurvivorsAsync(IReadOnlyDictionary<Slug, long> held, CancellationToken cancel)
    {
        var survivors = new List<IRunner>();
        foreach (var path in Directory.EnumerateFiles(Run, "*" + RunnerMark.Extension).ToList())
        {
            if (Slug.TryParse(Path.GetFileNameWithoutExtension(path), out var slug) && held.ContainsKey(slug))
            {
                continue; // its mark may be being written
            }

            if (RunnerMark.Read(path) is { } mark && mark.Find() is { } process)
            {
                survivors.Add(new RunnerProcess(mark, process, PlaceOf(mark.Slug), key, sandbox));
            }
            else
            {
                File.Delete(path);
            }
        }

        return Task.FromResult<IReadOnlyList<IRunner>>(survivors);
    }

    public async Task<IRunner> StartAsync(RunnerStart start, CancellationToken cancel)
    {
        var (slug, epoch, port, _) = start;
        var (place, trial) = (PlaceOf(slug), await sandbox.TrialAsync());
        try
        {
            Directory.CreateDirectory(place.Run);
            File.Delete(place.Socket);
            await File.WriteAllTextAsync(place.Log, "", cancel);
            var process = Process.Start(trial.Works ? sandbox.Start(place, options.Storage) : Plain(options.Runner, place))!;

            // Marked at once, so that no server overlooks it, and again with the number that signals go to.
            var mark = RunnerMark.Of(slug, process.Id, epoch);
            mark.Write(place.Mark);
            if (trial.Works && await SandboxedRunner.FindAsync(process, cancel) is { } inside)
            {
                mark = RunnerMark.Of(slug, inside, epoch);
                mark.Write(place.Mark);
            }

            var input = process.StandardInput.BaseStream; // before the watch, which lets go of a process that has ended
            var runner = new RunnerProcess(mark, process, place, key, sandbox);
            var config = JsonSerializer.SerializeToUtf8Bytes(OptionsOf(start), WorkspaceJson.Default.RunnerOptions);
            try
            {
                await input.WriteAsync(config, cancel);
                await input.DisposeAsync();
            }
            catch (IOException)
            {
                throw new RunnerException(await runner.Ended); // it did not even read its options
            }

            return runner;
        }
        catch (Win32Exception e)
        {
            throw new RunnerException($"The workspace's runner cannot be started: {e.Message}. The machine may be out of processes or memory.");
        }
        catch (IOException e)
        {
            throw new RunnerException($"The workspace's folders cannot be made: {e.Message}. The disk may be full.");
        }

        RunnerOptions OptionsOf(RunnerStart _) => new()
        {
            Workspace = slug.Value,
            Epoch = epoch,
            Root = place.Files,
            State = place.State,
            Listen = "unix:" + place.Socket,
            Storage = options.Storage,
            StorageTicket = key.SignOwn(slug, "runner", s_storageTicket),
            PublicKey = key.PublicKey,
            ControlOrigin = control.Origin,
            Domain = control.PublicDomain,
            Port = port,
            CacheBytes = options.CacheBytes,
            DiskStays = true,
            Unprotected = trial.Unprotected,
            MemoryBytes = sandbox.MemoryBytes,
            AwaitsVariables = true,
        };
    }

    public void Remove(Slug slug)
    {
        var place = PlaceOf(slug);
        File.Delete(place.Log);
        File.Delete(place.Mark);
        WritableFolder.Delete(place.Run);
        WritableFolder.Delete(place.Folder);
    }

    // What a sandbox withholds of the environment is withheld here too; the folders that programs write to stay those of the server's user.
    private static ProcessStartInfo Plain(string runner, WorkspacePlace place)
    {
        var start = new ProcessStartInfo("setsid") { ArgumentList = { "/bin/sh", "-c", Launch, "sh", runner, place.Log }, RedirectStandardInput = true, WorkingDirectory = place.Data };
        foreach (var name in start.Environment.Keys.Except(ProgramVariables.PassedOn).ToList())
        {
            start.Environment.Remove(name);
        }

        return start;
    }

    private WorkspacePlace PlaceOf(Slug slug) => new(options.DataFolder, slug.Value);
}
