using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Settings for a person and for a workspace, other editors' keys, formatting, and the view that comes back.</summary>
public sealed class SettingsSpecs(Chromium chromium)
{
    [Fact]
    public async Task What_a_person_sets_follows_them_to_another_device()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.Page.Keyboard.PressAsync("Control+,");
        await bench.Page.GetByLabel("Font size", new() { Exact = true }).FillAsync("18");
        await bench.Page.RunAndWaitForResponseAsync(
            () => bench.Page.GetByRole(AriaRole.Switch, new() { Name = "Wrap long lines" }).ClickAsync(),
            r => Kept(r, "/api/settings", "\"wrap\":true"));

        await using var elsewhere = await Visitor.SignInAsync(chromium, server);
        var other = await elsewhere.OpenAsync(bench.Slug);
        await other.Page.Keyboard.PressAsync("Control+,");
        await Expect(other.Page.GetByLabel("Font size", new() { Exact = true })).ToHaveValueAsync("18");
        await Expect(other.Page.GetByRole(AriaRole.Switch, new() { Name = "Wrap long lines" })).ToHaveAttributeAsync("aria-checked", "true");
        await other.Page.GetByRole(AriaRole.Button, new() { Name = "Font size: back to what it was" }).ClickAsync();
        await Expect(other.Page.GetByLabel("Font size", new() { Exact = true })).ToHaveValueAsync("13");
    }

    [Fact]
    public async Task What_a_workspace_sets_stands_in_dropit_json_and_holds_for_everyone()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.OpenAsync("index.js");
        await bench.Page.Keyboard.PressAsync("Control+,");
        await bench.Page.GetByText("For this workspace").ClickAsync();
        await bench.Page.GetByLabel("Font size", new() { Exact = true }).FillAsync("20");
        await Expect(bench.Editor).ToHaveCSSAsync("font-size", "20px");
        await bench.Page.Keyboard.PressAsync("Escape");
        await bench.OpenAsync("dropit.json");
        await Expect(bench.Editor).ToContainTextAsync("\"fontSize\": 20");
        await Expect(bench.Editor).ToContainTextAsync("\"run\": \"npm start\"");

        await bench.Page.Keyboard.PressAsync("Control+,");
        await Expect(bench.Page.GetByText("This workspace says otherwise")).ToBeVisibleAsync();
        await bench.Page.GetByText("For this workspace").ClickAsync();
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Font size: back to what it was" }).ClickAsync();
        await Expect(bench.Editor).ToHaveCSSAsync("font-size", "13px");
    }

    [Fact]
    public async Task The_editor_has_the_keys_of_Vim_while_they_are_chosen()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        bench.Write("a.txt", "one\ntwo\nthree\n");
        await Expect(bench.File("a.txt")).ToBeVisibleAsync();
        await bench.OpenAsync("a.txt");
        await ChooseKeysAsync(bench, "vim");
        await Expect(bench.Page.Locator(".cm-vim-panel")).ToBeVisibleAsync();
        await bench.Editor.ClickAsync();
        foreach (var key in (string[])["g", "g", "d", "d", "A", "!", "Escape"])
        {
            await bench.Page.Keyboard.PressAsync(key);
        }

        await bench.HasTextAsync("two!\nthree\n");

        // Those of Emacs: up a line, to its start, kill what is left of it, and yank it back twice.
        await ChooseKeysAsync(bench, "emacs");
        await Expect(bench.Page.Locator(".cm-vim-panel")).ToBeHiddenAsync();
        await Expect(bench.Page.Locator(".cm-emacsMode")).ToBeVisibleAsync();
        await bench.Page.Locator(".cm-line").Nth(2).ClickAsync();
        await bench.Page.Keyboard.PressAsync("Control+p");
        await bench.Page.Keyboard.PressAsync("Control+a");
        await bench.Page.Keyboard.PressAsync("Control+k");
        await bench.HasTextAsync("two!\n\n");
        await bench.Page.Keyboard.PressAsync("Control+y");
        await bench.Page.Keyboard.PressAsync("Control+y");
        await bench.HasTextAsync("two!\nthreethree\n");
        await ChooseKeysAsync(bench, "default");
    }

    [Fact]
    public async Task Font_tab_size_and_wrap_are_seen_at_once()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        bench.Write("a.txt", $"word {string.Concat(Enumerable.Repeat("and another ", 100))}\n");
        await Expect(bench.File("a.txt")).ToBeVisibleAsync();
        await bench.OpenAsync("a.txt");
        var overEdge = "e => e.scrollWidth > e.clientWidth";
        var text = bench.Page.Locator(".cm-scroller");
        await Expect(bench.Editor).ToContainTextAsync("word");
        Assert.True(await text.EvaluateAsync<bool>(overEdge));

        await bench.Page.Keyboard.PressAsync("Control+,");
        await bench.Page.GetByLabel("Font", new() { Exact = true }).FillAsync("DejaVu Serif");
        await bench.Page.Keyboard.PressAsync("Enter");
        await bench.Page.GetByLabel("Tab size", new() { Exact = true }).FillAsync("5");
        await bench.Page.GetByRole(AriaRole.Switch, new() { Name = "Wrap long lines" }).ClickAsync();
        await bench.Page.Keyboard.PressAsync("Escape");
        await Expect(text).ToHaveCSSAsync("font-family", new Regex("^\"?DejaVu Serif"));
        await Expect(bench.Screen).ToHaveCSSAsync("font-family", new Regex("^\"?DejaVu Serif"));
        Assert.False(await text.EvaluateAsync<bool>(overEdge));
        await bench.Editor.ClickAsync();
        await bench.Page.Keyboard.PressAsync("Control+Home");
        await bench.Page.Keyboard.PressAsync("Tab");
        await Expect(bench.Page.Locator(".cm-line").First).ToHaveTextAsync(new Regex("^ {5}word "));

        // A terminal that is opened now has the font from the start.
        await bench.NewTerminalAsync();
        await Expect(bench.Screen).ToHaveCSSAsync("font-family", new Regex("^\"?DejaVu Serif"));
    }

    [Fact]
    public async Task The_sheet_of_keys_is_searched_by_name_or_key()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.PerformAsync("Show the keyboard shortcuts");
        await bench.Page.GetByLabel("Find a shortcut").FillAsync("comment");
        await Expect(bench.Page.GetByRole(AriaRole.Term)).ToHaveTextAsync(["Comment lines in and out"]);
        await bench.Page.GetByLabel("Find a shortcut").FillAsync("ctrl+shift+f");
        await Expect(bench.Page.GetByRole(AriaRole.Term)).ToHaveTextAsync(["Search in all files"]);
    }

    [Fact]
    public async Task Saving_formats_where_that_is_wanted_and_a_missing_tool_is_told()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        bench.Write("dropit.json", """{ "format": { "txt": "tr a-z A-Z" }, "editor": { "formatOnSave": true } }""");
        bench.Write("a.txt", "shout\n");
        bench.Write("b.ts", "let  a=1\n");
        await Expect(bench.File("b.ts")).ToBeVisibleAsync();
        await bench.OpenAsync("a.txt");
        await bench.GoToEndAsync();
        await bench.Page.Keyboard.TypeAsync("more");
        await bench.Page.Keyboard.PressAsync("Control+s");
        await bench.HasTextAsync("SHOUT\nMORE");

        // It is undone like anything that was typed.
        await bench.Page.Keyboard.PressAsync("Control+z");
        await bench.HasTextAsync("shout\nmore");

        await bench.OpenAsync("b.ts");
        await bench.PerformAsync("Format the file");
        await Expect(bench.Page.GetByText(new Regex("Prettier is not installed in this workspace"))).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Tabs_panes_scroll_and_folds_come_back_after_a_reload_and_on_another_device()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Node.js");
        bench.Write("src/long.js", "function first() {\n  return 1\n}\n" + string.Concat(Enumerable.Range(4, 300).Select(i => $"// line {i}\n")));
        await Expect(bench.File("src")).ToBeVisibleAsync();
        await bench.OpenAsync("src/long.js");
        await bench.Editor.ClickAsync();
        await bench.Page.Keyboard.PressAsync("Control+Home");
        await bench.Page.Keyboard.PressAsync("Control+Shift+BracketLeft");
        await Expect(bench.Page.Locator(".cm-foldPlaceholder")).ToBeVisibleAsync();
        await bench.PerformAsync("Show or hide the output");
        await bench.GoToFileAsync("long.js:250", "long.js");
        await bench.CursorIsAsync(250, 1);
        await bench.Page.RunAndWaitForResponseAsync(() => bench.OpenAsync("index.js"), r => Kept(r, "/view", "\"line\":250"));
        await bench.OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new Regex("^long.js") }).ClickAsync();
        await bench.Page.ReloadAsync();
        await ComesBackAsync(bench);

        await using var elsewhere = await Visitor.SignInAsync(chromium, server);
        var other = await elsewhere.OpenAsync(bench.Slug);
        await ComesBackAsync(other);

        static async Task ComesBackAsync(Workbench window)
        {
            await window.IsReadyAsync();
            await Expect(window.OpenFiles.GetByRole(AriaRole.Tab)).ToHaveTextAsync([new Regex("index.js"), new Regex("long.js")], new() { Timeout = 15_000 });
            await Expect(window.Output).ToBeHiddenAsync();
            await Expect(window.File("long.js")).ToBeVisibleAsync();
            await window.OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new Regex("^long.js") }).ClickAsync();
            await Expect(window.Editor).ToContainTextAsync("// line 250");
            await window.CursorIsAsync(250, 1);
            await window.Editor.ClickAsync();
            await window.Page.Keyboard.PressAsync("Control+Home");
            await Expect(window.Page.Locator(".cm-foldPlaceholder")).ToBeVisibleAsync();
            await window.Page.RunAndWaitForResponseAsync(
                () => window.GoToFileAsync("long.js:250", "long.js"), r => Kept(r, "/view", "\"line\":250"));
        }
    }

    /// <summary>Whether the server was given a document with this in it.</summary>
    private static bool Kept(IResponse response, string route, string part) =>
        response.Request.Method == "PUT"
        && response.Url.EndsWith(route, StringComparison.Ordinal)
        && response.Request.PostData?.Contains(part, StringComparison.Ordinal) == true;

    private static async Task ChooseKeysAsync(Workbench bench, string keys)
    {
        await bench.PerformAsync("Settings");
        await bench.Page.GetByLabel("Keys", new() { Exact = true }).SelectOptionAsync(keys);
        await bench.Page.Keyboard.PressAsync("Escape");
        await Expect(bench.Page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
    }
}
