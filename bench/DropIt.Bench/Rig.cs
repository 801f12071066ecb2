using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Playwright;

namespace DropIt.Bench;

/// <summary>The published server on a fresh data folder, signed in, with a browser beside it.</summary>
internal sealed class Rig : IAsyncDisposable
{
    private readonly string _folder;
    private Process _server;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private Rig(Process server, string folder, int port, HttpClient http)
    {
        _server = server;
        _folder = folder;
        Port = port;
        Http = http;
    }

    /// <summary>Port of the page and every workspace.</summary>
    public int Port { get; }

    /// <summary>Signed in at control; resolves every host to loopback.</summary>
    public HttpClient Http { get; }

    /// <summary>Origin of the page.</summary>
    public string Origin => $"http://localhost:{Port}";

    /// <summary>The server's data folder.</summary>
    public string Data => _folder;

    /// <summary>Path of the published server; the <c>dropit</c> command sets it.</summary>
    public static string ServerPath => Required("DROPIT_SERVER");

    /// <summary>Path of the published runner; the <c>dropit</c> command sets it.</summary>
    public static string RunnerPath => Required("DROPIT_RUNNER");

    /// <summary>Starts the server and signs in.</summary>
    /// <param name="more">Options besides those that every program needs.</param>
    public static async Task<Rig> StartAsync(params string[] more)
    {
        var folder = Directory.CreateTempSubdirectory("dropit-bench-").FullName;
        var port = FreePort();
        var server = StartServer(folder, port, more);
        var link = await ReadyAsync(server);
        var http = Client(new CookieContainer());
        http.BaseAddress = new Uri($"http://localhost:{port}");
        http.DefaultRequestHeaders.Add("Origin", $"http://localhost:{port}");
        (await http.GetAsync(new Uri(link))).EnsureSuccessStatusCode();
        return new Rig(server, folder, port, http);
    }

    /// <summary>Starts the server binary without waiting for anything.</summary>
    public static Process StartServer(string folder, int port, params string[] more) =>
        Process.Start(new ProcessStartInfo(
            ServerPath,
            [
                "--data", folder, "--port", $"{port}", "--web", "web/dist", "--templates", "templates", "--runner", RunnerPath, .. more,
            ])
        {
            RedirectStandardOutput = true,
        }) ?? throw new InvalidOperationException($"cannot start {ServerPath}");

    /// <summary>Number of the server's process.</summary>
    public int ProcessId => _server.Id;

    /// <summary>Memory that the server has resident.</summary>
    public long ResidentBytes()
    {
        _server.Refresh();
        return _server.WorkingSet64;
    }

    /// <summary>Processor time that the server has used.</summary>
    public TimeSpan ProcessorTime()
    {
        _server.Refresh();
        return _server.TotalProcessorTime;
    }

    /// <summary>SIGKILL for the server and every runner it started.</summary>
    public async Task KillAsync()
    {
        _server.Kill(entireProcessTree: true);
        await _server.WaitForExitAsync();
    }

    /// <summary>Starts the server again after <see cref="KillAsync"/>.</summary>
    public async Task RestartAsync()
    {
        _server.Dispose();
        _server = StartServer(_folder, Port);
        await ReadyAsync(_server);
    }

    /// <summary>A port that nothing listens on now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>A client that takes every host name for loopback, as a browser does with <c>*.localhost</c>.</summary>
    public static HttpClient Client(CookieContainer cookies) => new(new SocketsHttpHandler
    {
        CookieContainer = cookies,
        ConnectCallback = async (context, cancel) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    /// <summary>Creates a workspace and answers its slug.</summary>
    public async Task<string> CreateAsync(string stack)
    {
        using var response = await Http.PostAsJsonAsync("/api/workspaces", new { stack });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("slug").GetString()!;
    }

    /// <summary>Asks for a ticket; the workspace wakes.</summary>
    public async Task<(string Ticket, string Origin)> OpenAsync(string slug)
    {
        using var response = await Http.PostAsync($"/api/workspaces/{slug}/open", null);
        response.EnsureSuccessStatusCode();
        var json = await response.Content.ReadFromJsonAsync<JsonElement>();
        return (json.GetProperty("ticket").GetString()!, json.GetProperty("origin").GetString()!);
    }

    /// <summary>Folder of a workspace's files on this machine.</summary>
    public string Files(string slug) => Path.Combine(Data, "workspaces", slug, "files");

    /// <summary>An address that signs a browser in, once.</summary>
    public async Task<string> SignInLinkAsync()
    {
        using var signin = Process.Start(new ProcessStartInfo(ServerPath)
        {
            ArgumentList = { "signin", "--data", _folder },
            RedirectStandardOutput = true,
        })!;
        var text = await signin.StandardOutput.ReadToEndAsync();
        await signin.WaitForExitAsync();
        return text[text.IndexOf("http", StringComparison.Ordinal)..].Trim();
    }

    /// <summary>A fresh signed-in browser profile: nothing cached.</summary>
    public async Task<IBrowserContext> ContextAsync()
    {
        _playwright ??= await Playwright.CreateAsync();
        _browser ??= await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-background-networking"],
        });
        var context = await _browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 900 }, BypassCSP = true });
        var page = await context.NewPageAsync();
        await page.GotoAsync(await SignInLinkAsync());
        await page.CloseAsync();
        return context;
    }

    /// <summary>Ends server and browser and removes the data.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        using (var kill = Process.Start("kill", ["-TERM", $"{_server.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        await _server.WaitForExitAsync();
        _server.Dispose();
        Http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Waits until the server is ready; the address that it prints.</summary>
    private static async Task<string> ReadyAsync(Process server)
    {
        const string Ready = "drop.it is ready: ";
        string? line;
        do
        {
            line = await server.StandardOutput.ReadLineAsync()
                ?? throw new InvalidOperationException("the server ended before it was ready");
        }
        while (!line.Contains(Ready, StringComparison.Ordinal));
        return line[(line.IndexOf(Ready, StringComparison.Ordinal) + Ready.Length)..].Trim();
    }

    private static string Required(string name) =>
        Environment.GetEnvironmentVariable(name)
        ?? throw new InvalidOperationException($"{name} is not set: run ./dropit bench, which builds and sets it");
}
