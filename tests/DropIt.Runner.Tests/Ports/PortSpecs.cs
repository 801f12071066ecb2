using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DropIt.Runner.Tests.Harness;
using DropIt.Runner.Tests.Terminals;

namespace DropIt.Runner.Tests.Ports;

public sealed class PortSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();
    private TestPage _page = null!;
    private TestTerminal _terminal = null!;

    public async ValueTask InitializeAsync()
    {
        await _runner.StartAsync();
        _page = await _runner.ConnectAsync();
        _terminal = await TestTerminal.CreateAsync(_page);
        await _terminal.RunAsync("PS1='ready> '", "ready> ");
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        await _runner.DisposeAsync();
    }

    [Fact]
    public async Task A_listening_port_is_announced_within_a_second_and_its_end_too()
    {
        var port = FreePort();
        await _terminal.RunAsync($"python3 -m http.server {port} --bind 127.0.0.1", "Serving HTTP");
        var clock = Stopwatch.StartNew();
        var seen = await PortAsync(port);
        Assert.InRange(clock.ElapsedMilliseconds, 0, 1500);
        Assert.StartsWith("python", (string)seen["process"]!, StringComparison.Ordinal);
        Assert.True((bool)seen["reachable"]!);
        Assert.Equal("127.0.0.1", (string?)seen["address"]);
        await _terminal.TypeAsync("\x03");
        await _page.EventAsync("ports", e => e["ports"]!.AsArray().Count == 0);
    }

    [Fact]
    public async Task A_program_that_went_into_the_background_for_good_is_still_of_the_workspace()
    {
        var port = FreePort();
        await _terminal.TypeAsync($"(setsid python3 -m http.server {port} >/dev/null 2>&1 &)\r");
        await PortAsync(port);
        await _terminal.TypeAsync("pkill -f http.server." + port + "\r");
        await _page.EventAsync("ports", e => e["ports"]!.AsArray().Count == 0);
    }

    [Fact]
    public async Task A_port_of_another_workspace_or_the_machine_is_not_announced()
    {
        using var foreign = new TcpListener(IPAddress.Loopback, 0);
        foreign.Start();
        await using var other = new TestRunner();
        await other.StartAsync();
        await using var otherPage = await other.ConnectAsync();
        var otherTerminal = await TestTerminal.CreateAsync(otherPage);
        var (mine, theirs) = (FreePort(), FreePort());
        await otherTerminal.RunAsync($"python3 -m http.server {theirs}", "Serving HTTP");
        await _terminal.RunAsync($"python3 -m http.server {mine}", "Serving HTTP");
        await PortAsync(mine);
        await otherPage.EventAsync("ports", e => Ports(e).Contains(theirs));
        await using var again = await _runner.ConnectAsync();
        Assert.Equal([mine], again.Hello["ports"]!.AsArray().Select(p => (int)p!["port"]!));
    }

    [Fact]
    public async Task An_address_that_previews_cannot_reach_is_said()
    {
        var address = Dns.GetHostAddresses(Dns.GetHostName())
            .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
        Assert.SkipWhen(address is null, "this machine has loopback only");
        var port = FreePort();
        await _terminal.TypeAsync($"python3 -m http.server {port} --bind {address}\r");
        Assert.False((bool)(await PortAsync(port))["reachable"]!);
    }

    private async Task<System.Text.Json.Nodes.JsonNode> PortAsync(int port)
    {
        var seen = await _page.EventAsync("ports", e => Ports(e).Contains(port));
        return seen["ports"]!.AsArray().Single(p => (int)p!["port"]! == port)!;
    }

    private static IEnumerable<int> Ports(System.Text.Json.Nodes.JsonNode ports) =>
        ports["ports"]!.AsArray().Select(p => (int)p!["port"]!);

    internal static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
