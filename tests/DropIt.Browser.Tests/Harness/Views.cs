using System.Text.RegularExpressions;

namespace DropIt.Browser.Tests.Harness;

/// <summary>Every view of a workspace, one after the other in one window, each with something to see in it.</summary>
internal static class Views
{
    /// <summary>Shows the views of a workspace made from the Node.js stack; the name of each and the window that shows it.</summary>
    /// <param name="visitor">Whose window.</param>
    /// <param name="server">Where the workspace is.</param>
    /// <param name="slug">Its slug.</param>
    /// <param name="narrow">One pane fits at a time.</param>
    public static async IAsyncEnumerable<(string View, IPage Page)> OfWorkspaceAsync(
        Visitor visitor, TestServer server, string slug, bool narrow)
    {
        var page = await visitor.Context.NewPageAsync();
        await page.GotoAsync($"{server.Origin}/w/{slug}");
        await Expect(page.GetByRole(AriaRole.Navigation, new() { Name = "Where you are" })).ToBeVisibleAsync();
        await Expect(page.Locator(".cm-line").First).ToBeVisibleAsync();
        yield return ("workspace", page);
        if (narrow)
        {
            foreach (var pane in (string[])["Files", "Terminal", "Output"])
            {
                await page.GetByRole(AriaRole.Navigation, new() { Name = "Panes" })
                    .GetByRole(AriaRole.Button, new() { Name = pane }).ClickAsync();
                await Expect(page.Locator("main [aria-busy]")).ToHaveCountAsync(0);
                yield return ($"workspace-{pane.ToLowerInvariant()}", page);
            }
        }

        await page.Keyboard.PressAsync("Control+Shift+h");
        await page.GetByLabel("Search in all files").FillAsync("port");
        await page.GetByLabel("Replace by").FillAsync("harbour");
        await Expect(page.GetByText(new Regex(@"matches in \d+ files"))).ToBeVisibleAsync();
        yield return ("search", page);
        await page.GetByLabel("Search in all files").FillAsync("");
        await Expect(page.GetByText("Searches every file of the workspace")).ToBeVisibleAsync();
        yield return ("search-empty", page);

        await page.Keyboard.PressAsync("Control+Alt+h");
        await Expect(page.GetByText("Nothing has changed yet")).ToBeVisibleAsync();
        yield return ("history-empty", page);

        foreach (var (view, keys, ready) in ((string, string, string)[])
            [("quick-open", "Control+p", "[role=option]"), ("palette", "F1", "[role=option]"), ("settings", "Control+,", "select")])
        {
            await page.Keyboard.PressAsync(keys);
            await Expect(page.Locator("[role=dialog]").Locator(ready).First).ToBeVisibleAsync();
            yield return (view, page);
            await page.Keyboard.PressAsync("Escape");
            await Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        }

        await page.Keyboard.PressAsync("F1");
        await page.GetByRole(AriaRole.Combobox).FillAsync(">keyboard shortcuts");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByLabel("Find a shortcut")).ToBeVisibleAsync();
        yield return ("shortcuts", page);
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Dialog).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        if (narrow)
        {
            await page.GetByRole(AriaRole.Navigation, new() { Name = "Panes" })
                .GetByRole(AriaRole.Button, new() { Name = "Editor" }).ClickAsync();
        }

        await page.Keyboard.PressAsync("Control+e");
        await Expect(page.GetByRole(AriaRole.Option).First).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Alt+w");
        await Expect(page.GetByText("Run the program").First).ToBeVisibleAsync();
        yield return ("no-file", page);
    }
}
