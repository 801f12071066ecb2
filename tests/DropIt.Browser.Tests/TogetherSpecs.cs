using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Several people in one workspace at once, each with a browser of their own.</summary>
public sealed class TogetherSpecs(Chromium chromium)
{
    [Fact]
    public async Task People_see_who_is_here_and_where_each_of_them_is()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var vera = await Account.SignUpAsync(chromium, server, "vera");
        await using var eddy = await Account.SignUpAsync(chromium, server, "eddy");
        await using var olga = await Account.SignUpAsync(chromium, server, "olga");
        var mine = await olga.CreateAsync("Node.js");
        await mine.OpenAsync("index.js");
        await mine.ReplaceTextAsync("one\ntwo\nthree\n");

        // Alone, and with a second window of one's own, there is nobody to show.
        var again = await olga.Page.Context.NewPageAsync();
        await again.GotoAsync(olga.Page.Url);
        var second = new Workbench(again, server);
        await second.IsReadyAsync();
        await second.OpenAsync("index.js");
        await second.HasTextAsync("one\ntwo\nthree\n");
        await Expect(People(mine)).ToHaveCountAsync(0);
        await Expect(Carets(mine)).ToHaveCountAsync(0);
        await again.CloseAsync();

        await ShareAsync(olga, mine, ("vera", "viewer"), ("eddy", "editor"));
        var theirs = await eddy.OpenAsync("Node.js");
        await Expect(People(mine).GetByRole(AriaRole.Button, new() { Name = "Follow eddy" })).ToBeVisibleAsync();
        await Expect(People(theirs).GetByRole(AriaRole.Button, new() { Name = "Follow olga" })).ToBeVisibleAsync();
        var seen = await vera.OpenAsync("Node.js");
        await Expect(People(mine).GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Follow ") })).ToHaveCountAsync(2);

        // The list has everyone with what they may do and where they are.
        await theirs.OpenAsync("index.js");
        await People(mine).GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Who is here") }).ClickAsync();
        await Expect(mine.Page.GetByRole(AriaRole.Menuitem, new() { Name = "eddy" })).ToContainTextAsync("editor, in index.js");
        await Expect(mine.Page.GetByRole(AriaRole.Menuitem, new() { Name = "vera" })).ToContainTextAsync("viewer");
        await Expect(mine.Page.GetByRole(AriaRole.Menu)).ToContainTextAsync("olga (you)");
        await Axe.HasNoViolationsAsync(mine.Page, "people");
        await mine.Page.Keyboard.PressAsync("Escape");
        await Expect(mine.Page.GetByText("eddy edits here too")).ToBeVisibleAsync();

        // A caret with its name, where it is, and what it selects.
        await theirs.Editor.ClickAsync();
        await theirs.Page.Keyboard.PressAsync("Control+Home");
        await theirs.Page.Keyboard.PressAsync("ArrowDown");
        await IsAtAsync(mine, "eddy", 1);
        await Expect(Caret(mine, "eddy").Locator("span")).ToHaveCSSAsync("opacity", "1");
        await theirs.Page.Keyboard.PressAsync("Shift+End");
        await Expect(mine.Page.Locator(".cm-other-selection").First).ToBeVisibleAsync();

        // What is written above moves it along.
        await mine.Editor.ClickAsync();
        await mine.Page.Keyboard.PressAsync("Control+Home");
        await mine.Page.Keyboard.InsertTextAsync("zero\n");
        await IsAtAsync(mine, "eddy", 2);

        // A viewer's caret is seen too, and gone when the window shows another file.
        await seen.OpenAsync("index.js");
        await IsAtAsync(mine, "vera", 0);
        await Expect(mine.Page.GetByText("vera looks on")).ToBeVisibleAsync();
        await seen.OpenAsync("package.json");
        await Expect(Carets(mine)).ToHaveCountAsync(1);

        // Who closes their window is gone, with their caret.
        await eddy.Page.CloseAsync();
        await Expect(Carets(mine)).ToHaveCountAsync(0);
        await Expect(People(mine).GetByRole(AriaRole.Button, new() { Name = "Follow eddy" })).ToHaveCountAsync(0);
        await vera.Page.CloseAsync();
        await Expect(People(mine)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_viewer_follows_someone_through_files_and_down_a_long_one_until_they_do_something_themselves()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var vera = await Account.SignUpAsync(chromium, server, "vera");
        await using var olga = await Account.SignUpAsync(chromium, server, "olga");
        var mine = await olga.CreateAsync("Node.js");
        mine.Write("long.txt", string.Concat(Enumerable.Range(1, 1000).Select(i => $"line {i}.\n")));
        await mine.OpenAsync("index.js");
        await ShareAsync(olga, mine, ("vera", "viewer"));
        var seen = await vera.OpenAsync("Node.js");
        await seen.OpenAsync("package.json");
        var label = seen.Page.GetByText("Following olga", new() { Exact = true });
        Task Follow() => People(seen).GetByRole(AriaRole.Button, new() { Name = "Follow olga" }).ClickAsync();
        async Task ShowsAsync(string file) =>
            await Expect(seen.OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new Regex("^" + Regex.Escape(file)) })).ToHaveAttributeAsync("aria-selected", "true");

        await Follow();
        await Expect(label).ToBeVisibleAsync();
        await ShowsAsync("index.js");
        await mine.OpenAsync("long.txt");
        await ShowsAsync("long.txt");
        await mine.GoToEndAsync();
        await Expect(seen.Page.GetByText("line 1000.")).ToBeVisibleAsync();
        await mine.Editor.HoverAsync();
        await mine.Page.Mouse.WheelAsync(0, -100_000);
        await Expect(seen.Page.GetByText("line 1.", new() { Exact = true })).ToBeVisibleAsync();

        // Scrolling oneself ends it: the other one's moves no longer move this page.
        await seen.Editor.HoverAsync();
        await seen.Page.Mouse.WheelAsync(0, 300);
        await Expect(label).ToBeHiddenAsync();
        await mine.OpenAsync("index.js");
        await Expect(seen.Page.GetByText("olga looks on").Or(seen.Page.GetByText("olga edits here too"))).ToBeHiddenAsync();
        await ShowsAsync("long.txt");

        // So do Escape, a key in the text, and going elsewhere.
        await Follow();
        await ShowsAsync("index.js");
        await seen.Page.Keyboard.PressAsync("Escape");
        await Expect(label).ToBeHiddenAsync();
        await Follow();
        await Expect(label).ToBeVisibleAsync();
        await seen.Editor.FocusAsync();
        await seen.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(label).ToBeHiddenAsync();
        await Follow();
        await Expect(label).ToBeVisibleAsync();
        await seen.OpenAsync("package.json");
        await Expect(label).ToBeHiddenAsync();

        // On a phone the list is where one follows from, and the editor comes to the front.
        await seen.Page.SetViewportSizeAsync(375, 700);
        await seen.Page.GetByRole(AriaRole.Navigation, new() { Name = "Panes" }).GetByRole(AriaRole.Button, new() { Name = "Terminal" }).ClickAsync();
        await People(seen).GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Who is here") }).ClickAsync();
        await seen.Page.GetByRole(AriaRole.Menuitem, new() { Name = "olga" }).ClickAsync();
        await Expect(label).ToBeVisibleAsync();
        await mine.Page.CloseAsync();
        await Expect(label).ToBeHiddenAsync();
        await Expect(seen.Page.GetByText("olga has left.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Three_people_converge_after_each_has_lost_the_connection_in_turn()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var ada = await Account.SignUpAsync(chromium, server, "ada");
        await using var ben = await Account.SignUpAsync(chromium, server, "ben");
        await using var cleo = await Account.SignUpAsync(chromium, server, "cleo");
        var first = await ada.CreateAsync("Node.js");
        await first.OpenAsync("index.js");
        await first.ReplaceTextAsync("ada: \nben: \ncleo: ");
        await ShareAsync(ada, first, ("ben", "editor"), ("cleo", "editor"));
        Workbench[] all = [first, await ben.OpenAsync("Node.js"), await cleo.OpenAsync("Node.js")];
        foreach (var bench in all)
        {
            await bench.OpenAsync("index.js");
            await bench.HasTextAsync("ada: \nben: \ncleo: ");
        }

        string[] lines = ["ada: ", "ben: ", "cleo: "];
        for (var lost = 0; lost < all.Length; lost++)
        {
            await all[lost].Page.Context.SetOfflineAsync(true);
            await Expect(all[lost].ConnectionBanner).ToBeVisibleAsync(new() { Timeout = 30_000 });

            // All three type, each in their own line: two who see each other, and one who sees nobody.
            for (var i = 0; i < all.Length; i++)
            {
                await all[i].Editor.ClickAsync();
                await all[i].Page.Keyboard.PressAsync("Control+Home");
                for (var line = 0; line < i; line++)
                {
                    await all[i].Page.Keyboard.PressAsync("ArrowDown");
                }

                await all[i].Page.Keyboard.PressAsync("End");
                await all[i].Page.Keyboard.TypeAsync($"{lost + 1}");
                lines[i] += $"{lost + 1}";
            }

            await Expect(Carets(all[lost])).ToHaveCountAsync(0);
            await all[lost].Page.Context.SetOfflineAsync(false);
            foreach (var bench in all)
            {
                await bench.IsOnlineAsync();
                await bench.HasTextAsync(string.Join('\n', lines));
            }
        }

        // Everyone sees everyone again, each behind what they typed.
        string[] names = ["ada", "ben", "cleo"];
        for (var i = 0; i < all.Length; i++)
        {
            await IsAtAsync(all[i], names[(i + 1) % 3], (i + 1) % 3);
            await IsAtAsync(all[i], names[(i + 2) % 3], (i + 2) % 3);
        }

        await first.IsSafeAsync("index.js");
        Assert.Equal(string.Join('\n', lines), await File.ReadAllTextAsync(first.OnDisk("index.js"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_viewer_sees_a_shared_terminal_and_changes_nothing_even_with_frames_made_by_hand()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var vera = await Account.SignUpAsync(chromium, server, "vera");
        await using var eddy = await Account.SignUpAsync(chromium, server, "eddy");
        await using var olga = await Account.SignUpAsync(chromium, server, "olga");
        var mine = await olga.CreateAsync("Node.js");
        await mine.OpenAsync("index.js");
        await mine.ReplaceTextAsync("// by olga\n");
        await ShareAsync(olga, mine, ("vera", "viewer"), ("eddy", "editor"));
        var theirs = await eddy.OpenAsync("Node.js");
        await vera.Page.AddInitScriptAsync("""
            const Socket = WebSocket;
            window.WebSocket = class extends Socket {
              constructor(...args) { super(...args); if (args[0].includes('/.dropit/ws')) window.runner = this; }
            };
            """);
        var seen = await vera.OpenAsync("Node.js");
        await seen.OpenAsync("index.js");
        await seen.HasTextAsync("// by olga\n");

        // Two editors type into one terminal; all three see the same cells in the same size, also those of a smaller window.
        await vera.Page.SetViewportSizeAsync(1000, 800);
        await mine.CommandAsync("echo from-''olga", prints: "from-olga");
        await theirs.CommandAsync("echo from-''eddy", prints: "from-eddy");
        await Expect(mine.Screen).ToContainTextAsync("from-eddy");
        await Expect(seen.Screen).ToContainTextAsync("from-eddy");
        await new TerminalPane(theirs).ShowsTheSameAsync(new TerminalPane(mine));
        await new TerminalPane(theirs).ShowsTheSameAsync(new TerminalPane(seen));
        await Expect(seen.Page.GetByText("A viewer cannot type in it")).ToBeVisibleAsync();

        // Frames by hand, on the channels of the document and the terminal: a push that inserts at the start, and a command.
        await seen.Page.EvaluateAsync("""
            () => {
              window.answers = 0;
              window.runner.addEventListener('message', ({ data }) => {
                if (new TextDecoder().decode(data).includes('"denied"')) window.answers++;
              });
              for (let channel = 1; channel <= 2; channel++) {
                for (let version = 0; version < 4; version++) window.runner.send(Uint8Array.of(channel, 0x10, version, 1, 5, 1, 1, 0x58, 11 << 2 & 0x7f, 0));
                window.runner.send(Uint8Array.of(channel, 0x20, ...new TextEncoder().encode('touch by-vera\r')));
              }
            }
            """);
        await seen.Page.WaitForFunctionAsync("() => window.answers === 10");
        await theirs.CommandAsync("ls by-vera", prints: "No such file");
        Assert.Equal("// by olga\n", await mine.TextAsync());
        await mine.ReplaceTextAsync("// still by olga\n");
        await seen.HasTextAsync("// still by olga\n");
    }

    [Fact]
    public async Task People_and_carets_fit_the_window_in_light_and_dark_and_have_no_violation()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var ada = await Account.SignUpAsync(chromium, server, "ada.lovelace");
        await using var grace = await Account.SignUpAsync(chromium, server, "grace");
        await using var vera = await Account.SignUpAsync(chromium, server, "vera");
        var mine = await ada.CreateAsync("Node.js");
        await mine.OpenAsync("index.js");
        await ShareAsync(ada, mine, ("grace", "editor"), ("vera", "viewer"));
        var theirs = await grace.OpenAsync("Node.js");
        await theirs.OpenAsync("index.js");
        await theirs.Editor.ClickAsync();
        await theirs.Page.Keyboard.PressAsync("Control+Home");
        for (var i = 0; i < 4; i++)
        {
            await theirs.Page.Keyboard.PressAsync("Shift+ArrowDown");
        }

        var seen = await vera.OpenAsync("Node.js");
        await seen.OpenAsync("index.js");
        await seen.GoToEndAsync();
        var faults = new List<string>();
        foreach (var (width, height) in Look.Windows.Select(row => row.Data))
        {
            foreach (var bench in (Workbench[])[mine, seen])
            {
                await bench.Page.SetViewportSizeAsync(width, height);
            }

            // A move, so that the name is there.
            await theirs.Page.Keyboard.PressAsync("Shift+ArrowRight");
            await Expect(Caret(mine, "grace").Locator("span")).ToHaveCSSAsync("opacity", "1");
            faults.AddRange(await Look.AtAsync(mine.Page, "people"));
            await People(mine).GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Who is here") }).ClickAsync();
            faults.AddRange(await Look.AtAsync(mine.Page, "people-list"));
            await mine.Page.GetByRole(AriaRole.Menuitem, new() { Name = "grace" }).ClickAsync();
            await Expect(mine.Page.GetByText("Following grace", new() { Exact = true })).ToBeVisibleAsync();
            faults.AddRange(await Look.AtAsync(mine.Page, "people-following"));
            await mine.Page.Keyboard.PressAsync("Escape");
            faults.AddRange(await Look.AtAsync(seen.Page, "people-viewer"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static ILocator People(Workbench bench) => bench.Page.GetByRole(AriaRole.Group, new() { Name = "People" });

    private static ILocator Carets(Workbench bench) => bench.Page.Locator(".cm-other-caret");

    private static ILocator Caret(Workbench bench, string name) => Carets(bench).Filter(new() { HasText = name });

    /// <summary>Waits until someone's caret is drawn in a line, counted from 0.</summary>
    private static async Task IsAtAsync(Workbench bench, string name, int line)
    {
        await bench.Page.WaitForFunctionAsync(
            """
            ([name, line]) => {
              const caret = [...document.querySelectorAll('.cm-other-caret')].find((one) => one.textContent === name);
              const text = document.querySelectorAll('.cm-content .cm-line')[line];
              if (!caret || !text) return false;
              const [at, box] = [caret.getBoundingClientRect(), text.getBoundingClientRect()];
              const middle = (at.top + at.bottom) / 2;
              return middle > box.top && middle < box.bottom;
            }
            """,
            new object[] { name, line });
    }

    private static async Task ShareAsync(Account owner, Workbench bench, params (string User, string Role)[] people)
    {
        var home = await owner.Page.Context.NewPageAsync();
        await home.GotoAsync(new Uri(bench.Page.Url).GetLeftPart(UriPartial.Authority));
        await home.GetByRole(AriaRole.Button, new() { Name = "Actions for Node.js" }).ClickAsync();
        await home.GetByRole(AriaRole.Menuitem, new() { Name = "Share" }).ClickAsync();
        foreach (var (user, role) in people)
        {
            await home.GetByLabel("User name").FillAsync(user);
            await home.GetByLabel("Role", new() { Exact = true }).SelectOptionAsync(role);
            await home.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
            await Expect(home.GetByLabel($"Role of {user}")).ToHaveValueAsync(role);
        }

        await home.CloseAsync();
    }
}
