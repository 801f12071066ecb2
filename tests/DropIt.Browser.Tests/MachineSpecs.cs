using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>What the workspace uses of the machine, and ending its processes.</summary>
public sealed class MachineSpecs(Chromium chromium, SharedServer shared)
{
    [Theory]
    [InlineData("light", ColorScheme.Light, 1440, 900)]
    [InlineData("dark", ColorScheme.Dark, 1440, 900)]
    [InlineData("narrow", ColorScheme.Light, 375, 740)]
    public async Task Processes_are_listed_and_ended_and_what_keeps_it_awake_is_said(string name, ColorScheme scheme, int width, int height)
    {
        await using var wide = await Visitor.SignInAsync(chromium, shared.Server);
        var made = await wide.CreateAsync("Empty");
        await made.CommandAsync("sleep 4242 & echo star''ted", prints: "started");
        await using var visitor = await Visitor.SignInAsync(
            chromium, shared.Server, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height } });
        var page = await visitor.Context.NewPageAsync();
        await page.GotoAsync($"{shared.Server.Origin}/w/{made.Slug}");
        var mark = page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex(@"^Processor .*memory \d.*Show the processes") });
        if (width >= 768) // a phone has no room for it
        {
            await Expect(mark).ToHaveAccessibleNameAsync(new Regex(@" [1-9][\d.]* [KMGT]?B disk Show the processes$"));
        }

        await mark.ClickAsync();
        var sheet = page.GetByRole(AriaRole.Dialog, new() { Name = "Machine" });
        var sleep = sheet.GetByRole(AriaRole.Row).Filter(new() { HasText = "sleep 4242" });
        await Expect(sleep).ToBeVisibleAsync();
        await Expect(sheet).ToContainTextAsync("2 pages are open.");
        await Expect(sheet).ToContainTextAsync("A program in a terminal is printing.");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, $"machine-{name}.png") });
        await sleep.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^End sleep") }).ClickAsync();
        await Expect(sleep).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_workspace_without_a_sandbox_says_so()
    {
        await using var server = await TestServer.StartAsync(more: ["--sandbox", "none"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.Page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex(@"^Processor .*memory \d.*Show the processes") }).ClickAsync();
        var sheet = bench.Page.GetByRole(AriaRole.Dialog, new() { Name = "Machine" });
        await Expect(sheet.GetByRole(AriaRole.Note, new() { Name = "No sandbox" })).ToContainTextAsync("This workspace has no sandbox");
        await bench.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "machine-no-sandbox.png") });
    }
}
