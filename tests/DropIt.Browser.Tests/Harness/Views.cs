using System.Text.RegularExpressions;

namespace DropIt.Browser.Tests.Harness;

/// <summary>Every view of the page, one after the other, each with something to see in it.</summary>
/// <param name="visitor">Whose window.</param>
/// <param name="server">Where the workspace is.</param>
/// <param name="slug">A workspace made from the Node.js stack, with <see cref="Notes"/> in it.</param>
/// <param name="empty">A workspace made from the empty stack, in which nothing was done.</param>
/// <param name="width">Of the window; CSS pixels.</param>
internal sealed class Views(Visitor visitor, TestServer server, string slug, string empty, int width)
{
    /// <summary>A file with a bit of everything that Markdown has.</summary>
    public const string Notes =
        "# Notes\n\nSome *words*, `code` and a [link](../index.js).\n\n## List\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```js\nlet x = 1;\n```\n";

    /// <summary>A drawing.</summary>
    public const string Logo =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 120 80\" width=\"120\" height=\"80\"><circle cx=\"60\" cy=\"40\" r=\"30\" fill=\"teal\"/></svg>\n";

    // One pane fits at a time.
    private readonly bool _narrow = width < 768;

    /// <summary>The name of each view and the window that shows it.</summary>
    public async IAsyncEnumerable<(string View, IPage Page)> AllAsync()
    {
        var page = await visitor.HomeAsync();
        await foreach (var view in OfHomeAsync(page))
        {
            yield return (view, page);
        }

        await foreach (var view in OfLoadingAsync(page))
        {
            yield return (view, page);
        }

        await page.GotoAsync($"{server.Origin}/w/{slug}");
        await foreach (var view in OfWorkspaceAsync(page))
        {
            yield return (view, page);
        }

        await foreach (var view in OfFilesAsync(page))
        {
            yield return (view, page);
        }

        await foreach (var view in OfDialogsAsync(page))
        {
            yield return (view, page);
        }

        await PerformAsync(page, "Split the terminal");
        await Expect(page.Locator("[data-terminal]:visible")).ToHaveCountAsync(2);
        yield return ("terminals-split", page);

        await PerformAsync(page, "Find in the terminal");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Find in the terminal" }).FillAsync("a");
        yield return ("terminal-find", page);
        await page.Keyboard.PressAsync("Escape");

        await ToAsync(page, "Editor");
        await Expect(page.GetByRole(AriaRole.Tablist, new() { Name = "Open files" })).ToBeVisibleAsync();
        while (await page.GetByRole(AriaRole.Tablist, new() { Name = "Open files" }).IsVisibleAsync())
        {
            var open = page.GetByRole(AriaRole.Tablist, new() { Name = "Open files" }).GetByRole(AriaRole.Tab);
            var count = await open.CountAsync();
            await open.First.ClickAsync();
            await page.Keyboard.PressAsync("Alt+w");
            await Expect(open).ToHaveCountAsync(count - 1);
        }

        await Expect(page.GetByText("Run the program")).ToBeVisibleAsync();
        yield return ("no-file", page);

        await PerformAsync(page, "Stop the workspace");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Wake it" })).ToBeVisibleAsync(new() { Timeout = 30_000 });
        yield return ("asleep", page);

        await foreach (var view in OfPreviewsAsync(page))
        {
            yield return (view, page);
        }

        await page.GotoAsync($"{server.Origin}/w/{empty}");
        await foreach (var view in OfBeginningAsync(page))
        {
            yield return (view, page);
        }

        await page.GotoAsync($"{server.Origin}/no/such/page");
        await Expect(page.GetByText("There is nothing here")).ToBeVisibleAsync();
        yield return ("not-found", page);
    }

    private async IAsyncEnumerable<string> OfHomeAsync(IPage page)
    {
        await Expect(page.GetByText(slug)).ToBeVisibleAsync();
        yield return "home";

        await page.GetByRole(AriaRole.Button, new() { Name = "Actions for Node.js" }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Menuitem, new() { Name = "Fork" })).ToBeVisibleAsync();
        yield return "home-menu";

        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Delete workspace" })).ToBeVisibleAsync();
        yield return "delete";
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Import code" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "It is private" }).ClickAsync();
        yield return "import";

        await page.GotoAsync("about:blank"); // another part behind the hash alone is the same page
        await page.GotoAsync($"{server.Origin}/#https://git.example/owner/name");
        await Expect(page.GetByRole(AriaRole.Alertdialog, new() { Name = "Import this repository?" })).ToBeVisibleAsync();
        yield return "import-question";
    }

    /// <summary>What is shown before the server has answered, and when it says no: rooms for what will come, and words.</summary>
    private async IAsyncEnumerable<string> OfLoadingAsync(IPage page)
    {
        // Both stand before the first ends: a route that ends as the last one has interception turned off, some time later.
        var (lists, opened) = (new TaskCompletionSource(), new TaskCompletionSource());
        await page.RouteAsync(new Regex("/api/(workspaces|stacks)$"), async route =>
        {
            await lists.Task;
            await route.AbortAsync();
        });
        await page.RouteAsync(new Regex("/api/workspaces/[a-z0-9]+/open$"), async route =>
        {
            await opened.Task;
            await route.FulfillAsync(new()
            {
                Status = 409,
                ContentType = "application/problem+json",
                Body = """{"status":409,"title":"Conflict","detail":"Only 10 workspaces may be awake at once. Stop one of yours, then open this again."}""",
            });
        });
        await page.GotoAsync("about:blank");
        await page.GotoAsync(server.Origin, new() { WaitUntil = WaitUntilState.Commit });
        await WaitsAsync(page);
        yield return "home-loading";
        lists.SetResult();

        await page.GotoAsync($"{server.Origin}/w/{slug}", new() { WaitUntil = WaitUntilState.Commit });
        await Expect(page.GetByText("Starting the workspace").First).ToBeVisibleAsync();
        await WaitsAsync(page);
        yield return "starting";
        opened.SetResult();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Only 10 workspaces may be awake at once");
        yield return "refused";
        await page.UnrouteAllAsync();
    }

    /// <summary>It has rooms in the shape of what will come, and nothing that turns.</summary>
    private static async Task WaitsAsync(IPage page)
    {
        await Expect(page.Locator(".animate-pulse-soft").First).ToBeVisibleAsync();
        await Expect(page.Locator(".animate-spin")).ToHaveCountAsync(0);
    }

    private async IAsyncEnumerable<string> OfWorkspaceAsync(IPage page)
    {
        await Expect(page.GetByRole(AriaRole.Navigation, new() { Name = "Where you are" })).ToBeVisibleAsync();
        await Expect(page.Locator(".cm-line").First).ToBeVisibleAsync();
        var heading = page.FrameLocator("iframe").GetByRole(AriaRole.Heading);
        if (!_narrow)
        {
            await Expect(heading).ToBeVisibleAsync(new() { Timeout = 30_000 });
        }

        yield return "workspace";
        if (_narrow)
        {
            await ToAsync(page, "Terminal");
            await Expect(page.Locator("[data-terminal]:visible")).ToBeVisibleAsync();
            yield return "terminal";
            await ToAsync(page, "Output");
            await Expect(heading).ToBeVisibleAsync(new() { Timeout = 30_000 });
        }

        var output = page.GetByRole(AriaRole.Region, new() { Name = "Output" });
        await output.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Phone") }).ClickAsync();
        await output.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Console") }).ClickAsync();
        await output.GetByRole(AriaRole.Button, new() { Name = "Why is it blank?" }).ClickAsync();
        await Expect(output.GetByRole(AriaRole.Status, new() { Name = "Why is it blank?" })).ToBeVisibleAsync();
        yield return "output-tools";
        await output.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Console") }).ClickAsync();
        await output.GetByRole(AriaRole.Button, new() { Name = "As large as the pane" }).ClickAsync();
    }

    private async IAsyncEnumerable<string> OfFilesAsync(IPage page)
    {
        await ToAsync(page, "Files");
        var tree = page.GetByRole(AriaRole.Tree, new() { Name = "Files" });
        var notes = tree.GetByRole(AriaRole.Treeitem, new() { Name = "notes.md" });
        await notes.ClickAsync(new() { Button = MouseButton.Right });
        await Expect(page.GetByRole(AriaRole.Menuitem, new() { Name = "Duplicate" })).ToBeVisibleAsync();
        yield return "files";
        await page.Keyboard.PressAsync("Escape");
        await notes.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = _narrow ? "Preview" : "Preview beside", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Document, new() { Name = "Preview of" }).GetByRole(AriaRole.Table)).ToBeVisibleAsync();
        yield return "markdown";

        await ToAsync(page, "Files");
        await tree.GetByRole(AriaRole.Treeitem, new() { Name = "logo.svg" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "logo.svg" })).ToBeVisibleAsync();
        yield return "image";

        await ToAsync(page, "Files");
        await notes.ClickAsync();
        await ToAsync(page, "Files");
        await tree.GetByRole(AriaRole.Treeitem, new() { Name = "page.js", Exact = true }).ClickAsync(new() { Modifiers = [KeyboardModifier.Control] });
        await tree.GetByRole(AriaRole.Treeitem, new() { Name = "page.js", Exact = true }).ClickAsync(new() { Button = MouseButton.Right });
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Compare the two" }).ClickAsync();
        await Expect(page.Locator(".diff-view .cm-changedLine").First).ToBeVisibleAsync();
        yield return "compare";
        await page.GetByRole(AriaRole.Button, new() { Name = "Close the comparison" }).ClickAsync();

        await ToAsync(page, "Files");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Side bar" }).GetByRole(AriaRole.Button, new() { Name = "Dependencies" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a package to package.json" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Find a package" })).ToBeVisibleAsync();
        yield return "packages";

        await page.Keyboard.PressAsync("Control+Shift+h");
        await page.GetByLabel("Search in all files").FillAsync("port");
        await page.GetByLabel("Replace by").FillAsync("harbour");
        await Expect(page.GetByText(new Regex(@"matches in \d+ files"))).ToBeVisibleAsync();
        yield return "search";
        await page.GetByLabel("Search in all files").FillAsync("");
        await Expect(page.GetByText("Searches every file of the workspace")).ToBeVisibleAsync();
        yield return "search-empty";

        await page.Keyboard.PressAsync("Control+Alt+h");
        var history = page.GetByRole(AriaRole.Region, new() { Name = "History" });
        await Expect(history).ToBeVisibleAsync();
        await Expect(history.Locator("[aria-busy]")).ToHaveCountAsync(0);
        yield return "history";
    }

    /// <summary>Pages that are not of the page's own making: they stand in for a program, outside of the frame too.</summary>
    private async IAsyncEnumerable<string> OfPreviewsAsync(IPage page)
    {
        var preview = server.Origin.Replace("//", $"//3000--{slug}.", StringComparison.Ordinal);
        await page.GotoAsync(preview);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Nothing listens on port 3000" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
        yield return "preview-nothing";
        await page.GotoAsync(preview.Replace("3000--", "70000--", StringComparison.Ordinal));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "drop.it is not at this address" })).ToBeVisibleAsync();
        yield return "no-such-address";
    }

    /// <summary>A workspace in which nothing has happened yet: what panes say before there is anything in them.</summary>
    private async IAsyncEnumerable<string> OfBeginningAsync(IPage page)
    {
        await Expect(page.GetByText("Connected").First).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await ToAsync(page, "Output");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Output" })).ToBeVisibleAsync();
        await Expect(page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);
        yield return "output-before-run";

        await ToAsync(page, "Files");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Side bar" }).GetByRole(AriaRole.Button, new() { Name = "Dependencies" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Dependencies" })).ToContainTextAsync("package.json");
        yield return "packages-none";

        await page.GetByRole(AriaRole.Navigation, new() { Name = "Side bar" }).GetByRole(AriaRole.Button, new() { Name = "Files" }).ClickAsync();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.RouteAsync("**/.dropit/files/**", async route =>
        {
            await seen.Task;
            await route.ContinueAsync();
        });
        await page.Keyboard.PressAsync("F1");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Combobox).FillAsync(">Upload files");
        await Expect(Chosen(page)).ToContainTextAsync("Upload files");
        var chooser = await page.RunAndWaitForFileChooserAsync(async () =>
        {
            await page.EvaluateAsync("() => 0"); // a key may reach the page before it is told to hand its chooser over
            await page.Keyboard.PressAsync("Enter");
        });
        await chooser.SetFilesAsync(
            [new FilePayload { Name = "holiday.jpg", MimeType = "image/jpeg", Buffer = new byte[3 << 20] }, new FilePayload { Name = "a.txt", MimeType = "text/plain", Buffer = [65] }]);
        await Expect(page.GetByRole(AriaRole.List, new() { Name = "Uploads" })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape"); // the words about the button that has the keyboard again
        yield return "uploads";
        seen.SetResult();
        await page.UnrouteAllAsync();
    }

    private static async IAsyncEnumerable<string> OfDialogsAsync(IPage page)
    {
        var dialog = page.GetByRole(AriaRole.Dialog);
        foreach (var (view, keys, ready) in ((string, string, string)[])
            [("quick-open", "Control+p", "[role=option]"), ("palette", "F1", "[role=option]"), ("symbols", "Control+Shift+o", "input"), ("line", "Control+g", "input"), ("settings", "Control+,", "select")])
        {
            await page.Keyboard.PressAsync(keys);
            await Expect(dialog.Locator(ready).First).ToBeVisibleAsync();
            yield return view;
            await page.Keyboard.PressAsync("Escape");
            await Expect(dialog).ToBeHiddenAsync();
        }

        foreach (var (view, command, ready) in ((string, string, string)[])
            [("shortcuts", "Show the keyboard shortcuts", "dt"), ("machine", "Show processes, memory", "[role=row],tr"), ("variables", "Environment variables", "input")])
        {
            await PerformAsync(page, command);
            await Expect(dialog.Locator(ready).First).ToBeVisibleAsync();
            yield return view;
            await page.Keyboard.PressAsync("Escape");
            await Expect(dialog).ToBeHiddenAsync();
        }
    }

    private static async Task PerformAsync(IPage page, string command)
    {
        await page.Keyboard.PressAsync("F1");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Combobox).FillAsync(">" + command);
        await Expect(Chosen(page)).ToContainTextAsync(command);
        await page.Keyboard.PressAsync("Enter");
    }

    private static ILocator Chosen(IPage page) => page.Locator("[role=dialog] [role=option][aria-selected=true]");

    /// <summary>Shows a pane where only one fits.</summary>
    private async Task ToAsync(IPage page, string pane)
    {
        if (_narrow)
        {
            await page.GetByRole(AriaRole.Navigation, new() { Name = "Panes" }).GetByRole(AriaRole.Button, new() { Name = pane }).ClickAsync();
        }
    }
}
