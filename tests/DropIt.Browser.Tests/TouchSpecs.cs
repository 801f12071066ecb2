using System.Text.Json;
using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>A phone: a finger, 375 pixels, and a keyboard that sends text and names no keys.</summary>
public sealed class TouchSpecs(Chromium chromium, SharedServer shared)
{
    private static readonly BrowserNewContextOptions s_phone = new() { ViewportSize = new() { Width = 375, Height = 740 }, HasTouch = true, IsMobile = true };

    [Fact]
    public async Task Ctrl_of_the_bar_and_a_letter_of_a_phones_keyboard_interrupt_a_program()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server, new(s_phone));
        var page = await TerminalOnPhoneAsync(visitor, "Empty");
        await EnterAsync(page, "sleep 1000");
        await Key(page, "Ctrl").TapAsync();
        await Expect(Key(page, "Ctrl")).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Keyboard.InsertTextAsync("c");
        await Expect(Key(page, "Ctrl")).ToHaveAttributeAsync("aria-pressed", "false");
        await Expect(Screen(page)).ToContainTextAsync("^C");
        await EnterAsync(page, "echo code=$?");
        await Expect(Screen(page)).ToContainTextAsync("code=130");
        Assert.True(await TerminalHasFocusAsync(page), "The terminal lost the keyboard.");
    }

    [Fact]
    public async Task Ctrl_holds_while_the_keyboard_composes_and_what_was_composed_before_is_typed_first()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server, new(s_phone));
        var page = await TerminalOnPhoneAsync(visitor, "Empty");
        var devtools = await page.Context.NewCDPSessionAsync(page);
        await ComposeAsync(devtools, "echo");
        await Key(page, "Slash").TapAsync();
        await Expect(Screen(page)).ToContainTextAsync("echo/");
        await ComposeAsync(devtools, "x");
        await Key(page, "Ctrl").TapAsync();
        await ComposeAsync(devtools, "u");
        await Expect(Key(page, "Ctrl")).ToHaveAttributeAsync("aria-pressed", "false");
        await EnterAsync(page, "echo kil''led");
        await Expect(Screen(page)).ToContainTextAsync("killed");
        await Expect(Screen(page)).Not.ToContainTextAsync("not found");
    }

    [Fact]
    public async Task Arrows_move_in_readline_repeat_while_held_and_Tab_completes()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server, new(s_phone));
        var page = await TerminalOnPhoneAsync(visitor, "Empty");
        await page.Keyboard.InsertTextAsync("echo ac");
        await Key(page, "Arrow left").TapAsync();
        await page.Keyboard.InsertTextAsync("b");
        await page.Keyboard.PressAsync("Enter");
        await PrintsAsync(page, "abc");

        // Back to the history's line, then held until it stands at the line's start.
        await Key(page, "Arrow up").TapAsync();
        var box = (await Key(page, "Arrow left").BoundingBoxAsync())!;
        var devtools = await page.Context.NewCDPSessionAsync(page);
        var finger = new { x = box.X + (box.Width / 2), y = box.Y + (box.Height / 2) };
        await devtools.SendAsync("Input.dispatchTouchEvent", new() { ["type"] = "touchStart", ["touchPoints"] = new[] { finger } });
        var prompt = await page.EvaluateAsync<int>("() => document.querySelector('[data-terminal]').xterm.buffer.active.cursorX - 'echo abc'.length");
        await page.WaitForFunctionAsync("prompt => document.querySelector('[data-terminal]').xterm.buffer.active.cursorX === prompt", prompt);
        await devtools.SendAsync("Input.dispatchTouchEvent", new() { ["type"] = "touchEnd", ["touchPoints"] = Array.Empty<object>() });
        await EnterAsync(page, "echo first;");
        await PrintsAsync(page, "first");

        await page.Keyboard.InsertTextAsync("cat dropit.js");
        await Key(page, "Tab").TapAsync();
        await Expect(Screen(page)).ToContainTextAsync("cat dropit.json");
        await Key(page, "Ctrl").TapAsync();
        await page.Keyboard.InsertTextAsync("u");
        await page.Keyboard.InsertTextAsync("printf a");
        await Key(page, "Pipe").TapAsync();
        await EnterAsync(page, "tr a z; echo");
        await PrintsAsync(page, "z");
    }

    [Fact]
    public async Task In_the_editor_the_bar_has_arrows_signs_and_the_editors_own_keys()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server, new(s_phone));
        var page = await OpenAsync(visitor, "Empty");
        await Pane(page, "Files").TapAsync();
        await page.GetByRole(AriaRole.Treeitem, new() { Name = "dropit.json" }).TapAsync();
        var editor = page.Locator(".cm-content");
        await editor.FocusAsync();
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.InsertTextAsync("ac");
        await Key(page, "Arrow left").TapAsync();
        await Key(page, "Left brace").TapAsync();
        await Key(page, "Minus").TapAsync();
        await Expect(editor).ToHaveTextAsync("a{-c");
        await Key(page, "Ctrl").TapAsync();
        await page.Keyboard.InsertTextAsync("z");
        await Expect(editor).Not.ToHaveTextAsync("a{-c");
        await Expect(editor).Not.ToContainTextAsync("z");
        Assert.True(await page.EvaluateAsync<bool>("() => document.activeElement.matches('.cm-content')"), "The editor lost the keyboard.");
        await Key(page, "Ctrl").TapAsync();
        var devtools = await page.Context.NewCDPSessionAsync(page);
        await ComposeAsync(devtools, "p");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_bar_is_large_enough_for_fingers_named_for_screen_readers_and_above_the_keyboard()
    {
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await using var visitor = await Visitor.SignInAsync(chromium, shared.Server, new(s_phone) { ColorScheme = scheme });
            var page = await TerminalOnPhoneAsync(visitor, "Empty");
            foreach (var button in await Bar(page).GetByRole(AriaRole.Button).AllAsync())
            {
                var size = (await button.BoundingBoxAsync())!;
                Assert.True(size is { Width: >= 44, Height: >= 44 }, $"{await button.GetAttributeAsync("aria-label")} is {size.Width} x {size.Height}.");
            }

            await Key(page, "Ctrl").TapAsync();
            await Key(page, "Ctrl").TapAsync();
            await Expect(Key(page, "Ctrl, locked")).ToHaveAttributeAsync("aria-pressed", "true");
            await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, $"key-bar-{scheme}-375.png") });
            await Axe.HasNoViolationsAsync(page, "key bar");

            // A keyboard that lies over the page, as on an iPhone: the browser tells of what is still seen.
            await page.EvaluateAsync(
                "() => { Object.defineProperty(visualViewport, 'height', { get: () => 420 }); visualViewport.dispatchEvent(new Event('resize')); }");
            await Expect(page.GetByRole(AriaRole.Navigation, new() { Name = "Panes" })).ToBeHiddenAsync();
            var bar = (await Bar(page).BoundingBoxAsync())!;
            Assert.True(bar.Y + bar.Height <= 420, $"The bar ends at {bar.Y + bar.Height}, below what is seen.");
            await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, $"key-bar-keyboard-{scheme}-375.png") });
        }
    }

    [Fact]
    public async Task On_a_tablet_the_bar_stands_below_all_panes()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server, new() { ViewportSize = new() { Width = 1024, Height = 768 }, HasTouch = true });
        var page = (await visitor.CreateAsync("Empty")).Page;
        await page.Locator(".xterm-screen:visible").TapAsync();
        await Expect(Key(page, "Ctrl")).ToBeVisibleAsync();
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, $"key-bar-{scheme}-1024.png") });
            await Axe.HasNoViolationsAsync(page, "key bar of a tablet");
        }

        // What a word of the status bar means is there without a pointer too.
        await page.GetByRole(AriaRole.Button, new() { Name = "Safe", Exact = true }).TapAsync();
        await Expect(page.GetByRole(AriaRole.Dialog, new() { Name = "What this means" })).ToContainTextAsync("survives the loss of any one process");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "status-words-1024.png") });
        await Axe.HasNoViolationsAsync(page, "words of the status bar");
    }

    [Fact]
    public async Task Without_a_touch_screen_the_bar_comes_by_choice()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.CommandAsync("echo he''re", prints: "here");
        await Expect(Bar(bench.Page)).ToBeHiddenAsync();
        await bench.PerformAsync("Settings");
        await bench.Page.GetByRole(AriaRole.Combobox, new() { Name = "Key bar" }).SelectOptionAsync("always");
        await bench.Page.Keyboard.PressAsync("Escape");
        await bench.CommandAsync("echo th''ere", prints: "there");
        await Expect(Bar(bench.Page)).ToBeVisibleAsync();
    }

    private static async Task<IPage> OpenAsync(Visitor visitor, string stack)
    {
        var page = await visitor.HomeAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"New {stack} workspace", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/w/*");
        return page;
    }

    private static async Task<IPage> TerminalOnPhoneAsync(Visitor visitor, string stack)
    {
        var page = await OpenAsync(visitor, stack);
        await Pane(page, "Terminal").TapAsync();
        await Expect(Screen(page)).ToContainTextAsync(new Regex("[$#]"), new() { Timeout = 30_000 });
        await page.Locator(".xterm-helper-textarea").FocusAsync();
        await Expect(Bar(page)).ToBeVisibleAsync();
        return page;
    }

    private static ILocator Pane(IPage page, string name) =>
        page.GetByRole(AriaRole.Navigation, new() { Name = "Panes" }).GetByRole(AriaRole.Button, new() { Name = name });

    private static ILocator Bar(IPage page) => page.GetByRole(AriaRole.Region, new() { Name = "Key bar" });

    private static ILocator Key(IPage page, string name) => Bar(page).GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    private static ILocator Screen(IPage page) => page.Locator(".xterm-rows:visible");

    /// <summary>Waits for a line of the screen that is this, whole.</summary>
    private static Task PrintsAsync(IPage page, string line) => page.WaitForFunctionAsync(
        """
        line => {
          const { active } = document.querySelector("[data-terminal]").xterm.buffer;
          return Array.from({ length: active.length }, (_, y) => active.getLine(y).translateToString(true)).includes(line);
        }
        """,
        line);

    /// <summary>As text, without a key; Enter is one on phones too.</summary>
    private static async Task EnterAsync(IPage page, string text)
    {
        await page.Keyboard.InsertTextAsync(text);
        await page.Keyboard.PressAsync("Enter");
    }

    /// <summary>What the keyboard of an Android phone does with a word that is not finished.</summary>
    private static Task<JsonElement?> ComposeAsync(ICDPSession devtools, string text) => devtools.SendAsync(
        "Input.imeSetComposition", new() { ["text"] = text, ["selectionStart"] = text.Length, ["selectionEnd"] = text.Length });

    private static Task<bool> TerminalHasFocusAsync(IPage page) =>
        page.EvaluateAsync<bool>("() => document.activeElement.matches('.xterm-helper-textarea')");
}
