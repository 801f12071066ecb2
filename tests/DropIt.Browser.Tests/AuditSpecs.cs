using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>The audit log as people read it.</summary>
public sealed class AuditSpecs(Chromium chromium)
{
    [Fact]
    public async Task An_owner_reads_who_came_and_an_admin_takes_it_all_home()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var ann = await Account.SignUpAsync(chromium, server, "ann");
        await ann.CreateAsync("Empty");
        await ann.Page.GotoAsync(server.Origin);
        await ann.Page.GetByRole(AriaRole.Button, new() { Name = "Account: ann" }).ClickAsync();
        await ann.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Audit log" }).ClickAsync();
        var entries = ann.Page.GetByRole(AriaRole.Region, new() { Name = "Entries" }).GetByRole(AriaRole.Listitem);
        await Expect(entries).ToHaveCountAsync(3);
        await Expect(entries.First).ToContainTextAsync("ann opened the workspace");
        await Expect(entries.Nth(1)).ToContainTextAsync("ann made the workspace Empty");
        await ann.Page.GetByLabel("What").SelectOptionAsync("signedIn");
        await ann.Page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Expect(entries).ToHaveCountAsync(1);
        await Expect(entries).ToContainTextAsync("ann signed in by password");

        await using var visitor = await Visitor.SignInAsync(chromium, server, new() { ViewportSize = new() { Width = 375, Height = 800 } });
        var admin = await visitor.HomeAsync();
        await admin.GotoAsync(server.Origin + "/audit");
        await Expect(admin.GetByText("ann made the account ann")).ToBeVisibleAsync();
        await Axe.HasNoViolationsAsync(admin, "audit log");
        Assert.Equal(375, await admin.EvaluateAsync<int>("document.scrollingElement.scrollWidth"));
        await admin.GetByLabel("Who").FillAsync("ann");
        await admin.GetByLabel("Who").PressAsync("Enter");
        await Expect(admin.GetByText("you signed in")).ToHaveCountAsync(0);
        var download = await admin.RunAndWaitForDownloadAsync(() => admin.GetByRole(AriaRole.Link, new() { Name = "Download as CSV" }).ClickAsync());
        var lines = await File.ReadAllLinesAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
        Assert.Equal("id,at,who,act,workspace,about,address,way", lines[0]);
        Assert.Equal(5, lines.Length);
        await admin.GetByRole(AriaRole.Link, new() { Name = "People" }).ClickAsync();
        await Expect(admin.GetByRole(AriaRole.Heading, new() { Name = "People" })).ToBeVisibleAsync();
    }
}
