using System.Net;
using System.Net.Http.Headers;
using System.Text;
using DropIt.Protocol.Access;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Access;

/// <summary>Everything that a page may send, by everyone who may send it: generated from the table, so what is not in it fails here.</summary>
public sealed class MessageRightsSpecs : IAsyncLifetime
{
    private static readonly FrameType[] s_toPages =
    [
        FrameType.Reply, FrameType.Event, FrameType.Pong, FrameType.Snapshot, FrameType.Updates, FrameType.Confirm, FrameType.Saved, FrameType.Safe,
        FrameType.Gone, FrameType.Cursors, FrameType.Output, FrameType.Restore, FrameType.Exited, FrameType.Size,
    ];

    private readonly TestRunner _runner = new();

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_runner.Template);
        await File.WriteAllTextAsync(Path.Combine(_runner.Template, "a.txt"), "text");
        await _runner.StartAsync();
    }

    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    [Fact]
    public void Every_frame_of_a_page_has_a_rule() =>
        Assert.Equal(Enum.GetValues<FrameType>().Except(s_toPages).Order(), MessageRights.Frames.Keys.Order());

    [Theory]
    [InlineData(Role.Viewer)]
    [InlineData(Role.Editor)]
    [InlineData(Role.Owner)]
    public async Task Every_request_is_denied_to_those_whom_the_table_denies_it_and_to_no_others(Role role)
    {
        await using var page = await _runner.ConnectAsync(role);
        foreach (var (op, least) in MessageRights.Requests)
        {
            var reply = await page.ReplyAsync(await page.BeginAsync(op));
            var (code, message) = ((string?)reply["error"]?["code"], (string?)reply["error"]?["message"] ?? "");
            Assert.True((code == "denied") == (role < least), $"{op} by {role}: {reply}");
            Assert.DoesNotContain("does not know", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(FrameType.Push)]
    [InlineData(FrameType.Input)]
    public async Task A_viewer_is_told_in_words_that_a_frame_did_nothing_and_goes_on_watching(FrameType type)
    {
        await using var editor = await _runner.ConnectAsync(Role.Editor);
        await using var viewer = await _runner.ConnectAsync(Role.Viewer);
        if (type == FrameType.Push)
        {
            await viewer.ResultAsync("document.open", new { channel = 1, path = "a.txt", client = "client01" });
        }
        else
        {
            var terminal = (string)(await editor.ResultAsync("terminal.create", new { columns = 80, rows = 24 }))["terminal"]!;
            await viewer.ResultAsync("terminal.attach", new { channel = 1, terminal, columns = 80, rows = 24 });
        }

        await viewer.SendAsync(1, type, Encoding.UTF8.GetBytes("touch by-viewer\r"));
        var denied = await viewer.EventAsync("denied");
        Assert.Equal((1, MessageRights.Refusal), ((int)denied["channel"]!, (string)denied["message"]!));
        Assert.Equal("text", await File.ReadAllTextAsync(Path.Combine(_runner.Root, "a.txt"), TestContext.Current.CancellationToken));
        Assert.False(File.Exists(Path.Combine(_runner.Root, "by-viewer")));
        await viewer.ResultAsync("files.list", new { path = "" });
    }

    [Fact]
    public async Task Nobody_without_a_good_ticket_sends_anything()
    {
        var revoked = _runner.Ticket(Role.Editor, user: "gone");
        await using var staying = await _runner.ConnectAsync(_runner.Ticket(Role.Editor), TestRunner.Origin);
        Assert.Equal(HttpStatusCode.NoContent, await PutAsync(revoked));

        // Any ticket from after someone lost access tells the runner of it.
        await using var later = await _runner.ConnectAsync(_runner.Ticket(Role.Viewer, access: 1), TestRunner.Origin);
        Assert.Equal((System.Net.WebSockets.WebSocketCloseStatus)4001, await staying.ClosedAsync());
        foreach (var (who, ticket) in ((string, string?)[])
            [("anonymous", null), ("stranger", _runner.Ticket(workspace: "zzzzzzzzzz")), ("expired", _runner.Ticket(seconds: -1)),
             ("revoked", revoked), ("the runner itself", _runner.Ticket(Role.Runner, access: 1))])
        {
            var refused = await Assert.ThrowsAsync<TestPage.RefusedException>(() => _runner.ConnectAsync(ticket, TestRunner.Origin));
            Assert.True(refused.Message.Contains("401", StringComparison.Ordinal), who);
            Assert.True(await PutAsync(ticket) == HttpStatusCode.Unauthorized, who);
        }

        await later.ResultAsync("files.list", new { path = "" });
        await using var again = await _runner.ConnectAsync(_runner.Ticket(Role.Editor, access: 1), TestRunner.Origin);
    }

    [Fact]
    public async Task A_runner_that_is_started_again_knows_who_lost_access_before()
    {
        Assert.Equal(0, await _runner.StopAsync());
        _runner.Epoch++;
        await _runner.StartAsync(_runner.Options with { StorageTicket = _runner.Ticket(Role.Runner, access: 3) });
        await Assert.ThrowsAsync<TestPage.RefusedException>(() => _runner.ConnectAsync(_runner.Ticket(access: 2), TestRunner.Origin));
        await using var page = await _runner.ConnectAsync(_runner.Ticket(access: 3), TestRunner.Origin);
    }

    private async Task<HttpStatusCode> PutAsync(string? ticket)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/.dropit/files/b.txt") { Content = new StringContent("b") };
        request.Headers.Authorization = ticket is null ? null : new AuthenticationHeaderValue("Bearer", ticket);
        using var client = new HttpClient(TestRunner.Handler(_runner.Socket)) { BaseAddress = _runner.Http.BaseAddress };
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
