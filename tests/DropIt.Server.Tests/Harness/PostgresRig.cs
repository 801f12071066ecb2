using System.Diagnostics;
using Npgsql;

[assembly: AssemblyFixture(typeof(DropIt.Server.Tests.Harness.PostgresRig))]

namespace DropIt.Server.Tests.Harness;

/// <summary>A real PostgreSQL in a folder and on a port of its own; started when the first spec asks for a database.</summary>
public sealed class PostgresRig : IAsyncDisposable
{
    public const string Password = "test";

    // PostgreSQL does not run as root, so its folder must be open to others.
    private const UnixFileMode Open = (UnixFileMode)0b111_101_101;

    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-postgres-").FullName;
    private readonly int _port = ServerRig.FreePort();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private bool _up;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>An empty database of its own; the answer is how to connect, without the password.</summary>
    public async Task<string> DatabaseAsync()
    {
        await StartAsync();
        var name = "t" + Guid.NewGuid().ToString("n");
        await ExecuteAsync(Connect("test"), $"CREATE DATABASE {name}");
        return Connect(name);
    }

    /// <summary>A connection string of a database that is not made, of a server that is perhaps not started.</summary>
    public string Connect(string database) => $"Host=127.0.0.1;Port={_port};Username=test;Database={database}";

    /// <summary>The same as a URL, with the password, for PostgreSQL's own programs.</summary>
    public static string UrlOf(string database)
    {
        var connection = new NpgsqlConnectionStringBuilder(database);
        return $"postgresql://{connection.Username}:{Password}@{connection.Host}:{connection.Port}/{connection.Database}";
    }

    /// <summary>Starts the server, also after it was killed.</summary>
    public async Task StartAsync()
    {
        await _gate.WaitAsync(Cancel);
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

    /// <summary>Runs one statement.</summary>
    public static async Task<object?> ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection($"{database};Password={Password};Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_up)
        {
            await RunAsync("wipe");
        }
        else
        {
            Directory.Delete(_folder, recursive: true);
        }

        _gate.Dispose();
    }

    private async Task RunAsync(string command)
    {
        using var process = Process.Start(new ProcessStartInfo(
            Path.Combine(Built.Repository, "tests", "services", "postgres.sh"), [command, _folder, $"{_port}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        Assert.True(process.ExitCode == 0, await errors);
    }
}
