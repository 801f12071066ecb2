using System.Net;
using System.Net.WebSockets;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Gateway;

public sealed class GatewaySpecs(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_wakes_a_sleeping_workspace_and_is_held_meanwhile()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync("empty");
        var ticket = await server.OpenAsync(slug);
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        await server.WaitForAsync(slug, "asleep");
        var (socket, hello) = await server.ConnectAsync(slug, ticket);
        Assert.Contains("\"epoch\":2", hello, StringComparison.Ordinal);
        socket.Dispose();
    }

    [Fact]
    public async Task While_a_workspace_cannot_be_started_a_browser_gets_a_page_that_follows_and_a_machine_a_sentence_and_when_to_come_again()
    {
        await using var server = await ServerRig.StartAsync(more: ["--runner", "/bin/false"]);
        var slug = await server.CreateAsync("empty");
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open");
        await server.WaitForAsync(slug, "failed");
        foreach (var (mode, type) in (ValueTuple<string, string>[])[("navigate", "text/html"), ("cors", "text/plain")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{slug}.localhost:{server.Port}/");
            request.Headers.Add("Sec-Fetch-Mode", mode);
            using var answer = await server.Client.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
            Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero);
            Assert.Contains("The workspace ", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_products_own_questions_wake_nothing()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync("empty");
        foreach (var path in (string[])["/.dropit/probe", "/.dropit/health", "/.dropit/activity", "/.dropit/ready", "/.dropit/live"])
        {
            using var answer = await server.Client.GetAsync(new Uri($"http://{slug}.localhost:{server.Port}{path}"), Cancel);
            Assert.False(answer.IsSuccessStatusCode, path);
        }

        using var follows = await server.Client.GetAsync(
            new Uri($"http://{slug}.localhost:{server.Port}/.dropit/waking"), HttpCompletionOption.ResponseHeadersRead, Cancel);
        await server.GetAsync("/readyz");

        // Whatever they would have begun is seen by the time that a later wish is carried out.
        await server.OpenAsync(await server.CreateAsync("empty"));
        var mine = (await server.GetJsonAsync("/api/workspaces")).EnumerateArray().Single(w => w.GetProperty("slug").GetString() == slug);
        Assert.Equal("asleep", mine.GetProperty("state").GetString());
    }

    [Fact]
    public async Task The_connection_that_a_page_of_the_users_program_opens_again_by_itself_wakes_nothing()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync("empty");
        const string Browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0)";
        foreach (var (name, value) in (ValueTuple<string, string>[])[("Upgrade", "websocket"), ("Accept", "text/event-stream"), ("Accept", "text/x-vite-ping")])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://5173--{slug}.localhost:{server.Port}/");
            request.Headers.Add("User-Agent", Browser);
            request.Headers.Add(name, value);
            if (name == "Upgrade")
            {
                request.Headers.Add("Connection", "Upgrade");
            }

            using var answer = await server.Client.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
            Assert.Contains("It wakes when somebody opens it", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        // What a program asks for is asked for by somebody.
        using var program = new HttpRequestMessage(HttpMethod.Get, $"http://5173--{slug}.localhost:{server.Port}/");
        program.Headers.Add("Accept", "text/event-stream");
        var awake = server.WaitForAsync(slug, "awake");
        using var _ = await server.Client.SendAsync(program, Cancel);
        await awake;
    }

    [Fact]
    public async Task A_workspace_that_does_not_exist_is_said_to_be_so()
    {
        var server = shared.Server;
        using var answer = await server.Client.GetAsync(new Uri($"http://3000--abcdefghijklmn.localhost:{server.Port}/"), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("no such workspace", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_runner_tells_the_orchestrator_is_not_for_others()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync("empty");
        await server.OpenAsync(slug);
        string[] paths =
        [
            "/.dropit/health",
            "/.DropIt/Health/",
            "/.dropit/%61ctivity",
        ];
        await Assert.AllAsync(paths, async path =>
        {
            using var answer = await server.Client.GetAsync(new Uri($"http://{slug}.localhost:{server.Port}{path}"), Cancel);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Empty(await answer.Content.ReadAsStringAsync(Cancel));
        });
    }

    [Fact]
    public async Task A_workspaces_host_never_leads_to_control_and_other_hosts_lead_nowhere()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync("empty");
        await server.OpenAsync(slug);
        using var inside = await server.Client.GetAsync(new Uri($"http://{slug}.localhost:{server.Port}/api/session"), Cancel);
        Assert.NotEqual("application/problem+json", inside.Content.Headers.ContentType?.MediaType);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/session");
        request.Headers.Host = "rebound.example";
        using var other = await server.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, other.StatusCode);
    }

    [Fact]
    public async Task The_sockets_routes_are_not_on_the_port()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync("empty");
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync($"/storage/{slug}/manifest")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Post, "/admin/signin")).StatusCode);
    }

    [Fact]
    public async Task Of_1000_sockets_of_one_person_at_once_64_are_served_and_nobody_else_is_held_up()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync("empty");
        var other = await server.CreateAsync("empty");
        var ticket = await server.OpenAsync(slug);
        var otherTicket = await server.OpenAsync(other);
        var all = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async _ =>
        {
            try
            {
                return (await server.ConnectAsync(slug, ticket)).Socket;
            }
            catch (WebSocketException refused)
            {
                Assert.Matches("503|4002 64 pages of one person", refused.Message);
                return null;
            }
        }));
        Assert.Equal(64, all.Count(socket => socket is not null));

        (await server.ConnectAsync(other, otherTicket)).Socket.Dispose();
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/api/workspaces")).StatusCode);
        foreach (var socket in all)
        {
            socket?.Dispose();
        }
    }

    [Fact]
    public async Task Of_1100_requests_at_once_that_a_workspace_wakes_for_512_are_held_and_the_next_ones_again()
    {
        // A runner that begins when it is let.
        var folder = Directory.CreateTempSubdirectory("dropit-slow-").FullName;
        var (slow, closed) = (Path.Combine(folder, "runner"), Path.Combine(folder, "closed"));
        await File.WriteAllTextAsync(slow, $"#!/bin/sh\nwhile [ -e {closed} ]; do sleep 0.05; done\nexec {Built.Runner} \"$@\"\n", Cancel);
        File.SetUnixFileMode(slow, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var server = await ServerRig.StartAsync(more: ["--runner", slow, "--sandbox", "none"]);
        var slug = await server.CreateAsync("empty");
        var ticket = await server.OpenAsync(slug);
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        await server.WaitForAsync(slug, "asleep");

        await File.WriteAllTextAsync(closed, "", Cancel);
        var answers = await Task.WhenAll(Enumerable.Range(0, 1100).Select(async _ =>
        {
            using var answer = await server.Client.GetAsync(new Uri($"http://{slug}.localhost:{server.Port}/"), Cancel);
            return (answer.StatusCode, Again: answer.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }));
        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.ServiceUnavailable, true), answer));
        File.Delete(closed);
        await server.WaitForAsync(slug, "awake");
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        await server.WaitForAsync(slug, "asleep");

        (await server.ConnectAsync(slug, ticket)).Socket.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Entering_a_preview_goes_by_way_of_the_page_s_session()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync("empty");
        using var entered = await server.GetAsync($"/enter?workspace={slug}&port=3000&to=/a%3Fb");
        Assert.Equal(HttpStatusCode.Found, entered.StatusCode);
        Assert.StartsWith(
            $"http://3000--{slug}.localhost:{server.Port}/.dropit/enter?ticket=", entered.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.EndsWith("&to=%2Fa%3Fb", entered.Headers.Location.OriginalString, StringComparison.Ordinal);

        using var stranger = await server.Client.GetAsync(new Uri($"/enter?workspace={slug}&port=3000&to=/", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    [Fact]
    public async Task The_page_is_sent_packed_cached_and_fenced_in()
    {
        var server = shared.Server;
        using var page = await server.Client.GetAsync(new Uri("/w/abcdefghijklmn", UriKind.Relative), Cancel);
        Assert.Contains("the page", await page.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains($"frame-src http://*.localhost:{server.Port};", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self' 'sha256-", policy, StringComparison.Ordinal);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/assets/app-1234.js");
        request.Headers.Add("Accept-Encoding", "gzip, br");
        using var asset = await server.Client.SendAsync(request, Cancel);
        Assert.Equal("brotli", await asset.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("br", asset.Content.Headers.ContentEncoding.Single());
        Assert.Contains("immutable", asset.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        using var outside = await server.Client.GetAsync(new Uri("/..%2f..%2fcontrol.db", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
    }
}
