using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Every view by axe, in both themes and on a phone; and what cannot be seen by a checker.</summary>
public sealed class AccessibilitySpecs(Chromium chromium, SharedServer shared)
{
    [Theory]
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

    [Fact]
    public async Task Every_pane_is_reached_by_Tab_and_shows_its_focus()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.OpenAsync("index.js");

        // Out of the editor by Escape and Tab, as its label says.
        await bench.Editor.FocusAsync();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 80; i++)
        {
            await bench.Page.Keyboard.PressAsync("Escape");
            await bench.Page.Keyboard.PressAsync("Tab");
            var at = await bench.Page.EvaluateAsync<string[]>(
                """
                () => {
                  const focused = document.activeElement;
                  const region = focused.closest("section[aria-label], nav[aria-label], header, [role=status]");
                  const style = getComputedStyle(focused);
                  const shown = style.outlineStyle !== "none" || style.boxShadow !== "none" || focused.matches(".cm-content, textarea");
                  return [region?.getAttribute("aria-label") ?? region?.tagName ?? "", String(shown), focused.outerHTML.slice(0, 200)];
                }
                """);
            seen.Add(at[0]);
            Assert.True(at[1] == "true" || at[0].Length == 0, $"The focus cannot be seen on {at[2]}");
        }

        Assert.Superset(new HashSet<string>(["Editor", "Files", "Side bar", "Output", "HEADER"], StringComparer.Ordinal), seen);
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
}
