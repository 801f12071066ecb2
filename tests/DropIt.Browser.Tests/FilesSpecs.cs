using System.IO.Compression;
using System.Text;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>What a hand does to files: choosing several, moving, copying, deleting, and taking it back.</summary>
public sealed class FilesSpecs(Chromium chromium, SharedServer shared)
{
    [Fact]
    public async Task Several_files_are_chosen_and_dragged_into_a_folder_and_Ctrl_Z_brings_them_back()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await FilledAsync(visitor);
        await bench.File("a.txt").ClickAsync();
        await bench.File("c.txt").ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        await bench.File("b.txt").ClickAsync(new() { Modifiers = [KeyboardModifier.Control] });
        await Expect(bench.Files.Locator("[aria-selected=true]")).ToHaveCountAsync(2);

        await bench.File("a.txt").DragToAsync(bench.File("folder"));
        await Expect(bench.Page.GetByText("Moved 2 files to folder")).ToBeVisibleAsync();
        await bench.CommandAsync("clear; ls folder | tr '\\n' +", prints: "a.txt+c.txt+");
        await Expect(bench.OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new("^a.txt") })).ToBeVisibleAsync();

        await bench.Files.FocusAsync();
        await bench.Page.Keyboard.PressAsync("Control+z");
        await Expect(bench.Page.GetByText("Took back")).ToBeVisibleAsync();
        await bench.CommandAsync("clear; ls *.txt | tr '\\n' +", prints: "a.txt+b.txt+c.txt+");
    }

    [Fact]
    public async Task The_keyboard_copies_cuts_pastes_and_chooses()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await FilledAsync(visitor);
        var keys = bench.Page.Keyboard;
        await bench.File("a.txt").ClickAsync();
        await bench.Files.FocusAsync();
        await keys.PressAsync("Shift+ArrowDown");
        await Expect(bench.Files.Locator("[aria-selected=true]")).ToHaveCountAsync(2);
        await keys.PressAsync("Control+c");
        await keys.PressAsync("Control+v");
        // They are seen before they are chosen: the runner's word that the folder changed may come before its answer.
        await Expect(bench.File("a copy.txt")).ToHaveAttributeAsync("aria-selected", "true");
        await Expect(bench.File("b copy.txt")).ToHaveAttributeAsync("aria-selected", "true");
        await keys.PressAsync("Control+x");
        await bench.File("folder").ClickAsync();
        await bench.Files.FocusAsync();
        await keys.PressAsync("Control+v");
        await Expect(bench.Page.GetByText("Moved 2 files to folder")).ToBeVisibleAsync();
        await bench.CommandAsync("clear; ls folder | tr '\\n' +", prints: "a copy.txt+b copy.txt+");

        await bench.File("c.txt").ClickAsync(new() { Button = MouseButton.Right });
        await bench.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Duplicate" }).ClickAsync();
        await Expect(bench.File("c copy.txt")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_deleted_folder_comes_back_with_Undo_and_its_open_file_with_it()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await FilledAsync(visitor);
        await bench.CommandAsync("echo inner > folder/in.txt");
        await bench.OpenAsync("folder/in.txt");
        await bench.HasTextAsync("inner\n");
        await bench.File("folder").ClickAsync(new() { Button = MouseButton.Right });
        await bench.Page.GetByRole(AriaRole.Menuitem, new() { NameRegex = new("^Delete") }).ClickAsync();
        await Expect(bench.File("folder")).ToBeHiddenAsync();
        await Expect(bench.Page.GetByText("in.txt was deleted")).ToBeVisibleAsync();
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).First.ClickAsync();
        await Expect(bench.File("folder")).ToBeVisibleAsync();
        await bench.HasTextAsync("inner\n");
        await bench.CommandAsync("clear; cat folder/in.txt | tr a-z A-Z", prints: "INNER");
    }

    [Fact]
    public async Task Files_and_folders_are_dropped_from_the_desktop()
    {
        var desktop = Directory.CreateTempSubdirectory("dropit-desktop-");
        Directory.CreateDirectory(Path.Combine(desktop.FullName, "album/inner"));
        Directory.CreateDirectory(Path.Combine(desktop.FullName, "album/empty"));
        for (var i = 0; i < 120; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(desktop.FullName, $"album/inner/{i}.txt"), $"{i}", TestContext.Current.CancellationToken);
        }

        await File.WriteAllTextAsync(Path.Combine(desktop.FullName, "note.md"), "# Note\n", TestContext.Current.CancellationToken);
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await FilledAsync(visitor);
        // One of them stays on its way until the list was looked at.
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await visitor.Context.RouteAsync("**/.dropit/files/**/inner/7.txt", async route =>
        {
            await seen.Task;
            await route.ContinueAsync();
        });
        var box = (await bench.File("folder").BoundingBoxAsync())!;
        var cdp = await bench.Page.Context.NewCDPSessionAsync(bench.Page);
        foreach (var type in new[] { "dragEnter", "dragOver", "drop" })
        {
            await cdp.SendAsync("Input.dispatchDragEvent", new Dictionary<string, object>
            {
                ["type"] = type,
                ["x"] = box.X + 30,
                ["y"] = box.Y + 8,
                ["data"] = new Dictionary<string, object>
                {
                    ["items"] = Array.Empty<object>(),
                    ["files"] = new[] { Path.Combine(desktop.FullName, "album"), Path.Combine(desktop.FullName, "note.md") },
                    ["dragOperationsMask"] = 1,
                },
            });
        }

        var uploads = bench.Page.GetByRole(AriaRole.List, new() { Name = "Uploads" });
        await Expect(uploads.GetByRole(AriaRole.Status)).ToHaveTextAsync("120 of 121 files", new() { Timeout = 60_000 });
        await Expect(uploads.GetByRole(AriaRole.Progressbar, new() { Name = "Uploading 121 files" })).ToBeVisibleAsync();
        seen.SetResult();
        await Expect(bench.File("note.md")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Expect(uploads).ToBeHiddenAsync(new() { Timeout = 20_000 });
        await bench.CommandAsync("clear; ls folder/album/inner | wc -l; ls -d folder/album/empty | tr a-z A-Z", prints: "FOLDER/ALBUM/EMPTY");
        await Expect(bench.Screen).ToContainTextAsync("120");
        desktop.Delete(recursive: true);
    }

    [Fact]
    public async Task A_zip_is_unpacked_into_a_folder_and_nothing_is_replaced()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await FilledAsync(visitor);
        var zip = new FilePayload { Name = "code.zip", MimeType = "application/zip", Buffer = Zip(("lib/one.txt", "one"), ("two.txt", "two")) };
        await bench.File("folder").ClickAsync(new() { Button = MouseButton.Right });
        var chooser = await bench.Page.RunAndWaitForFileChooserAsync(
            () => bench.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Unpack a zip here" }).ClickAsync());
        await chooser.SetFilesAsync(zip);
        await Expect(bench.Page.GetByText("code.zip is unpacked")).ToBeVisibleAsync();
        await bench.CommandAsync("clear; cat folder/lib/one.txt folder/two.txt", prints: "onetwo");

        await bench.File("folder").ClickAsync(new() { Button = MouseButton.Right });
        chooser = await bench.Page.RunAndWaitForFileChooserAsync(
            () => bench.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Unpack a zip here" }).ClickAsync());
        await chooser.SetFilesAsync(zip);
        await Expect(bench.Page.GetByText("exist already").First).ToBeVisibleAsync();

        await bench.File("folder").ClickAsync(new() { Button = MouseButton.Right });
        var download = await bench.Page.RunAndWaitForDownloadAsync(
            () => bench.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Download as zip" }).ClickAsync());
        using var back = ZipFile.OpenRead((await download.PathAsync())!);
        Assert.NotNull(back.GetEntry("lib/one.txt"));
    }

    [Fact]
    public async Task A_new_file_starts_with_what_its_kind_needs()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.NewFileButton.ClickAsync();
        await bench.Page.Keyboard.TypeAsync("ui/UserCard.tsx");
        await bench.Page.Keyboard.PressAsync("Enter");
        await bench.HasTextAsync("export function UserCard() {\n  return <div>UserCard</div>;\n}\n");
    }

    [Fact]
    public async Task Markdown_is_shown_beside_the_editor_and_nothing_in_it_runs()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await FilledAsync(visitor);
        await bench.NewFileButton.ClickAsync();
        await bench.Page.Keyboard.TypeAsync("notes.md");
        await bench.Page.Keyboard.PressAsync("Enter");
        await bench.HasTextAsync("# Notes\n");
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Preview beside" }).ClickAsync();
        await bench.ReplaceTextAsync(
            "# Hello\n\n<script>window.hacked = 1</script>\n<img src=x onerror=\"window.hacked = 2\">\n\n"
            + "[bad](javascript:window.hacked=3) [file](a.txt)\n\n<iframe srcdoc=\"<script>parent.hacked=4</script>\"></iframe>\n\n"
            + "<svg><script>window.hacked = 5</script></svg>\n<form action=\"/api/session\"><button>Go</button></form>\n\n- one\n- two\n");
        var preview = bench.Page.GetByRole(AriaRole.Document, new() { Name = "Preview of" });
        await Expect(preview.GetByRole(AriaRole.Heading, new() { Name = "Hello" })).ToBeVisibleAsync();
        await Expect(preview.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        Assert.Equal(0, await preview.Locator("script, iframe, form, svg, [onerror], a[href^=javascript]").CountAsync());
        Assert.True(await bench.Page.EvaluateAsync<bool>("() => window.hacked === undefined"));
        await bench.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "markdown.png") });
        await preview.GetByRole(AriaRole.Link, new() { Name = "file" }).ClickAsync();
        await Expect(bench.OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new("^a.txt") })).ToHaveAttributeAsync("aria-selected", "true");
    }

    [Fact]
    public async Task Images_are_shown_by_what_they_are_and_an_SVG_can_do_nothing()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await FilledAsync(visitor);
        await bench.CommandAsync(
            "echo '<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"40\" onload=\"window.hacked=1\"><script>parent.hacked=2</script><rect width=\"40\" height=\"40\" fill=\"teal\"/></svg>' > drawn.svg; echo '<script>1</script>' > fake.png");
        await bench.OpenAsync("drawn.svg");
        var image = bench.Page.GetByRole(AriaRole.Img, new() { Name = "drawn.svg" });
        await Expect(image).ToBeVisibleAsync();
        Assert.Equal(40, await image.EvaluateAsync<int>("i => i.naturalWidth"));
        Assert.StartsWith("data:image/svg+xml", await image.GetAttributeAsync("src"), StringComparison.Ordinal);
        Assert.True(await bench.Page.EvaluateAsync<bool>("() => window.hacked === undefined"));
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Edit", Exact = true }).ClickAsync();
        await Expect(bench.Editor).ToContainTextAsync("teal");
        await bench.OpenAsync("fake.png");
        await Expect(bench.Page.GetByText("is not an image")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Two_files_are_compared_and_a_file_with_what_is_on_disk()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await FilledAsync(visitor);
        await bench.CommandAsync("printf 'one\\ntwo\\nthree\\n' > a.txt; printf 'one\\nTWO\\nthree\\n' > b.txt");
        await bench.File("a.txt").ClickAsync();
        await bench.HasTextAsync("one\ntwo\nthree\n");
        await bench.File("b.txt").ClickAsync(new() { Modifiers = [KeyboardModifier.Control] });
        await bench.File("b.txt").ClickAsync(new() { Button = MouseButton.Right });
        await bench.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Compare the two" }).ClickAsync();
        await Expect(bench.Page.Locator(".diff-view .cm-changedLine")).ToHaveCountAsync(2);
        await bench.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "compare.png") });
        await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Close the comparison" }).ClickAsync();

        await bench.IsSafeAsync();
        await ChooseAsync(bench, "a.txt", "Compare with the file on disk");
        await Expect(bench.Page.GetByText("No difference")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_is_not_saved_is_compared_with_the_disk_and_with_the_last_version_that_was_kept()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        // What is typed stays in the page while this is on: nothing of it goes out.
        var held = false;
        await visitor.Context.RouteWebSocketAsync("**/.dropit/**", socket =>
        {
            var runner = socket.ConnectToServer();
            socket.OnMessage(frame =>
            {
                if (!held)
                {
                    runner.Send(frame.Binary ?? throw new InvalidOperationException("The page sends bytes."));
                }
            });
        });
        var bench = await visitor.CreateAsync("Empty");
        await bench.OpenAsync("dropit.json");
        await bench.GoToEndAsync();
        held = true;
        await bench.Page.Keyboard.TypeAsync("unsaved");
        await Expect(bench.Editor).ToContainTextAsync("unsaved");
        foreach (var (item, side) in ((string, string)[])
            [("Compare with the file on disk", "On disk"), ("Compare with the last kept version", "Last kept version")])
        {
            await ChooseAsync(bench, "dropit.json", item);
            var comparison = bench.Page.GetByRole(AriaRole.Region, new() { Name = $"Comparison of {side}" });
            await Expect(comparison.Locator(".cm-changedLine").Last).ToHaveTextAsync("unsaved");
            await bench.Page.GetByRole(AriaRole.Button, new() { Name = "Close the comparison" }).ClickAsync();
        }
    }

    /// <summary>Chooses from the menu of a file's tab.</summary>
    private static async Task ChooseAsync(Workbench bench, string file, string item)
    {
        var tab = bench.OpenFiles.GetByRole(AriaRole.Tab, new() { NameRegex = new($"^{file}") });
        await tab.ClickAsync(new() { Button = MouseButton.Right });
        await bench.Page.GetByRole(AriaRole.Menuitem, new() { Name = item }).ClickAsync();
    }

    private static async Task<Workbench> FilledAsync(Visitor visitor)
    {
        var bench = await visitor.CreateAsync("Empty");
        await bench.NewTerminalAsync();
        await bench.CommandAsync("mkdir folder; for f in a b c; do echo $f > $f.txt; done");
        await Expect(bench.File("c.txt")).ToBeVisibleAsync();
        return bench;
    }

    private static byte[] Zip(params (string Path, string Text)[] files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var (path, text) in files)
            {
                using var entry = zip.CreateEntry(path).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return stream.ToArray();
    }
}
