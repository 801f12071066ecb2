using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>The home page: workspaces there are, asleep and awake.</summary>
public sealed class HomeSpecs(Chromium chromium, SharedServer shared)
{
    [Fact]
    public async Task On_the_first_visit_two_clicks_lead_to_a_running_program()
    {
        await using var server = await TestServer.StartAsync();
        await using var context = await chromium.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(server.SignInAddress);
        await page.GetByRole(AriaRole.Button, new() { Name = "New Node.js workspace", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Banner).GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true }).ClickAsync();
        await Expect(page.FrameLocator("iframe").GetByRole(AriaRole.Heading, new() { Name = "Hello, Node.js" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_workspace_put_to_sleep_wakes_when_it_is_opened()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        var slug = bench.Slug;
        await bench.NewTerminalAsync();
        await bench.CommandAsync("echo slept well > dream.txt");
        await Expect(bench.File("dream.txt")).ToBeVisibleAsync();
        await bench.Page.CloseAsync();

        var home = await visitor.HomeAsync();
        var row = home.GetByRole(AriaRole.Listitem).Filter(new() { HasText = slug });
        await row.GetByRole(AriaRole.Button, new() { NameRegex = new("^Actions") }).ClickAsync();
        await home.GetByRole(AriaRole.Menuitem, new() { Name = "Stop" }).ClickAsync();
        await Expect(row).ToContainTextAsync("Asleep");

        await row.GetByRole(AriaRole.Link).ClickAsync();
        bench = new Workbench(home, shared.Server);
        await bench.IsReadyAsync();
        await bench.OpenAsync("dream.txt");
        await bench.HasTextAsync("slept well\n");
    }

    [Fact]
    public async Task A_workspace_that_does_not_exist_is_said_to_be_so_and_the_way_leads_home()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var page = await visitor.HomeAsync();
        await page.GotoAsync($"{shared.Server.Origin}/w/abcdefghijklmn");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("There is no workspace 'abcdefghijklmn' here");
        await page.GetByRole(AriaRole.Button, new() { Name = "To my workspaces" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My workspaces" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_workspace_is_renamed_and_deleted()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        var slug = bench.Slug;
        await bench.Page.CloseAsync();

        var home = await visitor.HomeAsync();
        var row = home.GetByRole(AriaRole.Listitem).Filter(new() { HasText = slug });
        var actions = row.GetByRole(AriaRole.Button, new() { NameRegex = new("^Actions") });
        await actions.ClickAsync();
        await home.GetByRole(AriaRole.Menuitem, new() { Name = "Rename" }).ClickAsync();
        await home.GetByRole(AriaRole.Textbox, new() { Name = "Name of the workspace" }).FillAsync("My first one");
        // The name is shown before the server has it.
        await home.RunAndWaitForResponseAsync(
            () => home.Keyboard.PressAsync("Enter"), response => response.Url.EndsWith($"/{slug}", StringComparison.Ordinal) && response.Ok);
        await Expect(row.GetByRole(AriaRole.Link)).ToHaveTextAsync("My first one");
        await home.ReloadAsync();
        await Expect(row.GetByRole(AriaRole.Link)).ToHaveTextAsync("My first one");

        await actions.ClickAsync();
        await home.GetByRole(AriaRole.Menuitem, new() { Name = "Delete" }).ClickAsync();
        await home.GetByRole(AriaRole.Button, new() { Name = "Delete workspace" }).ClickAsync();
        await Expect(row).ToBeHiddenAsync();
        await home.ReloadAsync();
        await Expect(home.GetByRole(AriaRole.Heading, new() { Name = "My workspaces" })).ToBeVisibleAsync();
        await Expect(row).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_fork_holds_what_the_first_one_holds_and_goes_its_own_way()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        var slug = bench.Slug;
        await bench.NewTerminalAsync();
        await bench.CommandAsync("echo ours > both.txt");
        await Expect(bench.File("both.txt")).ToBeVisibleAsync();
        await bench.IsSafeAsync();
        await bench.Page.CloseAsync();

        var home = await visitor.HomeAsync();
        var row = home.GetByRole(AriaRole.Listitem).Filter(new() { HasText = slug });
        await row.GetByRole(AriaRole.Button, new() { NameRegex = new("^Actions") }).ClickAsync();
        var answer = await home.RunAndWaitForResponseAsync(
            () => home.GetByRole(AriaRole.Menuitem, new() { Name = "Fork" }).ClickAsync(), "**/fork");
        var fork = (await answer.JsonAsync())!.Value.GetProperty("slug").GetString()!;
        await home.CloseAsync();

        bench = await visitor.OpenAsync(fork);
        await bench.OpenAsync("both.txt");
        await bench.HasTextAsync("ours\n");
    }

    [Fact]
    public async Task A_missing_toolchain_is_said_in_the_gallery_and_at_Run()
    {
        var bin = Directory.CreateTempSubdirectory("dropit-test-path-");
        foreach (var tool in new[] { "bash", "sh", "setsid", "ls", "cat", "node", "npm" })
        {
            File.CreateSymbolicLink(Path.Combine(bin.FullName, tool), $"/usr/bin/{tool}");
        }

        await using (var server = await TestServer.StartAsync(bin.FullName))
        {
            await using var visitor = await Visitor.SignInAsync(chromium, server);
            var home = await visitor.HomeAsync();
            await Expect(home.GetByRole(AriaRole.Button, new() { Name = "New Go workspace" })).ToHaveAccessibleDescriptionAsync(new Regex("go\\.dev/dl"));
            await Expect(home.GetByRole(AriaRole.Button, new() { Name = "New Node.js workspace" })).Not.ToHaveAccessibleDescriptionAsync(new Regex("not installed"));

            var bench = await visitor.CreateAsync("Go");
            await bench.RunAsync();
            await Expect(bench.Page.GetByText("not installed").First).ToBeVisibleAsync();
        }

        bin.Delete(recursive: true);
    }
}
