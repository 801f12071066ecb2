using System.Text.Json;

namespace DropIt.Browser.Tests.Harness;

/// <summary>The accessibility checker axe-core, run in a page.</summary>
internal static class Axe
{
    private static readonly Lazy<string> Script =
        new(() => File.ReadAllText(Path.Combine(Repository.Root, "web/node_modules/axe-core/axe.min.js")));

    /// <summary>Checks what the page shows now, without what previewed programs show in their frames.</summary>
    /// <param name="page">The page.</param>
    /// <param name="view">What it shows, for the message.</param>
    public static async Task HasNoViolationsAsync(IPage page, string view)
    {
        await page.EvaluateAsync($"() => {{ {Script.Value} }}");
        var found = await page.EvaluateAsync<JsonElement>(
            """
            async () => {
              const ending = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().iterations !== Infinity);
              await Promise.allSettled(ending.map((animation) => animation.finished));
              const { violations } = await axe.run(document, { iframes: false, resultTypes: ["violations"] });
              return violations.map(({ id, help, nodes }) =>
                `${id}: ${help}\n` + nodes.slice(0, 5).map(({ html, failureSummary }) => `    ${html}\n    ${failureSummary}`).join("\n"));
            }
            """);
        var violations = found.EnumerateArray().Select(violation => violation.GetString()).ToArray();
        Assert.True(violations.Length == 0, $"{view}:\n{string.Join('\n', violations)}");
    }
}
