using System.Globalization;
using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>What hands expect of a terminal.</summary>
public sealed class TerminalSpecs(Chromium chromium, SharedServer shared)
{
    [Fact]
    public async Task Terminals_stand_side_by_side_and_do_so_again_after_a_reload()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        var pane = new TerminalPane(bench);
        await Expect(pane.Shown).ToHaveCountAsync(1);
        await Expect(pane.Text(0)).ToContainTextAsync(new Regex("[$#]"));
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Split the terminal" }).ClickAsync();
        await Expect(pane.Shown).ToHaveCountAsync(2);
        await Expect(pane.Text(1)).ToContainTextAsync(new Regex("[$#]"));
        await pane.CommandAsync(0, "echo le''ft");
        await pane.CommandAsync(1, "echo ri''ght");
        await Expect(pane.Text(0)).ToContainTextAsync("left");
        await Expect(pane.Text(1)).ToContainTextAsync("right");
        await Expect(pane.Text(0)).Not.ToContainTextAsync("right");
        await PictureAsync(bench.Page, "terminals-split");

        await bench.Page.ReloadAsync();
        await bench.IsReadyAsync();
        await Expect(pane.Shown).ToHaveCountAsync(2);
        await Expect(pane.Text(0)).ToContainTextAsync("left");
        await Expect(pane.Text(1)).ToContainTextAsync("right");

        await bench.Terminals.GetByRole(AriaRole.Tab).First.ClickAsync(new() { Button = MouseButton.Right });
        await bench.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Give it the whole width" }).ClickAsync();
        await Expect(pane.Shown).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_terminal_is_renamed_for_everybody()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        var other = await visitor.OpenAsync(bench.Slug);
        await bench.Terminals.GetByRole(AriaRole.Tab).First.DblClickAsync();
        await bench.Page.GetByLabel("Name of the terminal").FillAsync("build logs");
        await bench.Page.Keyboard.PressAsync("Enter");
        await Expect(other.Terminals.GetByRole(AriaRole.Tab, new() { Name = "build logs" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_printed_file_with_its_line_opens_in_the_editor()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        var pane = new TerminalPane(bench);
        await bench.CommandAsync("mkdir sub && cd sub && printf 'one\\ntwo\\nthree\\n' > notes.txt && echo error at notes.txt:2:3", prints: "error at notes.txt:2:3");
        await pane.FollowAsync("notes.txt:2:3");
        await Expect(bench.OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new Regex("^notes.txt") })).ToHaveAttributeAsync("aria-selected", "true");
        await Expect(bench.Page.GetByText("Ln 2, Col 3")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_printed_local_address_opens_in_the_output()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        var pane = new TerminalPane(bench);
        await bench.CommandAsync(
            "node -e 'require(\"http\").createServer((q, s) => s.end(\"you are at \" + q.url)).listen(0, function () { console.log(\"http://localhost:\" + this.address().port + \"/deep?x=1\") })'");
        await Expect(bench.Screen).ToContainTextAsync(new Regex(@"http://localhost:\d+/deep\?x=1"));
        await Expect(bench.Preview.Locator("body")).ToContainTextAsync("you are at /");
        await pane.FollowAsync("/deep?x=1");
        await Expect(bench.Preview.Locator("body")).ToContainTextAsync("you are at /deep?x=1");
    }

    [Fact]
    public async Task A_printed_address_of_the_web_opens_in_a_tab_of_its_own()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        await visitor.Context.RouteAsync("https://example.org/**", route => route.FulfillAsync(new() { Body = "<h1>Elsewhere</h1>" }));
        var bench = await visitor.CreateAsync("Empty");
        await bench.CommandAsync("echo see 'https://example.'org/deep?x=1.", prints: "see https://example.org/deep?x=1.");
        var other = await visitor.Context.RunAndWaitForPageAsync(() => new TerminalPane(bench).FollowAsync("example.org/deep?x=1."));
        await other.WaitForURLAsync("https://example.org/deep?x=1");
        Assert.True(await other.EvaluateAsync<bool>("() => window.opener === null"));
    }

    [Fact]
    public async Task A_graphics_card_draws_the_terminal_and_the_page_does_when_the_card_takes_its_context_back()
    {
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium.Program,
            Args = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
        });
        await using var context = await browser.NewContextAsync(new() { StorageStatePath = await shared.Server.SignedInAsync(chromium) });
        // This machine has no card: the one that is emulated says that it is one.
        await context.AddInitScriptAsync(
            """
            const { getContext } = HTMLCanvasElement.prototype;
            HTMLCanvasElement.prototype.getContext = function (kind, options) {
              return getContext.call(this, kind, { ...options, failIfMajorPerformanceCaveat: false });
            };
            const { getParameter } = WebGL2RenderingContext.prototype;
            WebGL2RenderingContext.prototype.getParameter = function (name) {
              return name === 0x9246 ? "A card" : getParameter.call(this, name);
            };
            """);
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{shared.Server.Origin}/new/empty");
        await page.WaitForURLAsync("**/w/*");
        var bench = new Workbench(page, shared.Server);
        var canvas = page.Locator("[data-terminal] .xterm-screen > canvas:not(.xterm-link-layer)");
        await Expect(canvas).ToBeVisibleAsync();
        await Expect(bench.Screen).ToBeHiddenAsync();
        await canvas.EvaluateAsync("canvas => canvas.getContext('webgl2').getExtension('WEBGL_lose_context').loseContext()");
        await bench.CommandAsync("echo still he''re", prints: "still here");
        await Expect(canvas).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Text_is_found_in_the_scrollback_with_its_count()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.CommandAsync("for i in $(seq 300); do echo needle-$i; done; echo do''ne", prints: "done");
        await bench.Page.Keyboard.PressAsync("Control+Shift+F");
        var find = bench.Page.GetByRole(AriaRole.Search, new() { Name = "Find in the terminal" });
        await find.GetByRole(AriaRole.Textbox).FillAsync("needle-2");
        await Expect(find.GetByRole(AriaRole.Status)).ToHaveTextAsync("111 of 111");
        await bench.Page.Keyboard.PressAsync("Enter");
        await Expect(find.GetByRole(AriaRole.Status)).ToHaveTextAsync("110 of 111");
        await PictureAsync(bench.Page, "terminal-find");
        await bench.Page.Keyboard.PressAsync("Escape");
        await Expect(find).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Copy_and_paste_work_where_the_browser_has_no_clipboard_for_pages()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        // As on http and another host than localhost.
        await visitor.Context.AddInitScriptAsync("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
        var bench = await visitor.CreateAsync("Empty");
        await bench.CommandAsync("echo cop''ied-text", prints: "copied-text");
        await bench.Page.EvaluateAsync("""
            () => {
              const term = document.querySelector('[data-terminal]').xterm;
              const buffer = term.buffer.active;
              for (let y = 0; y < buffer.length; y++) {
                const at = buffer.getLine(y).translateToString(true).indexOf('copied-text');
                if (at === 0) term.select(0, y, 'copied-text'.length);
              }
            }
            """);
        await bench.Page.Keyboard.PressAsync("Control+Shift+C");
        await bench.CommandAsync("printf '\\e[?2004hrea''dy\\n'; cat -v", prints: "ready");
        await bench.Page.Keyboard.PressAsync("Control+Shift+V");
        await Expect(bench.Screen).ToContainTextAsync("^[[200~copied-text^[[201~");
    }

    [Fact]
    public async Task A_program_copies_with_a_notice_and_cannot_read()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        await visitor.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var bench = await visitor.CreateAsync("Empty");
        await bench.CommandAsync("printf '\\e]52;c;%s\\a' $(printf 'from a program' | base64)");
        await Expect(bench.Page.GetByText("A program in the terminal copied 14 characters.")).ToBeVisibleAsync();
        Assert.Equal("from a program", await bench.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        await bench.CommandAsync("printf '\\e]52;c;?\\a'; read -t 1 -n 1 answer; echo \"answer=[$answer]\"", prints: "answer=[]");
    }

    [Fact]
    public async Task A_bell_marks_the_tab_of_a_terminal_that_is_not_shown()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.CommandAsync("read; printf '\\a'");
        var tab = bench.Terminals.GetByRole(AriaRole.Tab).First;
        var other = await visitor.OpenAsync(bench.Slug);
        await bench.NewTerminalAsync();
        await other.ShowTerminalAsync("Terminal 1");
        await other.CommandAsync("");
        await Expect(tab).ToHaveAttributeAsync("aria-label", new Regex("bell"));
        await tab.ClickAsync();
        await Expect(tab).Not.ToHaveAttributeAsync("aria-label", new Regex("bell"));
        await Expect(other.Page.Locator(".bell-flash")).ToBeAttachedAsync();
    }

    [Fact]
    public async Task A_screen_reader_reads_the_terminal()
    {
        await using var server = await TestServer.StartAsync(); // the setting goes with the user
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.Page.Keyboard.PressAsync("F1");
        await bench.Page.GetByRole(AriaRole.Combobox, new() { Name = "Find a command" }).FillAsync(">screen reader");
        await Expect(bench.Page.GetByRole(AriaRole.Option, new() { NameRegex = new Regex("^Screen reader") })).ToBeVisibleAsync();
        await bench.Page.Keyboard.PressAsync("Enter");
        await bench.Page.Locator(".xterm-helper-textarea:visible").FocusAsync();
        await Expect(bench.Page.Locator(".xterm-accessibility")).ToContainTextAsync(new Regex("[$#]"));
        await bench.Page.Keyboard.TypeAsync("echo spo''ken\n");
        await Expect(bench.Page.Locator(".xterm-accessibility")).ToContainTextAsync("spoken");
    }

    [Theory]
    [InlineData("htop", "htop", "Command")]
    [InlineData("vim", "vim -u NONE -N letter.txt", "Dear")]
    [InlineData("colours", "printf '\\e[?1049h\\e[H'; for i in $(seq 0 255); do printf '\\e[48;5;%dm%3d\\e[38;2;%d;0;9mx\\e[0m' $i $i $i; done; printf '\\e[12;5H你好 \\e[1;4;7mlook\\e[m'; read", "look")]
    public async Task A_full_screen_program_is_restored_cell_by_cell_on_another_device(string name, string command, string shows)
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        var pane = new TerminalPane(bench);
        await bench.CommandAsync("printf 'Dear reader,\\n\\n\\t你好\\n' > letter.txt; seq 50; echo \"shell=\"$$=");
        await Expect(bench.Screen).ToContainTextAsync(new Regex(@"shell=\d+="));
        var shell = int.Parse(Regex.Match((await bench.Screen.TextContentAsync())!, @"shell=(\d+)=").Groups[1].Value, CultureInfo.InvariantCulture);
        await bench.CommandAsync(command);
        await Expect(bench.Screen).ToContainTextAsync(shows);
        if (name == "vim")
        {
            await bench.Page.Keyboard.TypeAsync("Goxyz");
            await Expect(bench.Screen).ToContainTextAsync("xyz");
        }

        // Stopped, they draw nothing more: neither for the new size nor for the new page.
        var program = name == "colours" ? shell : await ProgramAsync(bench, name);
        Signal.Send(shell, "STOP");
        Signal.Send(program, "STOP");

        await using var phone = await Visitor.SignInAsync(
            chromium, shared.Server, new() { ViewportSize = new() { Width = 900, Height = 700 } });
        var other = await phone.OpenAsync(bench.Slug);
        var otherPane = new TerminalPane(other);
        await Expect(otherPane.Text(0)).ToContainTextAsync(shows);
        await pane.ShowsTheSameAsync(otherPane);
    }

    /// <summary>A process of the workspace by its name.</summary>
    private static async Task<int> ProgramAsync(Workbench bench, string program)
    {
        await bench.Page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("Show the processes") }).ClickAsync();
        var row = bench.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Row).Filter(new() { HasTextRegex = new Regex($"^{program}") }).First;
        var pid = int.Parse((await row.GetByRole(AriaRole.Cell).Nth(1).TextContentAsync())!, CultureInfo.InvariantCulture);
        await bench.Page.Keyboard.PressAsync("Escape");
        return pid;
    }

    private static Task PictureAsync(IPage page, string name) =>
        page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, name + ".png") });
}
