namespace DropIt.Browser.Tests.Harness;

/// <summary>Pictures of views for people to look at, in <c>artifacts/screenshots</c>; and what a checker can see of them.</summary>
internal static class Look
{
    /// <summary>Width and height of the windows that views are looked at in: a wide screen, a tablet, a phone.</summary>
    public static TheoryData<int, int> Windows { get; } = new() { { 1440, 900 }, { 1024, 768 }, { 375, 740 } };

    /// <summary>Takes the pictures of what a page shows, in light and in dark.</summary>
    /// <param name="page">The page, in one of the <see cref="Windows"/>.</param>
    /// <param name="view">What it shows, for the pictures' names and the messages.</param>
    /// <returns>What is wrong with it, in words.</returns>
    public static async Task<List<string>> AtAsync(IPage page, string view)
    {
        var faults = new List<string>();
        var width = page.ViewportSize!.Width;
        foreach (var (name, scheme) in ((string, ColorScheme)[])[("light", ColorScheme.Light), ("dark", ColorScheme.Dark)])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.EvaluateAsync("() => new Promise(requestAnimationFrame)"); // by then the page was told of the theme
            await page.ScreenshotAsync(new()
            {
                Path = Path.Combine(Repository.Screenshots, $"{view}-{name}-{width}.png"),
                Animations = ScreenshotAnimations.Disabled,
            });
            faults.AddRange((await Axe.ViolationsAsync(page, colours: scheme == ColorScheme.Dark)).Select(violation => $"{view}, {name}, {width}: {violation}"));
        }

        var over = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - window.innerWidth");
        return over > 0 ? [.. faults, $"{view} is {over} px wider than the window of {width}."] : faults;
    }
}
