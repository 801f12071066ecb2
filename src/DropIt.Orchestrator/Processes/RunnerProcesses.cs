using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using DropIt.Control;
using DropIt.Control.Tickets;
using DropIt.Protocol.Workspaces;

namespace DropIt.Orchestrator.Processes;

/// <summary>Runners as processes of this machine, each in a session of its own.</summary>
internal sealed class RunnerProcesses(OrchestratorOptions options, ControlOptions control, SigningKey key) : IWorkspaceDriver
{
    // A session of its own: Ctrl-C in the server's terminal must not reach a runner before the server has told it to save, and a server that is killed
    // must not take it along. The log is opened for appending, so that truncating it works while it is written.
    private const string Launch = "exec setsid \"$1\" --config - >>\"$2\" 2>&1";

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
                survivors.Add(new RunnerProcess(mark, process, SocketOf(mark.Slug), LogOf(mark.Slug), key));
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
        File.Delete(SocketOf(slug));
        await File.WriteAllTextAsync(LogOf(slug), "", cancel);
        var startInfo = new ProcessStartInfo("/bin/sh")
        {
            ArgumentList = { "-c", Launch, "sh", options.Runner, LogOf(slug) },
            RedirectStandardInput = true,
            WorkingDirectory = options.DataFolder,
        };

        // Options of this server are none of the workspace's business.
        foreach (var name in startInfo.Environment.Keys.Where(n => n.StartsWith("DROPIT_", StringComparison.Ordinal) || n == "PGPASSWORD").ToList())
        {
            startInfo.Environment.Remove(name);
        }

        try
        {
            var process = Process.Start(startInfo)!;
            var mark = RunnerMark.Of(slug, process.Id, epoch);
            mark.Write(Path.Combine(Run, slug + RunnerMark.Extension));
            var runner = new RunnerProcess(mark, process, SocketOf(slug), LogOf(slug), key);
            var config = JsonSerializer.SerializeToUtf8Bytes(OptionsOf(start), WorkspaceJson.Default.RunnerOptions);
            try
            {
                await process.StandardInput.BaseStream.WriteAsync(config, cancel);
                process.StandardInput.Close();
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

        RunnerOptions OptionsOf(RunnerStart _) => new()
        {
            Workspace = slug.Value,
            Epoch = epoch,
            Root = Path.Combine(FolderOf(slug), "files"),
            State = Path.Combine(FolderOf(slug), "state"),
            Listen = "unix:" + SocketOf(slug),
            Storage = options.Storage,
            StorageTicket = key.SignOwn(slug, "runner", s_storageTicket),
            PublicKey = key.PublicKey,
            ControlOrigin = control.Origin,
            Domain = control.PublicDomain,
            Port = port,
            CacheBytes = options.CacheBytes,
            DiskStays = true,
        };
    }

    public void Remove(Slug slug)
    {
        foreach (var path in (string[])[SocketOf(slug), LogOf(slug), Path.Combine(Run, slug + RunnerMark.Extension)])
        {
            File.Delete(path);
        }

        if (Directory.Exists(FolderOf(slug)))
        {
            // Module caches are made read-only; a folder must be writable to lose its entries.
            var all = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };
            foreach (var folder in Directory.EnumerateDirectories(FolderOf(slug), "*", all))
            {
                var mode = File.GetUnixFileMode(folder);
                if ((mode & UnixFileMode.UserWrite) == 0)
                {
                    File.SetUnixFileMode(folder, mode | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.UserRead);
                }
            }

            Directory.Delete(FolderOf(slug), recursive: true);
        }
    }

    private string FolderOf(Slug slug) => Path.Combine(options.DataFolder, "workspaces", slug.Value);

    private string SocketOf(Slug slug) => Path.Combine(Run, slug + ".sock");

    private string LogOf(Slug slug) => Path.Combine(options.DataFolder, "logs", slug + ".log");
}
