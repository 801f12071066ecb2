using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using DropIt.Tests.Services;
using Microsoft.Data.Sqlite;

namespace DropIt.Server.Tests.Harness;

/// <summary>A real server process on a data folder of its own, and a browser's view of it.</summary>
internal sealed class ServerRig : IAsyncDisposable
{
    public const string Ready = "drop.it is ready: ";

    private readonly SocketsHttpHandler _handler = new()
    {
        // *.localhost is this machine to a browser; the resolver of a test machine may not know.
        ConnectCallback = async (context, cancel) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
        AllowAutoRedirect = false,
        UseCookies = false,
    };

    private const int Nobody = 65534;

    private readonly List<string> _said = [];
    private readonly List<string> _seen = [];
    private Task _log = Task.CompletedTask;
    private Process? _process;
    private string? _cookie;
    private bool _nobody;

    private readonly string[] _more;
    private readonly IReadOnlyDictionary<string, string> _environment;

    private ServerRig(string data, int port, string templates, string[] more, IReadOnlyDictionary<string, string> environment)
    {
        (Data, Port, Templates, _more, _environment) = (data, port, templates, more, environment);
        Client = new HttpClient(_handler) { BaseAddress = new Uri(Origin) };
    }

    public string Data { get; }

    public int Port { get; }

    public string Templates { get; }

    public string Origin => $"http://localhost:{Port}";

    public HttpClient Client { get; }

    public string SignInAddress { get; private set; } = "";

    /// <summary>The storage service as pods reach it; empty when there are none.</summary>
    public string StorageAddress { get; set; } = "";

    /// <summary>What the server has said since it was ready, and about workspaces while somebody waited for a state.</summary>
    public string Heard => string.Join("\n", [.. _seen, Said]);

    private string Said
    {
        get
        {
            lock (_said)
            {
                return string.Join("\n", _said);
            }
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A server that is ready, on a fresh data folder.</summary>
    public static async Task<ServerRig> StartAsync(
        string? templates = null, bool signIn = true, string[]? more = null, IReadOnlyDictionary<string, string>? environment = null, bool plainUser = false)
    {
        var data = Directory.CreateTempSubdirectory("dropit-").FullName;
        var rig = new ServerRig(data, FreePort(), templates ?? Built.Templates, more ?? [], environment ?? new Dictionary<string, string>())
        {
            // Root may become anyone; whoever is not root is a plain user already.
            _nobody = plainUser && Environment.IsPrivilegedProcess,
        };
        if (rig._nobody)
        {
            await Process.Start("chown", [$"{Nobody}", data]).WaitForExitAsync(Cancel);
        }

        await rig.StartAgainAsync();
        if (signIn)
        {
            await rig.SignInAsync();
        }

        return rig;
    }

    /// <summary>A server that was just started and is not ready yet.</summary>
    public static ServerRig Begin(params string[] more) => BeginOn(Directory.CreateTempSubdirectory("dropit-").FullName, more);

    /// <summary>The same on a data folder that has something in it.</summary>
    public static ServerRig BeginOn(string data, params string[] more)
    {
        var rig = new ServerRig(data, FreePort(), Built.Templates, more, new Dictionary<string, string>());
        rig.StartProcess();
        return rig;
    }

    /// <summary>Starts the server on the same data folder and port.</summary>
    public Task StartAgainAsync()
    {
        StartProcess();
        return WaitUntilReadyAsync();
    }

    /// <summary>Number of the server's process.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Reads until the server says that it is ready.</summary>
    public async Task WaitUntilReadyAsync()
    {
        while (await _process!.StandardOutput.ReadLineAsync(Cancel) is { } line)
        {
            if (line.IndexOf(Ready, StringComparison.Ordinal) is >= 0 and var at)
            {
                SignInAddress = line[(at + Ready.Length)..];
                _log = Task.WhenAll(HearAsync(_process.StandardOutput), HearAsync(_process.StandardError));
                return;
            }
        }

        throw new InvalidOperationException("The server ended: " + await _process.StandardError.ReadToEndAsync(Cancel));
    }

    private void StartProcess() => _process = Launch(
        ["--data", Data, "--port", $"{Port}", "--templates", Templates, "--runner", Built.Runner, "--web", WebFolder(), .. _more],
        _environment,
        _nobody);

    /// <summary>Runs the program to its end.</summary>
    public static Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) =>
        RunAsync(arguments, new Dictionary<string, string>());

    /// <summary>Runs the program to its end, with more in its environment.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(
        string[] arguments, IReadOnlyDictionary<string, string> environment)
    {
        using var process = Launch(arguments, environment);
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output, await errors);
    }

    /// <summary>What the server has said since it was ready; it must have ended.</summary>
    public async Task<string> LogAsync()
    {
        await _log;
        return Said;
    }

    /// <summary>A server whose output nobody takes would stand still when the pipe is full.</summary>
    private async Task HearAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (_said)
            {
                _said.Add(line);
            }
        }
    }

    /// <summary>Signs in by another address, as the command asks for one.</summary>
    public async Task SignInByCommandAsync()
    {
        var (_, output, _) = await RunAsync("signin", "--data", Data);
        SignInAddress = output.Trim();
        await SignInAsync();
    }

    public async Task SignInAsync()
    {
        using var answer = await Client.GetAsync(new Uri(SignInAddress), Cancel);
        _cookie = answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    /// <summary>Signed in as the user of <paramref name="other"/> is.</summary>
    public void TakeSessionOf(ServerRig other) => _cookie = other._cookie;

    /// <summary>A request as the page sends it.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, string? origin = null)
    {
        var request = new HttpRequestMessage(method, path);
        if (_cookie is not null)
        {
            request.Headers.Add("Cookie", _cookie);
        }

        request.Headers.Add("Origin", origin ?? Origin);
        if (body is not null)
        {
            request.Content = body as HttpContent ?? JsonContent.Create(body);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public async Task<JsonElement> GetJsonAsync(string path)
    {
        using var answer = await GetAsync(path);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    /// <summary>A fresh workspace; the answer is its slug.</summary>
    public async Task<string> CreateAsync(string stack = "node")
    {
        using var answer = await SendAsync(HttpMethod.Post, "/api/workspaces", new { stack });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("slug").GetString()!;
    }

    /// <summary>Opens a workspace and waits until its runner serves; the answer is a ticket.</summary>
    public async Task<string> OpenAsync(string slug)
    {
        using var answer = await SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var ticket = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("ticket").GetString()!;
        await WaitForAsync(slug, "awake");
        return ticket;
    }

    /// <summary>Writes a file as an upload does; the runner has it on its disk then.</summary>
    public async Task PutFileAsync(string slug, string ticket, string path, string text)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"http://{slug}.localhost:{Port}/.dropit/files/{path}") { Content = new StringContent(text) };
        request.Headers.Authorization = new("Bearer", ticket);
        request.Headers.Add("Origin", Origin);
        using var answer = await Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    /// <summary>Puts a workspace to sleep; all of it is stored then.</summary>
    public async Task SleepAsync(string slug)
    {
        await SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        await WaitForAsync(slug, "asleep");
    }

    /// <summary>Watches a workspace until it is in that state; the answer is the message that came with it.</summary>
    public async Task<string?> WaitForAsync(string slug, string state)
    {
        using var answer = await GetAsync($"/api/workspaces/{slug}/events");
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        while (await reader.ReadLineAsync(Cancel) is { } line)
        {
            if (!line.StartsWith("data: ", StringComparison.Ordinal))
            {
                continue;
            }

            _seen.Add(line);
            using var status = JsonDocument.Parse(line[6..]);
            if (status.RootElement.GetProperty("state").GetString() == state)
            {
                return status.RootElement.GetProperty("message").GetString();
            }
        }

        throw new InvalidOperationException($"The workspace never was {state}: {Heard}");
    }

    /// <summary>Watches a workspace until it says <paramref name="part"/>; the answer is all it says then.</summary>
    public async Task<string> WaitForMessageAsync(string slug, string part)
    {
        using var answer = await GetAsync($"/api/workspaces/{slug}/events");
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancel));
        while (await reader.ReadLineAsync(Cancel) is { } line)
        {
            if (line.Contains(part, StringComparison.Ordinal))
            {
                return line;
            }
        }

        throw new InvalidOperationException($"The workspace never said '{part}'.");
    }

    /// <summary>Asks under another host name until it answers so; the answer is what it says then.</summary>
    public async Task<string> WaitForHostAsync(string host, string path, HttpStatusCode status)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
            using var answer = await Client.SendAsync(request, Cancel);
            if (answer.StatusCode == status)
            {
                return await answer.Content.ReadAsStringAsync(Cancel);
            }

            await Task.Delay(100, Cancel);
        }
    }

    /// <summary>A page's socket to the workspace's runner, after its first message, which is the answer too.</summary>
    /// <exception cref="WebSocketException">It was refused, or taken and closed at once; says with which status and why.</exception>
    /// <param name="slug">Which.</param>
    /// <param name="ticket">What <see cref="OpenAsync"/> gave.</param>
    /// <param name="port">Of the proxy to go by; null: none.</param>
    public async Task<(ClientWebSocket Socket, string Hello)> ConnectAsync(string slug, string ticket, int? port = null)
    {
        var socket = await SocketAsync(slug, ticket, Cancel, port);
        var buffer = new byte[64 * 1024];
        var got = await socket.ReceiveAsync(buffer, Cancel);
        return got.MessageType != WebSocketMessageType.Close
            ? (socket, System.Text.Encoding.UTF8.GetString(buffer, 2, got.Count - 2))
            : throw new WebSocketException($"{(int)socket.CloseStatus!} {socket.CloseStatusDescription}");
    }

    /// <summary>Asks for a ticket, whatever comes of it.</summary>
    public async Task<(HttpStatusCode Status, string Body)> TryOpenAsync(string slug, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/workspaces/{slug}/open");
        request.Headers.Add("Cookie", _cookie);
        request.Headers.Add("Origin", Origin);
        using var answer = await Client.SendAsync(request, cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(cancel));
    }

    /// <summary>A page's socket to the workspace's runner, before its first message.</summary>
    public async Task<ClientWebSocket> SocketAsync(string slug, string ticket, CancellationToken cancel, int? port = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("dropit.1");
        socket.Options.AddSubProtocol("ticket." + ticket);
        socket.Options.SetRequestHeader("Origin", Origin);
        using var invoker = NewInvoker();
        await socket.ConnectAsync(new Uri($"ws://{slug}.localhost:{port ?? Port}/.dropit/ws"), invoker, cancel);
        return socket;
    }

    /// <summary>Connects sockets as <see cref="Client"/> connects; the caller disposes it.</summary>
    public HttpMessageInvoker NewInvoker() => new(_handler, disposeHandler: false);

    /// <summary>Sends the server a signal and does not wait.</summary>
    public void Signal(int signal) => Signal(_process!, signal);

    /// <summary>The same to any process.</summary>
    public static void Signal(Process process, int signal) => _ = Kill(process.Id, signal);

    /// <summary>Bytes of memory that the process holds now.</summary>
    public long Resident()
    {
        var line = File.ReadLines($"/proc/{_process!.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(6).Trim(" kB\t"), null) * 1024;
    }

    /// <summary>What a socket's messages say, as text, up to the one with <paramref name="part"/> in it.</summary>
    public static async Task<List<string>> ReadUntilAsync(ClientWebSocket socket, string part)
    {
        var said = new List<string>();
        var buffer = new byte[256 * 1024];
        do
        {
            var got = await socket.ReceiveAsync(buffer, Cancel);
            said.Add(System.Text.Encoding.UTF8.GetString(buffer, 0, got.Count));
        }
        while (!said[^1].Contains(part, StringComparison.Ordinal));
        return said;
    }

    /// <summary>Does something to the rows of the server's database that nobody can by its API, such as letting time pass; the answer is its first value.</summary>
    public async Task<object?> SqlAsync(string command)
    {
        await using var rows = new SqliteConnection($"Data Source={Path.Combine(Data, "control.db")}");
        await rows.OpenAsync(Cancel);
        await using var sql = rows.CreateCommand();
        sql.CommandText = command;
        return await sql.ExecuteScalarAsync(Cancel);
    }

    /// <summary>The process of the workspace's runner.</summary>
    public Process RunnerOf(string slug) =>
        Process.GetProcessById(int.Parse(File.ReadAllText(Path.Combine(Data, "run", slug + ".pid")).Split(' ')[0], null));

    /// <summary>Asks the server to end, by SIGTERM unless it is about Ctrl-C; the answer is its exit code.</summary>
    public async Task<int> StopAsync(int signal = 15)
    {
        _ = Kill(_process!.Id, signal);
        await _process.WaitForExitAsync(Cancel).WaitAsync(TimeSpan.FromMinutes(2), Cancel);
        return _process.ExitCode;
    }

    /// <summary>The server is gone, without a chance to do anything about it.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _ = Kill(_process.Id, 15);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        foreach (var mark in Directory.EnumerateFiles(Path.Combine(Data, "run"), "*.pid"))
        {
            _ = Kill(int.Parse(File.ReadAllText(mark).Split(' ')[0], null), 9);
        }

        _process?.Dispose();
        Client.Dispose();
        _handler.Dispose();
        Directory.Delete(Data, recursive: true);
    }

    private string WebFolder()
    {
        var folder = Path.Combine(Data, "web");
        Directory.CreateDirectory(Path.Combine(folder, "assets"));
        File.WriteAllText(Path.Combine(folder, "index.html"), "<!doctype html><script>theme()</script><p>the page");
        File.WriteAllText(Path.Combine(folder, "assets", "app-1234.js"), "plain");
        File.WriteAllText(Path.Combine(folder, "assets", "app-1234.js.br"), "brotli");
        return folder;
    }

    public static Process Launch(IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, bool nobody = false)
    {
        // What a shell starts in the background ignores SIGINT, and so would all that comes of it, tests and server.
        string[] user = nobody ? ["setpriv", $"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups"] : [];
        var start = new ProcessStartInfo("env", ["--default-signal=INT", .. user, Built.Server, .. arguments]);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        start.Environment["DROPIT_DATABASE_PASSWORD"] = PostgresServer.Password;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
