using System.Globalization;
using System.Text.RegularExpressions;

namespace DropIt.Browser.Tests.Harness;

/// <summary>One window on a workspace, in the words of who uses it.</summary>
/// <param name="page">The window.</param>
/// <param name="server">The server it is of; null for one that does not keep its files on this machine.</param>
internal sealed partial class Workbench(IPage page, TestServer? server)
{
    /// <summary>The window.</summary>
    public IPage Page => page;

    /// <summary>The workspace's slug, from the window's address.</summary>
    public string Slug => new Uri(page.Url).Segments[^1].TrimEnd('/');

    /// <summary>The text being edited.</summary>
    public ILocator Editor => page.Locator(".cm-content");

    /// <summary>The file tree.</summary>
    public ILocator Files => page.GetByRole(AriaRole.Tree, new() { Name = "Files" });

    /// <summary>The tabs of open files.</summary>
    public ILocator OpenFiles => page.GetByRole(AriaRole.Tablist, new() { Name = "Open files" });

    /// <summary>The tabs of terminals.</summary>
    public ILocator Terminals => page.GetByRole(AriaRole.Tablist, new() { Name = "Terminals" });

    /// <summary>The output pane.</summary>
    public ILocator Output => page.GetByRole(AriaRole.Region, new() { Name = "Output" });

    /// <summary>What the previewed program shows.</summary>
    public IFrameLocator Preview => Output.FrameLocator("iframe");

    /// <summary>The text on the terminal that is shown.</summary>
    public ILocator Screen => page.Locator(".xterm-rows:visible");

    /// <summary>The run button.</summary>
    public ILocator RunButton => page.GetByRole(AriaRole.Banner).GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true });

    /// <summary>Makes a file, above the tree; the editor that has none open offers one too.</summary>
    public ILocator NewFileButton => page.GetByRole(AriaRole.Region, new() { Name = "File explorer" }).GetByRole(AriaRole.Button, new() { Name = "New file" });

    /// <summary>The stop button, there while the program runs.</summary>
    public ILocator StopButton => page.GetByRole(AriaRole.Banner).GetByRole(AriaRole.Button, new() { Name = "Stop", Exact = true });

    /// <summary>The banner that says the connection is lost, while it is.</summary>
    public ILocator ConnectionBanner => page.GetByRole(AriaRole.Alert).Filter(new() { HasTextRegex = Lost() });

    /// <summary>Waits until the workspace is awake and its files are shown.</summary>
    public async Task IsReadyAsync()
    {
        try
        {
            await Expect(Files.GetByRole(AriaRole.Treeitem, new() { Name = "dropit.json" })).ToBeVisibleAsync(new() { Timeout = 90_000 });
        }
        catch (PlaywrightException)
        {
            Assert.Fail($"The workspace did not come up. Its page says:\n{await page.Locator("body").InnerTextAsync()}");
        }
    }

    /// <summary>Where a file of the workspace is on this machine.</summary>
    public string OnDisk(string path) => Path.Combine(server!.Data, "workspaces", Slug, "files", path);

    /// <summary>Writes a file as a program of the workspace would.</summary>
    public void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(OnDisk(path))!);
        System.IO.File.WriteAllText(OnDisk(path), text);
    }

    /// <summary>The field of the palette; an output beside it has a choice of its own.</summary>
    public ILocator Palette => page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Combobox);

    /// <summary>The line of the palette that is chosen.</summary>
    public ILocator Chosen => page.Locator("[role=dialog] [role=option][aria-selected=true]");

    /// <summary>Opens a file with quick open.</summary>
    public async Task GoToFileAsync(string query, string name)
    {
        await page.Keyboard.PressAsync("Control+p");
        await Palette.FillAsync(query);
        await Expect(Chosen).ToContainTextAsync(name);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
    }

    /// <summary>Does a command of the palette by its name.</summary>
    public async Task PerformAsync(string title)
    {
        await page.Keyboard.PressAsync("F1");
        await Palette.FillAsync(">" + title);
        await Expect(Chosen).ToContainTextAsync(title);
        await page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Where the cursor is, as the status bar says it: line and column.</summary>
    public async Task CursorIsAsync(int line, int column) =>
        await Expect(page.GetByText($"Ln {line}, Col {column}")).ToBeVisibleAsync();

    /// <summary>A name in the tree; its folders must be open.</summary>
    public ILocator File(string name) => Files.GetByRole(AriaRole.Treeitem, new() { Name = name, Exact = true });

    /// <summary>Opens a file by clicking through the tree.</summary>
    public async Task OpenAsync(string path)
    {
        var names = path.Split('/');
        foreach (var folder in names[..^1])
        {
            var item = File(folder);
            if (await item.GetAttributeAsync("aria-expanded") != "true")
            {
                await item.ClickAsync();
            }
        }

        await File(names[^1]).ClickAsync();
        await Expect(OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new Regex("^" + Regex.Escape(names[^1])) }))
            .ToHaveAttributeAsync("aria-selected", "true");
    }

    /// <summary>Replaces the text of the open file.</summary>
    public async Task ReplaceTextAsync(string text)
    {
        await Editor.ClickAsync();
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.InsertTextAsync(text);
    }

    /// <summary>Replaces a word of the open file by another, with the editor's own search.</summary>
    public async Task ReplaceWordAsync(string word, string by)
    {
        var text = await TextAsync();
        Assert.Contains(word, text, StringComparison.Ordinal);
        await ReplaceTextAsync(text.Replace(word, by, StringComparison.Ordinal));
    }

    /// <summary>Puts the cursor behind the last character of the open file.</summary>
    public async Task GoToEndAsync()
    {
        await Editor.ClickAsync();
        await page.Keyboard.PressAsync("Control+End");
    }

    /// <summary>The text in the editor. Short files only: what is scrolled away is not in it.</summary>
    public async Task<string> TextAsync() =>
        await Editor.EvaluateAsync<string>("e => [...e.querySelectorAll('.cm-line')].map(l => l.textContent).join('\\n')");

    /// <summary>Waits until the text in the editor is this.</summary>
    public async Task HasTextAsync(string text) =>
        await page.WaitForFunctionAsync(
            "text => [...document.querySelectorAll('.cm-content .cm-line')].map(l => l.textContent).join('\\n') === text",
            text);

    /// <summary>Starts another shell beside the first, which every workspace has, and waits for its prompt.</summary>
    public async Task NewTerminalAsync()
    {
        var shown = Terminals.Locator("[role=tab][aria-selected=true]");
        var before = await shown.TextContentAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "New terminal" }).ClickAsync();
        await Expect(shown).Not.ToHaveTextAsync(before ?? "");
        await Expect(Screen).ToContainTextAsync(Prompt());
    }

    /// <summary>Types a command into the terminal that is shown, and Enter.</summary>
    public async Task CommandAsync(string command)
    {
        await page.Locator(".xterm-helper-textarea:visible").FocusAsync();
        await page.Keyboard.InsertTextAsync(command);
        await page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Types a command and waits for a text that it prints.</summary>
    public async Task CommandAsync(string command, string prints)
    {
        await CommandAsync(command);
        await Expect(Screen).ToContainTextAsync(prints);
    }

    /// <summary>Number of the runner's process, as this machine counts.</summary>
    public int RunnerProcess => int.Parse(System.IO.File.ReadAllText(Path.Combine(server!.Data, "run", Slug + ".pid")).Split(' ')[0], CultureInfo.InvariantCulture);

    /// <summary>The PORT that this workspace's programs are given.</summary>
    public async Task<int> PortAsync()
    {
        await CommandAsync("echo \"port=\"$PORT=");
        await Expect(Screen).ToContainTextAsync(PortOfPrograms());
        return int.Parse(PortOfPrograms().Match((await Screen.TextContentAsync())!).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>Shows a terminal by its name, such as <c>Terminal 2</c>.</summary>
    public async Task ShowTerminalAsync(string name) =>
        await Terminals.GetByRole(AriaRole.Tab, new() { NameRegex = new Regex("^" + Regex.Escape(name)) }).ClickAsync();

    /// <summary>Waits until the connection is there and nothing is left to send.</summary>
    public async Task IsOnlineAsync() => await Expect(ConnectionBanner).ToBeHiddenAsync(new() { Timeout = 60_000 });

    /// <summary>Waits until what was typed is in the file on disk and in the journal.</summary>
    public async Task IsSafeAsync() => await Expect(page.GetByText("Safe", new() { Exact = true }).First).ToBeVisibleAsync();

    /// <summary>Waits until the last edit of an open file is out of the workspace; the mark on its tab is of that edit, where the status bar's word may be an older one's.</summary>
    public async Task IsSafeAsync(string name) =>
        await Expect(OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new Regex("^" + Regex.Escape(name) + @".*\bsafe\b") }))
            .ToBeVisibleAsync(new() { Timeout = 60_000 });

    /// <summary>Presses Run.</summary>
    public async Task RunAsync() => await RunButton.ClickAsync();

    /// <summary>The frame of the preview, once it shows this port's or any port's page.</summary>
    public async Task<IFrame> PreviewFrameAsync()
    {
        await Expect(Preview.Locator("body")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        return page.Frames.First(f => new Uri(f.Url is "" or "about:blank" ? page.Url : f.Url).Host.Contains("--", StringComparison.Ordinal));
    }

    [GeneratedRegex("connection|offline|reconnect", RegexOptions.IgnoreCase)]
    private static partial Regex Lost();

    [GeneratedRegex(@"[$#] ?")]
    private static partial Regex Prompt();

    [GeneratedRegex(@"port=(\d+)=")]
    private static partial Regex PortOfPrograms();
}
