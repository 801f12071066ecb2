using System.Diagnostics;
using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>What was there before: the timeline, comparing versions, and bringing files back.</summary>
public sealed class HistorySpecs(Chromium chromium, SharedServer shared)
{
    [Fact]
    public async Task An_edit_is_in_the_timeline_with_its_author_is_compared_restored_and_that_is_taken_back()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.Page.Keyboard.PressAsync("Control+Alt+h");
        var history = HistoryOf(bench);
        await Expect(history.GetByText("Nothing has changed yet")).ToBeVisibleAsync();

        await bench.GoToFileAsync("index.js", "index.js");
        var before = await bench.TextAsync();
        await bench.ReplaceTextAsync("the new text");
        await bench.IsSafeAsync();
        await bench.PerformAsync("Show the history of the workspace");
        await LookAgainAsync(history, "index.js");
        var version = Version(history, "index.js");
        await Expect(version).ToHaveAccessibleNameAsync(new Regex(@"^index\.js \d\d:\d\d:\d\d \S"));

        await version.ClickAsync();
        await history.GetByRole(AriaRole.Button, new() { NameRegex = new("^changed: index.js") }).ClickAsync();
        var comparison = bench.Page.GetByRole(AriaRole.Region, new() { NameRegex = new("^Comparison of index.js, Today") });
        await Expect(comparison.GetByText("the new text")).ToBeVisibleAsync();
        await bench.Page.Keyboard.PressAsync("Escape");

        await Version(history, "Made from a template").ClickAsync();
        await RestoreAsync(bench, history.GetByRole(AriaRole.Button, new() { Name = "Restore index.js", Exact = true }));
        await bench.HasTextAsync(before);
        await Expect(Version(history, "Restored 1 file").First).ToBeVisibleAsync();

        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await bench.HasTextAsync("the new text");
        Assert.Equal("the new text", await File.ReadAllTextAsync(bench.OnDisk("index.js"), TestContext.Current.CancellationToken));
        await Expect(Version(history, "Restored 1 file")).ToHaveCountAsync(2);
        await Expect(Version(history, "index.js")).ToHaveCountAsync(1); // old versions stay
    }

    [Fact]
    public async Task The_whole_workspace_comes_back_in_every_window_and_that_is_taken_back()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.NewTerminalAsync();
        await bench.CommandAsync("mkdir made; echo 1 > made/a; echo 2 > made/b; rm package.json; echo do''ne", prints: "done");
        await bench.OpenAsync("index.js");
        var before = await bench.TextAsync();
        await bench.ReplaceTextAsync("something else");
        await bench.IsSafeAsync();
        var other = await visitor.OpenAsync(bench.Slug);
        await other.GoToFileAsync("index.js", "index.js");
        await bench.Page.Keyboard.PressAsync("Control+Alt+h");
        var history = HistoryOf(bench);
        await LookAgainAsync(history, "programs");

        await MenuAsync(history, "Made from a template", "Restore all files");
        await ConfirmAsync(bench);
        await bench.HasTextAsync(before);
        await other.HasTextAsync(before);
        Assert.False(Path.Exists(bench.OnDisk("made")));
        Assert.True(File.Exists(bench.OnDisk("package.json")));

        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(bench.Page.GetByText("Took it back")).ToBeVisibleAsync();
        await other.HasTextAsync("something else");
        Assert.Equal("2\n", await File.ReadAllTextAsync(bench.OnDisk("made/b"), TestContext.Current.CancellationToken));
        Assert.False(File.Exists(bench.OnDisk("package.json")));
    }

    [Fact]
    public async Task Any_two_versions_are_compared()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.Page.Keyboard.PressAsync("Control+Alt+h");
        var history = HistoryOf(bench);
        foreach (var name in (string[])["one.txt", "two.txt", "three.txt"])
        {
            bench.Write(name, name);
            await LookAgainAsync(history, name);
        }

        await MenuAsync(history, "one.txt", "Compare others with this one");
        await Expect(history.GetByText("Compared with")).ToBeVisibleAsync();
        await Version(history, "three.txt").ClickAsync();

        var files = history.GetByRole(AriaRole.List, new() { NameRegex = new("^Between the two") });
        await Expect(files.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        await Expect(files).ToContainTextAsync("two.txt");
        await history.GetByRole(AriaRole.Button, new() { Name = "End the comparison" }).ClickAsync();
        await Version(history, "three.txt").ClickAsync();
        await Expect(history.GetByRole(AriaRole.List, new() { NameRegex = new("^Changed at") }).GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_file_has_a_history_of_its_own_from_the_tree_and_from_its_tab()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        bench.Write("other.txt", "other");
        await bench.Page.Keyboard.PressAsync("Control+Alt+h");
        var history = HistoryOf(bench);
        await LookAgainAsync(history, "other.txt");
        await bench.GoToFileAsync("index.js", "index.js");
        await bench.ReplaceTextAsync("mine");
        await bench.IsSafeAsync();

        await bench.Page.Keyboard.PressAsync("Control+Shift+e");
        await bench.File("index.js").ClickAsync(new() { Button = MouseButton.Right });
        await bench.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Show its history" }).ClickAsync();
        await LookAgainAsync(history, "index.js");
        await Expect(history.GetByRole(AriaRole.Button, new() { NameRegex = new("other.txt") })).ToHaveCountAsync(0);
        await Version(history, "index.js").ClickAsync();
        await Expect(bench.Page.GetByRole(AriaRole.Region, new() { NameRegex = new("^Comparison of index.js") }).GetByText("mine")).ToBeVisibleAsync();

        await history.GetByRole(AriaRole.Button, new() { Name = "Show the whole history" }).ClickAsync();
        await LookAgainAsync(history, "other.txt");
        await bench.OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new("^index.js") }).ClickAsync(new() { Button = MouseButton.Right });
        await bench.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Show its history" }).ClickAsync();
        await Expect(history.GetByText("Only")).ToBeVisibleAsync();
        await Expect(Version(history, "Made from a template")).ToBeVisibleAsync();
        await Expect(history.GetByRole(AriaRole.Button, new() { NameRegex = new("other.txt") })).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task The_keyboard_alone_goes_through_the_timeline()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        bench.Write("one.txt", "one");
        await bench.Page.Keyboard.PressAsync("Control+Alt+h");
        var history = HistoryOf(bench);
        await LookAgainAsync(history, "one.txt");
        await history.Locator("[data-line]").First.FocusAsync();
        await bench.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(Version(history, "one.txt")).ToBeFocusedAsync();
        await bench.Page.Keyboard.PressAsync("Enter");
        var file = history.GetByRole(AriaRole.Button, new() { NameRegex = new("^added: one.txt") });
        await Expect(file).ToBeVisibleAsync();
        await bench.Page.Keyboard.PressAsync("ArrowDown");
        await Expect(file).ToBeFocusedAsync();
        await bench.Page.Keyboard.PressAsync("Enter");
        await Expect(bench.Page.GetByRole(AriaRole.Region, new() { NameRegex = new("^Comparison of one.txt") })).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("light", ColorScheme.Light, 1440, 900)]
    [InlineData("dark", ColorScheme.Dark, 1440, 900)]
    [InlineData("narrow", ColorScheme.Light, 375, 740)]
    public async Task It_fits_the_window_and_axe_finds_nothing(string name, ColorScheme scheme, int width, int height)
    {
        await using var wide = await Visitor.SignInAsync(chromium, shared.Server);
        var made = await wide.CreateAsync("Node.js");
        await made.GoToFileAsync("index.js", "index.js");
        await using var visitor = await Visitor.SignInAsync(
            chromium, shared.Server, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height } });
        var page = await visitor.Context.NewPageAsync();
        await page.GotoAsync($"{shared.Server.Origin}/w/{made.Slug}");
        await Expect(page.GetByRole(AriaRole.Navigation, new() { Name = "Where you are" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Control+Alt+h");
        var history = page.GetByRole(AriaRole.Region, new() { Name = "History" });
        await Expect(history.GetByText("Nothing has changed yet")).ToBeVisibleAsync();
        await LooksWellAsync(page, $"history-empty-{name}");

        await made.ReplaceWordAsync("PORT", "HARBOUR");
        await made.IsSafeAsync();
        await LookAgainAsync(history, "index.js");
        made.Write("src/a/quite/deep/folder/with-a-rather-long-file-name.txt", "x");
        made.Write("src/b.txt", "x");
        File.Delete(made.OnDisk("package.json"));
        await LookAgainAsync(history, "package.json");
        await Version(history, "package.json").ClickAsync();
        await Expect(history.GetByRole(AriaRole.List, new() { NameRegex = new("^Changed at") })).ToBeVisibleAsync();
        await LooksWellAsync(page, $"history-{name}");

        await Version(history, "index.js").ClickAsync();
        await history.GetByRole(AriaRole.Button, new() { NameRegex = new("^changed: index.js") }).ClickAsync();
        await Expect(page.GetByText("HARBOUR").First).ToBeVisibleAsync();
        await LooksWellAsync(page, $"history-compare-{name}");
        if (width < 768)
        {
            await page.GetByRole(AriaRole.Navigation, new() { Name = "Panes" }).GetByRole(AriaRole.Button, new() { Name = "Files" }).ClickAsync();
        }

        await history.GetByRole(AriaRole.Button, new() { Name = "Restore all files" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alertdialog)).ToBeVisibleAsync();
        await LooksWellAsync(page, $"history-restore-{name}");
    }

    private static async Task LooksWellAsync(IPage page, string name)
    {
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, name + ".png") });
        var over = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - window.innerWidth");
        Assert.True(over <= 0, $"The page is {over} px wider than the window.");
        await Axe.HasNoViolationsAsync(page, name);
    }

    private static ILocator HistoryOf(Workbench bench) => bench.Page.GetByRole(AriaRole.Region, new() { Name = "History" });

    private static ILocator Version(ILocator history, string title) =>
        history.GetByRole(AriaRole.Button, new() { NameRegex = new($@"^{Regex.Escape(title)}.* \d\d:\d\d:\d\d") });

    /// <summary>Looks again until the timeline names it: what is written on disk becomes a version within a second or two.</summary>
    private static async Task LookAgainAsync(ILocator history, string part)
    {
        var found = history.GetByRole(AriaRole.Button, new() { NameRegex = new(@" \d\d:\d\d:\d\d") }).Filter(new() { HasText = part }).First;
        var clock = Stopwatch.StartNew();
        while (!await found.IsVisibleAsync() && clock.Elapsed < TimeSpan.FromSeconds(20))
        {
            await history.Page.RunAndWaitForResponseAsync(
                () => history.GetByRole(AriaRole.Button, new() { Name = "Look again" }).ClickAsync(), new Regex("/versions"));
        }

        await Expect(found).ToBeVisibleAsync();
    }

    private static async Task MenuAsync(ILocator history, string title, string item)
    {
        await Version(history, title).HoverAsync();
        await Version(history, title).Locator("xpath=..").GetByRole(AriaRole.Button, new() { NameRegex = new("^More for") }).ClickAsync();
        await history.Page.GetByRole(AriaRole.Menuitem, new() { Name = item }).ClickAsync();
    }

    private static async Task RestoreAsync(Workbench bench, ILocator button)
    {
        await button.ClickAsync();
        await ConfirmAsync(bench);
    }

    private static async Task ConfirmAsync(Workbench bench)
    {
        await bench.Page.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Restore", Exact = true }).ClickAsync();
        await Expect(bench.Page.GetByText(new Regex(@"^Restored \d+ files?$")).First).ToBeVisibleAsync();
    }
}
