using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Finding anything: files, commands, symbols, lines, open files, and text in all files, by the keyboard alone.</summary>
public sealed partial class FindSpecs(Chromium chromium, SharedServer shared)
{
    /// <summary>What a button or a line of a menu is called, and the command that does the same.</summary>
    private static readonly Dictionary<string, string> s_commandOf = new(StringComparer.Ordinal)
    {
        ["To my workspaces"] = "To my workspaces",
        ["Go to file"] = "Go to file",
        ["Theme"] = "Switch between light and dark",
        ["Run"] = "Run the program",
        ["Stop"] = "Stop the program",
        ["Restart"] = "Run the program",
        ["Start"] = "Run the program",
        ["Install dependencies"] = "Install dependencies",
        ["Run the tests"] = "Run the tests",
        ["Files pane"] = "Show or hide the side bar",
        ["Terminal pane"] = "Show or hide the terminal",
        ["Output pane"] = "Show or hide the output",
        ["Files"] = "Show the files",
        ["Search"] = "Search in all files",
        ["Dependencies"] = "Show the dependencies",
        ["History"] = "Show the history of the workspace",
        ["Environment variables"] = "Environment variables and secrets",
        ["Settings"] = "Settings",
        ["New file"] = "New file",
        ["New folder"] = "New folder",
        ["Upload files"] = "Upload files",
        ["Close all folders"] = "Close all folders",
        ["Upload a folder"] = "Upload a folder",
        ["Upload and unpack a zip"] = "Upload and unpack a zip",
        ["Unpack a zip here"] = "Upload and unpack a zip",
        ["Download all as zip"] = "Download the workspace as zip",
        ["Undo in the files"] = "Undo the last move, copy or deletion of files",
        ["Compare the two"] = "Compare the two chosen files",
        ["Download"] = "Download the chosen file or folder",
        ["Download as zip"] = "Download the chosen file or folder",
        ["Unpack here"] = "Unpack the chosen zip",
        ["Show its history"] = "Show the history of the file",
        ["Copy path"] = "Copy the path of the chosen files",
        ["Copy paths"] = "Copy the path of the chosen files",
        ["Cut"] = "Cut the chosen files",
        ["Copy"] = "Copy the chosen files",
        ["Paste"] = "Paste files into the chosen folder",
        ["Duplicate"] = "Duplicate the chosen files",
        ["Rename"] = "Rename the chosen file",
        ["Delete"] = "Delete the chosen files",
        ["Delete 2 files"] = "Delete the chosen files",
        ["Close"] = "Close the file",
        ["Close the others"] = "Close the other files",
        ["Close all"] = "Close all files",
        ["Compare with the file on disk"] = "Compare the file with what is on disk",
        ["Compare with the last kept version"] = "Compare the file with its last kept version",
        ["Edit"] = "Show the text of a Markdown file",
        ["Preview beside"] = "Show text and preview of a Markdown file",
        ["Preview"] = "Show the preview of a Markdown file",
        ["New terminal"] = "New terminal",
        ["Split the terminal"] = "Split the terminal",
        ["Split"] = "Split the terminal",
        ["Find in the terminal"] = "Find in the terminal",
        ["Find"] = "Find in the terminal",
        ["Hide the terminal"] = "Show or hide the terminal",
        ["Give it the whole width"] = "Give the terminal the whole width",
        ["Select all"] = "Select all in the terminal",
        ["Clear"] = "Clear the terminal",
        ["Back"] = "Go back in the output",
        ["Reload"] = "Reload the output",
        ["Open in a new tab"] = "Open the output in a new tab",
        ["Server log"] = "Show or hide the log beside the output",
        ["Hide the output"] = "Show or hide the output",
        ["As large as the pane"] = "Show the output as large as the pane",
        ["Phone"] = "Show the output in the size of a phone",
        ["Tablet"] = "Show the output in the size of a tablet",
        ["Turn it"] = "Turn the phone or tablet of the output",
        ["Why is it blank?"] = "Find out why the output is blank",
        ["Open it on a phone"] = "Open the output on a phone",
        ["Console"] = "Show or hide the console of the output",
    };

    [Fact]
    public async Task Quick_open_finds_files_by_a_few_letters_recent_ones_first_and_goes_to_a_line()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        bench.Write("src/components/Button.tsx", "export const Button = 1\n");
        bench.Write("src/button/index.ts", string.Concat(Enumerable.Repeat("line\n", 200)));
        bench.Write("node_modules/button/index.js", "");
        await Expect(bench.File("src")).ToBeVisibleAsync();

        await bench.GoToFileAsync("button", "Button.tsx");
        await bench.GoToFileAsync("btn/in:120:3", "index.ts");
        await bench.CursorIsAsync(120, 3);

        // An empty query offers what was open before.
        await bench.Page.Keyboard.PressAsync("Control+p");
        await Expect(bench.Chosen).ToContainTextAsync("Button.tsx");
        await bench.Page.GetByRole(AriaRole.Combobox).FillAsync("nothing has this name");
        await Expect(bench.Page.GetByText("No file has that name.")).ToBeVisibleAsync();
        await bench.Page.Keyboard.PressAsync("Escape");
        await bench.CursorIsAsync(120, 3);
    }

    [Fact]
    public async Task What_is_typed_before_the_palette_has_come_is_for_it_and_not_for_the_file()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var come = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await visitor.Context.RouteAsync("**/assets/Palette-*.js", async route =>
        {
            await come.Task;
            await route.ContinueAsync();
        });
        var bench = await visitor.CreateAsync("Node.js");
        await bench.OpenAsync("page.js");
        var text = await bench.Editor.InnerTextAsync();
        await bench.Editor.ClickAsync();
        await bench.Page.Keyboard.PressAsync("F1");
        await bench.Page.Keyboard.TypeAsync("symbol");
        come.SetResult();
        await Expect(bench.Palette).ToHaveValueAsync(">symbol");
        await Expect(bench.Palette).ToBeFocusedAsync();
        await Expect(bench.Chosen).ToContainTextAsync("symbol");
        await bench.Page.Keyboard.PressAsync("Escape");
        Assert.Equal(text, await bench.Editor.InnerTextAsync());
    }

    [Fact]
    public async Task The_palette_has_every_command_with_its_keys()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.Page.Keyboard.PressAsync("Control+Shift+p");
        var field = bench.Page.GetByRole(AriaRole.Combobox);
        await field.FillAsync(">file close");
        await Expect(bench.Chosen).ToContainTextAsync("Close the file");
        await Expect(bench.Chosen.Locator("kbd")).ToHaveTextAsync(["Alt", "W"]);
        await bench.Page.Keyboard.PressAsync("Enter");
        await Expect(bench.OpenFiles).ToBeHiddenAsync();

        await bench.Page.Keyboard.PressAsync("F1");
        await Expect(bench.Chosen).ToContainTextAsync("Close the file");
        await bench.Page.Keyboard.PressAsync("Escape");
        await bench.PerformAsync("Switch between light and dark");
        await Expect(bench.Page.Locator("html")).ToHaveClassAsync(new Regex("dark"));
    }

    [Fact]
    public async Task Every_key_of_the_sheet_stands_in_the_palette_too()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.PerformAsync("Show the keyboard shortcuts");
        await Expect(bench.Page.GetByLabel("Find a shortcut")).ToBeVisibleAsync();
        var sheet = await bench.Page.EvaluateAsync<string[]>(
            "() => [...document.querySelector('[role=dialog] dl').querySelectorAll('dt')].map((dt) => dt.textContent + ': ' + [...dt.nextElementSibling.querySelectorAll('kbd')].map((kbd) => kbd.textContent).join('+'))");
        Assert.True(sheet.Length > 20, $"{sheet.Length} keys");
        await bench.Page.Keyboard.PressAsync("Escape");
        await bench.Page.Keyboard.PressAsync("F1");
        var field = bench.Page.GetByRole(AriaRole.Combobox);
        foreach (var line in sheet.Where(line => !line.StartsWith("Show all commands", StringComparison.Ordinal))) // it is open
        {
            var title = line[..line.LastIndexOf(": ", StringComparison.Ordinal)];
            await field.FillAsync(">" + title);
            await Expect(bench.Chosen).ToContainTextAsync(title);
            Assert.Equal(line, $"{title}: {string.Join('+', await bench.Chosen.Locator("kbd").AllTextContentsAsync())}");
        }
    }

    /// <summary>
    /// Every button and line of a menu around files, editor, terminal and output, with the palette's name for what it does. A new one that stands
    /// in neither list fails the spec.
    /// </summary>
    [Fact]
    public async Task What_buttons_and_menus_do_the_palette_does_too()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        var page = bench.Page;
        bench.Write("lib/a.txt", "one\n");
        bench.Write("notes.md", "# Notes\n");
        bench.Write("pack.zip", "");
        await Expect(bench.File("pack.zip")).ToBeVisibleAsync();
        await bench.RunAsync();
        await Expect(bench.Preview.GetByRole(AriaRole.Heading)).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await bench.OpenAsync("notes.md");
        await page.GetByRole(AriaRole.Toolbar, new() { Name = "Look of the preview" }).GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Phone") }).ClickAsync();

        const string names =
            """
            () => [...document.querySelectorAll("button, a[href], [role=menuitem]")].filter((e) => e.checkVisibility() && !e.closest(".cm-editor")).map((e) => {
              const bare = e.cloneNode(true);
              bare.querySelectorAll("kbd").forEach((key) => key.remove());
              return (e.getAttribute("aria-label") ?? bare.textContent).replace(/, \d+ × \d+$/, "").trim();
            })
            """;
        var found = new SortedSet<string>(await page.EvaluateAsync<string[]>(names), StringComparer.Ordinal);
        async Task MenuAsync(ILocator of, MouseButton button = MouseButton.Right)
        {
            await of.ClickAsync(new() { Button = button });
            await Expect(page.GetByRole(AriaRole.Menuitem).First).ToBeVisibleAsync();
            found.UnionWith(await page.EvaluateAsync<string[]>(names));
            await page.Keyboard.PressAsync("Escape");
            await Expect(page.GetByRole(AriaRole.Menu)).ToBeHiddenAsync();
        }

        await MenuAsync(page.GetByRole(AriaRole.Button, new() { Name = "More to run" }), MouseButton.Left);
        await MenuAsync(page.GetByRole(AriaRole.Button, new() { Name = "More for files" }), MouseButton.Left);
        await MenuAsync(bench.File("lib"));
        await MenuAsync(bench.File("pack.zip"));
        await bench.File("notes.md").ClickAsync(new() { Modifiers = [KeyboardModifier.Control] });
        await MenuAsync(bench.File("notes.md"));
        await MenuAsync(bench.OpenFiles.GetByRole(AriaRole.Tab).First);
        await MenuAsync(bench.Terminals.GetByRole(AriaRole.Tab).First);
        await MenuAsync(page.Locator(".xterm-screen:visible"));

        var unknown = found.Where(name => !s_commandOf.ContainsKey(name) && !NoCommand().IsMatch(name)).ToArray();
        Assert.True(unknown.Length == 0, $"What these do has no command: {string.Join(" | ", unknown)}");
        Assert.True(found.Count(s_commandOf.ContainsKey) > 45, $"{string.Join(" | ", s_commandOf.Keys.Except(found))} were not seen");
        await page.Keyboard.PressAsync("F1");
        foreach (var title in s_commandOf.Values.Distinct())
        {
            await bench.Palette.FillAsync(">" + title);
            await Expect(bench.Chosen).ToHaveTextAsync(new Regex("^" + Regex.Escape(title)));
        }

        // What panes do out of their own state is done from there, though another pane has the keyboard.
        await page.Keyboard.PressAsync("Escape");
        await bench.PerformAsync("Show the output in the size of a tablet");
        await Expect(bench.Output.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Tablet") })).ToHaveAttributeAsync("aria-pressed", "true");
        await bench.PerformAsync("Find out why the output is blank");
        await Expect(page.GetByRole(AriaRole.Status, new() { Name = "Why is it blank?" })).ToBeVisibleAsync();
        await bench.PerformAsync("Show the preview of a Markdown file");
        await Expect(page.GetByRole(AriaRole.Document, new() { Name = "Preview of" })).ToBeVisibleAsync();
        await bench.PerformAsync("Search in all files");
        await bench.PerformAsync("Duplicate the chosen files");
        await Expect(bench.File("notes copy.md")).ToBeVisibleAsync();
        await bench.PerformAsync("Rename the terminal");
        await page.GetByLabel("Name of the terminal").FillAsync("build");
        await page.Keyboard.PressAsync("Enter");
        await Expect(bench.Terminals.GetByRole(AriaRole.Tab, new() { Name = "build" })).ToBeVisibleAsync();
        await bench.PerformAsync("Share the workspace");
        await Expect(page.GetByText("this server has no accounts")).ToBeVisibleAsync();
        var forked = bench.Slug;
        await bench.PerformAsync("Fork the workspace");
        await page.GetByRole(AriaRole.Button, new() { Name = "Open", Exact = true }).ClickAsync();
        await Expect(page).Not.ToHaveURLAsync(new Regex(forked));
        await bench.IsReadyAsync();
    }

    [Fact]
    public async Task Lines_symbols_and_breadcrumbs_lead_through_a_file()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        bench.Write("deep/shop.ts", string.Concat(Enumerable.Repeat("\n", 90)) + "class Basket {\n  total() {\n    return 1\n  }\n}\nfunction pay() {}\n");
        await Expect(bench.File("deep")).ToBeVisibleAsync();
        await bench.GoToFileAsync("shop", "shop.ts");

        await bench.Page.Keyboard.PressAsync("Control+g");
        await bench.Page.GetByRole(AriaRole.Combobox).FillAsync(":93:5");
        await Expect(bench.Chosen).ToHaveTextAsync("Go to line 93, column 5");
        await bench.Page.Keyboard.PressAsync("Enter");
        await bench.CursorIsAsync(93, 5);
        var crumbs = bench.Page.GetByRole(AriaRole.Navigation, new() { Name = "Where you are" });
        await Expect(crumbs.GetByRole(AriaRole.Button)).ToHaveTextAsync(["deep", "shop.ts", "Basket", "total"]);

        await bench.Page.Keyboard.PressAsync("Control+Shift+o");
        await Expect(bench.Page.GetByRole(AriaRole.Option)).ToHaveTextAsync([new Regex("Basket"), new Regex("total"), new Regex("pay")]);
        await bench.Page.GetByRole(AriaRole.Combobox).FillAsync("@pay");
        await Expect(bench.Chosen).ToContainTextAsync("pay");
        await bench.Page.Keyboard.PressAsync("Enter");
        await bench.CursorIsAsync(96, 10);

        await crumbs.GetByRole(AriaRole.Button, new() { Name = "deep" }).ClickAsync();
        await bench.Page.GetByRole(AriaRole.Menuitem, new() { Name = "package.json", Exact = true }).ClickAsync();
        await Expect(crumbs.GetByRole(AriaRole.Button).First).ToHaveTextAsync("package.json");

        // Back to where one came from.
        await bench.Page.Keyboard.PressAsync("Control+e");
        await Expect(bench.Chosen).ToContainTextAsync("shop.ts");
        await bench.Page.Keyboard.PressAsync("Enter");
        await Expect(crumbs.GetByRole(AriaRole.Button).First).ToHaveTextAsync("deep");
    }

    [Fact]
    public async Task Search_finds_text_in_all_files_and_the_keyboard_goes_from_match_to_match()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        bench.Write(".gitignore", "out/\n");
        bench.Write("a.ts", "const total = 1\nconst Subtotal = 2\n");
        bench.Write("lib/b.ts", "let x = total\n");
        bench.Write("lib/c.md", "The total.\n");
        bench.Write("out/d.ts", "total\n");
        bench.Write("large.txt", new string('x', 6 * 1024 * 1024) + " total");
        await Expect(bench.File("lib")).ToBeVisibleAsync();

        await bench.Page.Keyboard.PressAsync("Control+Shift+f");
        await Expect(bench.Page.GetByLabel("Search in all files")).ToBeFocusedAsync();
        await bench.Page.Keyboard.TypeAsync("total");
        var results = bench.Page.GetByRole(AriaRole.Tree, new() { Name = "Search results" });
        await Expect(results.GetByRole(AriaRole.Treeitem)).ToHaveCountAsync(7);
        await Expect(bench.Page.GetByText("4 matches in 3 files. Left out: large.txt over 5 MB.")).ToBeVisibleAsync();

        await bench.Page.Keyboard.PressAsync("Alt+w");
        await Expect(bench.Page.GetByText(new Regex("^3 matches in 3 files"))).ToBeVisibleAsync();
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Which files" }).ClickAsync();
        await bench.Page.GetByLabel("Only in").FillAsync("*.{ts,tsx}");
        await Expect(bench.Page.GetByText(new Regex("^2 matches in 2 files"))).ToBeVisibleAsync();
        await bench.Page.GetByLabel("Not in").FillAsync("lib");
        await Expect(bench.Page.GetByText(new Regex("^1 match in 1 file"))).ToBeVisibleAsync();
        await bench.Page.GetByLabel("Only in").FillAsync("");
        await bench.Page.GetByLabel("Not in").FillAsync("");
        await Expect(bench.Page.GetByText(new Regex("^3 matches in 3 files"))).ToBeVisibleAsync();

        // Down to the match of the second file, and there.
        await results.FocusAsync();
        foreach (var key in (string[])["ArrowDown", "ArrowDown", "ArrowDown", "Enter"])
        {
            await bench.Page.Keyboard.PressAsync(key);
        }

        await bench.HasTextAsync("let x = total\n");
        await bench.CursorIsAsync(1, 9);
        await bench.Page.Keyboard.PressAsync("F4");
        await Expect(bench.OpenFiles.Locator("[aria-selected=true]")).ToContainTextAsync("c.md");
        await bench.CursorIsAsync(1, 5);

        await bench.Page.GetByLabel("Search in all files").FillAsync("TOTAL");
        await Expect(bench.Page.GetByText(new Regex("^3 matches in 3 files"))).ToBeVisibleAsync();
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Match case" }).ClickAsync();
        await Expect(bench.Page.GetByText(new Regex("^Nothing in"))).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_expression_may_be_slow_or_broken_and_the_page_says_so()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        bench.Write("a.txt", new string('a', 4_000) + "!\n");
        await bench.Page.Keyboard.PressAsync("Control+Shift+f");
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Regular expression" }).ClickAsync();
        var field = bench.Page.GetByLabel("Search in all files");
        await field.FillAsync("(a");
        await Expect(bench.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "not valid" })).ToBeVisibleAsync();
        await field.FillAsync(@"(?!b)(a+)+\1$");
        await Expect(bench.Page.GetByText(new Regex("1 file with a line that took too long"))).ToBeVisibleAsync();
        await field.FillAsync("^a+!$");
        await Expect(bench.Page.GetByText(new Regex("^1 match in 1 file"))).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Replacing_shows_each_change_reaches_other_windows_and_can_be_taken_back()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        bench.Write("a.txt", "one two\n");
        bench.Write("b.txt", "two one\n");
        bench.Write("c.txt", "one\n");
        await Expect(bench.File("c.txt")).ToBeVisibleAsync();
        await bench.OpenAsync("a.txt");
        await bench.HasTextAsync("one two\n");
        var other = await visitor.OpenAsync(bench.Slug);
        await other.OpenAsync("b.txt");
        await other.HasTextAsync("two one\n");

        await bench.Page.BringToFrontAsync();
        await bench.Page.Keyboard.PressAsync("Control+Shift+h");
        await bench.Page.GetByLabel("Search in all files").FillAsync("o(n)e");
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Regular expression" }).ClickAsync();
        await bench.Page.GetByLabel("Replace by").FillAsync("[$1]");
        var results = bench.Page.GetByRole(AriaRole.Tree, new() { Name = "Search results" });
        await Expect(results.Locator("ins")).ToHaveTextAsync(["[n]", "[n]", "[n]"]);

        // One match is taken out, one replaced alone, the rest at once.
        await results.FocusAsync();
        await bench.Page.Keyboard.PressAsync("End");
        await bench.Page.Keyboard.PressAsync("Delete");
        await Expect(results.Locator("ins")).ToHaveCountAsync(2);
        await bench.Page.Keyboard.PressAsync("Home");
        await bench.Page.Keyboard.PressAsync("ArrowDown");
        await bench.Page.Keyboard.PressAsync("Shift+Enter");
        await bench.HasTextAsync("[n] two\n");
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Replace all" }).ClickAsync();
        await other.HasTextAsync("two [n]\n");
        Assert.Equal("one\n", await System.IO.File.ReadAllTextAsync(bench.OnDisk("c.txt"), TestContext.Current.CancellationToken));

        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Undo replace" }).ClickAsync();
        await other.HasTextAsync("two one\n");
        await bench.HasTextAsync("[n] two\n");
    }

    /// <summary>What leads to a place, or opens a menu or words: parts of a path, the program's log, the machine, notices, whether all is safe, menus.</summary>
    [GeneratedRegex(@"^(notes\.md|Notes|Program: .*|Processor .*|\d+ notices?|Safe|Saving|\d+ changes? on (its|their) way|More to run|More for files)$")]
    private static partial Regex NoCommand();
}
