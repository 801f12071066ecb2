using System.Diagnostics;
using System.Globalization;

namespace DropIt.Tests.Chaos;

/// <summary>A server process with some of the roles, on a data folder of its own. All that it says is in <c>output</c> there.</summary>
internal sealed class Part(string program, string folder, string[] options, IReadOnlyDictionary<string, string> environment) : IDisposable
{
    private Process? _process;

    public string Folder { get; } = folder;

    public string Output => Folder + ".output";

    /// <summary>Starts it; done when it says that it is ready, with what it says then.</summary>
    public async Task<string> StartAsync()
    {
        var start = new ProcessStartInfo(program, ["--data", Folder, .. options]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = TextWriter.Synchronized(new StreamWriter(Output, append: true) { AutoFlush = true });
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"A part ended before it was ready: {Output}"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        return await ready.Task;

        void Note(string? line)
        {
            const string Ready = "drop.it is ready: ";
            if (line is not null)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.fff} {line}"));
                if (line.StartsWith(Ready, StringComparison.Ordinal))
                {
                    ready.TrySetResult(line[Ready.Length..]);
                }
            }
        }
    }

    /// <summary>The most bytes that it had resident since it was started.</summary>
    public long MostMemory()
    {
        _process!.Refresh();
        return _process.PeakWorkingSet64;
    }

    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public void Pause() => Signal(_process!.Id, "STOP");

    public void Resume() => Signal(_process!.Id, "CONT");

    /// <summary>Sends a signal to a process; one that is gone gets none.</summary>
    public static void Signal(int process, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", $"{process}"]) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process?.Dispose();
    }
}
