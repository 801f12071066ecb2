using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>A team of two as they meet it: olga makes it, bob works in it.</summary>
public sealed class TeamSpecs(Chromium chromium)
{
    [Fact]
    public async Task Two_people_share_what_is_the_teams_start_with_its_template_are_told_its_bound_and_one_is_removed()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var bob = await Account.SignUpAsync(chromium, server, "bob");
        await using var olga = await Account.SignUpAsync(chromium, server, "olga");
        var (hers, his) = (olga.Page, bob.Page);
        await his.SetViewportSizeAsync(375, 740);
        await Expect(hers.GetByLabel("Whose workspaces")).ToHaveCountAsync(0);

        // 1. A team is made and joined by keyboard alone.
        await hers.GetByRole(AriaRole.Button, new() { Name = "Account: olga" }).FocusAsync();
        await hers.Keyboard.PressAsync("Enter");
        await Expect(hers.GetByRole(AriaRole.Menuitem, new() { Name = "Your account" })).ToBeFocusedAsync();
        await hers.Keyboard.PressAsync("ArrowDown");
        await Expect(hers.GetByRole(AriaRole.Menuitem, new() { Name = "Teams" })).ToBeFocusedAsync();
        await hers.Keyboard.PressAsync("Enter");
        await hers.GetByLabel("Name of a new team").FocusAsync();
        await hers.Keyboard.TypeAsync("Red");
        await hers.Keyboard.PressAsync("Enter");
        await Expect(hers.GetByRole(AriaRole.Heading, new() { Name = "Red", Exact = true })).ToBeVisibleAsync();
        await hers.GetByLabel("User name").FocusAsync();
        await hers.Keyboard.TypeAsync("bob");
        await hers.Keyboard.PressAsync("Enter");
        await Expect(hers.GetByLabel("Role of bob")).ToHaveValueAsync("member");
        await Axe.HasNoViolationsAsync(hers, "team");
        var team = hers.Url;

        // 2. What she makes in the team he edits.
        await hers.GotoAsync(server.Origin);
        await hers.GetByLabel("Whose workspaces").SelectOptionAsync("Red");
        await Expect(hers.GetByText("in a workspace of the team Red.")).ToBeVisibleAsync();
        await hers.GetByRole(AriaRole.Button, new() { Name = "New Node.js workspace", Exact = true }).ClickAsync();
        var mine = await olga.ShownAsync();
        await mine.OpenAsync("index.js");
        await his.GotoAsync(server.Origin);
        await Expect(his.GetByRole(AriaRole.Link, new() { Name = "Node.js", Exact = true })).ToHaveCountAsync(0);
        await his.GetByLabel("Whose workspaces").SelectOptionAsync("Red");
        await Axe.HasNoViolationsAsync(his, "home of a team");
        Assert.Equal(375, await his.EvaluateAsync<int>("document.scrollingElement.scrollWidth"));
        await his.SetViewportSizeAsync(1440, 1000);
        await his.GetByRole(AriaRole.Link, new() { Name = "Node.js", Exact = true }).ClickAsync();
        var theirs = await bob.ShownAsync();
        await theirs.OpenAsync("index.js");
        await theirs.ReplaceTextAsync("// by bob\n");
        await mine.HasTextAsync("// by bob\n");

        // 3. A template of it, which he starts with.
        var home = await hers.Context.NewPageAsync();
        await home.GotoAsync(server.Origin);
        await home.GetByRole(AriaRole.Button, new() { Name = "Actions for Node.js" }).ClickAsync();
        await home.GetByRole(AriaRole.Menuitem, new() { Name = "Use as a template" }).ClickAsync();
        await home.GetByLabel("Name", new() { Exact = true }).FillAsync("Our start");
        await Axe.HasNoViolationsAsync(home, "use as a template");
        await home.GetByRole(AriaRole.Button, new() { Name = "Make the template" }).ClickAsync();
        await Expect(home.GetByText("Our start is a template of Red.")).ToBeVisibleAsync();
        var second = await his.Context.NewPageAsync();
        await second.GotoAsync(server.Origin);
        await second.GetByRole(AriaRole.Button, new() { Name = "New workspace from the template Our start" }).ClickAsync();
        await second.WaitForURLAsync("**/w/*");
        var started = new Workbench(second, server);
        await started.IsReadyAsync();
        await started.OpenAsync("index.js");
        await started.HasTextAsync("// by bob\n");

        // 4. An admin of the server bounds the team; whoever goes over it is told.
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var admin = await visitor.HomeAsync();
        await admin.GotoAsync(server.Origin + "/admin");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Limits of the team Red" }).ClickAsync();
        await admin.GetByRole(AriaRole.Spinbutton, new() { Name = "Workspaces", Exact = true }).FillAsync("2");
        await Axe.HasNoViolationsAsync(admin, "limits of a team");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Set the limits" }).ClickAsync();
        await Expect(admin.GetByRole(AriaRole.Button, new() { Name = "Set the limits" })).ToHaveCountAsync(0);
        await second.GotoAsync(server.Origin);
        await second.GetByRole(AriaRole.Button, new() { Name = "New Empty workspace", Exact = true }).ClickAsync();
        await Expect(second.GetByText("The team Red may have 2 workspaces, and that many are there.").First).ToBeVisibleAsync();

        // 5. Who is removed is out at once, and she goes on.
        await home.GotoAsync(team);
        await home.GetByRole(AriaRole.Button, new() { Name = "Remove bob" }).ClickAsync();
        await home.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Expect(home.GetByLabel("Role of bob")).ToHaveCountAsync(0);
        await Expect(his.GetByText("There is no workspace").First).ToBeVisibleAsync();
        await mine.ReplaceTextAsync("// by olga\n");
        await second.GotoAsync(server.Origin);
        await Expect(second.GetByRole(AriaRole.Heading, new() { Name = "My workspaces" })).ToBeVisibleAsync();
        await Expect(second.GetByLabel("Whose workspaces")).ToHaveCountAsync(0);
    }
}
