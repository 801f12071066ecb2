using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>The tools around a preview: sizes of devices, ports as tabs, the console, why it is blank, the code for a phone.</summary>
public sealed class OutputSpecs(Chromium chromium, SharedServer shared)
{
    [Fact]
    public async Task A_page_is_tried_in_the_sizes_of_a_phone_and_a_tablet_without_loading_again()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await ServeAsync(bench, "<h1>Sized</h1>");
        await bench.Preview.Locator("body").EvaluateAsync("() => { window.untouched = 'yes' }");
        foreach (var (name, width, height) in ((string Name, int Width, int Height)[])[("Phone", 390, 844), ("Tablet", 820, 1180)])
        {
            await Tool(bench, name).ClickAsync();
            await Expect(bench.Output.Locator("iframe")).ToHaveCSSAsync("width", $"{width}px");
            Assert.Equal([width, height], await bench.Preview.Locator("body").EvaluateAsync<int[]>("() => [innerWidth, innerHeight]"));
        }

        await Tool(bench, "Turn it").ClickAsync();
        await Expect(bench.Output.Locator("iframe")).ToHaveCSSAsync("width", "1180px");
        Assert.Equal("yes", await bench.Preview.Locator("body").EvaluateAsync<string>("() => window.untouched"));
        await bench.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "output-tablet.png") });
    }

    [Fact]
    public async Task Each_port_has_a_tab_and_its_page_stays_as_it_was_left()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        var first = await ServeAsync(bench, "<input aria-label=field>");
        await bench.Preview.GetByLabel("field").FillAsync("typed");
        await bench.NewTerminalAsync();
        var second = await ServeAsync(bench, "<h1>Second</h1>", shown: false);
        var tabs = bench.Page.GetByRole(AriaRole.Tablist, new() { Name = "Ports" });
        await tabs.GetByRole(AriaRole.Tab, new() { NameRegex = new Regex($"^{second}") }).ClickAsync();
        await Expect(Frame(bench, second).GetByRole(AriaRole.Heading)).ToHaveTextAsync("Second");
        await tabs.GetByRole(AriaRole.Tab, new() { NameRegex = new Regex($"^{first}") }).ClickAsync();
        await Expect(Frame(bench, first).GetByLabel("field")).ToHaveValueAsync("typed");
    }

    [Fact]
    public async Task The_console_of_the_page_stands_beside_it()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await ServeAsync(bench, "<h1>Talks</h1><img src=/gone.png><script>console.log(\"said %d\", 7, {a: [1, {b: 2}]}); console.warn(\"careful\"); setTimeout(() => missing(), 10); Promise.reject(new Error(\"refused\"))</script>", notFound: "/gone.png");
        var button = bench.Output.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Console, 3 errors") });
        await button.ClickAsync();
        var log = bench.Output.GetByRole(AriaRole.Log);
        await Expect(log).ToContainTextAsync("said 7 {a: [1, {b: 2}]}");
        await Expect(log).ToContainTextAsync("careful");
        await Expect(log).ToContainTextAsync("missing is not defined");
        await Expect(log).ToContainTextAsync("Unhandled rejection: Error: refused");
        await Expect(log).ToContainTextAsync("Could not load img");
        await bench.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "output-console.png") });
        await bench.Output.GetByRole(AriaRole.Button, new() { Name = "Problems only" }).ClickAsync();
        await Expect(log).Not.ToContainTextAsync("said 7");
    }

    [Theory]
    [InlineData("X-Frame-Options", "DENY", "<h1>x</h1>", "It refuses to be shown in a frame")]
    [InlineData("Content-Security-Policy", "frame-ancestors 'none'", "<h1>x</h1>", "It refuses to be shown in a frame")]
    [InlineData("X-Other", "1", "<div id=root></div><script>nothing.here()</script>", "The page reports an error")]
    [InlineData("X-Other", "1", "", "The answer is empty")]
    [InlineData("X-Status", "404", "", "It answers 404")]
    public async Task A_blank_page_says_why(string header, string value, string html, string says)
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await ServeAsync(bench, html, header: (header, value), shown: false);
        var why = bench.Output.GetByRole(AriaRole.Status, new() { Name = "Why is it blank?" });
        await Expect(why).ToContainTextAsync(says);
    }

    [Fact]
    public async Task A_program_that_refuses_the_host_name_is_told_from_one_that_refuses()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await ServeAsync(bench, "<p>Blocked request. This host is not allowed.</p>", header: ("X-Status", "403"));
        await Tool(bench, "Why is it blank?").ClickAsync();
        await Expect(bench.Output.GetByRole(AriaRole.Status, new() { Name = "Why is it blank?" })).ToContainTextAsync("The program refuses this host name");
    }

    [Fact]
    public async Task A_Flask_application_that_trusts_other_hosts_only_is_said_to()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        bench.Write("app.py", "import os\nfrom flask import Flask, request\n\napp = Flask(__name__)\napp.request_class.trusted_hosts = ['shop.example']\n\n"
            + "@app.get('/')\ndef home():\n    return request.host\n\napp.run(port=int(os.environ['PORT']))\n");
        await bench.CommandAsync("python3 app.py");
        await Expect(bench.Output.Locator("iframe")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Tool(bench, "Why is it blank?").ClickAsync();
        await Expect(bench.Output.GetByRole(AriaRole.Status, new() { Name = "Why is it blank?" })).ToContainTextAsync("The program refuses this host name");
    }

    [Fact]
    public async Task Over_https_a_page_that_loads_its_script_over_http_says_which()
    {
        await using var server = await TestServer.StartAsync(domain: Chromium.Domain, tls: true);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        // The browser blocks it: the page stays empty, and nobody has to ask.
        await ServeAsync(bench, $"<div id=root></div><script src=\"http://cdn.{Chromium.Domain}/app.js\"></script>", shown: false);
        var why = bench.Output.GetByRole(AriaRole.Status, new() { Name = "Why is it blank?" });
        await Expect(why).ToContainTextAsync("It loads parts over http");
        await Expect(why).ToContainTextAsync($"the browser blocks http://cdn.{Chromium.Domain}/app.js");
    }

    [Fact]
    public async Task The_code_for_a_phone_is_an_address_that_opens_the_page_on_another_device()
    {
        await using var server = await TestServer.StartAsync(domain: Chromium.Domain);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        await ServeAsync(bench, "<h1>Small</h1>");
        await Tool(bench, "Open it on a phone").ClickAsync();
        var code = bench.Page.GetByRole(AriaRole.Img, new() { Name = "QR code of the preview's address" });
        var picture = await code.ScreenshotAsync(new() { Animations = ScreenshotAnimations.Disabled });
        await bench.Page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, "output-on-phone.png") });

        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 390, Height = 844 } });
        var phone = await context.NewPageAsync();
        await phone.GotoAsync(await QrReader.ReadAsync(phone, picture));
        await Expect(phone.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Small");
        Assert.EndsWith($"--{bench.Slug}.{Chromium.Domain}", new Uri(phone.Url).Host, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_shows_something_is_left_alone_and_asked_it_says_that_nothing_is_wrong()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await ServeAsync(bench, "<h1>Fine</h1>");
        await Tool(bench, "Why is it blank?").ClickAsync();
        await Expect(bench.Output.GetByRole(AriaRole.Status, new() { Name = "Why is it blank?" })).ToContainTextAsync("Nothing is wrong");
    }

    [Fact]
    public async Task On_localhost_the_code_for_a_phone_says_honestly_that_none_can_be()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await ServeAsync(bench, "<h1>Small</h1>");
        await Tool(bench, "Open it on a phone").ClickAsync();
        await Expect(bench.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("a phone would look at itself");
        await Expect(bench.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("--bind 0.0.0.0 --domain");
    }

    private static ILocator Tool(Workbench bench, string name) =>
        bench.Output.GetByRole(AriaRole.Toolbar, new() { Name = "Look of the preview" })
            .GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^" + Regex.Escape(name)) });

    private static IFrameLocator Frame(Workbench bench, int port) => bench.Output.FrameLocator($"iframe[title='Preview of port {port}']");

    /// <summary>Starts a server of one page in the terminal that is shown; returns its port.</summary>
    private static async Task<int> ServeAsync(
        Workbench bench, string html, string notFound = "/favicon.ico", (string Name, string Value)? header = null, bool shown = true)
    {
        var (name, value) = header ?? ("X-Other", "1");
        var encoded = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(html));
        await bench.CommandAsync(
            $"node -e 'require(\"http\").createServer((q, s) => {{ s.setHeader(\"Content-Type\", \"text/html\"); s.setHeader(\"{name}\", \"{value.Replace("'", "\\x27", StringComparison.Ordinal)}\"); "
            + $"s.statusCode = q.url === \"{notFound}\" ? 404 : +(s.getHeader(\"X-Status\") || 200); s.end(Buffer.from(\"{encoded}\", \"base64\")) }}).listen(0, \"127.0.0.1\", function () {{ console.log(\"up=\" + this.address().port + \"=\") }})'");
        await Expect(bench.Screen).ToContainTextAsync(new Regex(@"up=\d+="));
        var port = int.Parse(Regex.Match((await bench.Screen.TextContentAsync())!, @"up=(\d+)=").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        if (shown)
        {
            await Expect(Frame(bench, port).Locator("body > *").First).ToBeAttachedAsync();
        }

        return port;
    }
}
