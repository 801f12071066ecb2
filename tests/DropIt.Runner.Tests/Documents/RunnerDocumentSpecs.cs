using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Documents;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Documents;

/// <summary>Documents of a real runner, over its socket.</summary>
public sealed class RunnerDocumentSpecs : IAsyncDisposable
{
    private readonly TestRunner _runner = new();

    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    [Fact]
    public async Task Every_confirmed_keystroke_survives_kill_9()
    {
        await File.WriteAllTextAsync(Path.Combine(_runner.Root, "a.txt"), "text", TestContext.Current.CancellationToken);
        await _runner.StartAsync();
        var incarnation = "";
        await using (var page = await _runner.ConnectAsync())
        {
            incarnation = await OpenAsync(page);
            for (var i = 0; i < 200; i++)
            {
                await PushAsync(page, (uint)i, (uint)i + 1, ChangeSet.Replace(4 + i, 4 + i, 4 + i, "x"));
            }

            byte[] confirmed;
            do
            {
                (_, confirmed) = await page.FrameAsync(1, FrameType.Confirm);
            }
            while (confirmed is not [0xc8, 0x01, 0xc8, 0x01]);

            await _runner.KillAsync();
        }

        _runner.Epoch++;
        await _runner.StartAsync();
        await using var again = await _runner.ConnectAsync();
        Assert.Equal(incarnation, await OpenAsync(again));
        var (_, snapshot) = await again.FrameAsync(1, FrameType.Snapshot);
        Assert.Equal("text" + new string('x', 200), System.Text.Encoding.UTF8.GetString(snapshot.AsSpan(4)));
        Assert.Equal("text" + new string('x', 200), await File.ReadAllTextAsync(
            Path.Combine(_runner.Root, "a.txt"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_malformed_push_closes_the_socket_and_changes_nothing()
    {
        await File.WriteAllTextAsync(Path.Combine(_runner.Root, "a.txt"), "text", TestContext.Current.CancellationToken);
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await OpenAsync(page);
        await PushAsync(page, 0, 1, ChangeSet.Replace(5, 0, 5, ""));
        Assert.Equal(System.Net.WebSockets.WebSocketCloseStatus.ProtocolError, await page.ClosedAsync());
        Assert.Equal("text", await File.ReadAllTextAsync(Path.Combine(_runner.Root, "a.txt"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_moved_file_is_told_to_the_page_that_has_it_open()
    {
        await File.WriteAllTextAsync(Path.Combine(_runner.Root, "a.txt"), "text", TestContext.Current.CancellationToken);
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await OpenAsync(page);
        await page.ResultAsync("files.move", new { from = "a.txt", to = "b.txt" });
        var (_, gone) = await page.FrameAsync(1, FrameType.Gone);
        Assert.Contains("b.txt", System.Text.Encoding.UTF8.GetString(gone), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Viewers_and_wrong_paths_are_answered_as_such()
    {
        await File.WriteAllTextAsync(Path.Combine(_runner.Root, "a.txt"), "text", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path.Combine(_runner.Root, "out"), "/etc/passwd");
        File.CreateSymbolicLink(Path.Combine(_runner.Root, "link"), "a.txt");
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync(Role.Viewer);
        var channel = 0;
        Task<string> Error(string path, string client = "client01") =>
            page.ErrorAsync("document.open", new { channel = ++channel, path, client });
        Assert.Equal("not_found", await Error("missing"));
        Assert.Equal("outside", await Error("out"));
        Assert.Equal("bad_request", await Error("../a.txt"));
        Assert.Equal("bad_request", await Error("a.txt", "UPPERCASE"));
        Assert.Equal("not_a_file", await Error(""));
        var opened = await page.ResultAsync("document.open", new { channel = ++channel, path = "link", client = "client01" });
        Assert.True((bool)opened["readOnly"]!);
    }

    private static async Task<string> OpenAsync(TestPage page)
    {
        var opened = await page.ResultAsync("document.open", new { channel = 1, path = "a.txt", client = "client01" });
        return (string)opened["incarnation"]!;
    }

    private static Task PushAsync(TestPage page, uint version, uint sequence, ChangeSet changes) =>
        page.SendAsync(1, FrameType.Push, DocumentFrames.Push(version, sequence, [changes]).Span);
}
