using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>What no checker sees: where the keyboard goes, that its place is shown, and that nothing moves. Axe goes with <see cref="AppearanceSpecs"/>.</summary>
public sealed class AccessibilitySpecs(Chromium chromium, SharedServer shared)
{
    [Fact]
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

    [Fact]
    public async Task What_has_the_focus_shows_it()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.OpenAsync("index.js");
        await bench.PerformAsync("Show or hide the terminal");
        await bench.Editor.FocusAsync();
        var hidden = new HashSet<string>();
        for (var i = 0; i < 60; i++)
        {
            // Out of the editor by Escape and Tab.
            await bench.Page.Keyboard.PressAsync("Escape");
            await bench.Page.Keyboard.PressAsync("Tab");
            hidden.Add(await bench.Page.EvaluateAsync<string>(
                """
                () => {
                  const focused = document.activeElement;
                  const style = getComputedStyle(focused);
                  const shown = style.outlineStyle !== "none" || style.boxShadow !== "none";
                  return shown || focused.matches("body, iframe, .cm-content, .cm-scroller") ? "" : focused.outerHTML.slice(0, 300);
                }
                """));
        }

        hidden.Remove("");
        Assert.True(hidden.Count == 0, $"The focus cannot be seen on\n{string.Join('\n', hidden)}");
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
