using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>What the output pane shows of programs that serve, and of those that do not.</summary>
public sealed class PreviewSpecs(Chromium chromium, SharedServer shared)
{
    private const int Minute = 60_000;

    [Fact]
    public async Task An_edit_of_a_React_component_shows_without_a_reload()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("React + TypeScript");
        await bench.OpenAsync("src/App.tsx");
        await bench.RunAsync();
        await Expect(bench.Preview.GetByRole(AriaRole.Heading, new() { Name = "Hello, React" })).ToBeVisibleAsync(new() { Timeout = 2 * Minute });
        await bench.Preview.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(bench.Preview.GetByRole(AriaRole.Button)).ToHaveTextAsync("Clicked 1 times");
        await bench.Preview.Locator("body").EvaluateAsync("() => { window.untouched = 'yes' }");

        await bench.ReplaceWordAsync("Hello, React", "Hot, React");

        await Expect(bench.Preview.GetByRole(AriaRole.Heading, new() { Name = "Hot, React" })).ToBeVisibleAsync();
        await Expect(bench.Preview.GetByRole(AriaRole.Button)).ToHaveTextAsync("Clicked 1 times");
        Assert.Equal("yes", await bench.Preview.Locator("body").EvaluateAsync<string>("() => window.untouched"));
    }

    [Fact]
    public async Task By_plain_http_on_a_name_of_the_network_a_preview_is_shown_too()
    {
        await using var server = await TestServer.StartAsync(domain: Chromium.Domain);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Node.js");

        await bench.RunAsync();

        await Expect(bench.Preview.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Hello, Node.js", new() { Timeout = Minute });
    }

    [Fact]
    public async Task Whom_the_owner_chose_sees_the_page_from_elsewhere_and_it_is_remembered()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.RunAsync();
        await Expect(bench.Preview.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Hello, Node.js", new() { Timeout = Minute });
        var origin = new Uri((await bench.PreviewFrameAsync()).Url).GetLeftPart(UriPartial.Authority);
        var seenBy = bench.Output.GetByRole(AriaRole.Combobox, new() { NameRegex = new System.Text.RegularExpressions.Regex("^Who sees port ") });
        await Expect(seenBy).ToHaveValueAsync("private");
        var elsewhere = await chromium.Browser.NewContextAsync();
        var page = await elsewhere.NewPageAsync();
        await page.GotoAsync(origin);
        await Expect(page.GetByText("You are not signed in").First).ToBeVisibleAsync();

        await seenBy.SelectOptionAsync("public");
        await Expect(bench.Page.GetByText("Anyone who has the address sees it.").First).ToBeVisibleAsync();
        await page.GotoAsync(origin);
        await Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Hello, Node.js");

        await bench.Page.ReloadAsync();
        await Expect(seenBy).ToHaveValueAsync("public", new() { Timeout = Minute });
        await seenBy.SelectOptionAsync("private");
        await Expect(bench.Page.GetByText("Only the people of this workspace see it.").First).ToBeVisibleAsync();
        await page.GotoAsync(origin);
        await Expect(page.GetByText("You are not signed in").First).ToBeVisibleAsync();
        await Expect(bench.Preview.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Hello, Node.js");
        await elsewhere.CloseAsync();
    }

    [Fact]
    public async Task Two_workspaces_of_one_stack_run_side_by_side_each_with_its_own_port()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var one = await visitor.CreateAsync("Node.js");
        var two = await visitor.CreateAsync("Node.js");
        await one.OpenAsync("page.js");
        await one.ReplaceWordAsync("Hello, ", "First, ");
        await two.OpenAsync("page.js");
        await two.ReplaceWordAsync("Hello, ", "Second, ");

        await one.RunAsync();
        await two.RunAsync();
        await Expect(one.Preview.GetByRole(AriaRole.Heading)).ToHaveTextAsync("First, Node.js", new() { Timeout = Minute });
        await Expect(two.Preview.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Second, Node.js", new() { Timeout = Minute });

        var first = new Uri((await one.PreviewFrameAsync()).Url).Host.Split("--");
        var second = new Uri((await two.PreviewFrameAsync()).Url).Host.Split("--");
        Assert.NotEqual(first[0], second[0]);
        Assert.StartsWith(one.Slug, first[1], StringComparison.Ordinal);
        Assert.StartsWith(two.Slug, second[1], StringComparison.Ordinal);

        // The other workspace's port is not this one's to show.
        var page = await visitor.Context.NewPageAsync();
        await page.GotoAsync($"http://{second[0]}--{one.Slug}.localhost:{shared.Server.Port}/");
        await Expect(page.Locator("body")).ToContainTextAsync(second[0]);
        await Expect(page.Locator("body")).Not.ToContainTextAsync("Second, Node.js");
    }

    [Fact]
    public async Task A_port_that_is_not_up_yet_says_so_and_shows_the_program_once_it_is()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.NewTerminalAsync();
        var port = await bench.PortAsync();
        var page = await visitor.Context.NewPageAsync();

        await page.GotoAsync($"http://{port}--{bench.Slug}.localhost:{shared.Server.Port}/");
        await Expect(page.Locator("body")).ToContainTextAsync($"Nothing listens on port {port}");

        await bench.RunAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Hello, Node.js" })).ToBeVisibleAsync(new() { Timeout = Minute });
    }

    [Fact]
    public async Task A_crash_shows_its_exit_code_and_its_words()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.NewTerminalAsync();
        await bench.CommandAsync("echo 'console.error(\"out of\", \"cheese\"); process.exit(3)' > index.js; sed -i 's/--watch //' package.json");

        await bench.RunAsync();
        await Expect(bench.Screen).ToContainTextAsync("out of cheese", new() { Timeout = Minute });
        await Expect(bench.Page.GetByText("code 3").First).ToBeVisibleAsync();
        await Expect(bench.RunButton).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_server_on_the_wrong_address_is_told_which_one_to_use()
    {
        var address = NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus == OperationalStatus.Up)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
        Assert.SkipWhen(address is null, "This machine has no address but localhost.");
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Node.js");
        await bench.NewTerminalAsync();
        var port = await bench.PortAsync();
        await bench.CommandAsync(
            $"node -e 'require(\"http\").createServer((q, s) => s.end(\"hidden\")).listen({port}, \"{address}\", () => console.log(\"up\" + 1))'",
            prints: "up1");

        var page = await visitor.Context.NewPageAsync();
        await page.GotoAsync($"http://{port}--{bench.Slug}.localhost:{shared.Server.Port}/");
        await Expect(page.Locator("body")).ToContainTextAsync($"{address} only");
        await Expect(page.Locator("body")).Not.ToContainTextAsync("hidden");
    }
}
