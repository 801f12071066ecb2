using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using DropIt.Control.Tickets;
using DropIt.Orchestrator.Sandboxes;
using DropIt.Protocol.Workspaces;

namespace DropIt.Orchestrator.Processes;

/// <summary>A runner that is a process of this machine: a child, or the survivor of an earlier server.</summary>
[SuppressMessage("Design", "CA1001", Justification = "It ends with its process, and EndAsync disposes what it owns then.")]
internal sealed partial class RunnerProcess : IRunner
{
    // Saving what is left takes milliseconds, and packages some seconds; a disk that is nearly dead gets this long.
    private static readonly TimeSpan s_stopping = TimeSpan.FromSeconds(45);

    private const long MaxLogBytes = 1024 * 1024;
    private const int Terminate = 15;

    private readonly RunnerMark _mark;
    private readonly Process _process;
    private readonly WorkspacePlace _place;
    private readonly RunnerClient _client;
    private readonly Sandbox _sandbox;

    /// <summary>A runner that was started.</summary>
    /// <param name="mark">The runner itself, which signals go to.</param>
    /// <param name="process">What ends with it: itself, or the shell that its sandbox was started by.</param>
    /// <param name="place">The workspace's folders.</param>
    /// <param name="key">What it is asked with.</param>
    /// <param name="sandbox">Hears of its end.</param>
    public RunnerProcess(RunnerMark mark, Process process, WorkspacePlace place, SigningKey key, Sandbox sandbox)
    {
        (_mark, _process, _place, _sandbox, Address) = (mark, process, place, sandbox, Address.OfSocket(place.Socket));
        _client = new RunnerClient(Address, mark.Slug, key);
        Ended = EndAsync();
    }

    public Slug Slug => _mark.Slug;

    public long Epoch => _mark.Epoch;

    public Address Address { get; }

    public Task<string> Ended { get; }

    public bool Outgrown => false; // a full disk is told by what writes to it

    public IAsyncEnumerable<RunnerHealth> HealthAsync(CancellationToken cancel) => _client.HealthAsync(Ended, cancel);

    public Task<RunnerActivity?> ActivityAsync(CancellationToken cancel) => _client.ActivityAsync(cancel);

    public Task<MachineUse?> UseAsync(CancellationToken cancel) => _client.UseAsync(cancel);

    public Task<bool> TellAsync(SleepNotice notice, CancellationToken cancel) => _client.TellAsync(notice, cancel);

    public Task<bool> TellAsync(VariablesNotice notice, CancellationToken cancel) => _client.TellAsync(notice, cancel);

    public async Task StopAsync()
    {
        if (!Ended.IsCompleted && Kill(_mark.Pid, Terminate) == 0)
        {
            await Task.WhenAny(Ended, Task.Delay(s_stopping));
        }

        if (!Ended.IsCompleted)
        {
            _process.Kill(entireProcessTree: true);
        }

        await Ended;
    }

    public void TrimLog()
    {
        try
        {
            if (new FileInfo(_place.Log) is { Exists: true, Length: > MaxLogBytes })
            {
                using var file = new FileStream(_place.Log, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite);
            }
        }
        catch (IOException)
        {
            // The next look tries again.
        }
    }

    private async Task<string> EndAsync()
    {
        // A child is waited for, a survivor is looked at; either way this ends when the process is gone.
        await _process.WaitForExitAsync();
        var why = ExitOf(_process) switch
        {
            null => "The workspace's runner ended",
            0 => "The workspace's runner ended by itself",
            > 128 and var code => $"The workspace's runner was killed (signal {code - 128})",
            var code => string.Create(CultureInfo.InvariantCulture, $"The workspace's runner failed (exit code {code})"),
        };
        _client.Dispose();
        _process.Dispose();
        _sandbox.Ended(_place.Slug);
        File.Delete(_place.Mark);
        return LastLines() is { Length: > 0 } lines ? $"{why}. It said last:\n{lines}" : $"{why}. It left no message.";
    }

    private static int? ExitOf(Process process)
    {
        try
        {
            return process.ExitCode;
        }
        catch (InvalidOperationException)
        {
            return null; // not our child
        }
    }

    private string LastLines()
    {
        const int Tail = 2000;
        try
        {
            using var file = new FileStream(_place.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            file.Seek(-Math.Min(Tail, file.Length), SeekOrigin.End);
            using var reader = new StreamReader(file);
            return string.Join('\n', reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(3));
        }
        catch (IOException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int pid, int signal);
}
