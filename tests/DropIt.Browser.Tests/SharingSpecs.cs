using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>A workspace and the people in it: the owner, an editor by link, a viewer by account.</summary>
public sealed class SharingSpecs(Chromium chromium)
{
    [Fact]
    public async Task An_editor_types_where_a_viewer_only_looks_and_who_is_removed_is_out_at_once()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var viewer = await Account.SignUpAsync(chromium, server, "vera");
        await using var editor = await Account.SignUpAsync(chromium, server, "eddy");
        await using var owner = await Account.SignUpAsync(chromium, server, "olga");
        var mine = await owner.CreateAsync("Node.js");
        await mine.OpenAsync("index.js");

        var home = await owner.Page.Context.NewPageAsync();
        await home.GotoAsync(server.Origin);
        await home.GetByRole(AriaRole.Button, new() { Name = "Actions for Node.js" }).ClickAsync();
        await home.GetByRole(AriaRole.Menuitem, new() { Name = "Share" }).ClickAsync();
        await home.GetByLabel("User name").FillAsync("nobody");
        await home.GetByLabel("Role", new() { Exact = true }).SelectOptionAsync("viewer");
        await home.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Expect(home.GetByRole(AriaRole.Alert).Filter(new() { HasText = "Nobody here has the user name 'nobody'" })).ToBeVisibleAsync();
        await home.GetByLabel("User name").FillAsync("vera");
        await home.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Expect(home.GetByLabel("Role of vera")).ToHaveValueAsync("viewer");
        await home.GetByLabel("Role of the link").SelectOptionAsync("editor");
        await home.GetByRole(AriaRole.Button, new() { Name = "Make a link" }).ClickAsync();
        var link = await home.GetByText("/join/").InnerTextAsync();
        await Axe.HasNoViolationsAsync(home, "share");

        await editor.Page.GotoAsync(link);
        var theirs = await editor.ShownAsync();
        await theirs.OpenAsync("index.js");
        await theirs.ReplaceTextAsync("// by eddy\n");
        await mine.HasTextAsync("// by eddy\n");

        var seen = await viewer.OpenAsync("Node.js");
        await seen.OpenAsync("index.js");
        await seen.HasTextAsync("// by eddy\n");
        await seen.Editor.FocusAsync();
        await viewer.Page.Keyboard.TypeAsync("not this");
        await theirs.CommandAsync("echo in''side", prints: "inside");
        await Expect(seen.Screen.First).ToContainTextAsync("inside");
        await viewer.Page.Locator(".xterm-helper-textarea").First.FocusAsync();
        await viewer.Page.Keyboard.TypeAsync("touch by-vera\n");
        await theirs.CommandAsync("ls by-vera", prints: "No such file");
        Assert.Equal("// by eddy\n", await mine.TextAsync());

        // Ending the link ends the editor's page and not the viewer's.
        await home.GetByRole(AriaRole.Button, new() { Name = "End the link" }).ClickAsync();
        await Expect(editor.Page.GetByText("There is no workspace").First).ToBeVisibleAsync();
        await mine.ReplaceTextAsync("// by olga\n");
        await seen.HasTextAsync("// by olga\n");
        await editor.Page.GotoAsync(server.Origin);
        await Expect(editor.Page.GetByRole(AriaRole.Link, new() { Name = "Node.js", Exact = true })).ToHaveCountAsync(0);
    }
}
