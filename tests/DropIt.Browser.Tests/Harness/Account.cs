namespace DropIt.Browser.Tests.Harness;

/// <summary>Someone with an account at a server of their own browser.</summary>
internal sealed class Account : IAsyncDisposable
{
    private readonly TestServer _server;
    private readonly IBrowserContext _context;

    private Account(TestServer server, IBrowserContext context, IPage page) => (_server, _context, Page) = (server, context, page);

    /// <summary>Their window.</summary>
    public IPage Page { get; }

    /// <summary>Signs up and shows the home page.</summary>
    public static async Task<Account> SignUpAsync(Chromium chromium, TestServer server, string userName)
    {
        var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 1000 } });
        context.SetDefaultTimeout(20_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync(server.Origin + "/signup");
        await page.GetByLabel("User name").FillAsync(userName);
        await page.GetByLabel("Password").FillAsync("correct horse battery");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make the account" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What do you want to build?" })).ToBeVisibleAsync();
        return new Account(server, context, page);
    }

    /// <summary>Makes a workspace and shows it.</summary>
    public async Task<Workbench> CreateAsync(string stack)
    {
        await Page.GotoAsync(_server.Origin);
        await Page.GetByRole(AriaRole.Button, new() { Name = $"New {stack} workspace", Exact = true }).ClickAsync();
        await Page.WaitForURLAsync("**/w/*");
        return await ShownAsync();
    }

    /// <summary>Opens a workspace from the home page, where it is listed.</summary>
    public async Task<Workbench> OpenAsync(string name)
    {
        await Page.GotoAsync(_server.Origin);
        await Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();
        return await ShownAsync();
    }

    /// <summary>The workspace that the window shows.</summary>
    public async Task<Workbench> ShownAsync()
    {
        await Page.WaitForURLAsync("**/w/*");
        var bench = new Workbench(Page, _server);
        await bench.IsReadyAsync();
        return bench;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}
