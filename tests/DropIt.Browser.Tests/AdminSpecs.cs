using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>The admin page: alone on a laptop, and over everyone's workspaces.</summary>
public sealed class AdminSpecs(Chromium chromium)
{
    [Fact]
    public async Task On_a_laptop_it_says_how_the_server_is_and_stops_a_workspace_by_keyboard()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var window = await visitor.CreateAsync("Empty");
        await window.Page.CloseAsync();
        var page = await visitor.HomeAsync();
        await page.SetViewportSizeAsync(375, 800);
        await page.GetByRole(AriaRole.Button, new() { Name = "Account: you" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "This server" }).ClickAsync();
        var workspaces = page.GetByRole(AriaRole.Region, new() { Name = "Workspaces" });
        await Expect(workspaces.GetByText("1 in all, 1 awake.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Health" }).GetByRole(AriaRole.Img, new() { Name = "well", Exact = true })).ToHaveCountAsync(3);
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Protections" })).ToContainTextAsync("Only programs of this machine can connect.");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Settings" })).ToContainTextAsync("--port");
        await Axe.HasNoViolationsAsync(page, "this server");
        Assert.Equal(375, await page.EvaluateAsync<int>("document.scrollingElement.scrollWidth"));

        await Expect(workspaces.GetByText("Uses ")).ToContainTextAsync("memory");
        await page.GetByRole(AriaRole.Button, new() { Name = "Events of Empty" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(workspaces.GetByRole(AriaRole.List, new() { Name = "What was said of Empty" }).GetByText("awake")).ToBeVisibleAsync();
        await Axe.HasNoViolationsAsync(page, "events of a workspace");
        Assert.Equal(375, await page.EvaluateAsync<int>("document.scrollingElement.scrollWidth"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Size of Empty" }).FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(workspaces.GetByText("in 1 file")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Stop Empty" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        while (!await workspaces.GetByText("1 in all, 0 awake.").IsVisibleAsync())
        {
            await page.RunAndWaitForResponseAsync(
                () => workspaces.GetByRole(AriaRole.Button, new() { Name = "Look again" }).ClickAsync(), "**/api/admin/workspaces");
        }
    }

    [Fact]
    public async Task An_admin_says_how_much_someone_may_have_and_the_page_tells_them_so()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var ann = await Account.SignUpAsync(chromium, server, "ann");
        await ann.CreateAsync("Empty");
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var admin = await visitor.HomeAsync();
        await admin.GotoAsync(server.Origin + "/people");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Limits of ann" }).ClickAsync();
        await admin.GetByLabel("Workspaces", new() { Exact = true }).FillAsync("1");
        await Axe.HasNoViolationsAsync(admin, "limits");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Set the limits" }).ClickAsync();
        await Expect(admin.GetByText("1 workspace of at most 1")).ToBeVisibleAsync();

        await ann.Page.GotoAsync(server.Origin);
        await ann.Page.GetByRole(AriaRole.Button, new() { Name = "New Empty workspace", Exact = true }).ClickAsync();
        await Expect(ann.Page.GetByText("A person may have 1 workspace here").First).ToBeVisibleAsync();
        await ann.Page.GotoAsync(server.Origin + "/admin");
        await Expect(ann.Page.GetByRole(AriaRole.Heading, new() { Name = "There is nothing here" })).ToBeVisibleAsync();
    }
}
