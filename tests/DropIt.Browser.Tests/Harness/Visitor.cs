namespace DropIt.Browser.Tests.Harness;

/// <summary>A browser with cookies and storage of its own, signed in to one server. Its windows share them, as tabs do.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private readonly TestServer _server;
    private readonly IBrowserContext _context;

    private Visitor(TestServer server, IBrowserContext context)
    {
        _server = server;
        _context = context;
    }

    /// <summary>The browser's side of it: cookies, network, permissions.</summary>
    public IBrowserContext Context => _context;

    /// <summary>
    /// Opens a browser that is signed in. Unless <paramref name="options"/> allow it the page's worker is not installed, which would fetch the whole page once more for each spec.
    /// </summary>
    public static async Task<Visitor> SignInAsync(Chromium chromium, TestServer server, BrowserNewContextOptions? options = null)
    {
        options ??= new();
        // So high that the editor draws the whole of a template's longest file, whose text is then in the document.
        options.ViewportSize ??= new() { Width = 1440, Height = 1400 };
        options.IgnoreHTTPSErrors = true; // those of a server with tls
        options.StorageStatePath = await server.SignedInAsync(chromium);
        options.ServiceWorkers ??= ServiceWorkerPolicy.Block;
        var context = await chromium.Browser.NewContextAsync(options);
        context.SetDefaultTimeout(20_000);
        return new Visitor(server, context);
    }

    /// <summary>A window that shows the home page.</summary>
    public async Task<IPage> HomeAsync()
    {
        var page = await _context.NewPageAsync();
        await page.GotoAsync(_server.Origin);
        return page;
    }

    /// <summary>Makes a workspace as a user does: a click in the gallery.</summary>
    /// <param name="stack">The stack's name on its card, such as <c>Go</c>.</param>
    public async Task<Workbench> CreateAsync(string stack)
    {
        var page = await HomeAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = $"New {stack} workspace", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/w/*");
        var window = new Workbench(page, _server);
        await window.IsReadyAsync();
        return window;
    }

    /// <summary>A window on a workspace that exists.</summary>
    public async Task<Workbench> OpenAsync(string slug)
    {
        var page = await _context.NewPageAsync();
        await page.GotoAsync($"{_server.Origin}/w/{slug}");
        var window = new Workbench(page, _server);
        await window.IsReadyAsync();
        return window;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}
