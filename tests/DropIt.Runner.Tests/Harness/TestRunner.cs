using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;

namespace DropIt.Runner.Tests.Harness;

/// <summary>A real runner process over a Unix socket, in folders of its own. The binary is $DROPIT_RUNNER, else the build's.</summary>
internal sealed class TestRunner : IAsyncDisposable
{
    public const string Slug = "abcdefghij";
    public const string Origin = "http://localhost:7700";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-").FullName;
    private readonly int? _port;
    private bool _created;
    private Process? _process;
    private Task<string>? _errors;

    /// <param name="port">Listens there instead of on a Unix socket, as in a pod.</param>
    public TestRunner(int? port = null)
    {
        _port = port;
        Directory.CreateDirectory(Root);
        Directory.CreateDirectory(State);
        Directory.CreateDirectory(Template);
        Storage = new TestStorage(
            StorageSocket, Path.Combine(_folder, "data"), Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo()));
        Http = new HttpClient(port is null ? Handler(Socket) : Handler(port.Value)) { BaseAddress = new Uri("http://" + Slug + ".localhost") };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Ticket());
    }

    /// <summary>Everything of this runner and its storage service.</summary>
    public string Folder => _folder;

    public string Root => Path.Combine(_folder, "root");

    public string State => Path.Combine(_folder, "state");

    /// <summary>What the workspace is made from at the first start.</summary>
    public string Template => Path.Combine(_folder, "template");

    /// <summary>The storage service; started with the first start.</summary>
    public TestStorage Storage { get; }

    public string Socket => Path.Combine(_folder, "runner.sock");

    public string StorageSocket => Path.Combine(_folder, "storage.sock");

    public ECDsa Key => _key;

    public HttpClient Http { get; }

    public long Epoch { get; set; } = 1;

    public int ProcessId => _process!.Id;

    public RunnerOptions Options => new()
    {
        Workspace = Slug,
        Epoch = Epoch,
        Root = Root,
        State = State,
        Listen = _port is null ? "unix:" + Socket : $"http://127.0.0.1:{_port}",
        Storage = "unix:" + StorageSocket,
        StorageTicket = Ticket(Role.Runner),
        PublicKey = Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo()),
        ControlOrigin = Origin,
        Domain = "localhost:7700",
    };

    /// <summary>A ticket of this installation.</summary>
    public string Ticket(Role role = Role.Owner, string workspace = Slug, int seconds = 600, string user = "someone", int userId = 1, long access = 0) =>
        new Ticket(workspace, user, role, DateTimeOffset.UtcNow.AddSeconds(seconds).ToUnixTimeSeconds(), userId, access).Sign(_key);

    /// <summary>Starts the process and waits until it is ready.</summary>
    public async Task<RunnerHealth> StartAsync(RunnerOptions? options = null)
    {
        if (!_created)
        {
            _created = true;
            await Storage.StartAsync();
            Assert.True(Protocol.Workspaces.Slug.TryParse(Slug, out var slug));
            Assert.Equal(StorageError.None, (await Storage.Store.CreateAsync(slug, Template)).Error);
        }

        Launch(JsonSerializer.Serialize(options ?? Options, WorkspaceJson.Default.RunnerOptions));
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var lines = await Http.GetStringAsync("/.dropit/health");
                var health = JsonSerializer.Deserialize(
                    lines.TrimEnd().Split('\n')[^1], WorkspaceJson.Default.RunnerHealth)!;
                return health.State == "ready" ? health : throw new InvalidOperationException($"not ready: {lines}");
            }
            catch (HttpRequestException) when (clock.Elapsed < Patience && !_process!.HasExited)
            {
                await Task.Delay(5);
            }
            catch (HttpRequestException)
            {
                await _process!.WaitForExitAsync();
                throw new InvalidOperationException($"the runner did not start: {await _errors!}");
            }
        }
    }

    /// <summary>Starts the process with a configuration that it refuses; returns what it printed and its exit code.</summary>
    public async Task<(int Code, string Errors)> RefuseAsync(string configuration)
    {
        Launch(configuration);
        await _process!.WaitForExitAsync();
        return (_process.ExitCode, await _errors!);
    }

    /// <summary>SIGTERM, as the orchestrator does; returns the exit code.</summary>
    public async Task<int> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", $"{ProcessId}"]))
        {
            await kill.WaitForExitAsync();
        }

        return await ExitedAsync();
    }

    /// <summary>Puts a file into what the workspace is made from.</summary>
    public void Write(string path, string text) => WriteTo(Template, path, text);

    /// <summary>Puts a file into the workspace as it is now.</summary>
    public void WriteNow(string path, string text) => WriteTo(Root, path, text);

    /// <summary>The workspace's disk is lost, between two starts; the storage service is not.</summary>
    public void LoseDisk()
    {
        foreach (var folder in (string[])[Root, State])
        {
            Directory.Delete(folder, recursive: true);
            Directory.CreateDirectory(folder);
        }
    }

    /// <summary>Waits for the end of the process; returns the exit code.</summary>
    public async Task<int> ExitedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process!.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <summary>Bytes that the process has read so far, from files and sockets.</summary>
    public long BytesRead() => long.Parse(
        File.ReadLines($"/proc/{ProcessId}/io").First(line => line.StartsWith("rchar:", StringComparison.Ordinal))["rchar: ".Length..],
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Sends a signal by its name.</summary>
    public async Task SignalAsync(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{ProcessId}"]);
        await kill.WaitForExitAsync();
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Opens a socket and reads the hello.</summary>
    public async Task<TestPage> ConnectAsync(Role role = Role.Owner) => await ConnectAsync(Ticket(role), Origin);

    /// <summary>Opens a socket with any ticket and origin.</summary>
    public Task<TestPage> ConnectAsync(string? ticket, string? origin, string protocol = "dropit.1") =>
        TestPage.ConnectAsync(Socket, ticket, origin, protocol);

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        await Storage.DisposeAsync();
        Http.Dispose();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static SocketsHttpHandler Handler(string socket) => new()
    {
        ConnectCallback = async (_, ct) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), ct);
                return new NetworkStream(connection, ownsSocket: true);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        },
    };

    private static SocketsHttpHandler Handler(int port) => new()
    {
        ConnectCallback = async (_, ct) =>
        {
            var connection = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await connection.ConnectAsync(System.Net.IPAddress.Loopback, port, ct);
                return new NetworkStream(connection, ownsSocket: true);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        },
    };

    private void Launch(string configuration)
    {
        var binary = Environment.GetEnvironmentVariable("DROPIT_RUNNER")
            ?? Path.Combine(AppContext.BaseDirectory, "dropit-runner");
        var start = new ProcessStartInfo(binary, ["--config", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,

            // What the shells of this machine's user do at their start is theirs.
            Environment = { ["HOME"] = Directory.CreateTempSubdirectory("dropit-home-").FullName },
        };
        _process?.Dispose();
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        _process.StandardInput.Write(configuration);
        _process.StandardInput.Close();
    }

    private static void WriteTo(string folder, string path, string text)
    {
        var full = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }
}
