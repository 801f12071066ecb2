using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Processes end in the middle of the work: every character is there exactly once.</summary>
public sealed class LossSpecs(Chromium chromium, SharedServer shared)
{
    /// <summary>Slow enough to be under way when the process is killed, and about as fast as a good typist's bursts. Milliseconds.</summary>
    private const float KeyDelay = 15;

    /// <summary>Numbers typed.</summary>
    private const int Count = 100;

    [Fact]
    public async Task Killing_the_runner_while_typing_loses_and_doubles_nothing()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.NewTerminalAsync();
        var runner = bench.RunnerProcess;
        await bench.CommandAsync("touch typed.txt");
        await bench.OpenAsync("typed.txt");

        await bench.GoToEndAsync();
        var typing = bench.Page.Keyboard.TypeAsync(Text.Numbers(0, Count), new() { Delay = KeyDelay });
        await Expect(bench.Editor).ToContainTextAsync(" 20 ", new() { Timeout = 60_000 });
        Signal.Send(runner, "KILL");
        await typing;

        var expected = Text.Numbers(0, Count);
        await bench.HasTextAsync(expected);
        await bench.IsOnlineAsync();

        // Either they are gone, or they show what they showed; what ran in them is gone in any case, and that is said.
        await Expect(bench.Page.GetByText(new Regex("terminals have ended|programs have ended")).First).ToBeVisibleAsync();
        await bench.NewTerminalAsync();
        await bench.CommandAsync("sha256sum typed.txt", prints: Text.Sha256(expected));
    }

    [Fact]
    public async Task Killing_the_server_while_typing_loses_and_doubles_nothing()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.NewTerminalAsync();
        await bench.CommandAsync("touch typed.txt");
        await bench.OpenAsync("typed.txt");

        await bench.GoToEndAsync();
        var typing = bench.Page.Keyboard.TypeAsync(Text.Numbers(0, Count), new() { Delay = KeyDelay });
        await Expect(bench.Editor).ToContainTextAsync(" 20 ", new() { Timeout = 60_000 });
        await server.KillAsync();
        await typing;
        await Expect(bench.ConnectionBanner).ToBeVisibleAsync();
        await server.StartAgainAsync();

        var expected = Text.Numbers(0, Count);
        await bench.IsOnlineAsync();
        await bench.HasTextAsync(expected);
        await bench.NewTerminalAsync();
        await bench.CommandAsync("sha256sum typed.txt", prints: Text.Sha256(expected));
    }

    [Fact]
    public async Task After_a_stop_and_a_start_of_the_server_everything_is_found_again()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.NewTerminalAsync();
        var runner = bench.RunnerProcess;
        await bench.CommandAsync("mkdir -p deep/er && echo kept > deep/er/file.txt && ln -s deep/er/file.txt link && chmod 750 deep/er/file.txt");
        await bench.OpenAsync("page.js");
        await bench.ReplaceWordAsync("Hello, ", "Still here, ");

        Assert.Equal(0, await server.StopAsync());
        Assert.False(Directory.Exists($"/proc/{runner}"), "The runner outlived its server.");
        await server.StartAgainAsync();

        await bench.IsOnlineAsync();
        await Expect(bench.Editor).ToContainTextAsync("Still here, ");
        await bench.NewTerminalAsync();
        await bench.CommandAsync("echo $(cat link) $(stat -c %a deep/er/file.txt) $(grep -c 'Still here' page.js)", prints: "kept 750 1");
        await bench.RunAsync();
        await Expect(bench.Preview.GetByRole(AriaRole.Heading, new() { Name = "Still here, Node.js" }))
            .ToBeVisibleAsync(new() { Timeout = 60_000 });
    }

    [Fact]
    public async Task A_reload_of_the_page_brings_everything_back()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.OpenAsync("page.js");
        await bench.NewTerminalAsync();
        await bench.CommandAsync("here=still; echo be''fore", prints: "before");
        await bench.RunAsync();
        await Expect(bench.Preview.GetByRole(AriaRole.Heading)).ToBeVisibleAsync(new() { Timeout = 60_000 });

        await bench.Page.ReloadAsync();

        await Expect(bench.OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new("^page.js") })).ToBeVisibleAsync();
        await Expect(bench.Editor).ToContainTextAsync("Hello, ");
        await Expect(bench.StopButton).ToBeVisibleAsync();
        await Expect(bench.Preview.GetByRole(AriaRole.Heading)).ToBeVisibleAsync();
        await bench.ShowTerminalAsync("Terminal 2");
        await Expect(bench.Screen).ToContainTextAsync("before");
        await bench.CommandAsync("echo $here=here", prints: "still=here");
    }
}
