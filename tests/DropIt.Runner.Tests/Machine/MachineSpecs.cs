using System.Globalization;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Machine;
using DropIt.Runner.Tests.Harness;
using DropIt.Runner.Tests.Terminals;

namespace DropIt.Runner.Tests.Machine;

public sealed class MachineSpecs : IAsyncLifetime
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
    public async Task The_programs_of_the_workspace_are_listed_with_what_they_use_and_no_others()
    {
        var terminal = await TestTerminal.CreateAsync(_page);

        // It says its number itself: one that the shell says may still be on its way into its program, without arguments.
        var shown = await terminal.RunAsync("sh -c 'echo \"<$$>\"; sleep 4242; :' &", ">\r\n");
        var pid = int.Parse(shown.Split('<')[^1].Split('>')[0], CultureInfo.InvariantCulture);
        var sample = await _page.ResultAsync("machine.look");
        var program = sample["processes"]!.AsArray().Single(p => (int)p!["pid"]! == pid)!;
        Assert.Equal("sh -c echo \"<$$>\"; sleep 4242; :", (string?)program["command"]);
        Assert.InRange((long)program["memory"]!, 1, 100_000_000);
        Assert.DoesNotContain(sample["processes"]!.AsArray(), p => (int)p!["pid"]! == Environment.ProcessId);
        Assert.InRange((long)sample["memory"]!, 1_000_000, (long)sample["memoryLimit"]!);
        Assert.Equal(1, (int)sample["pages"]!);
        Assert.NotEmpty(sample["awake"]!.AsArray()); // the terminal has just printed
    }

    [Fact]
    public async Task A_process_of_the_workspace_is_ended_and_another_is_not()
    {
        var terminal = await TestTerminal.CreateAsync(_page);
        var shown = await terminal.RunAsync("sleep 4243 & echo \"<$!>\"", ">\r\n");
        var pid = int.Parse(shown.Split('<')[^1].Split('>')[0], CultureInfo.InvariantCulture);
        var started = MachineProcess.Read(pid)!.Started;

        Assert.Equal("not_found", await _page.ErrorAsync("machine.end", new { pid, started = started + 1 }));
        var own = MachineProcess.Read(Environment.ProcessId)!;
        Assert.Equal("not_found", await _page.ErrorAsync("machine.end", new { pid = own.Id, started = own.Started }));
        Assert.Equal("not_found", await _page.ErrorAsync("machine.end", new { pid = _runner.ProcessId, started = MachineProcess.Read(_runner.ProcessId)!.Started }));
        Assert.Equal("bad_request", await _page.ErrorAsync("machine.end", new { pid }));

        await _page.ResultAsync("machine.end", new { pid, started });
        await terminal.RunAsync("wait; echo 'en''ded'", "ended");
        await using var viewer = await _runner.ConnectAsync(Role.Viewer);
        Assert.Equal("denied", await viewer.ErrorAsync("machine.end", new { pid, started }));
    }

    [Fact]
    public void A_name_may_hold_anything()
    {
        Assert.True(MachineProcess.TryParse(
            "77 (a) R (b) S 1 77 77 0 -1 4194560 1 2 3 4 50 20 3 2 20 0 1 0 9876 1000000 12 18446744073709551615 1", out var process));
        Assert.Equal((77, 1, "a) R (b", 75L, 9876L, 12L * Environment.SystemPageSize),
            (process!.Id, process.Parent, process.Name, process.Ticks, process.Started, process.Memory));
        Assert.False(MachineProcess.TryParse("77 (x) S 1 2 3", out _));
    }
}
