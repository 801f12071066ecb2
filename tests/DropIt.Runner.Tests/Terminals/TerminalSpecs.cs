using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Terminals;

public sealed class TerminalSpecs : IAsyncLifetime
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
    public async Task A_shell_runs_in_the_root_with_a_clean_environment()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        var shown = await terminal.RunAsync("echo $TERM $COLORTERM $DROPIT_WORKSPACE $LANG; pwd; ls -l /proc/self/fd | wc -l", "\n5\r\n");
        Assert.Contains($"xterm-256color truecolor {TestRunner.Slug} C.UTF-8", shown);
        Assert.Contains(_runner.Root, shown);
        Assert.Contains("NONE", await terminal.RunAsync("env | grep -i -e ticket -e secret -e password || echo 'NO''NE'", "NONE"));
    }

    [Fact]
    public async Task Jobs_stop_and_go_on()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.RunAsync("sleep 100", "\n");
        await terminal.SeesAsync("sleep 100\r\n");
        await EventuallyForegroundAsync("sleep");
        await terminal.TypeAsync("\x1a");
        await terminal.SeesAsync("Stopped");
        await terminal.RunAsync("jobs; echo 'di''d'", "did");
        await terminal.RunAsync("fg", "sleep 100\r\n");
        await EventuallyForegroundAsync("sleep");
        await terminal.TypeAsync("\x03");
        Assert.Contains("code 130", await terminal.RunAsync("echo code $?", "code 1"));
    }

    [Fact]
    public async Task The_size_follows_the_client()
    {
        var terminal = await TestTerminal.CreateAsync(_page, columns: 91, rows: 31);
        await terminal.RunAsync("stty size", "31 91");
        await terminal.ResizeAsync(100, 40);
        await terminal.RunAsync("stty size", "40 100");
    }

    [Fact]
    public async Task Full_screen_programs_draw_themselves_and_again_after_a_resize()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.RunAsync("PS1='ready> '", "hready> ");
        await terminal.RunAsync("htop", "F10");
        await terminal.ResizeAsync(100, 40);
        await terminal.SeesAsync("F10", terminal.Shown.Length);
        var from = terminal.Shown.Length;
        await terminal.TypeAsync("q");
        await terminal.SeesAsync("\e[?1049l", from);
        await terminal.SeesAsync("ready> ", from);
        await terminal.RunAsync("vim -u NONE -N hello.txt", "\e[?1049h");
        from = terminal.Shown.Length;
        await terminal.TypeAsync("ihello from vim\e:wq\r");
        await terminal.SeesAsync("ready> ", from); // what is typed before vim has ended, vim discards
        await terminal.RunAsync("cat hello.txt | tr a-z A-Z", "HELLO FROM VIM");
    }

    [Fact]
    public async Task A_restore_in_a_full_screen_program_enters_its_screen_again()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.RunAsync("echo bef''ore", "before");
        await terminal.RunAsync("vim -u NONE -N", "VIM - Vi IMproved");
        await using var second = await _runner.ConnectAsync();
        var again = await TestTerminal.AttachAsync(second, terminal.Id);
        Assert.Contains("before", again.Shown);
        var entered = again.Shown.IndexOf("\e[?1049h", StringComparison.Ordinal);
        Assert.True(entered > 0);
        Assert.Contains("VIM - Vi IMproved", again.Shown[entered..]);
        await again.TypeAsync(":q\r");
        await again.SeesAsync("\e[?1049l");
        await again.SeesAsync("\e[?2004h", again.Shown.LastIndexOf("\e[?1049l", StringComparison.Ordinal));
        await again.RunAsync("echo af''ter", "after");
        var third = await TestTerminal.AttachAsync(second, terminal.Id, channel: 2);
        Assert.Contains("after", third.Shown);
    }

    [Fact]
    public async Task A_lost_socket_leaves_the_shell_and_its_screen()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.RunAsync("kept=alive; echo fi''rst", "first");
        await _page.DisposeAsync();
        _page = await _runner.ConnectAsync();
        Assert.Equal(terminal.Id, (string?)_page.Hello["terminals"]![0]!["id"]);
        var again = await TestTerminal.AttachAsync(_page, terminal.Id);
        Assert.Contains("first", again.Shown);
        await again.RunAsync("echo still $kept", "still alive");
    }

    [Fact]
    public async Task The_exit_status_is_shown_and_the_terminal_stays_listed_until_closed()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.TypeAsync("echo la''st; exit 7\r");
        var exit = await terminal.EndsAsync();
        Assert.Equal(7, (int)exit["code"]!);
        Assert.Contains("last", terminal.Shown);
        var listed = await _page.EventAsync("terminals", e => !(bool)e["terminals"]![0]!["running"]!);
        Assert.Equal(7, (int)listed["terminals"]![0]!["code"]!);

        var again = await TestTerminal.AttachAsync(_page, terminal.Id, channel: 2);
        Assert.Contains("last", again.Shown);
        Assert.Equal(7, (int)(await again.EndsAsync())["code"]!);

        await _page.ResultAsync("terminal.close", new { terminal = terminal.Id });
        await _page.EventAsync("terminals", e => e["terminals"]!.AsArray().Count == 0);
        Assert.Equal("not_found", await _page.ErrorAsync("terminal.close", new { terminal = terminal.Id }));
    }

    [Fact]
    public async Task A_killed_program_shows_its_signal()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.TypeAsync("exec bash -c 'kill -9 $$'\r");
        var exit = await terminal.EndsAsync();
        Assert.Equal(137, (int)exit["code"]!);
        Assert.Equal(9, (int)exit["signal"]!);
    }

    /// <summary>Also one that the shell has begun a moment ago, on a machine with other things to do: hence several.</summary>
    [Fact]
    public async Task Closing_ends_the_programs()
    {
        for (var i = 0; i < 10; i++)
        {
            var terminal = await TestTerminal.CreateAsync(_page, channel: (uint)(i + 1));
            var shown = await terminal.RunAsync("sleep 1000 & echo 'p''id'=$!; echo 'do''ne'", "done");
            var pid = shown.Split("pid=")[^1].Split('\r')[0];
            await _page.ResultAsync("terminal.close", new { terminal = terminal.Id });
            await EventuallyAsync(() => !Directory.Exists($"/proc/{pid}"));
        }
    }

    [Fact]
    public async Task Closing_ends_a_program_that_ignores_the_hang_up_and_waits_for_input()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        var shown = await terminal.RunAsync("trap '' HUP; echo 'p''id'=$$ 're''ady'; cat", "ready");
        var pid = shown.Split("pid=")[^1].Split(' ')[0];
        await _page.ResultAsync("terminal.close", new { terminal = terminal.Id });
        await EventuallyAsync(() => !Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public async Task Programs_that_outlive_their_parents_are_collected_when_they_end()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.RunAsync("for i in {1..300}; do (sleep 0.1 &); done; echo 'do''ne'", "done");
        await EventuallyAsync(() => !DropIt.Runner.Terminals.ProcessTable
            .Descendants(DropIt.Runner.Terminals.ProcessTable.Read(), _runner.ProcessId)
            .Any(p => p.Name == "sleep"));
    }

    [Fact]
    public async Task Names_are_given_changed_and_cut()
    {
        var created = await _page.ResultAsync("terminal.create", new { columns = 80, rows = 24, name = "build" });
        var id = (string)created["terminal"]!;
        await _page.EventAsync("terminals", e => (string?)e["terminals"]![0]!["name"] == "build");
        await _page.ResultAsync("terminal.rename", new { terminal = id, name = new string('x', 300) });
        await _page.EventAsync("terminals", e => (string?)e["terminals"]![0]!["name"] == new string('x', 100));
    }

    [Fact]
    public async Task There_are_at_most_32()
    {
        for (var i = 0; i < 32; i++)
        {
            await _page.ResultAsync("terminal.create", new { columns = 80, rows = 24 });
        }

        Assert.Equal("limit", await _page.ErrorAsync("terminal.create", new { columns = 80, rows = 24 }));
    }

    [Fact]
    public async Task A_viewer_watches_and_cannot_type()
    {
        var terminal = await TestTerminal.CreateAsync(_page, columns: 90, rows: 30);
        await using var viewer = await _runner.ConnectAsync(Role.Viewer);
        Assert.Equal("denied", await viewer.ErrorAsync("terminal.create", new { columns = 80, rows = 24 }));
        var watched = await TestTerminal.AttachAsync(viewer, terminal.Id, channel: 7, columns: 10, rows: 10);
        await watched.TypeAsync("echo by-viewer\r");
        await watched.ResizeAsync(20, 20);
        await viewer.ResultAsync("files.list", new { path = "" });
        await terminal.RunAsync("stty size", "30 90");
        await watched.SeesAsync("30 90");
        Assert.DoesNotContain("by-viewer", watched.Shown);
    }

    [Theory]
    [InlineData(FrameType.Push, "00")]
    [InlineData(FrameType.Ack, "")]
    [InlineData(FrameType.Ack, "ffffff7f")]
    [InlineData(FrameType.Resize, "50")]
    [InlineData(FrameType.Resize, "0018")]
    [InlineData(FrameType.Resize, "50e907")]
    public async Task A_frame_that_does_not_belong_closes_with_1002(FrameType type, string payload)
    {
        await TestTerminal.CreateAsync(_page);
        await _page.SendAsync(1, type, Convert.FromHexString(payload));
        Assert.Equal(WebSocketCloseStatus.ProtocolError, await _page.ClosedAsync());
    }

    [Fact]
    public async Task Endless_output_neither_grows_memory_nor_holds_up_the_interrupt()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.RunAsync("PS1='ready> '", "ready> ");
        await terminal.RunAsync("yes", "y\r\ny\r\n");
        await PrintedAsync(32_000_000);
        var settled = Resident();
        await PrintedAsync(100_000_000);
        Assert.InRange(Resident(), 0, settled + (8 * 1024 * 1024));
        var from = terminal.Shown.Length;
        var clock = Stopwatch.StartNew();
        await terminal.TypeAsync("\x03");
        await terminal.SeesAsync("ready> ", from);
        TestContext.Current.TestOutputHelper!.WriteLine($"prompt after {clock.Elapsed.TotalMilliseconds} ms");
        Assert.InRange(clock.ElapsedMilliseconds, 0, 5000);
        Assert.InRange(terminal.Shown.Length - from, 0, 512 * 1024);

        async Task PrintedAsync(long bytes)
        {
            while (bytes > 0)
            {
                await terminal.NextAsync();
                bytes -= terminal.Shown.Length;
                terminal.Forget();
            }
        }
    }

    [Fact]
    public async Task A_client_that_does_not_ack_pauses_the_program_and_is_left_behind_after_10_seconds()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        await using var silent = await _runner.ConnectAsync();
        await silent.ResultAsync("terminal.attach", new { channel = 1, terminal = terminal.Id, columns = 80, rows = 24 });
        var from = terminal.Shown.Length;
        var clock = Stopwatch.StartNew();
        await terminal.TypeAsync("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo 'do''ne'\r");
        await terminal.SeesAsync("done", from);
        Assert.InRange(clock.Elapsed.TotalSeconds, 8, 60);

        // It catches up: acks what it has, and is given the screen anew.
        var received = 0u;
        var payload = new byte[Varint.MaxLength];
        while (await NextAsync(silent) is { Length: > 0 } output)
        {
            received += (uint)output.Length;
            await silent.SendAsync(1, FrameType.Ack, payload.AsSpan(0, Varint.Write(payload, (uint)output.Length)));
        }

        Assert.InRange(received, 64u * 1024, 512u * 1024);

        static async Task<byte[]?> NextAsync(TestPage page)
        {
            while (true)
            {
                var (type, output) = await page.FrameAsync(1);
                if (type == FrameType.Output)
                {
                    return output;
                }

                if (Encoding.UTF8.GetString(output).Contains("done", StringComparison.Ordinal))
                {
                    return null;
                }
            }
        }
    }

    [Fact]
    public async Task A_paste_that_nobody_reads_is_bounded_and_the_interrupt_passes_it()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.RunAsync("PS1='ready> '", "ready> ");
        await terminal.RunAsync("stty -icanon; sleep 1000", "\n");
        await EventuallyForegroundAsync("sleep");
        var paste = new string('p', 60_000);
        for (var i = 0; i < 24; i++)
        {
            await terminal.TypeAsync(paste);
        }

        await terminal.SeesAsync("does not read its input");
        var from = terminal.Shown.Length;
        await terminal.TypeAsync("\x03");
        await terminal.SeesAsync("ready> ", from);
    }

    [Fact]
    public async Task A_large_paste_arrives_whole()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.RunAsync("stty -icanon -echo; head -c 900000 | sha256sum; echo 'do''ne'", "\n");
        await EventuallyForegroundAsync("head");
        var bytes = new string('q', 900_000);
        foreach (var part in bytes.Chunk(60_000))
        {
            await terminal.TypeAsync(new string(part));
        }

        var expected = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(bytes)));
        await terminal.SeesAsync(expected);
    }

    [Fact]
    public async Task Echo_and_throughput_are_fast()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        await terminal.RunAsync("cat", "\n");
        await EventuallyForegroundAsync("cat");
        var times = new List<double>();
        for (var i = 0; i < 200; i++)
        {
            var from = terminal.Shown.Length;
            var clock = Stopwatch.StartNew();
            await terminal.TypeAsync("k");
            await terminal.SeesAsync("k", from);
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        times.Sort();
        await terminal.TypeAsync("\x03");
        var line = new string('z', 79);
        File.WriteAllText(Path.Combine(_runner.Root, "lines"), string.Concat(Enumerable.Repeat(line + "\n", 625_000)));
        var whole = Stopwatch.StartNew();
        await terminal.TypeAsync("cat lines; echo 'do''ne'\r");
        var last = "";
        while (!last.Contains("done", StringComparison.Ordinal))
        {
            var before = terminal.Shown.Length;
            await terminal.NextAsync();
            last = terminal.Shown[Math.Max(0, before - 8)..];
            terminal.Forget();
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"echo p50 {times[100]:f2} ms, p99 {times[198]:f2} ms; 50 MB at {50 / whole.Elapsed.TotalSeconds:f1} MB/s");
        Assert.InRange(times[100], 0, 20);
    }

    private long Resident() => long.Parse(
        File.ReadAllText($"/proc/{_runner.ProcessId}/statm").Split(' ')[1],
        System.Globalization.CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    /// <summary>Waits until a program of that name is a descendant of the runner.</summary>
    private Task EventuallyForegroundAsync(string name) => EventuallyAsync(() =>
        DropIt.Runner.Terminals.ProcessTable
            .Descendants(DropIt.Runner.Terminals.ProcessTable.Read(), _runner.ProcessId)
            .Any(p => p.Name == name));

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!holds())
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
