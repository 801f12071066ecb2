using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Files;

public sealed class FileSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();
    private TestPage _page = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _runner.StartAsync();
        _page = await _runner.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        await _runner.DisposeAsync();
    }

    [Fact]
    public async Task A_listing_has_folders_first_and_says_what_is_what()
    {
        File.WriteAllText(At("b.txt"), "12345");
        Directory.CreateDirectory(At("z"));
        Directory.CreateDirectory(At("node_modules"));
        File.CreateSymbolicLink(At("a"), "b.txt");
        await RunAsync("mkfifo", At("pipe"));
        var entries = (await _page.ResultAsync("files.list", new { path = "" }))["entries"]!.AsArray();
        Assert.Equal(["node_modules", "z", "a", "b.txt", "pipe"], entries.Select(e => (string?)e!["name"]));
        Assert.Equal(["folder", "folder", "link", "file", "other"], entries.Select(e => (string?)e!["kind"]));
        Assert.True((bool)entries[0]!["ignored"]!);
        Assert.Equal("b.txt", (string?)entries[2]!["target"]);
        Assert.Equal(5, (long)entries[3]!["size"]!);
    }

    [Fact]
    public async Task Files_and_folders_are_made_moved_copied_and_deleted()
    {
        await _page.ResultAsync("files.create", new { path = "a/b/c.txt", kind = "file" });
        await _page.ResultAsync("files.move", new { from = "a", to = "d/e" });
        await _page.ResultAsync("files.copy", new { from = "d", to = "f" });
        Assert.True(File.Exists(At("f/e/b/c.txt")));
        await _page.ResultAsync("files.delete", new { path = "d" });
        Assert.False(Directory.Exists(At("d")));
    }

    [Fact]
    public async Task Nothing_is_ever_replaced_by_a_move()
    {
        File.WriteAllText(At("a"), "a");
        File.WriteAllText(At("b"), "b");
        Assert.Equal("exists", await _page.ErrorAsync("files.move", new { from = "a", to = "b" }));
        Assert.Equal("exists", await _page.ErrorAsync("files.create", new { path = "a", kind = "file" }));
        Assert.Equal("b", File.ReadAllText(At("b")));
        Directory.CreateDirectory(At("folder"));
        Assert.Equal("bad_request", await _page.ErrorAsync("files.move", new { from = "folder", to = "folder/inner" }));
    }

    [Theory]
    [InlineData("..", "bad_request")]
    [InlineData("../outside", "bad_request")]
    [InlineData("a/../../outside", "bad_request")]
    [InlineData("/etc/passwd", "bad_request")]
    [InlineData("a//b", "bad_request")]
    [InlineData("./a", "bad_request")]
    [InlineData("a\0b", "bad_request")]
    [InlineData(".dropit-1.tmp", "bad_request")]
    [InlineData("out/passwd", "outside")]
    public async Task Paths_that_leave_the_workspace_are_refused(string path, string code)
    {
        Directory.CreateSymbolicLink(At("out"), "/etc");
        Assert.Equal(code, await _page.ErrorAsync("files.list", new { path }));
        Assert.Equal(code, await _page.ErrorAsync("files.create", new { path, kind = "file" }));
        Assert.Equal(code, await _page.ErrorAsync("files.delete", new { path }));
        Assert.Equal(code, await _page.ErrorAsync("document.open", new { path, channel = 1, client = "abcdefgh" }));
    }

    [Fact]
    public async Task Names_over_255_bytes_and_paths_over_4096_are_refused()
    {
        Assert.Equal("bad_request", await _page.ErrorAsync("files.create", new { path = new string('x', 300), kind = "file" }));
        var path = string.Join('/', Enumerable.Repeat(new string('x', 200), 25));
        Assert.Equal("bad_request", await _page.ErrorAsync("files.create", new { path, kind = "file" }));
    }

    [Fact]
    public async Task A_link_out_of_the_workspace_can_be_deleted_but_not_read()
    {
        File.CreateSymbolicLink(At("passwd"), "/etc/passwd");
        Assert.Equal(HttpStatusCode.Forbidden, (await _runner.Http.GetAsync("/.dropit/files/passwd", Ct)).StatusCode);
        await _page.ResultAsync("files.delete", new { path = "passwd" });
        Assert.True(File.Exists("/etc/passwd"));
    }

    [Theory]
    [InlineData("mkfifo", "")]
    [InlineData("mknod", "c 1 3")]
    [InlineData("mknod", "b 7 200")]
    public async Task A_pipe_or_device_is_refused_and_holds_nothing_up(string program, string what)
    {
        using var make = Process.Start(program, [At("pipe"), .. what.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        await make.WaitForExitAsync(Ct);
        Assert.SkipUnless(make.ExitCode == 0, "no devices can be made here");
        Assert.Equal("special", await _page.ErrorAsync("document.open", new { path = "pipe", channel = 1, client = "abcdefgh" }));
        Assert.Equal(HttpStatusCode.Conflict, (await _runner.Http.GetAsync("/.dropit/files/pipe", Ct)).StatusCode);
        await _page.ResultAsync("journal.flush");
    }

    [Fact]
    public async Task Files_are_found_by_fuzzy_name()
    {
        Directory.CreateDirectory(At("src/components"));
        Directory.CreateDirectory(At("node_modules/button"));
        File.WriteAllText(At("src/components/Button.tsx"), "");
        File.WriteAllText(At("src/bus.ts"), "");
        File.WriteAllText(At("node_modules/button/index.js"), "");
        var paths = (await _page.ResultAsync("files.find", new { query = "butts" }))["paths"]!.AsArray();
        Assert.Equal(["src/components/Button.tsx"], paths.Select(p => (string?)p));
    }

    [Fact]
    public async Task Changes_by_programs_are_announced()
    {
        await _page.SettleAsync();
        Directory.CreateDirectory(At("made/inside"));
        await _page.EventAsync("files.changed", e => Folders(e).Contains(""));
        File.WriteAllText(At("made/inside/a.txt"), "");
        await _page.EventAsync("files.changed", e => Folders(e).Contains("made/inside"));
    }

    [Fact]
    public async Task An_upload_comes_back_byte_for_byte()
    {
        var bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        var put = await _runner.Http.PutAsync("/.dropit/files/up/load.bin", new ByteArrayContent(bytes), Ct);
        Assert.Equal(HttpStatusCode.NoContent, put.StatusCode);
        var get = await _runner.Http.GetAsync("/.dropit/files/up/load.bin", Ct);
        Assert.Equal(bytes, await get.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal("nosniff", get.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("sandbox", get.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        using var range = new HttpRequestMessage(HttpMethod.Get, "/.dropit/files/up/load.bin");
        range.Headers.Range = new RangeHeaderValue(10, 19);
        var part = await _runner.Http.SendAsync(range, Ct);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(bytes[10..20], await part.Content.ReadAsByteArrayAsync(Ct));
        Assert.Empty(Directory.GetFiles(At("up"), ".dropit-*"));
    }

    [Fact]
    public async Task A_folder_comes_as_a_zip()
    {
        Directory.CreateDirectory(At("folder/inner"));
        File.WriteAllText(At("folder/inner/a.txt"), "hello");
        await using var stream = await _runner.Http.GetStreamAsync("/.dropit/files/folder", Ct);
        var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Ct);
        using var zip = new ZipArchive(copy);
        using var reader = new StreamReader(await zip.GetEntry("inner/a.txt")!.OpenAsync(Ct));
        Assert.Equal("hello", await reader.ReadToEndAsync(Ct));
    }

    [Fact]
    public async Task Only_ticket_holders_reach_files_and_only_editors_write_them()
    {
        File.WriteAllText(At("a.txt"), "a");
        using var request = new HttpRequestMessage(HttpMethod.Put, "/.dropit/files/a.txt") { Content = new StringContent("b") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _runner.Ticket(Role.Viewer));
        Assert.Equal(HttpStatusCode.Forbidden, (await _runner.Http.SendAsync(request, Ct)).StatusCode);
        using var without = new HttpRequestMessage(HttpMethod.Get, "/.dropit/files/a.txt");
        without.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "nonsense");
        var refused = await _runner.Http.SendAsync(without, Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.False(refused.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_broken_project_file_is_told_with_its_line_and_the_rest_works()
    {
        await _page.SettleAsync();
        File.WriteAllText(At("dropit.json"), "{\n  \"run\": \"npm start\"\n  \"port\": 3000\n}\n");
        var told = await _page.EventAsync("project", e => e["project"]!["error"] is not null);
        Assert.Contains("line 3", (string)told["project"]!["error"]!, StringComparison.Ordinal);
        await _page.ResultAsync("files.list", new { path = "" });
        File.WriteAllText(At("dropit.json"), "{\n  \"run\": \"npm start\"\n}\n");
        await _page.EventAsync("project", e => (string?)e["project"]!["run"] == "npm start");
    }

    private static IEnumerable<string?> Folders(JsonNode e) => e["folders"]!.AsArray().Select(f => (string?)f);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync(Ct);
        Assert.Equal(0, process.ExitCode);
    }

    private string At(string path) => Path.Combine(_runner.Root, path);
}
