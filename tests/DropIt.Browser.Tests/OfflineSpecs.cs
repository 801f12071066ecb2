using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>The page as an app of the device: it is installed, opens without a server, and loses nothing that is typed there.</summary>
public sealed class OfflineSpecs(Chromium chromium, SharedServer shared)
{
    private const string Kept = "async () => { await navigator.serviceWorker.ready; return (await caches.keys()).length; }";

    private const string Records =
        """
        () => new Promise((resolve, reject) => {
          const request = indexedDB.open("dropit-documents", 1);
          request.onerror = () => reject(request.error);
          request.onsuccess = () => {
            const all = request.result.transaction("tails").objectStore("tails").getAll();
            all.onsuccess = () => { request.result.close(); resolve(all.result.map(({ path, unconfirmed }) => path + (unconfirmed.length > 0 ? "*" : "")).join()); };
          };
        })
        """;

    [Fact]
    public async Task Chromium_finds_nothing_that_keeps_it_from_being_installed()
    {
        await using var server = await TestServer.StartAsync();
        await using var browser = await Device.StartAsync();
        var page = await browser.Context.NewPageAsync();
        await page.GotoAsync(server.SignInAddress);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What do you want to build?" })).ToBeVisibleAsync();
        await page.EvaluateAsync(Kept);
        var devtools = await browser.Context.NewCDPSessionAsync(page);
        var manifest = (await devtools.SendAsync("Page.getAppManifest"))!.Value;
        Assert.Equal(server.Origin + "/app.webmanifest", manifest.GetProperty("url").GetString());
        Assert.Equal("[]", manifest.GetProperty("errors").GetRawText());
        var faults = (await devtools.SendAsync("Page.getInstallabilityErrors"))!.Value.GetProperty("installabilityErrors").GetRawText();
        Assert.Equal("[]", faults);
    }

    [Fact]
    public async Task The_app_is_of_the_control_origin_alone_and_its_worker_is_always_asked_for_anew()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        using var http = new HttpClient();
        foreach (var file in (string[])["sw.js", "app.webmanifest"])
        {
            using var own = await http.GetAsync(new Uri($"{shared.Server.Origin}/{file}"), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, own.StatusCode);
            Assert.Equal("no-cache", own.Headers.CacheControl?.ToString());
            foreach (var host in (string[])[bench.Slug, $"3000--{bench.Slug}"])
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://127.0.0.1:{shared.Server.Port}/{file}"));
                request.Headers.Host = $"{host}.localhost:{shared.Server.Port}";
                using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
                Assert.NotEqual(HttpStatusCode.OK, answer.StatusCode);
            }
        }

        var index = await http.GetStringAsync(new Uri(shared.Server.Origin), TestContext.Current.CancellationToken);
        Assert.All(Regex.Matches(index, "<script[^>]* src=\"([^\"]+)\"").Select(m => m.Groups[1].Value), src => Assert.StartsWith("/assets/", src, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_server_the_last_files_are_shown_and_edits_arrive_when_it_is_back_though_the_browser_was_closed()
    {
        await using var server = await TestServer.StartAsync();
        await using var browser = await Device.StartAsync();
        var page = await browser.Context.NewPageAsync();
        await page.GotoAsync(server.SignInAddress);
        await page.GetByRole(AriaRole.Button, new() { Name = "New Empty workspace", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/w/*");
        var bench = new Workbench(page, server);
        await bench.IsReadyAsync();
        var address = page.Url;
        bench.Write("notes.txt", "one\ntwo\nthree\n");
        bench.Write("unseen.txt", "never opened\n");
        await Expect(bench.File("unseen.txt")).ToBeVisibleAsync();
        await bench.OpenAsync("notes.txt");
        await Expect(bench.Editor).ToContainTextAsync("three");
        await bench.GoToEndAsync();
        await page.Keyboard.TypeAsync("four");
        await bench.IsSafeAsync("notes.txt");
        var onDisk = bench.OnDisk("notes.txt");
        await page.EvaluateAsync(Kept);
        await page.CloseAsync();
        Assert.Equal(0, await server.StopAsync());

        // Opened without a server, in a browser that was ended in between.
        await browser.StartAgainAsync();
        page = await browser.Context.NewPageAsync();
        await page.GotoAsync(address);
        bench = new Workbench(page, server);
        await Expect(bench.Editor).ToContainTextAsync("four");
        await Expect(bench.ConnectionBanner).ToContainTextAsync("You are offline");
        await Expect(page.GetByRole(AriaRole.List, new() { Name = "Kept files" }).GetByRole(AriaRole.Button, new() { Name = "notes.txt" })).ToBeVisibleAsync();
        await bench.GoToEndAsync();
        await page.Keyboard.TypeAsync(" and five");
        await Expect(bench.ConnectionBanner).ToContainTextAsync("Edits in 1 file are only in this browser, not safe yet.");
        await LookAsync(page, "offline-workspace");

        await page.GotoAsync(server.Origin);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You are offline" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { NameRegex = new("Empty") })).ToContainTextAsync("edits in 1 not sent yet");
        await LookAsync(page, "offline-home");
        await browser.StartAgainAsync();

        // Someone else's edit of the same file meanwhile: both are there in the end.
        await File.WriteAllTextAsync(onDisk, "zero\none\ntwo\nthree\nfour", TestContext.Current.CancellationToken);
        await server.StartAgainAsync();
        page = await browser.Context.NewPageAsync();
        await page.GotoAsync(server.Origin);
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Edits that wait" })).ToContainTextAsync("edits in 1 file");
        await page.GetByRole(AriaRole.Region, new() { Name = "Edits that wait" }).GetByRole(AriaRole.Link).ClickAsync();
        bench = new Workbench(page, server);
        await bench.IsReadyAsync();
        await bench.HasTextAsync("zero\none\ntwo\nthree\nfour and five");
        await bench.IsSafeAsync("notes.txt");
        Assert.Equal("zero\none\ntwo\nthree\nfour and five", await File.ReadAllTextAsync(onDisk, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_new_version_replaces_the_kept_page_and_a_window_of_the_old_one_still_finds_its_parts()
    {
        var web = Directory.CreateTempSubdirectory("dropit-page-").FullName;
        foreach (var file in Directory.EnumerateFiles(Repository.Web, "*", SearchOption.AllDirectories).Where(f => Path.GetExtension(f) is not (".br" or ".gz")))
        {
            var copy = Path.Combine(web, Path.GetRelativePath(Repository.Web, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        await using var server = await TestServer.StartAsync(web: web);
        await using var visitor = await Visitor.SignInAsync(chromium, server, new() { ServiceWorkers = ServiceWorkerPolicy.Allow });
        var page = await visitor.HomeAsync();
        await page.EvaluateAsync(Kept);
        Assert.Equal(0, await server.StopAsync());

        // The next version has another index.html, and lacks a part that the old one asks for when its dialog is opened.
        var part = Directory.EnumerateFiles(Path.Combine(web, "assets"), "ImportDialog-*.js").Single();
        File.Delete(part);
        var index = Path.Combine(web, "index.html");
        var worker = Path.Combine(web, "sw.js");
        var before = Hash(index);
        var text = await File.ReadAllTextAsync(index, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(index, text.Replace("<head>", "<head><!-- the next version -->", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var code = (await File.ReadAllTextAsync(worker, TestContext.Current.CancellationToken))
            .Replace(before, Hash(index), StringComparison.Ordinal)
            .Replace($"\"/assets/{Path.GetFileName(part)}\",", "", StringComparison.Ordinal);
        await File.WriteAllTextAsync(worker, Regex.Replace(code, "\"version\":\"\\w+\"", "\"version\":\"next\""), TestContext.Current.CancellationToken);
        await server.StartAgainAsync();

        await page.EvaluateAsync("async () => (await navigator.serviceWorker.getRegistration()).update()");
        await Expect(page.GetByText("drop.it has a new version.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Import code" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await page.ReloadAsync();
        Assert.Contains("the next version", await page.ContentAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "The server does not answer" })).ToBeVisibleAsync();
        Assert.Contains("the next version", await page.ContentAsync(), StringComparison.Ordinal);
        Directory.Delete(web, recursive: true);
    }

    [Fact]
    public async Task Signing_out_takes_away_what_was_kept_and_says_so_when_edits_would_be_lost()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server, new() { ServiceWorkers = ServiceWorkerPolicy.Allow });
        var bench = await visitor.CreateAsync("Empty");
        await bench.OpenAsync("dropit.json");
        await bench.IsOnlineAsync();
        await bench.Page.WaitForFunctionAsync("() => localStorage.getItem('dropit.account') !== null");
        var home = await visitor.HomeAsync();
        await bench.Page.CloseAsync();
        Assert.Equal("dropit.json", await home.EvaluateAsync<string>(Records));
        await home.GetByRole(AriaRole.Button, new() { NameRegex = new("^Account:") }).ClickAsync();
        await home.GetByRole(AriaRole.Menuitem, new() { Name = "Sign out" }).ClickAsync();
        await Expect(home.GetByRole(AriaRole.Heading, new() { NameRegex = new("[Ss]ign(ed)? (in|out)") })).ToBeVisibleAsync();
        Assert.Equal("", await home.EvaluateAsync<string>(Records));
        Assert.Equal("", await home.EvaluateAsync<string>(
            "() => Object.keys(localStorage).filter((key) => !/^dropit\\.(preferences|layout)$/.test(key)).join()"));
    }

    [Fact]
    public async Task Another_account_in_the_same_browser_sees_nothing_of_it_and_unsent_edits_wait_for_who_made_them()
    {
        await using var server = await TestServer.StartAsync(more: ["--accounts", "open"]);
        await using var ada = await Account.SignUpAsync(chromium, server, "ada");
        var bench = await ada.CreateAsync("Empty");
        await bench.OpenAsync("dropit.json");
        await bench.IsSafeAsync();
        var page = bench.Page;
        var address = page.Url;
        await page.EvaluateAsync(Kept);
        var cookies = await page.Context.CookiesAsync();
        Assert.Equal(0, await server.StopAsync());
        await Expect(bench.ConnectionBanner).ToBeVisibleAsync();
        await bench.GoToEndAsync();
        await page.Keyboard.TypeAsync("// of ada");
        await Expect(bench.ConnectionBanner).ToContainTextAsync("only in this browser");
        await page.GotoAsync("about:blank");

        // Her session ends without a word from her, and someone else signs in.
        await server.StartAgainAsync();
        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(server.SignInAddress);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What do you want to build?" })).ToBeVisibleAsync();

        // The page that finds another account's things begins anew, without them.
        await page.WaitForFunctionAsync("() => performance.getEntriesByType('navigation')[0].type === 'reload'");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "What do you want to build?" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Edits that wait" })).ToBeHiddenAsync();
        Assert.Equal("dropit.json*", await page.EvaluateAsync<string>(Records));
        await page.GotoAsync(address);
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Expect(page.Locator(".cm-content")).ToBeHiddenAsync();
        await Expect(page.GetByText("dropit.json")).ToBeHiddenAsync();

        await page.Context.ClearCookiesAsync();
        await page.Context.AddCookiesAsync(cookies.Select(c => new Microsoft.Playwright.Cookie
        {
            Name = c.Name,
            Value = c.Value,
            Domain = c.Domain,
            Path = c.Path,
            Expires = c.Expires,
            HttpOnly = c.HttpOnly,
            Secure = c.Secure,
            SameSite = c.SameSite,
        }));
        await page.GotoAsync(server.Origin);
        await page.GetByRole(AriaRole.Region, new() { Name = "Edits that wait" }).GetByRole(AriaRole.Link).ClickAsync();
        await bench.IsReadyAsync();
        await bench.OpenAsync("dropit.json");
        await bench.IsSafeAsync("dropit.json");
        Assert.EndsWith("// of ada", (await File.ReadAllTextAsync(bench.OnDisk("dropit.json"), TestContext.Current.CancellationToken)).TrimEnd(), StringComparison.Ordinal);
    }

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    private static async Task LookAsync(IPage page, string view)
    {
        var faults = new List<string>();
        foreach (var (width, height) in Look.Windows.Select(row => row.Data))
        {
            await page.SetViewportSizeAsync(width, height);
            faults.AddRange(await Look.AtAsync(page, view));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        await page.SetViewportSizeAsync(1280, 800);
    }

    /// <summary>A browser with a profile on disk, as a person has one: it may be ended and started again.</summary>
    private sealed class Device : IAsyncDisposable
    {
        private readonly string _profile = Directory.CreateTempSubdirectory("dropit-profile-").FullName;
        private readonly IPlaywright _playwright;
        private IBrowserContext? _context;

        private Device(IPlaywright playwright) => _playwright = playwright;

        public IBrowserContext Context => _context ?? throw new InvalidOperationException("The browser is not started.");

        public static async Task<Device> StartAsync()
        {
            var device = new Device(await Playwright.CreateAsync());
            await device.StartAgainAsync();
            return device;
        }

        public async Task StartAgainAsync()
        {
            if (_context is not null)
            {
                await _context.CloseAsync();
            }

            _context = await _playwright.Chromium.LaunchPersistentContextAsync(
                _profile,
                new() { ExecutablePath = Chromium.Program, Args = ["--no-sandbox", "--disable-background-networking"], ViewportSize = new() { Width = 1280, Height = 800 } });
            _context.SetDefaultTimeout(20_000);
        }

        public async ValueTask DisposeAsync()
        {
            if (_context is not null)
            {
                await _context.CloseAsync();
            }

            _playwright.Dispose();
            Directory.Delete(_profile, recursive: true);
        }
    }
}
