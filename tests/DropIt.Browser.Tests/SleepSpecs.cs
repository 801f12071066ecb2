using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>A workspace goes to sleep, and everything is there again when it wakes, also on a machine that never had it.</summary>
public sealed class SleepSpecs(Chromium chromium)
{
    private const int Minute = 60_000;

    [Fact]
    public async Task Who_logs_off_finds_everything_back_under_the_same_address()
    {
        await using var server = await TestServer.StartAsync(more: ["--idle-minutes", "0.1"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        var slug = bench.Slug;
        var pane = new TerminalPane(bench);
        await Expect(pane.Text(0)).ToContainTextAsync(new Regex("[$#]"));
        await bench.CommandAsync("mkdir src && touch src/notes.md && cd src");
        await bench.OpenAsync("src/notes.md");
        await bench.ReplaceTextAsync("# What I wrote");
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Split the terminal" }).ClickAsync();
        await Expect(pane.Shown).ToHaveCountAsync(2);
        await Expect(pane.Text(1)).ToContainTextAsync(new Regex("[$#]"));
        await pane.CommandAsync(0, "echo le''ft");
        await Expect(pane.Text(0)).ToContainTextAsync("left");
        await pane.CommandAsync(1, "echo ri''ght");
        await Expect(pane.Text(1)).ToContainTextAsync("right");
        await bench.IsSafeAsync();

        var home = await visitor.HomeAsync();
        await bench.Page.CloseAsync();
        await Expect(home.GetByText("Asleep: nobody was here for 6 seconds.")).ToBeVisibleAsync(new() { Timeout = 2 * Minute });
        Directory.Delete(Path.Combine(server.Data, "workspaces", slug), recursive: true);

        var again = await visitor.OpenAsync(slug);
        await Expect(again.OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new Regex("^notes.md") })).ToBeVisibleAsync();
        await again.HasTextAsync("# What I wrote");
        var back = new TerminalPane(again);
        await Expect(back.Shown).ToHaveCountAsync(2);
        await Expect(back.Text(0)).ToContainTextAsync("left");
        await Expect(back.Text(0)).ToContainTextAsync("The workspace slept");
        await Expect(back.Text(1)).ToContainTextAsync("right");
        await back.CommandAsync(0, "pwd | sed s/^/at=/");
        await Expect(back.Text(0)).ToContainTextAsync(new Regex("at=.*/src"));
    }

    [Fact]
    public async Task A_page_that_nobody_uses_counts_down_is_kept_awake_by_a_click_and_wakes_by_another()
    {
        await using var server = await TestServer.StartAsync(more: ["--open-minutes", "0.2"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        var countdown = bench.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "It goes to sleep in" });
        await Expect(countdown).ToBeVisibleAsync(new() { Timeout = 2 * Minute });
        await countdown.GetByRole(AriaRole.Button, new() { Name = "Stay awake" }).ClickAsync();
        await Expect(countdown).ToBeHiddenAsync();
        await Expect(bench.Page.GetByText("Connected", new() { Exact = true })).ToBeVisibleAsync();

        var asleep = bench.Page.GetByText("Asleep: the page was open, but nobody used it for 12 seconds.");
        await Expect(asleep).ToBeVisibleAsync(new() { Timeout = 2 * Minute });
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Wake it" }).ClickAsync();
        await Expect(asleep).ToBeHiddenAsync();
        await Expect(bench.Page.GetByText("Connected", new() { Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_was_installed_is_there_after_a_wake_elsewhere()
    {
        await using var server = await TestServer.StartAsync(more: ["--cache-megabytes", "1024"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("React + TypeScript");
        await bench.RunAsync();
        var heading = bench.Preview.GetByRole(AriaRole.Heading, new() { Name = "Hello, React" });
        await Expect(heading).ToBeVisibleAsync(new() { Timeout = 3 * Minute });
        var stopped = await visitor.Context.APIRequest.PostAsync(
            $"{server.Origin}/api/workspaces/{bench.Slug}/stop", new() { Headers = new Dictionary<string, string> { ["Origin"] = server.Origin } });
        Assert.True(stopped.Ok);
        await Expect(bench.Page.GetByText("Asleep: you stopped it.")).ToBeVisibleAsync();
        var home = await visitor.HomeAsync();
        await Expect(home.GetByText("Asleep: you stopped it.")).ToBeVisibleAsync(new() { Timeout = Minute });
        Directory.Delete(Path.Combine(server.Data, "workspaces", bench.Slug), recursive: true);

        await bench.Page.BringToFrontAsync();
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Wake it" }).ClickAsync();
        await Expect(bench.Page.GetByText("Packages restored from cache")).ToBeVisibleAsync(new() { Timeout = 2 * Minute });
        Assert.True(File.Exists(bench.OnDisk("node_modules/.bin/vite")));
        var stamp = Path.Combine(server.Data, "workspaces", bench.Slug, "state", "installed");
        var installed = File.GetLastWriteTimeUtc(stamp);
        await bench.RunAsync();
        await Expect(heading).ToBeVisibleAsync(new() { Timeout = Minute });
        Assert.Equal(installed, File.GetLastWriteTimeUtc(stamp)); // an install writes it
    }

    [Fact]
    public async Task When_it_sleeps_is_chosen_beside_what_keeps_it_awake()
    {
        await using var server = await TestServer.StartAsync(more: ["--always-on", "yes"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.Page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("Show the processes") }).ClickAsync();
        await Expect(bench.Page.GetByText("This page is open.")).ToBeVisibleAsync();
        var never = bench.Page.GetByRole(AriaRole.Radio, new() { Name = "Never: only when it is stopped" });
        await bench.Page.RunAndWaitForResponseAsync(() => never.CheckAsync(), answer => answer.Request.Method == "PATCH" && answer.Ok);
        await bench.Page.ReloadAsync();
        await bench.Page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("Show the processes") }).ClickAsync();
        await Expect(never).ToBeCheckedAsync();
    }
}
