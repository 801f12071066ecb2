using System.Text.Json;

namespace DropIt.Browser.Tests.Harness;

/// <summary>The accessibility checker axe-core, run in a page.</summary>
internal static class Axe
{
    private static readonly Lazy<string> Script =
        new(() => File.ReadAllText(Path.Combine(Checkout.Root, "web/node_modules/axe-core/axe.min.js")));

    /// <summary>Checks what the page shows now.</summary>
    /// <param name="page">The page.</param>
    /// <param name="view">What it shows, for the message.</param>
    public static async Task HasNoViolationsAsync(IPage page, string view)
    {
        var violations = await ViolationsAsync(page);
        Assert.True(violations.Count == 0, $"{view}:\n{string.Join('\n', violations)}");
    }

    /// <summary>What is wrong with what the page shows now, without what previewed programs show in their frames; in words.</summary>
    /// <param name="page">The page.</param>
    /// <param name="colours">Only the colours are looked at, which are what another theme changes.</param>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(IPage page, bool colours = false)
    {
        if (!await page.EvaluateAsync<bool>("() => 'axe' in window"))
        {
            await page.EvaluateAsync($"() => {{ {Script.Value} }}");
        }

        var found = await page.EvaluateAsync<JsonElement>(
            """
            async (colours) => {
              const ending = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity);
              await Promise.allSettled(ending.map((animation) => animation.finished));
              // Who has opened a menu is in it and nowhere else; it stands outside the page's landmarks.
              const menu = document.querySelector("[role=menu]");
              // The one rule that WCAG 2.2 brought and axe can check; it is off unless it is asked for.
              const rules = { "target-size": { enabled: true }, ...(menu ? { region: { enabled: false } } : {}) };
              const which = colours ? { runOnly: ["color-contrast", "link-in-text-block"] } : { rules };
              const { violations } = await axe.run(menu ?? document, { iframes: false, resultTypes: ["violations"], ...which });
              return violations.map(({ id, help, nodes }) =>
                `${id}: ${help}\n` + nodes.slice(0, 5).map(({ html, failureSummary }) => `    ${html}\n    ${failureSummary}`).join("\n"));
            }
            """,
            colours);
        return [.. found.EnumerateArray().Select(violation => violation.GetString()!)];
    }
}
