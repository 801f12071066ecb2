using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Accounts as people meet them: signing up and in, by password and by passkey, and looking after it all.</summary>
public sealed class AccountSpecs(Chromium chromium)
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task Who_signs_up_may_come_back_by_password_and_by_passkey()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var context = await chromium.Browser.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(server.Origin);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
        await Axe.HasNoViolationsAsync(page, "sign in");
        await page.GetByRole(AriaRole.Link, new() { Name = "Make an account" }).ClickAsync();
        await page.GetByLabel("User name").FillAsync("ann");
        await page.GetByLabel("Password").FillAsync(Password);
        await Axe.HasNoViolationsAsync(page, "sign up");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the account" }).ClickAsync();
        await IsHomeAsync(page);

        var devices = await context.NewCDPSessionAsync(page);
        await devices.SendAsync("WebAuthn.enable");
        await devices.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
        await page.GetByRole(AriaRole.Button, new() { Name = "Account: ann" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Your account" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        var passkeys = page.GetByRole(AriaRole.Region, new() { Name = "Passkeys" });
        await Expect(passkeys.GetByRole(AriaRole.Listitem)).ToContainTextAsync("Chrome on Linux");
        await Axe.HasNoViolationsAsync(page, "account");

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await IsHomeAsync(page);

        await page.GotoAsync(server.Origin + "/account");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Signed-in browsers" })).ToContainTextAsync("by passkey");
        await passkeys.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Expect(passkeys.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("not known here");
        await page.GetByLabel("User name").FillAsync("ann");
        await page.GetByLabel("Password").FillAsync("not the password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("User name or password is not right.");
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await IsHomeAsync(page);
    }

    [Fact]
    public async Task An_admin_invites_someone_and_shuts_them_out_again()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "invitation"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var admin = await visitor.HomeAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "Account: you" }).ClickAsync();
        await admin.GetByRole(AriaRole.Menuitem, new() { Name = "People" }).ClickAsync();
        await admin.GetByLabel("For whom").FillAsync("Bob");
        await admin.GetByRole(AriaRole.Button, new() { Name = "Invite someone" }).ClickAsync();
        var address = await admin.GetByText("signup?invitation=").InnerTextAsync();
        await Axe.HasNoViolationsAsync(admin, "people");

        await using var other = await chromium.Browser.NewContextAsync();
        var bob = await other.NewPageAsync();
        await bob.GotoAsync(server.Origin + "/signup");
        await Expect(bob.GetByRole(AriaRole.Heading, new() { Name = "By invitation only" })).ToBeVisibleAsync();
        await bob.GotoAsync(address);
        await bob.GetByLabel("User name").FillAsync("bob");
        await bob.GetByLabel("Password").FillAsync(Password);
        await bob.GetByRole(AriaRole.Button, new() { Name = "Make the account" }).ClickAsync();
        await IsHomeAsync(bob);
        await bob.GotoAsync(server.Origin + "/people");
        await Expect(bob.GetByRole(AriaRole.Heading, new() { Name = "There is nothing here" })).ToBeVisibleAsync();

        await admin.ReloadAsync();
        await bob.GotoAsync(server.Origin + "/admin");
        await Expect(bob.GetByRole(AriaRole.Heading, new() { Name = "There is nothing here" })).ToBeVisibleAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "Make an admin: bob" }).ClickAsync();
        await Expect(admin.GetByRole(AriaRole.Button, new() { Name = "No longer an admin: bob" })).ToBeVisibleAsync();
        await bob.ReloadAsync();
        await Expect(bob.GetByRole(AriaRole.Heading, new() { Name = "This server" })).ToBeVisibleAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "No longer an admin: bob" }).ClickAsync();
        await Expect(admin.GetByRole(AriaRole.Button, new() { Name = "Make an admin: bob" })).ToBeVisibleAsync();
        await bob.ReloadAsync();
        await Expect(bob.GetByRole(AriaRole.Heading, new() { Name = "There is nothing here" })).ToBeVisibleAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "Disable bob" }).ClickAsync();
        await Expect(admin.GetByRole(AriaRole.Button, new() { Name = "Enable bob" })).ToBeVisibleAsync();
        await bob.GotoAsync(server.Origin);
        await Expect(bob.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_token_is_made_shown_once_and_revoked_where_there_is_one_user_too()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server, new() { ViewportSize = new() { Width = 375, Height = 800 } });
        var page = await visitor.HomeAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Account: you" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "API tokens" }).ClickAsync();
        await page.GetByLabel("What a new token is for").FillAsync("the build");
        await page.GetByLabel("It may").SelectOptionAsync("write");
        await page.GetByLabel("What a new token is for").PressAsync("Enter");
        var token = await page.GetByText("dropit_").InnerTextAsync();
        Assert.Matches("^dropit_[A-Za-z0-9_-]{43}$", token);
        await Axe.HasNoViolationsAsync(page, "API tokens");
        Assert.Equal(375, await page.EvaluateAsync<int>("document.scrollingElement.scrollWidth"));

        using var program = new HttpClient { BaseAddress = new Uri(server.Origin) };
        program.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var cancel = TestContext.Current.CancellationToken;
        Assert.True((await program.GetAsync("/api/workspaces", cancel)).IsSuccessStatusCode);
        await page.ReloadAsync();
        await Expect(page.GetByText("may change workspaces")).ToBeVisibleAsync();
        await Expect(page.GetByText(token)).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke the build" }).ClickAsync();
        await Expect(page.GetByText("may change workspaces")).ToHaveCountAsync(0);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, (await program.GetAsync("/api/workspaces", cancel)).StatusCode);
    }

    private static Task IsHomeAsync(IPage page) =>
        Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What do you want to build?" })).ToBeVisibleAsync();
}
