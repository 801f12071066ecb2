using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Pictures of the import, the tree, a Markdown file and the dependencies, in <c>artifacts/screenshots</c>; nothing hangs over the edge.</summary>
public sealed class FilesAppearanceSpecs(Chromium chromium, SharedServer shared)
{
    [Theory]
    [InlineData("light", ColorScheme.Light, 1440, 900)]
    [InlineData("dark", ColorScheme.Dark, 1440, 900)]
    [InlineData("medium", ColorScheme.Light, 1024, 768)]
    [InlineData("narrow", ColorScheme.Light, 375, 740)]
    public async Task Everything_about_files_fits_the_window(string name, ColorScheme scheme, int width, int height)
    {
        await using var wide = await Visitor.SignInAsync(chromium, shared.Server);
        var made = await wide.CreateAsync("Node.js");
        await made.NewTerminalAsync();
        await made.CommandAsync(
            "mkdir -p docs; printf '# Notes\\n\\nSome *words*, `code` and a [link](../index.js).\\n\\n## List\\n\\n- one\\n- two\\n\\n| a | b |\\n|---|---|\\n| 1 | 2 |\\n\\n```js\\nlet x = 1;\\n```\\n' > notes.md; echo ready | tr a-z A-Z",
            prints: "READY");

        await using var visitor = await Visitor.SignInAsync(
            chromium, shared.Server, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height } });
        var home = await visitor.HomeAsync();
        await home.GetByRole(AriaRole.Button, new() { Name = "Import code" }).ClickAsync();
        await home.GetByRole(AriaRole.Button, new() { Name = "It is private" }).ClickAsync();
        await PictureAsync(home, $"import-{name}");

        var page = await visitor.Context.NewPageAsync();
        await page.GotoAsync($"{shared.Server.Origin}/w/{made.Slug}");
        await ToAsync(page, "Files");
        var file = page.GetByRole(AriaRole.Tree, new() { Name = "Files" }).GetByRole(AriaRole.Treeitem, new() { Name = "notes.md" });
        await file.ClickAsync(new() { Button = MouseButton.Right });
        await PictureAsync(page, $"files-{name}");
        await page.Keyboard.PressAsync("Escape");
        await file.ClickAsync();
        var face = page.GetByRole(AriaRole.Button, new() { Name = width < 768 ? "Preview" : "Preview beside", Exact = true });
        await face.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Document, new() { Name = "Preview of" }).GetByRole(AriaRole.Table)).ToBeVisibleAsync();
        await PictureAsync(page, $"markdown-{name}");

        await ToAsync(page, "Files");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Side bar" })
            .GetByRole(AriaRole.Button, new() { Name = "Dependencies" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "package.json" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a package to package.json" }).ClickAsync();
        await PictureAsync(page, $"packages-{name}");
    }

    private static async Task ToAsync(IPage page, string pane)
    {
        var bar = page.GetByRole(AriaRole.Navigation, new() { Name = "Panes" });
        await Expect(page.GetByRole(AriaRole.Main)).ToBeVisibleAsync();
        if (await bar.IsVisibleAsync())
        {
            await bar.GetByRole(AriaRole.Button, new() { Name = pane }).ClickAsync();
        }
    }

    private static async Task PictureAsync(IPage page, string name)
    {
        await page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, name + ".png") });
        var over = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - window.innerWidth");
        Assert.True(over <= 0, $"The page is {over} px wider than the window.");
    }
}
