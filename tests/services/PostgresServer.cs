namespace DropIt.Tests.Services;

/// <summary>A real PostgreSQL (postgres.sh beside this file) in a folder and on a port of its own; not started before it is asked for.</summary>
public sealed partial class PostgresServer : IAsyncDisposable
{
    /// <summary>Of its one user.</summary>
    public const string Password = "test";

    // It does not run as root, so its folder must be open to others.
    private const UnixFileMode Open = (UnixFileMode)0b111_101_101;

    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-postgres-").FullName;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private bool _up;

    /// <summary>The port that clients connect to.</summary>
    public int Port { get; } = Script.FreePorts(first: 19_000, step: 2);

    /// <summary>A connection string without the password, of a database that need not be there and a server that need not run.</summary>
    public string Connect(string database) => $"Host=127.0.0.1;Port={Port};Username=test;Database={database}";

    /// <summary>Starts what does not run, also after it was killed.</summary>
    public async Task StartAsync()
    {
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (!_up)
            {
                File.SetUnixFileMode(_folder, Open);
                await RunAsync("start");
                _up = true;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends all of its processes without a chance to do anything about it.</summary>
    public Task KillAsync()
    {
        _up = false;
        return RunAsync("kill");
    }

    /// <summary>Stops all of its processes where they are: connections stay, answers do not come.</summary>
    public Task PauseAsync() => RunAsync("pause");

    /// <summary>Undoes <see cref="PauseAsync"/>.</summary>
    public Task ResumeAsync() => RunAsync("resume");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await RunAsync("wipe");
        _gate.Dispose();
    }

    private Task RunAsync(string command) => Script.RunAsync("postgres.sh", command, _folder, $"{Port}");
}
