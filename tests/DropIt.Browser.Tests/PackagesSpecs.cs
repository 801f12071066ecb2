using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>The dependencies panel, with the real tools and what of the registries can be reached.</summary>
public sealed class PackagesSpecs(Chromium chromium, SharedServer shared)
{
    [Fact]
    public async Task An_npm_package_is_found_as_it_is_typed_added_in_a_terminal_and_removed()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        var panel = await OpenAsync(bench);
        await panel.GetByRole(AriaRole.Button, new() { Name = "Add a package to package.json" }).ClickAsync();
        await panel.GetByRole(AriaRole.Combobox, new() { Name = "Find a package" }).FillAsync("left-pad");
        var option = panel.GetByRole(AriaRole.Option).First;
        await Expect(option).ToContainTextAsync("1.3.0", new() { Timeout = 20_000 });
        await bench.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "packages-adding.png") });
        await option.ClickAsync();

        await Expect(bench.Screen).ToContainTextAsync("npm install left-pad@1.3.0", new() { Timeout = 20_000 });
        var line = panel.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "left-pad" });
        await Expect(line).ToContainTextAsync("^1.3.0", new() { Timeout = 60_000 });
        await Expect(line).Not.ToContainTextAsync("not installed", new() { Timeout = 60_000 });
        await panel.GetByRole(AriaRole.Button, new() { Name = "Find updates" }).ClickAsync();
        await bench.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "packages.png") });

        await line.HoverAsync();
        await line.GetByRole(AriaRole.Button, new() { Name = "Remove left-pad" }).ClickAsync();
        await Expect(line).ToBeHiddenAsync(new() { Timeout = 60_000 });
    }

    [Fact]
    public async Task Manifests_of_every_kind_are_listed_with_what_they_ask_for()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.NewTerminalAsync();
        await bench.CommandAsync(
            "mkdir api; printf 'Flask==3.0.1\\n' > requirements.txt; printf 'module a\\nrequire github.com/x/y v1.2.3\\n' > api/go.mod; "
            + "echo '<Project><ItemGroup><PackageReference Include=\"Humanizer\" Version=\"3.0.1\" /></ItemGroup></Project>' > App.csproj; echo '{' > api/package.json");
        var panel = await OpenAsync(bench);
        await Expect(panel.GetByRole(AriaRole.Group, new() { Name = "requirements.txt" })).ToContainTextAsync("==3.0.1");
        await Expect(panel.GetByRole(AriaRole.Group, new() { Name = "api/go.mod" })).ToContainTextAsync("v1.2.3");
        await Expect(panel.GetByRole(AriaRole.Group, new() { Name = "App.csproj" })).ToContainTextAsync("Humanizer");
        await Expect(panel.GetByRole(AriaRole.Group, new() { Name = "api/package.json" })).ToContainTextAsync("not valid JSON");
    }

    private static async Task<ILocator> OpenAsync(Workbench bench)
    {
        await bench.Page.GetByRole(AriaRole.Navigation, new() { Name = "Side bar" })
            .GetByRole(AriaRole.Button, new() { Name = "Dependencies" }).ClickAsync();
        var panel = bench.Page.GetByRole(AriaRole.Region, new() { Name = "Dependencies" });
        await Expect(panel).ToBeVisibleAsync();
        return panel;
    }
}
