using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>What no checker sees: where the keyboard goes, that its place is shown, and that nothing moves. Axe goes with <see cref="AppearanceSpecs"/>.</summary>
public sealed class AccessibilitySpecs(Chromium chromium, SharedServer shared)
{
    [Fact]
    public async Task F6_goes_from_pane_to_pane_also_out_of_a_terminal()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.OpenAsync("index.js");
        await Expect(bench.Screen).ToBeVisibleAsync();
        await bench.Editor.FocusAsync();
        var forth = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            await bench.Page.Keyboard.PressAsync("F6");
            forth.Add(await FocusedPaneAsync(bench.Page));
        }

        Assert.Equal(["Terminal", "Output", "header", "File explorer", "Editor"], forth);
        await bench.Page.Keyboard.PressAsync("Shift+F6");
        Assert.Equal("File explorer", await FocusedPaneAsync(bench.Page));
    }

    [Fact]
    public async Task What_has_the_focus_shows_it()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.OpenAsync("index.js");
        await bench.PerformAsync("Show or hide the terminal");
        await bench.Editor.FocusAsync();
        var hidden = new HashSet<string>();
        for (var i = 0; i < 60; i++)
        {
            // Out of the editor by Escape and Tab.
            await bench.Page.Keyboard.PressAsync("Escape");
            await bench.Page.Keyboard.PressAsync("Tab");
            hidden.Add(await bench.Page.EvaluateAsync<string>(
                """
                () => {
                  const focused = document.activeElement;
                  const style = getComputedStyle(focused);
                  const shown = style.outlineStyle !== "none" || style.boxShadow !== "none";
                  return shown || focused.matches("body, iframe, .cm-content, .cm-scroller") ? "" : focused.outerHTML.slice(0, 300);
                }
                """));
        }

        hidden.Remove("");
        Assert.True(hidden.Count == 0, $"The focus cannot be seen on\n{string.Join('\n', hidden)}");
    }

    [Fact]
    public async Task Nothing_moves_for_who_wants_it_still()
    {
        await using var visitor = await Visitor.SignInAsync(
            chromium, shared.Server, new() { ReducedMotion = ReducedMotion.Reduce, ViewportSize = new() { Width = 1440, Height = 900 } });
        var bench = await visitor.CreateAsync("Empty");
        await bench.Page.Keyboard.PressAsync("F1");
        var longest = await bench.Page.EvaluateAsync<double>(
            "() => Math.max(0, ...document.getAnimations().map((animation) => Number(animation.effect.getComputedTiming().activeDuration)))");
        Assert.True(longest <= 1, $"Something moves for {longest} ms.");
    }

    [Fact]
    public async Task A_day_at_work_needs_no_mouse()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using (await Account.SignUpAsync(chromium, server, "vera"))
        await using (await Account.SignUpAsync(chromium, server, "olga"))
        {
        }

        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 1000 } });
        context.SetDefaultTimeout(20_000);
        var page = await context.NewPageAsync();
        var keys = page.Keyboard;

        // 1. Sign in and make a workspace.
        await page.GotoAsync(server.Origin);
        await TabToAsync(page, page.GetByLabel("User name"));
        await keys.TypeAsync("olga");
        await TabToAsync(page, page.GetByLabel("Password"));
        await keys.TypeAsync("correct horse battery");
        await keys.PressAsync("Enter");
        await TabToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "New Node.js workspace", Exact = true }));
        await keys.PressAsync("Enter");
        await page.WaitForURLAsync("**/w/*");
        var bench = new Workbench(page, server);
        await bench.IsReadyAsync();

        // 2. A file: found, changed, and duplicated by the tree's menu.
        await keys.PressAsync("Control+p");
        await Expect(bench.Palette).ToBeFocusedAsync();
        await keys.TypeAsync("page.js");
        await Expect(bench.Chosen).ToContainTextAsync("page.js");
        await keys.PressAsync("Enter");
        await Expect(bench.Editor).ToBeFocusedAsync();
        await keys.PressAsync("Control+a");
        await keys.TypeAsync("// by hand");
        await bench.HasTextAsync("// by hand");
        await keys.PressAsync("Control+Shift+e");
        await Expect(bench.Files).ToBeFocusedAsync();
        await keys.PressAsync("Home");
        await keys.PressAsync("Shift+F10");
        await Expect(page.GetByRole(AriaRole.Menu)).ToBeVisibleAsync();
        await keys.TypeAsync("Dupl");
        await Expect(page.GetByRole(AriaRole.Menuitem, new() { Name = "Duplicate" })).ToBeFocusedAsync();
        await keys.PressAsync("Enter");
        await Expect(bench.Files.GetByRole(AriaRole.Treeitem, new() { NameRegex = new("copy") })).ToBeVisibleAsync();

        // 3. The program runs.
        await keys.PressAsync("Control+Enter");
        await Expect(bench.StopButton).ToBeVisibleAsync();

        // 4. A terminal: it takes the keyboard, and gives it back.
        await bench.PerformAsync("New terminal");
        await Expect(page.Locator(".xterm-helper-textarea:focus")).ToHaveCountAsync(1);
        await keys.TypeAsync("echo is-$((40+2))\n");
        await Expect(bench.Screen).ToContainTextAsync("is-42");
        await bench.PerformAsync("To the next pane");
        await Expect(bench.Output.Locator(":focus")).ToHaveCountAsync(1);
        await bench.PerformAsync("To the pane before");
        await Expect(page.Locator(".xterm-helper-textarea:focus")).ToHaveCountAsync(1);
        await keys.PressAsync("Control+`");
        await Expect(bench.Editor).ToBeFocusedAsync();
        await keys.PressAsync("Control+`");
        await Expect(page.Locator(".xterm-helper-textarea:focus")).ToHaveCountAsync(1);

        // 5. Someone is let in, and the work put to sleep.
        await bench.PerformAsync("Share the workspace");
        await TabToAsync(page, page.GetByLabel("User name"));
        await keys.TypeAsync("vera");
        await keys.PressAsync("Enter");
        await Expect(page.GetByLabel("Role of vera")).ToBeVisibleAsync();
        await keys.PressAsync("Escape");
        await bench.PerformAsync("Stop the workspace; it sleeps until it is opened again");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Wake it" })).ToBeVisibleAsync();
    }

    /// <summary>Tab after Tab until it has the focus: what cannot be come to so is not for the keyboard.</summary>
    private static async Task TabToAsync(IPage page, ILocator wanted)
    {
        await Expect(wanted).ToBeVisibleAsync();
        for (var i = 0; i < 60; i++)
        {
            if (await wanted.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"The keyboard does not come to {wanted}.");
    }

    private static Task<string> FocusedPaneAsync(IPage page) => page.EvaluateAsync<string>(
        "() => { const pane = document.activeElement.closest('header, section[aria-label]'); return pane?.getAttribute('aria-label') ?? pane?.tagName.toLowerCase() ?? ''; }");
}
