using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Every view of the page, looked at in every window and theme.</summary>
public sealed class AppearanceSpecs(Chromium chromium, SharedServer shared)
{
    [Theory]
    [MemberData(nameof(Look.Windows), MemberType = typeof(Look))]
    public async Task Every_view_fits_the_window_and_has_no_violation(int width, int height)
    {
        await using var wide = await Visitor.SignInAsync(chromium, shared.Server);
        var made = await wide.CreateAsync("Node.js");
        made.Write("notes.md", Views.Notes);
        made.Write("logo.svg", Views.Logo);
        await made.RunAsync();
        await Expect(made.Preview.GetByRole(AriaRole.Heading)).ToBeVisibleAsync(new() { Timeout = 60_000 });
        var slug = made.Slug;
        await made.Page.CloseAsync();
        var empty = await wide.CreateAsync("Empty");
        await empty.Page.CloseAsync();

        await using var visitor = await Visitor.SignInAsync(
            chromium, shared.Server, new() { ViewportSize = new() { Width = width, Height = height } });
        var faults = new List<string>();
        await foreach (var (view, page) in new Views(visitor, shared.Server, slug, empty.Slug, width).AllAsync())
        {
            faults.AddRange(await Look.AtAsync(page, view));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [MemberData(nameof(Look.Windows), MemberType = typeof(Look))]
    public async Task Every_view_of_people_fits_the_window_and_has_no_violation(int width, int height)
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var ada = await Account.SignUpAsync(chromium, server, "ada-with-a-rather-long-name");
        await using var owner = await Account.SignUpAsync(chromium, server, "olga");
        await owner.CreateAsync("Node.js");
        await using var admin = await Visitor.SignInAsync(
            chromium, server, new() { ViewportSize = new() { Width = width, Height = height } });
        await using var context = await chromium.Browser.NewContextAsync(
            new() { ViewportSize = new() { Width = width, Height = height } });
        var stranger = await context.NewPageAsync();
        await owner.Page.SetViewportSizeAsync(width, height);
        var faults = new List<string>();
        var looking = await admin.HomeAsync();
        foreach (var (view, page, path, ready) in ((string, IPage, string, string)[])
        [
            ("signin", stranger, "/signin", "Sign in"), ("signup", stranger, "/signup", "Make an account"), ("account", owner.Page, "/account", "Your account"),
            ("accounts", looking, "/people", "People"), ("admin", looking, "/admin", "This server"), ("audit", looking, "/audit", "Audit log"),
        ])
        {
            await page.GotoAsync(server.Origin + path);
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = ready })).ToBeVisibleAsync();
            await Expect(page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle); // what its parts ask for is there
            faults.AddRange(await Look.AtAsync(page, view));
        }

        await looking.GotoAsync(server.Origin + "/admin");
        await looking.GetByRole(AriaRole.Button, new() { Name = "Events of Node.js" }).ClickAsync();
        var said = looking.GetByRole(AriaRole.List, new() { Name = "What was said of Node.js" });
        await said.ScrollIntoViewIfNeededAsync();
        faults.AddRange(await Look.AtAsync(looking, "admin-events"));

        await ada.Page.SetViewportSizeAsync(width, height);
        await ada.Page.GotoAsync(server.Origin);
        await Expect(ada.Page.GetByText("Nothing here yet")).ToBeVisibleAsync();
        faults.AddRange(await Look.AtAsync(ada.Page, "home-empty"));
        await ada.Page.GotoAsync(server.Origin + "/join/no-such-link");
        await Expect(ada.Page.GetByText("This link does not open")).ToBeVisibleAsync();
        faults.AddRange(await Look.AtAsync(ada.Page, "join"));

        await owner.Page.GotoAsync(server.Origin);
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Actions for Node.js" }).ClickAsync();
        await owner.Page.GetByRole(AriaRole.Menuitem, new() { Name = "Share" }).ClickAsync();
        await owner.Page.GetByLabel("User name").FillAsync("ada-with-a-rather-long-name");
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Expect(owner.Page.GetByLabel("Role of ada-with-a-rather-long-name")).ToBeVisibleAsync();
        await owner.Page.GetByRole(AriaRole.Button, new() { Name = "Make a link" }).ClickAsync();
        await Expect(owner.Page.GetByText("/join/")).ToBeVisibleAsync();
        faults.AddRange(await Look.AtAsync(owner.Page, "share"));
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [MemberData(nameof(Look.Windows), MemberType = typeof(Look))]
    public async Task Every_view_of_teams_fits_the_window_and_has_no_violation(int width, int height)
    {
        const string Team = "Platform and infrastructure of all of us";
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var bob = await Account.SignUpAsync(chromium, server, "bob-with-a-rather-long-name");
        await using var olga = await Account.SignUpAsync(chromium, server, "olga");
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var (hers, his, admin) = (olga.Page, bob.Page, await visitor.HomeAsync());
        foreach (var page in (IPage[])[hers, his, admin])
        {
            await page.SetViewportSizeAsync(width, height);
        }

        var faults = new List<string>();
        async Task SeenAsync(IPage page, string view)
        {
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle); // what its parts ask for is there
            faults.AddRange(await Look.AtAsync(page, view));
        }

        // 1. Before there is anything.
        await hers.GotoAsync(server.Origin + "/teams");
        await Expect(hers.GetByText("You are in none.")).ToBeVisibleAsync();
        await SeenAsync(hers, "teams-empty");
        await admin.GotoAsync(server.Origin + "/admin");
        await admin.GetByText("Nobody has made a team yet.").ScrollIntoViewIfNeededAsync();
        await SeenAsync(admin, "admin-teams-empty");
        await hers.GetByLabel("Name of a new team").FillAsync(Team);
        await hers.Keyboard.PressAsync("Enter");
        await Expect(hers.GetByRole(AriaRole.Heading, new() { Name = Team })).ToBeVisibleAsync();
        await SeenAsync(hers, "team-empty");
        var team = hers.Url;
        await his.GotoAsync(team);
        await Expect(his.GetByText("There is nothing here")).ToBeVisibleAsync();
        await SeenAsync(his, "team-none");
        await hers.GotoAsync(server.Origin);
        await hers.GetByLabel("Whose workspaces").SelectOptionAsync(Team);
        await Expect(hers.GetByText($"Everyone in {Team} edits")).ToBeVisibleAsync();
        await SeenAsync(hers, "home-team-empty");

        // 2. With people, a workspace and a template.
        await hers.GetByRole(AriaRole.Button, new() { Name = "New Node.js workspace", Exact = true }).ClickAsync();
        await hers.WaitForURLAsync("**/w/*");
        await hers.GotoAsync(team);
        await hers.GetByLabel("User name").FillAsync("bob-with-a-rather-long-name");
        await hers.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await Expect(hers.GetByLabel("Role of bob-with-a-rather-long-name")).ToHaveValueAsync("member");
        await hers.GetByRole(AriaRole.Button, new() { Name = "Use as a template" }).ClickAsync();
        await hers.GetByLabel("Name", new() { Exact = true }).FillAsync("Our usual start");
        await hers.GetByLabel("What it is good for").FillAsync("A server with our logging, and the checks that every one of ours has");
        await SeenAsync(hers, "use-as-template");
        await hers.GetByRole(AriaRole.Button, new() { Name = "Make the template" }).ClickAsync();
        await hers.GetByRole(AriaRole.Button, new() { Name = "Change Our usual start" }).ClickAsync();
        await SeenAsync(hers, "team");
        await his.GotoAsync(team);
        await Expect(his.GetByRole(AriaRole.Button, new() { Name = "Leave the team" })).ToBeVisibleAsync();
        await SeenAsync(his, "team-member");
        await his.GotoAsync(server.Origin + "/teams");
        await Expect(his.GetByText("you are a member, 2 members, 1 workspace")).ToBeVisibleAsync();
        await SeenAsync(his, "teams");

        // 3. Home of the team, and what is asked from there.
        await hers.GotoAsync(server.Origin);
        await Expect(hers.GetByRole(AriaRole.Button, new() { Name = "New workspace from the template Our usual start" })).ToBeVisibleAsync();
        await SeenAsync(hers, "home-team");
        await hers.GetByRole(AriaRole.Button, new() { Name = "Actions for Node.js" }).ClickAsync();
        await SeenAsync(hers, "home-team-menu");
        await hers.GetByRole(AriaRole.Menuitem, new() { Name = "Move" }).ClickAsync();
        await Expect(hers.GetByLabel("It belongs to")).ToBeVisibleAsync();
        await SeenAsync(hers, "move");
        await hers.Keyboard.PressAsync("Escape");
        await hers.GetByRole(AriaRole.Button, new() { Name = "Actions for Node.js" }).ClickAsync();
        await hers.GetByRole(AriaRole.Menuitem, new() { Name = "Share" }).ClickAsync();
        await Expect(hers.GetByText($"Members of the team {Team} edit it")).ToBeVisibleAsync();
        await SeenAsync(hers, "share-of-team");

        // 4. What admins of the server set.
        await admin.GotoAsync(server.Origin + "/admin");
        await admin.GetByRole(AriaRole.Button, new() { Name = $"Limits of the team {Team}" }).ClickAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "Set the limits" }).ScrollIntoViewIfNeededAsync();
        await admin.GetByLabel("Awake at once", new() { Exact = true }).FillAsync("1");
        await admin.GetByLabel("Storage, MiB").FillAsync("500");
        await SeenAsync(admin, "admin-team-limits");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Set the limits" }).ClickAsync();
        await Expect(admin.GetByRole(AriaRole.Button, new() { Name = "Set the limits" })).ToHaveCountAsync(0);
        await hers.GotoAsync(team);
        await hers.GetByText("0.01 MiB of 500 MiB").ScrollIntoViewIfNeededAsync();
        await SeenAsync(hers, "team-limits");
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task Who_comes_to_a_preview_while_its_workspace_wakes_is_told_so_until_the_program_is_there()
    {
        // A runner that begins when it is let.
        var folder = Directory.CreateTempSubdirectory("dropit-slow-").FullName;
        var (slow, held) = (Path.Combine(folder, "runner"), Path.Combine(folder, "held"));
        await File.WriteAllTextAsync(
            slow, $"#!/bin/sh\nwhile [ -e {held} ]; do sleep 0.05; done\nexec {Repository.Runner} \"$@\"\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(slow, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await using var server = await TestServer.StartAsync(more: ["--runner", slow, "--sandbox", "none"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.PerformAsync("Stop the workspace");
        var page = bench.Page;
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Wake it" })).ToBeVisibleAsync(new() { Timeout = 30_000 });

        await File.WriteAllTextAsync(held, "", TestContext.Current.CancellationToken);
        await page.GotoAsync(server.Origin.Replace("//", $"//3000--{bench.Slug}.", StringComparison.Ordinal), new() { Timeout = 60_000 });
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "The workspace is waking up" })).ToBeVisibleAsync();
        var faults = new List<string>();
        foreach (var (width, height) in Look.Windows.Select(row => row.Data))
        {
            await page.SetViewportSizeAsync(width, height);
            faults.AddRange(await Look.AtAsync(page, "waking"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        File.Delete(held);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Nothing listens on port 3000" })).ToBeVisibleAsync(new() { Timeout = 60_000 });
    }

    /// <summary>What is drawn first stays where it is: as a share of the window that moved, by the browser's own measure.</summary>
    [Theory]
    [InlineData(1440, 900)]
    [InlineData(375, 740)]
    public async Task Nothing_jumps_while_home_and_workspace_load(int width, int height)
    {
        await using var wide = await Visitor.SignInAsync(chromium, shared.Server);
        var made = await wide.CreateAsync("Node.js");
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server, new() { ViewportSize = new() { Width = width, Height = height } });
        await visitor.Context.AddInitScriptAsync(
            """
            window.shifts = [];
            new PerformanceObserver((list) => {
              for (const { value, hadRecentInput, sources } of list.getEntries()) {
                if (!hadRecentInput) window.shifts.push({ value, what: sources.map(({ node }) => node?.outerHTML?.slice(0, 160) ?? node?.textContent).join(" | ") });
              }
            }).observe({ type: "layout-shift", buffered: true });
            """);
        var page = await visitor.HomeAsync();
        await Expect(page.GetByText(made.Slug)).ToBeVisibleAsync();
        await StandsStillAsync(page, "home");

        await page.GotoAsync($"{shared.Server.Origin}/w/{made.Slug}");
        await Expect(page.Locator(".cm-line").First).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("Show the processes") })).ToBeVisibleAsync();
        await StandsStillAsync(page, "workspace");
    }

    private static async Task StandsStillAsync(IPage page, string view)
    {
        var moved = await page.EvaluateAsync<double>("() => window.shifts.reduce((sum, { value }) => sum + value, 0)");
        var what = await page.EvaluateAsync<string>("() => window.shifts.map(({ value, what }) => value.toFixed(4) + ': ' + what).join('\\n')");
        Assert.True(moved <= 0.02, $"{view} moved by {moved:0.000} of the window:\n{what}");
    }
}
