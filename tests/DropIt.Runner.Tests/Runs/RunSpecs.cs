using System.Diagnostics;
using System.Text.Json.Nodes;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Tests.Harness;
using DropIt.Runner.Tests.Terminals;

namespace DropIt.Runner.Tests.Runs;

public sealed class RunSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();
    private TestPage _page = null!;
    private uint _channel;

    public async ValueTask InitializeAsync()
    {
        await _runner.StartAsync(_runner.Options with { Port = 45_678 });
        _page = await _runner.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        await _runner.DisposeAsync();
    }

    [Fact]
    public async Task A_run_prints_to_its_own_terminal_and_ends_with_its_code()
    {
        Project("""{ "run": "echo port $PORT; exit 3" }""");
        var terminal = await StartAsync("run");
        Assert.Equal(3, (int)(await terminal.EndsAsync())["code"]!);
        Assert.Contains("port 45678", terminal.Shown);
        var state = await StateAsync("exited");
        Assert.Equal((3, "run", terminal.Id), ((int)state["code"]!, (string)state["task"]!, (string)state["terminal"]!));
    }

    [Fact]
    public async Task A_program_that_lets_go_of_its_terminal_ends_as_it_does_and_may_take_it_again()
    {
        Project("""{ "run": "exec <&- >&- 2>&-; sleep 0.3; echo again > /dev/tty; sleep 0.3; exit 3" }""");
        var terminal = await StartAsync("run");
        Assert.Equal(3, (int)(await terminal.EndsAsync())["code"]!);
        Assert.Contains("again", terminal.Shown);
    }

    [Fact]
    public async Task A_stop_ends_everything_the_run_started_and_a_second_start_is_refused_before()
    {
        Project("""{ "run": "trap '' INT TERM; sleep 1000 & echo up; wait; sleep 1000" }""");
        var terminal = await StartAsync("run");
        await terminal.SeesAsync("\nup");
        Assert.Equal("busy", await _page.ErrorAsync("run.start", new { task = "run" }));
        await _page.ResultAsync("run.stop");
        await StateAsync("idle");
        Assert.DoesNotContain(
            DropIt.Runner.Terminals.ProcessTable.Descendants(DropIt.Runner.Terminals.ProcessTable.Read(), _runner.ProcessId),
            p => p.Name == "sleep" && !p.Zombie);
    }

    [Fact]
    public async Task A_restart_runs_what_the_files_say_now()
    {
        Project("""{ "run": "echo first; sleep 1000" }""");
        await (await StartAsync("run")).SeesAsync("\nfirst");
        Project("""{ "run": "echo second; sleep 1000" }""");
        var restarted = await _page.ResultAsync("run.restart");
        var terminal = await TestTerminal.AttachAsync(_page, (string)restarted["terminal"]!, ++_channel);
        await terminal.SeesAsync("\nsecond");
    }

    [Fact]
    public async Task Install_goes_before_the_run_when_a_manifest_changed_and_only_then()
    {
        Project("""{ "install": "echo installing; mkdir -p deps", "run": "echo started", "manifests": ["list"], "ignore": ["deps/"] }""");
        File.WriteAllText(Path.Combine(_runner.Root, "list"), "a");
        Assert.Contains("installing", await RunToEndAsync());
        Assert.DoesNotContain("installing", await RunToEndAsync());
        File.WriteAllText(Path.Combine(_runner.Root, "list"), "b");
        Assert.Contains("installing", await RunToEndAsync());
        Directory.Delete(Path.Combine(_runner.Root, "deps"));
        Assert.Contains("installing", await RunToEndAsync());
    }

    [Fact]
    public async Task A_failed_install_is_said_and_nothing_is_run()
    {
        Project("""{ "install": "echo no network; exit 9", "run": "echo started" }""");
        var terminal = await StartAsync("run");
        Assert.Equal(9, (int)(await terminal.EndsAsync())["code"]!);
        var state = await StateAsync("exited");
        Assert.Contains("failed with code 9", (string?)state["message"]);
        Assert.DoesNotContain("\nstarted", terminal.Shown);
        Assert.Contains("no network", await RunToEndAsync());
    }

    [Fact]
    public async Task A_missing_tool_is_said_before_anything_runs()
    {
        Project("""{ "run": "echo started", "tools": ["sh", "cobol-9000"] }""");
        var reply = await _page.ReplyAsync(await _page.BeginAsync("run.start", new { task = "run" }));
        Assert.Equal("missing_tool", (string?)reply["error"]!["code"]);
        Assert.StartsWith("cobol-9000 is not installed here: ", (string?)reply["error"]!["message"], StringComparison.Ordinal);
        Assert.Equal((string?)reply["error"]!["message"], (string?)(await StateAsync("missing"))["message"]);
    }

    [Theory]
    [InlineData("{}", "not_found", "\"run\"")]
    [InlineData("{ \"run\": ", "failed", "dropit.json cannot be read: line 1")]
    [InlineData(null, "not_found", "dropit.json")]
    public async Task Nothing_to_run_says_how_to_mend_it(string? file, string code, string message)
    {
        if (file is not null)
        {
            Project(file);
        }

        var reply = await _page.ReplyAsync(await _page.BeginAsync("run.start", new { task = "run" }));
        Assert.Equal(code, (string?)reply["error"]!["code"]);
        Assert.Contains(message, (string?)reply["error"]!["message"]);
    }

    [Fact]
    public async Task A_viewer_does_not_run()
    {
        await using var viewer = await _runner.ConnectAsync(Role.Viewer);
        Assert.Equal("denied", await viewer.ErrorAsync("run.start", new { task = "run" }));
    }

    [Fact]
    public async Task A_stopped_runner_leaves_no_program_behind()
    {
        Project("""{ "run": "trap '' INT TERM HUP; sleep 987654; sleep 987654" }""");
        await StartAsync("run");
        await TestTerminal.CreateAsync(_page, ++_channel);
        var before = DropIt.Runner.Terminals.ProcessTable
            .Descendants(DropIt.Runner.Terminals.ProcessTable.Read(), _runner.ProcessId)
            .Select(p => p.Id)
            .ToList();
        Assert.NotEmpty(before);
        Assert.Equal(0, await _runner.StopAsync());
        foreach (var id in before)
        {
            await EndedAsync(id);
        }
    }

    /// <summary>A killed process ends a moment after the signal, and stays as a zombie until the machine's first process collects it.</summary>
    private static async Task EndedAsync(int id)
    {
        var clock = Stopwatch.StartNew();
        while (IsAlive(id))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"process {id} lives on after its runner");
            await Task.Delay(5);
        }
    }

    private static bool IsAlive(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false; // there is no such process
        }
    }

    private void Project(string json) => File.WriteAllText(Path.Combine(_runner.Root, "dropit.json"), json);

    private async Task<TestTerminal> StartAsync(string task)
    {
        var started = await _page.ResultAsync("run.start", new { task });
        return await TestTerminal.AttachAsync(_page, (string)started["terminal"]!, ++_channel);
    }

    private async Task<string> RunToEndAsync()
    {
        var terminal = await StartAsync("run");
        await terminal.EndsAsync();
        await StateAsync("exited");
        return terminal.Shown;
    }

    private async Task<JsonNode> StateAsync(string state) =>
        (await _page.EventAsync("run", e => (string?)e["run"]!["state"] == state))["run"]!;
}
