using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Every view by axe, in both themes and on a phone; and what cannot be seen by a checker.</summary>
public sealed class AccessibilitySpecs(Chromium chromium, SharedServer shared)
{
    [Theory(Explicit = true)]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 375)]
    public async Task No_view_has_a_violation(ColorScheme scheme, int width)
    {
        await using var maker = await Visitor.SignInAsync(chromium, shared.Server);
        var slug = (await maker.CreateAsync("Node.js")).Slug;
        await using var visitor = await Visitor.SignInAsync(
            chromium, shared.Server, new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 800 } });
        var home = await visitor.HomeAsync();
        await Expect(home.GetByText(slug)).ToBeVisibleAsync();
        await Axe.HasNoViolationsAsync(home, "home");
        await foreach (var (view, page) in Views.OfWorkspaceAsync(visitor, shared.Server, slug, narrow: width < 768))
        {
            await Axe.HasNoViolationsAsync(page, view);
        }
    }

    [Fact(Explicit = true)]
    public async Task F6_goes_from_pane_to_pane_also_out_of_a_terminal()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.OpenAsync("index.js");
        await Expect(bench.Screen).ToBeVisibleAsync();
        await bench.Editor.FocusAsync();
        var forth = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            await bench.Page.Keyboard.PressAsync("F6");
            forth.Add(await FocusedPaneAsync(bench.Page));
        }

        Assert.Equal(["Terminal", "Output", "header", "File explorer", "Editor"], forth);
        await bench.Page.Keyboard.PressAsync("Shift+F6");
        Assert.Equal("File explorer", await FocusedPaneAsync(bench.Page));
    }

    [Fact(Explicit = true)]
    public async Task What_has_the_focus_shows_it()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.OpenAsync("index.js");
        await bench.PerformAsync("Show or hide the terminal");
        await bench.Editor.FocusAsync();
        for (var i = 0; i < 40; i++)
        {
            // Out of the editor by Escape and Tab.
            await bench.Page.Keyboard.PressAsync("Escape");
            await bench.Page.Keyboard.PressAsync("Tab");
            var hidden = await bench.Page.EvaluateAsync<string>(
                """
                () => {
                  const focused = document.activeElement;
                  const style = getComputedStyle(focused);
                  const shown = style.outlineStyle !== "none" || style.boxShadow !== "none";
                  return shown || focused.matches("body, iframe, .cm-content, .cm-scroller") ? "" : focused.outerHTML.slice(0, 300);
                }
                """);
            Assert.True(hidden.Length == 0, $"The focus cannot be seen on {hidden}");
        }
    }

    [Fact]
    public async Task Nothing_moves_for_who_wants_it_still()
    {
        await using var visitor = await Visitor.SignInAsync(
            chromium, shared.Server, new() { ReducedMotion = ReducedMotion.Reduce, ViewportSize = new() { Width = 1440, Height = 900 } });
        var bench = await visitor.CreateAsync("Empty");
        await bench.Page.Keyboard.PressAsync("F1");
        var longest = await bench.Page.EvaluateAsync<double>(
            "() => Math.max(0, ...document.getAnimations().map((animation) => Number(animation.effect.getComputedTiming().activeDuration)))");
        Assert.True(longest <= 1, $"Something moves for {longest} ms.");
    }

    private static Task<string> FocusedPaneAsync(IPage page) => page.EvaluateAsync<string>(
        "() => { const pane = document.activeElement.closest('header, section[aria-label]'); return pane?.getAttribute('aria-label') ?? pane?.tagName.toLowerCase() ?? ''; }");
}
