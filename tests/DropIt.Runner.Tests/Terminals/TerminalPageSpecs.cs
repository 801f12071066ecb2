using DropIt.Protocol.Tickets;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Terminals;

/// <summary>What terminals tell pages beside output: sizes, bells, which printed names are files.</summary>
public sealed class TerminalPageSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();
    private TestPage _page = null!;

    public async ValueTask InitializeAsync()
    {
        await _runner.StartAsync();
        _page = await _runner.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        await _runner.DisposeAsync();
    }

    [Fact]
    public async Task All_pages_draw_in_the_size_of_the_one_used_last()
    {
        var first = await TestTerminal.CreateAsync(_page, columns: 90, rows: 30);
        await first.RunAsync("echo wi''de", "wide");
        await using var other = await _runner.ConnectAsync();
        var second = await TestTerminal.AttachAsync(other, first.Id, columns: 40, rows: 20);
        Assert.Equal((90u, 30u), second.Size); // what was drawn for it
        await SizedAsync(second, (40, 20));
        await SizedAsync(first, (40, 20));
        await first.TypeAsync("x");
        await SizedAsync(second, (90, 30));
        await using var viewer = await _runner.ConnectAsync(Role.Viewer);
        var watched = await TestTerminal.AttachAsync(viewer, first.Id, columns: 10, rows: 5);
        await watched.ResizeAsync(11, 6);
        await viewer.ResultAsync("files.list", new { path = "" });
        Assert.Equal((90u, 30u), watched.Size);
    }

    [Fact]
    public async Task A_bell_is_told_to_every_page()
    {
        await using var other = await _runner.ConnectAsync();
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.TypeAsync("printf '\\a'\r");
        Assert.Equal(terminal.Id, (string?)(await other.EventAsync("bell"))["terminal"]);
    }

    [Fact]
    public async Task Printed_names_are_files_of_the_folder_that_the_shell_is_in_or_of_the_root()
    {
        Directory.CreateDirectory(Path.Combine(_runner.Root, "sub"));
        File.WriteAllText(Path.Combine(_runner.Root, "sub", "inner.txt"), "x");
        File.WriteAllText(Path.Combine(_runner.Root, "top.txt"), "x");
        File.CreateSymbolicLink(Path.Combine(_runner.Root, "out"), "/etc/passwd");
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.RunAsync("cd sub; echo in''side", "inside");
        var root = Path.GetFullPath(_runner.Root);
        var found = await _page.ResultAsync("terminal.resolve", new
        {
            terminal = terminal.Id,
            paths = new[] { "inner.txt", "./inner.txt", "../top.txt", "top.txt", root + "/top.txt", "nothing", "/etc/passwd", "out", "../sub", "" },
        });
        Assert.Equal(
            ["sub/inner.txt", "sub/inner.txt", "top.txt", "top.txt", "top.txt", null, null, null, null, null],
            found["files"]!.AsArray().Select(file => (string?)file));
        Assert.Equal("bad_request", await _page.ErrorAsync("terminal.resolve", new { terminal = terminal.Id, paths = new string[65] }));
        Assert.Equal("not_found", await _page.ErrorAsync("terminal.resolve", new { terminal = "none", paths = Array.Empty<string>() }));
    }

    private static async Task SizedAsync(TestTerminal terminal, (uint Columns, uint Rows) size)
    {
        while (terminal.Size != size)
        {
            await terminal.NextAsync();
        }
    }
}
