using System.Net.WebSockets;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Sessions;

public sealed class SessionSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();

    public async ValueTask InitializeAsync() => await _runner.StartAsync();

    public async ValueTask DisposeAsync() => await _runner.DisposeAsync();

    [Fact]
    public async Task A_socket_begins_with_hello()
    {
        await using var page = await _runner.ConnectAsync(Role.Editor);
        Assert.Equal(1, (int)page.Hello["protocol"]!);
        Assert.Equal(TestRunner.Slug, (string?)page.Hello["workspace"]);
        Assert.Equal("editor", (string?)page.Hello["role"]);
        Assert.NotNull(page.Hello["notices"]);
    }

    [Fact]
    public async Task A_ping_comes_back()
    {
        await using var page = await _runner.ConnectAsync();
        await page.SendAsync(0, FrameType.Ping, "hello"u8);
        var (_, payload) = await page.FrameAsync(0, FrameType.Pong);
        Assert.Equal("hello"u8.ToArray(), payload);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("ffffffffff")]
    [InlineData("0001")]
    [InlineData("00017b7d")]
    [InlineData("000199")]
    [InlineData("0502aa")]
    [InlineData("0077")]
    [InlineData("0002")]
    public async Task A_frame_that_is_none_closes_with_1002(string hex)
    {
        await using var page = await _runner.ConnectAsync();
        await page.SendRawAsync(Convert.FromHexString(hex));
        Assert.Equal(WebSocketCloseStatus.ProtocolError, await page.ClosedAsync());
        Assert.NotEmpty(page.CloseReason!);
    }

    [Fact]
    public async Task A_text_message_closes_with_1002()
    {
        await using var page = await _runner.ConnectAsync();
        await page.SendRawAsync("hello"u8.ToArray(), WebSocketMessageType.Text);
        Assert.Equal(WebSocketCloseStatus.ProtocolError, await page.ClosedAsync());
    }

    [Fact]
    public async Task A_frame_over_8_MiB_closes_with_1009()
    {
        await using var page = await _runner.ConnectAsync();
        var large = new byte[Frame.MaxLength + 1];
        large[1] = (byte)FrameType.Request;
        await page.SendRawAsync(large);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await page.ClosedAsync());
    }

    [Fact]
    public async Task An_unknown_op_is_answered_and_the_socket_lives_on()
    {
        await using var page = await _runner.ConnectAsync();
        Assert.Equal("bad_request", await page.ErrorAsync("no.such"));
        await page.ResultAsync("files.list", new { path = "" });
    }

    [Fact]
    public async Task A_viewer_reads_but_does_not_change()
    {
        await using var page = await _runner.ConnectAsync(Role.Viewer);
        await page.ResultAsync("files.list", new { path = "" });
        Assert.Equal("denied", await page.ErrorAsync("files.create", new { path = "a", kind = "file" }));
    }

    [Fact]
    public async Task Tickets_that_do_not_open_this_workspace_are_refused_with_401()
    {
        using var stranger = System.Security.Cryptography.ECDsa.Create();
        var forged = new Ticket(TestRunner.Slug, "x", Role.Owner, long.MaxValue).Sign(stranger);
        string?[] tickets =
        [
            null, "", "x", "x.y", forged, _runner.Ticket(Role.Runner), _runner.Ticket(seconds: -1),
            _runner.Ticket(workspace: "zzzzzzzzzz"), _runner.Ticket()[..^4], new string('a', 3000),
        ];
        foreach (var ticket in tickets)
        {
            Assert.Equal(401, await StatusAsync(ticket, TestRunner.Origin));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("http://evil.example")]
    [InlineData("http://abcdefghij.localhost:7700")]
    [InlineData("null")]
    public async Task Pages_of_other_origins_are_refused_with_403(string? origin) =>
        Assert.Equal(403, await StatusAsync(_runner.Ticket(), origin));

    [Fact]
    public async Task Another_version_is_refused_with_426() =>
        Assert.Equal(426, await StatusAsync(_runner.Ticket(), TestRunner.Origin, "dropit.2"));

    [Fact]
    public async Task Of_1000_sockets_256_are_served_and_the_rest_refused_with_503()
    {
        // 20 people come, so that none of them has too many.
        var all = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
        {
            try
            {
                return await _runner.ConnectAsync(_runner.Ticket(userId: 1 + i / 50), TestRunner.Origin);
            }
            catch (TestPage.RefusedException e)
            {
                Assert.Equal(503, e.Status);
                return null;
            }
        }));
        var served = all.OfType<TestPage>().ToList();
        Assert.Equal(256, served.Count);
        await served[0].ResultAsync("files.list", new { path = "" });
        foreach (var page in served)
        {
            await page.DisposeAsync();
        }
    }

    [Fact]
    public async Task One_person_has_64_sockets_and_leaves_the_other_places_to_others()
    {
        var pages = new List<TestPage>();
        for (var i = 0; i < 64; i++)
        {
            pages.Add(await _runner.ConnectAsync(_runner.Ticket(), TestRunner.Origin));
        }

        var late = await Assert.ThrowsAsync<InvalidOperationException>(() => _runner.ConnectAsync(_runner.Ticket(), TestRunner.Origin));
        Assert.Contains("4002 64 pages of one person are open", late.Message);
        await using var other = await _runner.ConnectAsync(_runner.Ticket(user: "other", userId: 2), TestRunner.Origin);
        await other.ResultAsync("files.list", new { path = "" });
        await pages[0].ResultAsync("files.list", new { path = "" });

        // They go, and may come again.
        foreach (var page in pages)
        {
            await page.DisposeAsync();
        }

        await other.EventAsync("people", told => told["people"]!["here"]!.AsArray().Count == 1);
        await using var again = await _runner.ConnectAsync(_runner.Ticket(), TestRunner.Origin);
        await again.ResultAsync("files.list", new { path = "" });
    }

    [Fact]
    public async Task A_stop_tells_the_pages_and_exits_with_0()
    {
        await using var page = await _runner.ConnectAsync();
        var stopping = _runner.StopAsync();
        Assert.NotEmpty((string)(await page.EventAsync("stopping"))["reason"]!);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await page.ClosedAsync());
        Assert.Equal(0, await stopping);
    }

    private async Task<int> StatusAsync(string? ticket, string? origin, string protocol = "dropit.1") =>
        (await Assert.ThrowsAsync<TestPage.RefusedException>(() => _runner.ConnectAsync(ticket, origin, protocol))).Status;
}
