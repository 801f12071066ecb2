using System.IO.Compression;
using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;
using DropIt.Tests.Git;

namespace DropIt.Browser.Tests;

/// <summary>Bringing code in from the home page, from a git host on this machine and from zips.</summary>
public sealed class ImportSpecs(Chromium chromium)
{
    private static readonly Dictionary<string, string> s_files = new()
    {
        ["README.md"] = "# Brought in\n",
        ["index.html"] = "<h1>Brought in</h1>\n",
        ["style.css"] = "h1 { color: teal }\n",
    };

    [Fact]
    public async Task A_repository_is_imported_and_opened()
    {
        await using var host = GitServer.Start();
        await using var server = await TestServer.StartAsync(more: ["--import-private", "yes"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var url = host.Make("brought", s_files);
        var home = await visitor.HomeAsync();
        await home.GetByRole(AriaRole.Button, new() { Name = "Import code" }).ClickAsync();
        await home.GetByRole(AriaRole.Textbox, new() { Name = "Address" }).FillAsync(host.Origin + "/nothing-here.git");
        await PictureAsync(home, "import");
        await home.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(home.GetByRole(AriaRole.Alert)).ToContainTextAsync("no repository at that address");
        await PictureAsync(home, "import-failed");

        await home.GetByRole(AriaRole.Textbox, new() { Name = "Address" }).FillAsync(url);
        await home.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await home.WaitForURLAsync("**/w/*");
        var bench = new Workbench(home, server);
        await bench.IsReadyAsync();
        await Expect(bench.Page.GetByRole(AriaRole.Heading, new() { Name = "brought" })).ToBeVisibleAsync();
        await bench.OpenAsync("style.css");
        await bench.HasTextAsync("h1 { color: teal }\n");
        await bench.NewTerminalAsync();
        await bench.CommandAsync("git log --format=%s | tr a-z A-Z; git remote get-url origin", prints: "A COMMIT");
    }

    [Fact]
    public async Task A_private_repository_is_imported_with_a_token()
    {
        await using var host = GitServer.Start();
        await using var server = await TestServer.StartAsync(more: ["--import-private", "yes"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var url = host.Make("closed", s_files);
        host.Token = "tok-123";
        var home = await visitor.HomeAsync();
        await home.GetByRole(AriaRole.Button, new() { Name = "Import code" }).ClickAsync();
        await home.GetByRole(AriaRole.Textbox, new() { Name = "Address" }).FillAsync(url);
        await home.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(home.GetByRole(AriaRole.Alert)).ToContainTextAsync("give a token");
        await home.GetByRole(AriaRole.Button, new() { Name = "It is private" }).ClickAsync();
        await home.GetByLabel("Token").FillAsync("tok-123");
        await home.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await home.WaitForURLAsync("**/w/*");
        await new Workbench(home, server).IsReadyAsync();
    }

    [Fact]
    public async Task An_address_behind_the_hash_is_asked_about_in_words_before_anything_is_fetched()
    {
        await using var host = GitServer.Start();
        await using var server = await TestServer.StartAsync(more: ["--import-private", "yes"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var url = host.Make("linked", s_files);
        var asked = 0;
        host.OnRequest = _ =>
        {
            asked++;
            return Task.CompletedTask;
        };
        var page = await visitor.Context.NewPageAsync();
        await page.GotoAsync($"{server.Origin}/#{url}");
        var question = page.GetByRole(AriaRole.Alertdialog, new() { Name = "Import this repository?" });
        await Expect(question).ToContainTextAsync("/linked.git");
        await PictureAsync(page, "import-asked");
        Assert.Equal(0, asked);
        await question.GetByRole(AriaRole.Button, new() { Name = "Import and open" }).ClickAsync();
        await page.WaitForURLAsync("**/w/*");
        await new Workbench(page, server).IsReadyAsync();
    }

    [Fact]
    public async Task A_zip_is_imported_and_what_is_none_leads_out_or_swells_is_refused_in_words()
    {
        await using var server = await TestServer.StartAsync(more: ["--import-megabytes", "1"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var home = await visitor.HomeAsync();
        await home.GetByRole(AriaRole.Button, new() { Name = "Import code" }).ClickAsync();
        await home.GetByRole(AriaRole.Tab, new() { Name = "Zip" }).ClickAsync();
        var zip = home.GetByLabel("Zip to import");
        await zip.SetInputFilesAsync(new FilePayload { Name = "page.zip", MimeType = "application/zip", Buffer = "no zip"u8.ToArray() });
        await Expect(home.GetByRole(AriaRole.Alert)).ToContainTextAsync("not a zip");
        await home.GetByRole(AriaRole.Tab, new() { Name = "Zip" }).ClickAsync();
        await zip.SetInputFilesAsync(new FilePayload { Name = "slips.zip", MimeType = "application/zip", Buffer = Zip("../") });
        await Expect(home.GetByRole(AriaRole.Alert)).ToContainTextAsync("lead out of the folder");
        await home.GetByRole(AriaRole.Tab, new() { Name = "Zip" }).ClickAsync();
        await zip.SetInputFilesAsync(new FilePayload { Name = "bomb.zip", MimeType = "application/zip", Buffer = Bomb() });
        await Expect(home.GetByRole(AriaRole.Alert)).ToContainTextAsync("1 MiB");
        await home.GetByRole(AriaRole.Tab, new() { Name = "Zip" }).ClickAsync();
        await zip.SetInputFilesAsync(new FilePayload { Name = "page.zip", MimeType = "application/zip", Buffer = Zip("page-main/") });
        await home.WaitForURLAsync("**/w/*");
        var bench = new Workbench(home, server);
        await bench.IsReadyAsync();
        await Expect(bench.File("index.html")).ToBeVisibleAsync();
        await Expect(bench.Page.GetByRole(AriaRole.Heading, new() { Name = "page" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_repository_under_way_says_how_far_it_is_and_is_stopped()
    {
        await using var host = GitServer.Start();
        await using var server = await TestServer.StartAsync(more: ["--import-private", "yes"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var url = host.Make("slow", Noise(200));
        var rest = new TaskCompletionSource();
        host.SecondHalf = rest.Task;
        var home = await visitor.HomeAsync();
        await home.GetByRole(AriaRole.Button, new() { Name = "Import code" }).ClickAsync();
        await home.GetByRole(AriaRole.Textbox, new() { Name = "Address" }).FillAsync(url);
        await home.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(home.GetByText("Fetching")).ToBeVisibleAsync();
        // Half of the pack is here, so a good part of the way but not most of it.
        await Expect(home.GetByRole(AriaRole.Progressbar)).ToHaveAttributeAsync("aria-valuenow", new Regex("^[2-4][0-9]$"));
        await PictureAsync(home, "import-under-way");
        await home.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(home.GetByRole(AriaRole.Textbox, new() { Name = "Address" })).ToHaveValueAsync(url);
        await home.ReloadAsync();
        await Expect(home.GetByText("Nothing here yet")).ToBeVisibleAsync();
        rest.SetResult();
    }

    [Fact]
    public async Task A_zip_under_way_says_how_far_it_is_and_is_stopped()
    {
        await using var server = await TestServer.StartAsync();
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var home = await visitor.HomeAsync();
        await home.GetByRole(AriaRole.Button, new() { Name = "Import code" }).ClickAsync();
        await home.GetByRole(AriaRole.Tab, new() { Name = "Zip" }).ClickAsync();
        // A line of 400 kB/s up, which 8 MB take 20 seconds to go.
        var network = await visitor.Context.NewCDPSessionAsync(home);
        await network.SendAsync("Network.emulateNetworkConditions", new() { ["offline"] = false, ["latency"] = 0, ["downloadThroughput"] = -1, ["uploadThroughput"] = 400_000 });
        await home.GetByLabel("Zip to import").SetInputFilesAsync(new FilePayload { Name = "page.zip", MimeType = "application/zip", Buffer = Zip("", Noise(4000)) });
        await Expect(home.GetByText("Sending the zip")).ToBeVisibleAsync();
        await Expect(home.GetByRole(AriaRole.Progressbar)).ToHaveAttributeAsync("aria-valuenow", new Regex("^([2-9]|[1-3][0-9])$"));
        await home.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(home.GetByRole(AriaRole.Tab, new() { Name = "Zip" })).ToBeVisibleAsync();
        await network.DetachAsync();
        await home.ReloadAsync();
        await Expect(home.GetByText("Nothing here yet")).ToBeVisibleAsync();
    }

    private static Task PictureAsync(IPage page, string name) =>
        page.ScreenshotAsync(new() { Path = Path.Combine(Repository.Screenshots, name + ".png") });

    /// <summary>Files of 2 KB each that no packing makes smaller, always the same.</summary>
    private static Dictionary<string, string> Noise(int files)
    {
        var random = new Random(7);
        var bytes = new byte[1536];
        var made = new Dictionary<string, string>();
        for (var i = 0; i < files; i++)
        {
            random.NextBytes(bytes);
            made[$"noise/{i}.txt"] = Convert.ToBase64String(bytes);
        }

        return made;
    }

    private static byte[] Zip(string folder, Dictionary<string, string>? files = null)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var (path, text) in files ?? s_files)
            {
                using var writer = new StreamWriter(zip.CreateEntry(folder + path).Open());
                writer.Write(text);
            }
        }

        return stream.ToArray();
    }

    /// <summary>A few KB that unpack to 8 MiB.</summary>
    private static byte[] Bomb()
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            using var entry = zip.CreateEntry("zeros.txt").Open();
            entry.Write(new byte[8 * 1024 * 1024]);
        }

        return stream.ToArray();
    }
}
