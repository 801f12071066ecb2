using System.Diagnostics;

namespace DropIt.Server.Tests.Harness;

/// <summary>A part of the server (<c>--roles storage</c>, <c>--roles persister</c>) as a process of its own, on a data folder of its own.</summary>
internal sealed class PartRig : IAsyncDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("dropit-part-").FullName;
    private readonly string[] _options;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private Process _process;

    private PartRig(string[] options, IReadOnlyDictionary<string, string> environment)
    {
        (_options, _environment) = (options, environment);
        _process = Launch();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A part that is ready.</summary>
    public static async Task<PartRig> StartAsync(string role, string[] options, IReadOnlyDictionary<string, string> environment)
    {
        var rig = new PartRig(["--roles", role, .. options], environment);
        await rig.WaitUntilReadyAsync();
        return rig;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(Cancel);
    }

    /// <summary>Asks it to end; the answer is its exit code.</summary>
    public async Task<int> StopAsync()
    {
        ServerRig.Signal(_process, 15);
        await _process.WaitForExitAsync(Cancel);
        return _process.ExitCode;
    }

    /// <summary>Starts it again on the same data folder.</summary>
    public async Task StartAgainAsync()
    {
        _process.Dispose();
        _process = Launch();
        await WaitUntilReadyAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private Process Launch() => ServerRig.Launch(["--data", _data, .. _options], _environment);

    private async Task WaitUntilReadyAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync(Cancel) is { } line)
        {
            if (line.StartsWith(ServerRig.Ready, StringComparison.Ordinal))
            {
                return;
            }
        }

        throw new InvalidOperationException("The part ended: " + await _process.StandardError.ReadToEndAsync(Cancel));
    }
}
