using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Finding anything: files, commands, symbols, lines, open files, and text in all files, by the keyboard alone.</summary>
public sealed class FindSpecs(Chromium chromium, SharedServer shared)
{
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
}
