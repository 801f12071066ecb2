using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Tests.Harness;
using DropIt.Runner.Tests.Ports;
using DropIt.Runner.Tests.Terminals;

namespace DropIt.Runner.Tests.Preview;

/// <summary>Programs are small Python servers in real terminals of a real runner.</summary>
public sealed class PreviewSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();
    private readonly int _port = PortSpecs.FreePort();
    private TestPage _page = null!;
    private HttpClient _http = null!;

    private string Host => $"{_port}--{TestRunner.Slug}.localhost:7700";

    public async ValueTask InitializeAsync()
    {
        await _runner.StartAsync();
        _page = await _runner.ConnectAsync();
        var handler = TestRunner.Handler(_runner.Socket);
        handler.AllowAutoRedirect = false;
        handler.UseCookies = false;
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://" + Host) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _page.DisposeAsync();
        await _runner.DisposeAsync();
    }

    [Fact]
    public async Task Entering_sets_the_cookie_and_goes_to_a_path_of_this_origin_only()
    {
        var ticket = _runner.Ticket(Role.Viewer);
        using var entered = await _http.GetAsync($"/.dropit/enter?ticket={ticket}&to=%2Fpath%3Fa%3D1");
        Assert.Equal(HttpStatusCode.Redirect, entered.StatusCode);
        Assert.Equal("/path?a=1", entered.Headers.Location!.ToString());
        var cookie = entered.Headers.GetValues("Set-Cookie").Single();
        Assert.StartsWith($"dropit={ticket}; Path=/; Expires=", cookie, StringComparison.Ordinal);
        Assert.EndsWith("HttpOnly; Secure; SameSite=None; Partitioned", cookie, StringComparison.Ordinal);
        using var away = await _http.GetAsync($"/.dropit/enter?ticket={ticket}&to=%2F%2Fevil.example");
        Assert.Equal("/", away.Headers.Location!.ToString());
        using var refused = await _http.GetAsync($"/.dropit/enter?ticket={_runner.Ticket(Role.Runner)}&to=%2F");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Without_the_cookie_a_navigation_goes_to_the_page_and_all_else_gets_401()
    {
        using var navigation = await SendAsync("/a b?c=1&d", cookie: null, ("Sec-Fetch-Mode", "navigate"));
        Assert.Equal(HttpStatusCode.Redirect, navigation.StatusCode);
        Assert.Equal(
            $"{TestRunner.Origin}/enter?workspace={TestRunner.Slug}&port={_port}&to=%2Fa%2520b%3Fc%3D1%26d",
            navigation.Headers.Location!.OriginalString);
        using var part = await SendAsync("/", cookie: null);
        Assert.Equal(HttpStatusCode.Unauthorized, part.StatusCode);
        using var expired = await SendAsync("/", _runner.Ticket(seconds: -4 * 24 * 3600));
        Assert.Equal(HttpStatusCode.Unauthorized, expired.StatusCode);
        using var other = await SendAsync("/", _runner.Ticket(workspace: "otherworkspace"));
        Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
    }

    [Theory]
    [InlineData(403, "Origin", "http://3000--otherworkspace.localhost:7700")]
    [InlineData(403, "Origin", "http://otherworkspace.localhost:7700")]
    [InlineData(403, "Referer", "http://3000--otherworkspace.localhost:7700/page")]
    [InlineData(403, "Sec-Fetch-Site", "cross-site")]
    [InlineData(403, "Sec-Fetch-Site", "same-site")]
    [InlineData(403, "Referer", "http://3000--otherworkspace.localhost:7700/page", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe")]
    [InlineData(200, "Referer", "http://3000--otherworkspace.localhost:7700/page", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document")]
    [InlineData(200, "Origin", "http://5173--abcdefghij.localhost:7700", "Sec-Fetch-Site", "cross-site")]
    [InlineData(200, "Origin", "http://localhost:7700", "Sec-Fetch-Site", "cross-site")]
    [InlineData(200, "Referer", "http://5173--abcdefghij.localhost:7700/a?b", "Sec-Fetch-Site", "same-site")]
    [InlineData(200, "Origin", "null", "Sec-Fetch-Site", "same-origin")]
    [InlineData(200, "Origin", "https://api.example")]
    [InlineData(200, "Sec-Fetch-Site", "none")]
    public async Task A_page_of_another_workspace_does_not_use_this_ones_cookie(int expected, params string[] headers)
    {
        using var answer = await SendAsync("/.dropit/port", _runner.Ticket(), [.. headers.Chunk(2).Select(pair => (pair[0], pair[1]))]);
        Assert.Equal(expected, (int)answer.StatusCode);
        using var request = Request("/.dropit/port", cookie: null, [.. headers.Chunk(2).Select(pair => (pair[0], pair[1]))]);
        request.Headers.Authorization = new("Bearer", _runner.Ticket());
        using var program = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, program.StatusCode);
    }

    [Fact]
    public async Task A_page_that_is_open_goes_on_when_its_ticket_is_over_and_the_next_navigation_renews_it()
    {
        var ticket = _runner.Ticket(seconds: -3600);
        using var request = await SendAsync("/.dropit/port", ticket);
        Assert.Equal(HttpStatusCode.OK, request.StatusCode);
        using var navigation = await SendAsync("/", ticket, ("Sec-Fetch-Mode", "navigate"));
        Assert.Equal(HttpStatusCode.Redirect, navigation.StatusCode);
    }

    [Theory]
    [InlineData("Accept", "text/event-stream")]
    [InlineData("Accept", "text/x-vite-ping")]
    [InlineData("Upgrade", "websocket", "Connection", "Upgrade")]
    public async Task A_connection_that_a_shown_page_opens_again_by_itself_is_no_sign_of_a_user(params string[] headers)
    {
        while (await IdleSecondsAsync() < 2)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        using var again = await SendAsync("/", _runner.Ticket(), [("User-Agent", "Mozilla/5.0 (X11)"), .. headers.Chunk(2).Select(pair => (pair[0], pair[1]))]);
        Assert.Equal(HttpStatusCode.BadGateway, again.StatusCode); // nothing listens there
        Assert.True(await IdleSecondsAsync() >= 2);
        using var request = await SendAsync("/", _runner.Ticket(), ("User-Agent", "Mozilla/5.0 (X11)"));
        Assert.True(await IdleSecondsAsync() < 2);

        async Task<long> IdleSecondsAsync()
        {
            using var ask = new HttpRequestMessage(HttpMethod.Get, "/.dropit/activity");
            ask.Headers.Authorization = new("Bearer", _runner.Ticket(Role.Runner));
            using var answer = await _runner.Http.SendAsync(ask);
            return (await answer.Content.ReadFromJsonAsync(WorkspaceJson.Default.RunnerActivity))!.IdleSeconds;
        }
    }

    [Fact]
    public async Task The_workspace_itself_leads_to_its_page()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Host = $"{TestRunner.Slug}.localhost:7700";
        using var response = await _http.SendAsync(request);
        Assert.Equal($"{TestRunner.Origin}/w/{TestRunner.Slug}", response.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_program_sees_a_local_visitor_without_the_runners_credentials()
    {
        await ServeAsync("""
            self.send_response(200)
            self.send_header("Set-Cookie", "own=1; Domain=localhost; Path=/")
            self.send_header("Set-Cookie", "dropit=stolen")
            self.end_headers()
            self.wfile.write(str(self.headers).encode() + self.path.encode())
            """);
        using var response = await SendAsync(
            "/x%20y?z=1",
            null,
            ("Cookie", $"a=1; dropit={_runner.Ticket()}; b=2"),
            ("Origin", $"http://{Host}"),
            ("Referer", $"http://{Host}/before"),
            ("Authorization", "Bearer of-the-program"),
            ("X-Forwarded-For", "192.0.2.7"));
        var seen = await response.Content.ReadAsStringAsync();
        Assert.Contains($"Host: localhost:{_port}\n", seen);
        Assert.Contains($"Origin: http://localhost:{_port}\n", seen);
        Assert.Contains($"Referer: http://localhost:{_port}/before\n", seen);
        Assert.Contains("Cookie: a=1; b=2\n", seen);
        Assert.Contains("Authorization: Bearer of-the-program\n", seen);
        Assert.Contains($"X-Forwarded-Host: {Host}\n", seen);
        Assert.Contains("X-Forwarded-Proto: http\n", seen);
        Assert.Contains("X-Forwarded-For: 192.0.2.7\n", seen);
        Assert.EndsWith("/x%20y?z=1", seen, StringComparison.Ordinal);
        Assert.Equal(["own=1; Path=/"], response.Headers.GetValues("Set-Cookie"));

        using var bearer = await SendAsync("/", null, ("Authorization", "Bearer " + _runner.Ticket()));
        Assert.DoesNotContain("Authorization", await bearer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_redirect_to_localhost_stays_in_the_preview()
    {
        await ServeAsync($"""
            self.send_response(302)
            self.send_header("Location", "http://localhost:{_port}/next")
            self.end_headers()
            """);
        using var response = await SendAsync("/", _runner.Ticket());
        Assert.Equal($"http://{Host}/next", response.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_stream_arrives_as_it_is_written()
    {
        await ServeAsync("""
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"data: one\n\n")
            self.wfile.flush()
            import time; time.sleep(1000)
            """);
        using var request = Request("/", _runner.Ticket());
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using var stream = await response.Content.ReadAsStreamAsync();
        using var reader = new StreamReader(stream);
        Assert.Equal("data: one", await reader.ReadLineAsync());
    }

    [Fact]
    public async Task A_web_socket_passes()
    {
        // An echo server in 20 lines: accept the handshake, send back masked text frames.
        File.WriteAllText(Path.Combine(_runner.Root, "ws.py"), $$"""
            import socket, hashlib, base64
            s = socket.create_server(("127.0.0.1", {{_port}}))
            print("now serving")
            while True:
                c, _ = s.accept()
                head = c.recv(65536).decode()
                fields = dict(l.split(": ", 1) for l in head.split("\r\n")[1:] if ": " in l)
                fields = {k.lower(): v for k, v in fields.items()}
                key = fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
                accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
                c.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Accept: " + accept + "\r\n\r\n").encode())
                d = c.recv(1024)
                n, mask = d[1] & 127, d[2:6]
                text = bytes(b ^ mask[i % 4] for i, b in enumerate(d[6:6 + n])) + b" from " + fields["origin"].encode()
                c.sendall(bytes([0x81, len(text)]) + text)
            """);
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.RunAsync("python3 -u ws.py", "now serving");
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Cookie", "dropit=" + _runner.Ticket());
        socket.Options.SetRequestHeader("Origin", "http://" + Host);
        using var invoker = new HttpMessageInvoker(TestRunner.Handler(_runner.Socket));
        await socket.ConnectAsync(new Uri($"ws://{Host}/hmr"), invoker, default);
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, default);
        var buffer = new byte[1024];
        var received = await socket.ReceiveAsync(buffer, default);
        Assert.Equal($"hello from http://localhost:{_port}", Encoding.UTF8.GetString(buffer, 0, received.Count));
    }

    [Fact]
    public async Task A_port_where_nothing_listens_is_explained_until_something_does()
    {
        using var part = await SendAsync("/", _runner.Ticket());
        Assert.Equal(HttpStatusCode.BadGateway, part.StatusCode);
        Assert.Equal("text/plain", part.Content.Headers.ContentType!.MediaType);
        using var page = await NavigateAsync();
        Assert.Contains($"Nothing listens on port {_port}", await page.Content.ReadAsStringAsync());
        using var before = await SendAsync("/.dropit/port", _runner.Ticket());
        var key = await before.Content.ReadAsStringAsync();
        Assert.Contains(key, System.Text.RegularExpressions.Regex.Unescape(await page.Content.ReadAsStringAsync()));
        await ServeAsync("self.send_response(204); self.end_headers()");
        using var after = await SendAsync("/.dropit/port", _runner.Ticket());
        Assert.NotEqual(key, await after.Content.ReadAsStringAsync());
        using var there = await NavigateAsync();
        Assert.Equal(HttpStatusCode.NoContent, there.StatusCode);
    }

    [Fact]
    public async Task A_crash_shows_its_code_and_last_lines()
    {
        File.WriteAllText(
            Path.Combine(_runner.Root, "dropit.json"), """{ "run": "echo '<cause> of it' && exit 42" }""");
        await _page.ResultAsync("run.start", new { task = "run" });
        await _page.EventAsync("run", e => (string?)e["run"]!["state"] == "exited");
        using var page = await NavigateAsync();
        var text = await page.Content.ReadAsStringAsync();
        Assert.Contains("ended with code 42", text);
        Assert.Contains("&lt;cause&gt; of it", text);
        Assert.DoesNotContain("<cause>", text);
    }

    [Fact]
    public async Task A_program_on_another_port_is_linked()
    {
        await ServeAsync("self.send_response(204); self.end_headers()");
        var other = PortSpecs.FreePort();
        using var request = Request("/", _runner.Ticket(), ("Sec-Fetch-Mode", "navigate"));
        request.Headers.Host = $"{other}--{TestRunner.Slug}.localhost:7700";
        using var page = await _http.SendAsync(request);
        Assert.Contains($"href=\"http://{Host}/\"", await page.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_port_of_somebody_else_is_not_reached()
    {
        using var foreign = new System.Net.Sockets.TcpListener(IPAddress.Loopback, _port);
        foreign.Start();
        using var response = await SendAsync("/", _runner.Ticket());
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.False(foreign.Pending());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("65536")]
    [InlineData("99999999999")]
    public async Task A_port_that_cannot_be_is_said(string port)
    {
        using var request = Request("/", _runner.Ticket());
        request.Headers.Host = $"{port}--{TestRunner.Slug}.localhost:7700";
        using var page = await _http.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, page.StatusCode);
        Assert.Contains("This is not a port", await page.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_runners_own_port_is_no_preview()
    {
        var port = Ports.PortSpecs.FreePort();
        await using var runner = new TestRunner(port);
        await runner.StartAsync();
        using var request = Request("/", runner.Ticket());
        request.Headers.Host = $"{port}--{TestRunner.Slug}.localhost:7700";
        using var response = await runner.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }

    [Fact]
    public async Task The_runners_own_routes_are_not_on_a_preview()
    {
        using var response = await SendAsync("/.dropit/files/x", _runner.Ticket());
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_page_in_a_frame_gets_the_console_and_goes_on_streaming()
    {
        await ServeAsync("""
            import os
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(b"<!doctype html><head><title>" + self.headers.get("Accept-Encoding", "none").encode() + b"</title>first")
            self.wfile.flush()
            os.mkfifo("gate") if not os.path.exists("gate") else None
            open("gate").read()
            self.wfile.write(b"second")
            """);
        using var request = Request("/", _runner.Ticket(), ("Sec-Fetch-Dest", "iframe"), ("Accept-Encoding", "gzip"));
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var read = new char[4096];
        var text = "";
        while (!text.Contains("first", StringComparison.Ordinal))
        {
            text += new string(read, 0, await reader.ReadAsync(read));
        }

        Assert.Equal("<!doctype html><head><script src=\"/.dropit/console.js\"></script><title>none</title>first", text);
        var opener = await TestTerminal.CreateAsync(_page, channel: 9);
        await opener.RunAsync("echo go > gate; echo 'op''ened'", "opened");
        Assert.Equal("second", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task Only_HTML_in_a_frame_is_added_to()
    {
        await ServeAsync("""
            self.send_response(200)
            self.send_header("Content-Type", self.path[1:])
            self.end_headers()
            self.wfile.write(b"<head>x")
            """);
        using var json = await SendAsync("/application/json", _runner.Ticket(), ("Sec-Fetch-Dest", "iframe"));
        Assert.Equal("<head>x", await json.Content.ReadAsStringAsync());
        using var tab = await SendAsync("/text/html", _runner.Ticket(), ("Sec-Fetch-Dest", "document"));
        Assert.Equal("<head>x", await tab.Content.ReadAsStringAsync());
        using var script = await SendAsync("/.dropit/console.js", _runner.Ticket());
        Assert.Contains("const home = \"http://localhost:7700\"", await script.Content.ReadAsStringAsync());
        using var stranger = await SendAsync("/.dropit/console.js", cookie: null);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [Fact]
    public async Task A_check_says_what_a_frame_would_get()
    {
        await ServeAsync("""
            self.send_response(403)
            self.send_header("X-Frame-Options", "DENY")
            self.send_header("Content-Security-Policy", "frame-ancestors 'none'")
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(b"not for " + self.headers["Host"].encode())
            """);
        var check = await _page.ResultAsync("preview.check", new { port = _port, path = "/a" });
        Assert.Equal(403, (int)check["status"]!);
        Assert.Equal("DENY", (string?)check["frameOptions"]);
        Assert.Equal("frame-ancestors 'none'", (string?)check["policy"]);
        Assert.Equal($"not for localhost:{_port}", (string?)check["text"]);
        Assert.Equal("bad_request", await _page.ErrorAsync("preview.check", new { port = _port, path = "//evil" }));
        var nobody = await _page.ResultAsync("preview.check", new { port = PortSpecs.FreePort(), path = "/" });
        Assert.NotNull((string?)nobody["fault"]);
    }

    /// <summary>Starts a server whose every answer is given by the body of a Python method.</summary>
    private async Task ServeAsync(string body)
    {
        var indented = string.Join('\n', body.Split('\n').Select(line => "        " + line.TrimEnd('\r')));
        File.WriteAllText(Path.Combine(_runner.Root, "serve.py"), $$"""
            from http.server import ThreadingHTTPServer, BaseHTTPRequestHandler
            class Handler(BaseHTTPRequestHandler):
                def do_GET(self):
            {{indented}}
            server = ThreadingHTTPServer(("127.0.0.1", {{_port}}), Handler)
            print("now serving")
            server.serve_forever()
            """);
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.RunAsync("python3 -u serve.py", "now serving");
    }

    private Task<HttpResponseMessage> NavigateAsync() =>
        SendAsync("/", _runner.Ticket(), ("Sec-Fetch-Mode", "navigate"));

    private Task<HttpResponseMessage> SendAsync(string path, string? cookie, params (string Name, string Value)[] headers) =>
        _http.SendAsync(Request(path, cookie, headers));

    private static HttpRequestMessage Request(string path, string? cookie, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", "dropit=" + cookie);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }
}
