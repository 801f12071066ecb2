using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Gateway;

public sealed class PortVisibilityOnSqliteSpecs() : PortVisibilitySpecs(TestDatabase.Sqlite);

public sealed class PortVisibilityOnPostgresSpecs(PostgresServer postgres) : PortVisibilitySpecs(TestDatabase.Postgres(postgres));

/// <summary>Who sees what a program serves on a port: the people of its workspace, whoever has an account, anyone.</summary>
public abstract partial class PortVisibilitySpecs(TestDatabase database)
{
    // Says what it was asked with, and answers what comes over a socket.
    private const string Program = """
        const { createHash } = require("crypto");
        const server = require("http").createServer((request, answer) => answer.end("hello " + JSON.stringify(request.headers)));
        server.on("upgrade", (request, socket) => {
          const accept = createHash("sha1").update(request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
          socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
          socket.write(Buffer.from([0x81, 2, 0x68, 0x69]));
          socket.on("error", () => {});
        });
        server.listen(process.env.PORT);
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_port_is_seen_by_those_whom_its_owner_chose_and_still_is_after_sleep_and_a_restart()
    {
        await using var server = await database.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var olga = await Person.SignedUpAsync(server, "olga");
        var sam = await Person.SignedUpAsync(server, "sam");
        var slug = (await olga.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" })).GetProperty("slug").GetString()!;
        var (ticket, port) = await RunAsync(server, olga, slug);

        // 1. Private: nobody else, whatever they claim.
        await AssertHiddenAsync(server, slug, port);
        Assert.Equal(HttpStatusCode.NotFound, await sam.StatusAsync(HttpMethod.Get, $"/enter?workspace={slug}&port={port}"));
        using (var claimed = await AskAsync(server, slug, port, "/", visitor: ticket))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, claimed.StatusCode);
        }

        // 2. For those who are signed in: sam comes by the page, and gets to this port alone.
        Assert.Equal(HttpStatusCode.NoContent, await ShowAsync(olga, slug, port, "signedIn"));
        await AssertHiddenAsync(server, slug, port);
        var theirs = await EnterAsync(server, sam, slug, port);
        using (var seen = await AskAsync(server, slug, port, "/", cookie: theirs))
        {
            Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
        }

        await AssertOpensNothingElseAsync(server, slug, port, theirs);
        Assert.Equal(HttpStatusCode.NotFound, await sam.StatusAsync(HttpMethod.Get, $"/enter?workspace={slug}&port={port + 1}"));

        // 3. Public: anyone, also with a socket; the program hears of no ticket, and the runner's own words stay its people's.
        Assert.Equal(HttpStatusCode.NoContent, await ShowAsync(olga, slug, port, "public"));
        using (var seen = await AskAsync(server, slug, port, "/"))
        {
            Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
            var said = await seen.Content.ReadAsStringAsync(Cancel);
            Assert.StartsWith("hello ", said, StringComparison.Ordinal);
            Assert.DoesNotContain("dropit-visitor", said, StringComparison.OrdinalIgnoreCase);
        }

        foreach (var path in (string[])["/.dropit/port", "/.dropit/files/server.js", "/.dropit/activity"])
        {
            using var own = await AskAsync(server, slug, port, path);
            Assert.Equal(HttpStatusCode.NotFound, own.StatusCode);
        }

        using (var other = await AskAsync(server, slug, port + 1, "/"))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
        }

        using var socket = await SocketAsync(server, slug, port);
        var buffer = new byte[16];
        Assert.Equal("hi", Encoding.UTF8.GetString(buffer, 0, (await socket.ReceiveAsync(buffer, Cancel)).Count));

        // 4. Private again: whoever looked on is cut off.
        Assert.Equal(HttpStatusCode.NoContent, await ShowAsync(olga, slug, port, "private"));
        await Assert.ThrowsAsync<WebSocketException>(async () => await socket.ReceiveAsync(buffer, Cancel));
        await AssertHiddenAsync(server, slug, port);
        using (var gone = await AskAsync(server, slug, port, "/", cookie: theirs))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, gone.StatusCode);
        }

        // 5. What was chosen last holds, whatever ends meanwhile; a visitor hears nothing of commands and output.
        Assert.Equal(HttpStatusCode.NoContent, await ShowAsync(olga, slug, port, "public"));
        Assert.Equal(0, await server.StopAsync());
        await server.StartAgainAsync();
        using (var away = await AskAsync(server, slug, port, "/", navigation: true))
        {
            Assert.Equal(HttpStatusCode.BadGateway, away.StatusCode);
            var said = await away.Content.ReadAsStringAsync(Cancel);
            Assert.Contains("Nothing is shown here at the moment", said, StringComparison.Ordinal);
            Assert.DoesNotContain("node", said, StringComparison.Ordinal);
        }

        await RunAsync(server, olga, slug);
        using (var seen = await AskAsync(server, slug, port, "/"))
        {
            Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
        }

        Assert.Equal("public", (await olga.GetAsync($"/api/workspaces/{slug}/ports"))[0].GetProperty("visibility").GetString());
        var told = (await olga.GetAsync($"/api/audit?workspace={slug}&act=portShown")).GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("about").GetString());
        Assert.Equal([$"{port} public", $"{port} private", $"{port} public", $"{port} signedIn"], told);
    }

    [Fact]
    public async Task Visitors_wake_a_workspace_some_times_a_day_and_its_people_always()
    {
        await using var server = await database.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var olga = await Person.SignedUpAsync(server, "olga");
        var slug = (await olga.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" })).GetProperty("slug").GetString()!;
        Assert.Equal(HttpStatusCode.NoContent, await ShowAsync(olga, slug, 3000, "public"));
        var statuses = new List<HttpStatusCode>();
        do
        {
            using var visit = await AskAsync(server, slug, 3000, "/");
            statuses.Add(visit.StatusCode);
            await olga.StatusAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
            await AsleepAsync(olga, slug);
        }
        while (statuses[^1] != HttpStatusCode.Conflict && statuses.Count < 20);
        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.BadGateway, 6), HttpStatusCode.Conflict], statuses);

        using var mine = await AskAsync(server, slug, 3000, "/", cookie: await EnterAsync(server, olga, slug, 3000));
        Assert.Equal(HttpStatusCode.BadGateway, mine.StatusCode);
    }

    private static Task<HttpStatusCode> ShowAsync(Person owner, string slug, int port, string visibility) =>
        owner.StatusAsync(HttpMethod.Put, $"/api/workspaces/{slug}/ports/{port}", new { visibility });

    /// <summary>Runs the program; the answer is a ticket of the owner's, and the port.</summary>
    private static async Task<(string Ticket, int Port)> RunAsync(ServerRig server, Person owner, string slug)
    {
        var ticket = (await owner.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open")).GetProperty("ticket").GetString()!;
        await server.WaitForHostAsync($"{slug}.localhost:{server.Port}", "/", HttpStatusCode.Found);
        await server.PutFileAsync(slug, ticket, "server.js", Program);
        await server.PutFileAsync(slug, ticket, "dropit.json", """{"run":"node server.js"}""");
        using var socket = await server.SocketAsync(slug, ticket, Cancel);
        await socket.SendAsync((byte[])[0, 1, .. """{"id":1,"op":"run.start","task":"run"}"""u8], WebSocketMessageType.Binary, true, Cancel);
        var said = (await ServerRig.ReadUntilAsync(socket, "\"ports\":[{\"port\":"))[^1];
        return (ticket, int.Parse(PortIn().Match(said).Groups[1].Value, null));
    }

    private static async Task AssertHiddenAsync(ServerRig server, string slug, int port)
    {
        using var plain = await AskAsync(server, slug, port, "/");
        Assert.Equal(HttpStatusCode.Unauthorized, plain.StatusCode);
        using var page = await AskAsync(server, slug, port, "/", navigation: true);
        Assert.Equal(HttpStatusCode.Found, page.StatusCode);
        Assert.StartsWith($"{server.Origin}/enter?workspace={slug}&port={port}", page.Headers.Location!.OriginalString, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => SocketAsync(server, slug, port));
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A visitor's ticket is good at its port's origin and nowhere else.</summary>
    private static async Task AssertOpensNothingElseAsync(ServerRig server, string slug, int port, string cookie)
    {
        var ticket = cookie.Split('=', 2)[1];
        using (var next = await AskAsync(server, slug, port + 1, "/", cookie))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, next.StatusCode);
        }

        using var file = new HttpRequestMessage(HttpMethod.Get, $"http://{slug}.localhost:{server.Port}/.dropit/files/server.js");
        file.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ticket);
        using var answer = await server.Client.SendAsync(file, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => server.SocketAsync(slug, ticket, Cancel));
        Assert.Contains("401", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>By way of the page's session, as a browser goes; the answer is the preview's cookie.</summary>
    private static async Task<string> EnterAsync(ServerRig server, Person person, string slug, int port)
    {
        using var sent = await person.SendAsync(HttpMethod.Get, $"/enter?workspace={slug}&port={port}&to=/");
        Assert.Equal(HttpStatusCode.Found, sent.StatusCode);
        using var entered = await server.Client.GetAsync(sent.Headers.Location, Cancel);
        Assert.Equal(HttpStatusCode.Found, entered.StatusCode);
        return entered.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private static async Task<HttpResponseMessage> AskAsync(
        ServerRig server, string slug, int port, string path, string? cookie = null, bool navigation = false, string? visitor = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{port}--{slug}.localhost:{server.Port}{path}");
        request.Headers.Add("Sec-Fetch-Mode", navigation ? "navigate" : "cors");
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        if (visitor is not null)
        {
            request.Headers.Add("Dropit-Visitor", visitor);
        }

        return await server.Client.SendAsync(request, Cancel);
    }

    private static async Task<ClientWebSocket> SocketAsync(ServerRig server, string slug, int port)
    {
        var socket = new ClientWebSocket();
        using var invoker = server.NewInvoker();
        await socket.ConnectAsync(new Uri($"ws://{port}--{slug}.localhost:{server.Port}/"), invoker, Cancel);
        return socket;
    }

    private static async Task AsleepAsync(Person owner, string slug)
    {
        using var events = await owner.SendAsync(HttpMethod.Get, $"/api/workspaces/{slug}/events");
        using var reader = new StreamReader(await events.Content.ReadAsStreamAsync(Cancel));
        while (await reader.ReadLineAsync(Cancel) is { } line && !line.Contains("\"asleep\"", StringComparison.Ordinal))
        {
        }
    }

    [GeneratedRegex("\"port\":(\\d+)")]
    private static partial Regex PortIn();
}
