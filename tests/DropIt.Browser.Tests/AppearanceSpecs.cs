using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Pictures for people to look at, in <c>artifacts/screenshots</c>; and that nothing hangs over the edge.</summary>
public sealed class AppearanceSpecs(Chromium chromium, SharedServer shared)
{
    [Theory]
    [InlineData("light", ColorScheme.Light, 1440, 900)]
    [InlineData("dark", ColorScheme.Dark, 1440, 900)]
    [InlineData("narrow", ColorScheme.Light, 375, 740)]
    public async Task Home_and_workspace_fit_the_window(string name, ColorScheme scheme, int width, int height)
    {
        await using var wide = await Visitor.SignInAsync(chromium, shared.Server);
        var made = await wide.CreateAsync("Node.js");
        await made.OpenAsync("index.js");
        await made.RunAsync();
        await Expect(made.Preview.GetByRole(AriaRole.Heading)).ToBeVisibleAsync(new() { Timeout = 60_000 });

        await using var visitor = await Visitor.SignInAsync(
            chromium, shared.Server, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height } });
        var home = await visitor.HomeAsync();
        await Expect(home.GetByText(made.Slug)).ToBeVisibleAsync();
        await PictureAsync(home, $"home-{name}");

        var page = await visitor.Context.NewPageAsync();
        await page.GotoAsync($"{shared.Server.Origin}/w/{made.Slug}");
        await Expect(page.GetByText("index.js").First).ToBeAttachedAsync();
        if (width > 1000)
        {
            var bench = new Workbench(page, shared.Server);
            await bench.IsReadyAsync();
            await bench.OpenAsync("index.js");
            await Expect(bench.Preview.GetByRole(AriaRole.Heading)).ToBeVisibleAsync();
        }

        await PictureAsync(page, $"workspace-{name}");
    }

    [Theory(Explicit = true)]
    [InlineData("light", ColorScheme.Light, 1440, 900)]
    [InlineData("light", ColorScheme.Light, 1024, 768)]
    [InlineData("light", ColorScheme.Light, 375, 740)]
    [InlineData("dark", ColorScheme.Dark, 1440, 900)]
    [InlineData("dark", ColorScheme.Dark, 1024, 768)]
    [InlineData("dark", ColorScheme.Dark, 375, 740)]
    public async Task Every_view_fits_the_window(string name, ColorScheme scheme, int width, int height)
    {
        await using var wide = await Visitor.SignInAsync(chromium, shared.Server);
        var made = await wide.CreateAsync("Node.js");
        await made.OpenAsync("index.js");
        await made.RunAsync();
        await Expect(made.Preview.GetByRole(AriaRole.Heading)).ToBeVisibleAsync(new() { Timeout = 60_000 });

        await using var visitor = await Visitor.SignInAsync(
            chromium, shared.Server, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height } });
        var home = await visitor.HomeAsync();
        await Expect(home.GetByText(made.Slug)).ToBeVisibleAsync();
        await PictureAsync(home, $"home-{name}-{width}");
        await foreach (var (view, page) in Views.OfWorkspaceAsync(visitor, shared.Server, made.Slug, narrow: width < 768))
        {
            if (view == "workspace" && width > 1000)
            {
                await Expect(page.FrameLocator("iframe").GetByRole(AriaRole.Heading)).ToBeVisibleAsync(new() { Timeout = 30_000 });
            }

            await PictureAsync(page, $"{view}-{name}-{width}");
        }
    }

    private static async Task PictureAsync(IPage page, string name)
    {
        await page.ScreenshotAsync(new()
        {
            Path = Path.Combine(Repository.Screenshots, name + ".png"),
            Animations = ScreenshotAnimations.Disabled,
        });
        var over = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - window.innerWidth");
        Assert.True(over <= 0, $"{name} is {over} px wider than the window.");
    }
}
