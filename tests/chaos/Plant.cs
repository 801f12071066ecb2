using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Storage;
using DropIt.Storage.Access;
using DropIt.Storage.Journal.Rabbit;
using DropIt.Tests.Services;
using Microsoft.Extensions.DependencyInjection;

namespace DropIt.Tests.Chaos;

/// <summary>
/// The whole product in parts, each a process, on a real PostgreSQL, RabbitMQ and S3 server, with a cable wherever two of them meet:
/// <code>
///  typists ── front ── runners ──cable── storage ──cable── RabbitMQ ──cable── two persisters ──cable── S3
///               └─cable── PostgreSQL        └─cable── S3
/// </code>
/// </summary>
internal sealed class Plant : IAsyncDisposable
{
    private const string Password = "test";

    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-chaos-").FullName;
    private readonly string _prefix = S3Server.FreshPrefix();
    private readonly int _databasePort = FreePort();
    private readonly int _port = FreePort();
    private readonly int _storagePort = FreePort();
    private readonly string _root;
    private readonly HttpMessageInvoker _sockets;
    private HttpClient _http = null!;
    private ServiceProvider _reader = null!;
    private Part _front = null!;

    private Plant(string root)
    {
        _root = root;
        _sockets = new HttpMessageInvoker(Loopback(), disposeHandler: true);
    }

    public S3Server S3 { get; } = new();

    public RabbitServer Broker { get; } = new();

    public Part Front => _front;

    public Part Storage { get; private set; } = null!;

    public List<Part> Persisters { get; } = [];

    /// <summary>By the name of what they join.</summary>
    public Dictionary<string, Cable> Cables { get; } = [];

    /// <summary>Where all of them lie.</summary>
    public string Folder => _folder;

    private string Origin => $"http://localhost:{_port}";

    /// <summary>Starts everything.</summary>
    /// <param name="root">Of the repository.</param>
    /// <param name="before">What is done ahead of it, such as to the folders of servers that have not begun.</param>
    public static async Task<Plant> StartAsync(string root, string server, string runner, Func<Plant, Task>? before = null)
    {
        var plant = new Plant(root);
        await (before?.Invoke(plant) ?? Task.CompletedTask);
        await plant.StartAsync(server, runner);
        return plant;
    }

    /// <summary>A workspace with a typist before it.</summary>
    public async Task<Typist> CreateAsync()
    {
        using var created = await _http.PostAsJsonAsync("/api/workspaces", new { stack = "empty" });
        created.EnsureSuccessStatusCode();
        var slug = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("slug").GetString()!;
        while (true)
        {
            using var put = new HttpRequestMessage(HttpMethod.Put, $"http://{slug}.localhost:{_port}/.dropit/files/{Typist.File}") { Content = new StringContent("") };
            put.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TicketAsync(slug, default));
            using var answer = await _http.SendAsync(put);
            if (answer.IsSuccessStatusCode)
            {
                return new Typist(this, slug);
            }

            await Task.Delay(100);
        }
    }

    /// <summary>A page's socket to a workspace, which wakes if it must.</summary>
    public async Task<ClientWebSocket> SocketAsync(string slug, CancellationToken give)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(give);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        var ticket = await TicketAsync(slug, patience.Token);
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("dropit.1");
        socket.Options.AddSubProtocol("ticket." + ticket);
        socket.Options.SetRequestHeader("Origin", Origin);
        try
        {
            await socket.ConnectAsync(new Uri($"ws://{slug}.localhost:{_port}/.dropit/ws"), _sockets, patience.Token);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Number of the process of a workspace's runner; null when there is none.</summary>
    public int? RunnerOf(string slug)
    {
        var mark = Path.Combine(_front.Folder, "run", slug + ".pid");
        return File.Exists(mark) && int.TryParse(File.ReadAllText(mark).Split(' ')[0], CultureInfo.InvariantCulture, out var id) ? id : null;
    }

    /// <summary>What S3 has of a typist's file, once all that was accepted is written there.</summary>
    public async Task<List<int>> StoredAsync(string name)
    {
        var slug = Slug.TryParse(name, out var read) ? read : throw new InvalidOperationException(name);
        var store = _reader.GetRequiredService<WorkspaceStore>();
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                await store.SettledAsync(slug);
                break;
            }
            catch (TimeoutException) when (Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(3))
            {
                continue; // it says by itself how long it waits
            }
        }

        if ((await store.OpenFileAsync(slug, Typist.File)).Value is not { } file)
        {
            return [];
        }

        await using (file)
        {
            using var memory = new MemoryStream();
            await file.Content.CopyToAsync(memory);
            return Typist.EditsOf(memory.ToArray());
        }
    }

    /// <summary>A command of the script that runs PostgreSQL: start, kill, pause, resume, wipe.</summary>
    public async Task DatabaseAsync(string command)
    {
        using var process = Process.Start(new ProcessStartInfo(
            Path.Combine(_root, "tests", "services", "postgres.sh"), [command, Path.Combine(_folder, "database"), $"{_databasePort}"])
        {
            RedirectStandardOutput = true,
        })!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in (Part[])[.. Persisters, Storage, _front])
        {
            part.Dispose();
        }

        foreach (var mark in Directory.EnumerateFiles(Path.Combine(_front.Folder, "run"), "*.pid"))
        {
            Part.Signal(int.Parse(File.ReadAllText(mark).Split(' ')[0], CultureInfo.InvariantCulture), "KILL");
        }

        await _reader.DisposeAsync();
        _http.Dispose();
        _sockets.Dispose();
        foreach (var cable in Cables.Values)
        {
            cable.Dispose();
        }

        await Task.WhenAll(DatabaseAsync("wipe"), Broker.DisposeAsync().AsTask(), S3.DisposeAsync().AsTask());
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync(string server, string runner)
    {
        // Read and entered by the user that PostgreSQL runs as.
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        Directory.CreateDirectory(Path.Combine(_folder, "database"));
        await Task.WhenAll(DatabaseAsync("start"), Broker.InitializeAsync().AsTask(), S3.InitializeAsync().AsTask());
        var s3 = new Uri(S3.Endpoint).Port;
        foreach (var (name, port) in (ValueTuple<string, int>[])
        [
            ("front to PostgreSQL", _databasePort), ("front to RabbitMQ", Broker.Port), ("front to S3", s3), ("runners to storage", _storagePort),
            ("storage to RabbitMQ", Broker.Port), ("storage to S3", s3), ("persisters to RabbitMQ", Broker.Port), ("persisters to S3", s3),
        ])
        {
            Cables[name] = new Cable(port);
        }

        var web = Directory.CreateDirectory(Path.Combine(_folder, "web")).FullName;
        File.WriteAllText(Path.Combine(web, "index.html"), "<!doctype html><p>the page");
        var database = $"Host=127.0.0.1;Port={Cables["front to PostgreSQL"].Port};Username=test;Database=test";
        _front = PartOf(
            "front",
            [
                "--roles", "control,orchestrator,gateway", "--port", $"{_port}", "--database", database, "--web", web, "--runner", runner,
                "--templates", Path.Combine(_root, "templates"), "--storage-at", $"http://127.0.0.1:{Cables["runners to storage"].Port}",
            ]);
        Storage = PartOf(
            "storage", ["--roles", "storage", "--storage-listen", $"127.0.0.1:{_storagePort}", "--public-key", Path.Combine(_front.Folder, "public.key")]);
        Persisters.Add(PartOf("persister", ["--roles", "persister"], "persisters"));
        Persisters.Add(PartOf("persister2", ["--roles", "persister"], "persisters"));
        var address = await _front.StartAsync();
        await Task.WhenAll(Storage.StartAsync(), Persisters[0].StartAsync(), Persisters[1].StartAsync());

        _http = new HttpClient(Loopback()) { BaseAddress = new Uri(Origin), Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Add("Origin", Origin);
        (await _http.GetAsync(new Uri(address))).EnsureSuccessStatusCode();

        // Reads what lies in S3, and asks the queue for when all lies there, past every cable.
        _reader = new ServiceCollection().AddLogging().AddStorage(new StorageOptions
        {
            DataFolder = Path.Combine(_folder, "reader"),
            PublicKey = () => null,
            S3 = S3.Options(_prefix),
            Rabbit = new RabbitOptions { Address = Broker.Address },
        }).BuildServiceProvider();

        Part PartOf(string name, string[] options, string? cables = null)
        {
            var broker = new UriBuilder(Broker.Address) { Port = Cables[$"{cables ?? name} to RabbitMQ"].Port };
            return new Part(
                server,
                Path.Combine(_folder, name),
                [.. options, "--s3", $"s3://{S3Server.Bucket}/{_prefix}", "--s3-endpoint", $"http://127.0.0.1:{Cables[$"{cables ?? name} to S3"].Port}"],
                new Dictionary<string, string>
                {
                    ["DROPIT_S3_ACCESS_KEY"] = S3.AccessKey,
                    ["DROPIT_S3_SECRET_KEY"] = S3.SecretKey,
                    ["DROPIT_RABBITMQ"] = broker.Uri.ToString(),
                    ["DROPIT_DATABASE_PASSWORD"] = Password,
                });
        }
    }

    private async Task<string> TicketAsync(string slug, CancellationToken cancel)
    {
        using var opened = await _http.PostAsync($"/api/workspaces/{slug}/open", null, cancel);
        opened.EnsureSuccessStatusCode();
        return (await opened.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("ticket").GetString()!;
    }

    /// <summary>Takes every host name for this machine, as a browser does with <c>*.localhost</c>.</summary>
    private static SocketsHttpHandler Loopback() => new()
    {
        CookieContainer = new CookieContainer(),
        ConnectCallback = async (context, cancel) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
