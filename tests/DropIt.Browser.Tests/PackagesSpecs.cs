using System.IO.Compression;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>The dependencies panel, with the real tools and what of the registries can be reached.</summary>
public sealed class PackagesSpecs(Chromium chromium, SharedServer shared)
{
    // pip asks no registry, only the folder beside the list.
    private const string OnlyHere = "--no-index\n--find-links wheels\n";

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
        await PressAsync(line, "Remove left-pad");
        await Expect(line).ToBeHiddenAsync(new() { Timeout = 60_000 });
    }

    [Fact]
    public async Task An_npm_package_that_is_behind_is_found_and_updated()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        bench.Write("package.json", """{"dependencies": {"left-pad": "1.2.0"}}""");
        var panel = await OpenAsync(bench);
        var line = Line(panel, "left-pad");
        await Expect(line).ToContainTextAsync("1.2.0·not installed");
        await bench.NewTerminalAsync();
        await bench.CommandAsync("npm install && echo is-$((40+2))", prints: "is-42");
        await Expect(line).ToContainTextAsync("1.2.0·1.2.0", new() { Timeout = 60_000 });
        await panel.GetByRole(AriaRole.Button, new() { Name = "Find updates" }).ClickAsync();
        await Expect(line).ToContainTextAsync("→ 1.3.0", new() { Timeout = 20_000 });
        await bench.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "packages.png") });

        await PressAsync(line, "Update left-pad");
        await Expect(line).ToContainTextAsync("^1.3.0·1.3.0", new() { Timeout = 60_000 });
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

    [Fact]
    public async Task A_Python_package_is_added_updated_and_removed_with_pip_in_an_environment_of_the_workspace()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        WriteWheel(bench, "1.0.0");
        bench.Write("requirements.txt", OnlyHere);
        var panel = await OpenAsync(bench);
        await AddAsync(panel, "requirements.txt", "greeting");
        var line = Line(panel, "greeting");
        await Expect(line).ToContainTextAsync("any version·1.0.0", new() { Timeout = 60_000 });

        WriteWheel(bench, "1.1.0");
        await PressAsync(line, "Update greeting");
        await Expect(line).ToContainTextAsync("any version·1.1.0", new() { Timeout = 60_000 });
        await PressAsync(line, "Remove greeting");
        await Expect(line).ToBeHiddenAsync(new() { Timeout = 60_000 });
        await Expect(bench.Screen).ToContainTextAsync("Successfully uninstalled greeting-1.1.0", new() { Timeout = 60_000 });
        Assert.Equal(OnlyHere, await File.ReadAllTextAsync(bench.OnDisk("requirements.txt"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_Go_module_is_added_updated_and_removed_with_go_get()
    {
        await using var server = await TestServer.StartAsync(); // whose home folder has Go's settings
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        WriteModule(bench, "v1.0.0");
        bench.Write("go.mod", "module example.com/hello\n\ngo 1.19\n");
        bench.Write("main.go", "package main\n\nimport _ \"example.com/greeting\"\n\nfunc main() {}\n");
        await bench.NewTerminalAsync();
        await bench.CommandAsync("go env -w GOPROXY=file://$PWD/proxy GOSUMDB=off && echo is-$((40+2))", prints: "is-42");
        var panel = await OpenAsync(bench);
        await AddAsync(panel, "go.mod", "example.com/greeting");
        var line = Line(panel, "example.com/greeting");
        await Expect(line).ToContainTextAsync("v1.0.0·v1.0.0", new() { Timeout = 60_000 });

        WriteModule(bench, "v1.1.0");
        await PressAsync(line, "Update example.com/greeting");
        await Expect(line).ToContainTextAsync("v1.1.0·v1.1.0", new() { Timeout = 60_000 });
        await PressAsync(line, "Remove example.com/greeting");
        await Expect(line).ToBeHiddenAsync(new() { Timeout = 60_000 });
    }

    [Fact]
    public async Task A_NuGet_package_is_found_as_it_is_typed_added_updated_and_removed_with_dotnet()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        bench.Write("App.csproj", """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup></Project>""");
        var panel = await OpenAsync(bench);
        await panel.GetByRole(AriaRole.Button, new() { Name = "Add a package to App.csproj" }).ClickAsync();
        await panel.GetByRole(AriaRole.Combobox, new() { Name = "Find a package" }).FillAsync("Humanizer.Core");
        var option = panel.GetByRole(AriaRole.Option).Filter(new() { HasText = "Humanizer.Core" }).First;
        await option.ClickAsync(new() { Timeout = 20_000 });

        var line = Line(panel, "Humanizer.Core");
        await Expect(line).Not.ToContainTextAsync("not installed", new() { Timeout = 90_000 });

        // One that is behind.
        await bench.NewTerminalAsync();
        await bench.CommandAsync("dotnet add App.csproj package Humanizer.Core --version 2.14.1 && echo is-$((40+2))", prints: "is-42");
        await Expect(line).ToContainTextAsync("2.14.1·2.14.1", new() { Timeout = 60_000 });
        await PressAsync(line, "Update Humanizer.Core");
        await Expect(line).ToContainTextAsync("3.", new() { Timeout = 90_000 });
        await PressAsync(line, "Remove Humanizer.Core");
        await Expect(line).ToBeHiddenAsync(new() { Timeout = 60_000 });
    }

    /// <summary>A package of one line, as pip installs it without any registry.</summary>
    private static void WriteWheel(Workbench bench, string version)
    {
        var about = $"greeting-{version}.dist-info";
        Zip(bench, $"wheels/greeting-{version}-py3-none-any.whl", new()
        {
            ["greeting.py"] = "print('hello')\n",
            [$"{about}/METADATA"] = $"Metadata-Version: 2.1\nName: greeting\nVersion: {version}\n",
            [$"{about}/WHEEL"] = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            [$"{about}/RECORD"] = $"greeting.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n",
        });
    }

    /// <summary>One more version of a module in a module proxy that is a folder.</summary>
    private static void WriteModule(Workbench bench, string version)
    {
        const string Name = "example.com/greeting";
        const string GoMod = $"module {Name}\n\ngo 1.19\n";
        var folder = $"proxy/{Name}/@v";
        Zip(bench, $"{folder}/{version}.zip", new()
        {
            [$"{Name}@{version}/go.mod"] = GoMod,
            [$"{Name}@{version}/greeting.go"] = "package greeting\n",
        });
        bench.Write($"{folder}/{version}.mod", GoMod);
        bench.Write($"{folder}/{version}.info", $$"""{"Version":"{{version}}","Time":"2026-01-01T00:00:00Z"}""");
        var list = bench.OnDisk($"{folder}/list");
        bench.Write($"{folder}/list", (File.Exists(list) ? File.ReadAllText(list) : "") + version + "\n");
    }

    private static void Zip(Workbench bench, string path, Dictionary<string, string> files)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(bench.OnDisk(path))!);
        using var zip = ZipFile.Open(bench.OnDisk(path), ZipArchiveMode.Create);
        foreach (var (name, text) in files)
        {
            using var writer = new StreamWriter(zip.CreateEntry(name).Open());
            writer.Write(text);
        }
    }

    private static async Task AddAsync(ILocator panel, string manifest, string name)
    {
        await panel.GetByRole(AriaRole.Button, new() { Name = $"Add a package to {manifest}" }).ClickAsync();
        await panel.GetByRole(AriaRole.Combobox, new() { Name = "Find a package" }).FillAsync(name);
        await panel.GetByRole(AriaRole.Option).Filter(new() { HasText = name }).Last.ClickAsync();
    }

    private static async Task PressAsync(ILocator line, string button)
    {
        await line.HoverAsync();
        await line.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
    }

    private static ILocator Line(ILocator panel, string name) => panel.GetByRole(AriaRole.Listitem).Filter(new() { HasText = name });

    private static async Task<ILocator> OpenAsync(Workbench bench)
    {
        await bench.Page.GetByRole(AriaRole.Navigation, new() { Name = "Side bar" })
            .GetByRole(AriaRole.Button, new() { Name = "Dependencies" }).ClickAsync();
        var panel = bench.Page.GetByRole(AriaRole.Region, new() { Name = "Dependencies" });
        await Expect(panel).ToBeVisibleAsync();
        return panel;
    }
}
