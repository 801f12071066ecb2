using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Environment variables and secrets, set in the page.</summary>
public sealed class VariablesSpecs(Chromium chromium, SharedServer shared)
{
    [Fact]
    public async Task What_is_saved_is_in_new_terminals_and_a_secret_is_never_shown_again()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var workbench = await visitor.CreateAsync("Empty");
        var page = workbench.Page;
        await workbench.CommandAsync("echo rea''dy", prints: "ready");
        await workbench.PerformAsync("Environment variables and secrets");
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Environment variables" });
        var (name, value) = (dialog.GetByLabel("Name"), dialog.GetByLabel("Value"));
        var secret = dialog.GetByRole(AriaRole.Checkbox);
        var save = dialog.GetByRole(AriaRole.Button, new() { Name = "Save" });
        await Expect(dialog).ToContainTextAsync("Terminals and programs that are open keep what they had.");

        await name.FillAsync("PATH");
        await value.FillAsync("/nowhere");
        await save.ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert).Filter(new() { HasText = "PATH is set by the workspace itself" })).ToBeVisibleAsync();

        await name.FillAsync("API_KEY");
        await value.FillAsync("hush-4711");
        await Expect(secret).ToBeCheckedAsync();
        await save.ClickAsync();
        await Expect(dialog).ToContainTextAsync("Saved. What you start from now on has it.");
        await name.FillAsync("LEVEL");
        await value.FillAsync("debug");
        await secret.UncheckAsync();
        await save.ClickAsync();
        var listed = dialog.GetByRole(AriaRole.List, new() { Name = "Variables" });
        await Expect(listed.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
        await Expect(listed).ToContainTextAsync("debug");
        await Axe.HasNoViolationsAsync(page, "variables");

        // Another window, which has seen nothing of what was typed.
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync(page.Url);
        await other.GetByRole(AriaRole.Button, new() { Name = "Environment variables" }).ClickAsync();
        var there = other.GetByRole(AriaRole.Dialog, new() { Name = "Environment variables" });
        await Expect(there).ToContainTextAsync("API_KEY");
        await there.GetByRole(AriaRole.Button, new() { Name = "Replace API_KEY" }).ClickAsync();
        await Expect(there.GetByLabel("Name")).ToHaveValueAsync("API_KEY");
        await Expect(there.GetByLabel("Value")).ToHaveValueAsync("");
        Assert.DoesNotContain("hush-4711", await other.ContentAsync(), StringComparison.Ordinal);
        await other.CloseAsync();

        await page.Keyboard.PressAsync("Escape");
        await workbench.CommandAsync("echo \"kept ${API_KEY-nothing}\"", prints: "kept nothing");
        await workbench.NewTerminalAsync();
        await workbench.CommandAsync("echo \"$API_KEY $LEVEL\" | tr a-z A-Z", prints: "HUSH-4711 DEBUG");
    }
}
