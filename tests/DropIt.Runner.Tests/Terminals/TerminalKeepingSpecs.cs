using System.Text;
using System.Text.Json;
using DropIt.Protocol.Frames;
using DropIt.Runner.Terminals;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Terminals;

public sealed class TerminalKeepingSpecs : IAsyncDisposable
{
    private const string Slept = "The workspace slept";
    private readonly TestRunner _runner = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_terminal_comes_back_with_what_it_showed_its_name_and_its_folder(bool freshDisk)
    {
        await _runner.StartAsync();
        string id;
        await using (var page = await _runner.ConnectAsync())
        {
            var terminal = await TestTerminal.CreateAsync(page, columns: 90, rows: 30);
            id = terminal.Id;
            await page.ResultAsync("terminal.rename", new { terminal = id, name = "builds" });
            await terminal.RunAsync("mkdir -p src/deep; touch src/deep/here; cd src/deep; echo it-$((40+2))", "it-42\r\n");
            await page.ResultAsync("journal.flush");
        }

        Assert.Equal(0, await _runner.StopAsync());
        if (freshDisk)
        {
            _runner.LoseDisk();
        }

        _runner.Epoch++;
        await _runner.StartAsync();
        await using var again = await _runner.ConnectAsync();
        var listed = Assert.Single(again.Hello["terminals"]!.AsArray())!;
        Assert.Equal((id, "builds", "shell", true), ((string)listed["id"]!, (string)listed["name"]!, (string)listed["kind"]!, (bool)listed["running"]!));
        var back = await TestTerminal.AttachAsync(again, id, columns: 90, rows: 30);
        Assert.Equal((90u, 30u), back.Size);
        await back.SeesAsync(Slept);
        Assert.True(back.Shown.IndexOf("it-42", StringComparison.Ordinal) < back.Shown.IndexOf(Slept, StringComparison.Ordinal));
        await back.RunAsync("pwd", "/src/deep\r\n");
        Assert.Equal(["src"], Directory.GetFileSystemEntries(_runner.Root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task A_task_that_ran_is_shown_as_ended_and_makes_way_for_the_next()
    {
        _runner.Write("dropit.json", """{ "run": "echo up; sleep 1000" }""");
        await _runner.StartAsync();
        await using (var page = await _runner.ConnectAsync())
        {
            var started = await page.ResultAsync("run.start", new { task = "run" });
            await (await TestTerminal.AttachAsync(page, (string)started["terminal"]!)).SeesAsync("\nup");
        }

        await _runner.StopAsync();
        _runner.Epoch++;
        await _runner.StartAsync();
        await using var again = await _runner.ConnectAsync();
        Assert.Equal("idle", (string)again.Hello["run"]!["state"]!);
        var listed = Assert.Single(again.Hello["terminals"]!.AsArray())!;
        Assert.Equal(("run", false), ((string)listed["kind"]!, (bool)listed["running"]!));
        await (await TestTerminal.AttachAsync(again, (string)listed["id"]!)).SeesAsync("\nup");
        await again.ResultAsync("run.start", new { task = "run" });
        var now = await again.EventAsync("terminals", e => e["terminals"]!.AsArray() is [{ } one] && (bool)one["running"]!);
        Assert.NotEqual((string)listed["id"]!, (string)now["terminals"]![0]!["id"]!);
    }

    [Fact]
    public async Task A_runner_that_is_killed_loses_seconds_of_it()
    {
        await _runner.StartAsync();
        await using (var page = await _runner.ConnectAsync())
        {
            var terminal = await TestTerminal.CreateAsync(page);
            await terminal.RunAsync("echo before-$((40+2))", "before-42\r\n");
            await KeptAsync("before-42");
        }

        await _runner.KillAsync();
        _runner.Epoch++;
        await _runner.StartAsync();
        await using var again = await _runner.ConnectAsync();
        await (await TestTerminal.AttachAsync(again, (string)again.Hello["terminals"]![0]!["id"]!)).SeesAsync("before-42");
    }

    [Fact]
    public async Task What_cannot_be_read_is_left_out_and_the_workspace_starts()
    {
        await _runner.StartAsync();
        await _runner.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(_runner.State, "terminals"), "{ \"terminals\": 7 }");
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        Assert.Empty(page.Hello["terminals"]!.AsArray());
    }

    [Fact]
    public void The_modes_of_a_program_that_is_gone_end_with_it()
    {
        var before = new TerminalHistory((80, 24));
        before.Append("one\r\n\e[?1049h\e[?1000h\e[?25l\e[31mfull screen"u8);
        var after = new TerminalHistory((80, 24));
        after.Recall(before.Keep(), (80, 24));
        var modes = new TerminalModes();
        var shown = TextOf(after.Restore());
        for (var bytes = Encoding.UTF8.GetBytes(shown); bytes.Length > 0;)
        {
            bytes = bytes[modes.Advance(bytes)..];
        }

        Assert.False(modes.Alternate);
        Assert.Equal("", modes.Difference());
        Assert.Contains("one", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("full screen", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_is_kept_within_its_bound()
    {
        var before = new TerminalHistory((80, 24));
        for (var i = 0; i < 20_000; i++)
        {
            before.Append(Encoding.UTF8.GetBytes($"line {i} of many, and some more words to fill it\r\n"));
        }

        var kept = before.Keep();
        Assert.True(kept.Sum(part => part.Bytes.Length) < 2 * TerminalHistory.MaxKept);
        Assert.Contains("line 19999 ", Encoding.UTF8.GetString(kept[^1].Bytes), StringComparison.Ordinal);
    }

    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    /// <summary>Waits until this disk has it: the only sign of that is the file.</summary>
    private async Task KeptAsync(string text)
    {
        var file = Path.Combine(_runner.State, "terminals");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!File.Exists(file) || !Holds(await File.ReadAllTextAsync(file, patience.Token)))
        {
            await Task.Delay(100, patience.Token);
        }

        bool Holds(string json) => JsonSerializer.Deserialize(json, KeptTerminalJson.Default.KeptTerminals)!.Terminals
            .SelectMany(terminal => terminal.Output)
            .Any(part => Encoding.UTF8.GetString(part.Bytes).Contains(text, StringComparison.Ordinal));
    }

    private static string TextOf(ReadOnlySpan<byte> restore)
    {
        var text = new StringBuilder();
        while (!restore.IsEmpty)
        {
            Assert.True(Varint.TryRead(ref restore, out _));
            Assert.True(Varint.TryRead(ref restore, out _));
            Assert.True(Varint.TryRead(ref restore, out var length));
            text.Append(Encoding.UTF8.GetString(restore[..(int)length]));
            restore = restore[(int)length..];
        }

        return text.ToString();
    }
}
