using DropIt.Browser.Tests.Harness;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace DropIt.Browser.Tests.Harness;

/// <summary>The browser of all tests: Debian's Chromium, built to have no window, which takes less of the processor. Each test has a context of its own in it.</summary>
public sealed class Chromium : IAsyncLifetime
{
    /// <summary>A name that leads to this machine, with all below it, and that browsers do not trust as they trust localhost.</summary>
    public const string Domain = "dropit.test";

    /// <summary>The browser's program.</summary>
    public static string Program => Environment.GetEnvironmentVariable("DROPIT_CHROMIUM") ?? "/usr/bin/chromium-headless-shell";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The running browser.</summary>
    public IBrowser Browser => _browser ?? throw new InvalidOperationException("The browser is not started yet.");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Program,
            // Without 3D the terminal draws its text into the document, where it can be read.
            Args = ["--no-sandbox", "--disable-background-networking", "--disable-3d-apis", $"--host-resolver-rules=MAP {Domain} 127.0.0.1, MAP *.{Domain} 127.0.0.1"],
        });
        SetDefaultExpectTimeout(15_000);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
    }
}
