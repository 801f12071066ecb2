using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Caching;
using DropIt.Runner.Files;
using DropIt.Runner.Tests.Harness;
using Microsoft.AspNetCore.Http;

namespace DropIt.Runner.Tests.Caching;

public sealed class PackageCacheSpecs : IAsyncDisposable
{
    private const string Project = """
        { "install": "echo x >> installs; mkdir -p node_modules/.bin node_modules/tool; printf '#!/bin/sh\necho tool runs' > node_modules/tool/cli.sh; chmod 755 node_modules/tool/cli.sh; ln -s ../tool/cli.sh node_modules/.bin/tool",
          "run": "node_modules/.bin/tool", "manifests": ["package.json"], "ignore": ["node_modules/"] }
        """;

    private readonly TestRunner _runner = new();
    private int _puts;
    private int _gets;

    public PackageCacheSpecs()
    {
        _runner.Write("dropit.json", Project);
        _runner.Write("package.json", "{}");
        _runner.Write("package-lock.json", "1");
        _runner.Storage.Intercept = context =>
        {
            var cache = context.Request.Path.Value!.EndsWith("/kept/cache", StringComparison.Ordinal);
            _puts += cache && context.Request.Method == "PUT" ? 1 : 0;
            _gets += cache && context.Request.Method == "GET" ? 1 : 0;
            return Task.FromResult(false);
        };
    }

    [Fact]
    public async Task A_run_after_a_wake_on_another_disk_installs_nothing()
    {
        await RunAsync();
        await _runner.StopAsync();

        await using var page = await WakeAsync(freshDisk: true);
        var cache = await BackAsync(page);
        Assert.Equal("restored", (string)cache["state"]!);
        Assert.Contains("node_modules", (string)cache["message"]!, StringComparison.Ordinal);
        Assert.Equal("../tool/cli.sh", new FileInfo(At("node_modules/.bin/tool")).LinkTarget);
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(At("node_modules/tool/cli.sh")));
        await RunAsync(page);
        Assert.Equal("x\n", await File.ReadAllTextAsync(At("installs")));
        Assert.Empty(Directory.GetFileSystemEntries(_runner.Root, ".dropit-*"));
    }

    [Fact]
    public async Task A_run_that_is_asked_for_meanwhile_waits_for_the_packages()
    {
        await RunAsync();
        await _runner.StopAsync();
        var held = new TaskCompletionSource();
        _runner.Storage.Intercept = async context =>
        {
            if (context.Request.Path.Value!.EndsWith("/kept/cache", StringComparison.Ordinal))
            {
                await held.Task;
            }

            return false;
        };
        await using var page = await WakeAsync(freshDisk: true);
        var running = await page.BeginAsync("run.start", new { task = "run" });
        await page.EventAsync("run", run => (string?)run["run"]!["message"] is { } text && text.Contains("brought back", StringComparison.Ordinal));
        held.SetResult();
        Assert.NotNull((await page.ReplyAsync(running))["result"]);
        Assert.Equal("x\n", await File.ReadAllTextAsync(At("installs")));
        _runner.Storage.Intercept = null;
    }

    [Fact]
    public async Task Packages_of_other_lock_files_stay_away()
    {
        await RunAsync();
        await _runner.StopAsync();
        await using (var elsewhere = await WakeAsync(freshDisk: true, cacheBytes: 0))
        {
            await File.WriteAllTextAsync(At("package-lock.json"), "2");
            await elsewhere.ResultAsync("journal.flush");
        }

        await _runner.StopAsync();
        await using var page = await WakeAsync(freshDisk: true);
        var cache = await BackAsync(page);
        Assert.Equal("missing", (string)cache["state"]!);
        Assert.Contains("Run installs again", (string)cache["message"]!, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("node_modules")));
    }

    [Fact]
    public async Task Nothing_is_copied_on_the_disk_that_has_it_and_nothing_twice()
    {
        await RunAsync();
        await _runner.StopAsync();
        Assert.Equal(1, _puts);
        await using (var page = await WakeAsync(freshDisk: false))
        {
            Assert.Equal("none", (string)page.Hello["cache"]!["state"]!);
        }

        await _runner.StopAsync();
        Assert.Equal((1, 0), (_puts, _gets));
        await using (var page = await WakeAsync(freshDisk: true))
        {
            await BackAsync(page);
        }

        await _runner.StopAsync();
        Assert.Equal((1, 1), (_puts, _gets));
    }

    [Fact]
    public async Task What_is_larger_than_it_may_be_is_not_kept_and_that_is_said()
    {
        await RunAsync();
        Directory.CreateDirectory(At(".cache"));
        await File.WriteAllBytesAsync(At(".cache/large"), new byte[3_000_000]);
        await _runner.StopAsync();
        await using var page = await WakeAsync(freshDisk: true);
        var cache = await BackAsync(page);
        Assert.Contains(".cache (3 MB) was not kept", (string)cache["message"]!, StringComparison.Ordinal);
        Assert.True(File.Exists(At("node_modules/tool/cli.sh")));
        Assert.False(Directory.Exists(At(".cache")));
    }

    [Fact]
    public async Task What_the_user_has_is_never_written_over()
    {
        await RunAsync();
        await _runner.StopAsync();
        await using var page = await WakeAsync(freshDisk: true, before: context =>
        {
            if (context.Request.Path.Value!.EndsWith("/kept/cache", StringComparison.Ordinal))
            {
                _runner.WriteNow("node_modules/mine", "mine");
            }
        });
        Assert.Equal("missing", (string)(await BackAsync(page))["state"]!);
        Assert.Equal("mine", await File.ReadAllTextAsync(At("node_modules/mine")));
        Assert.Single(Directory.GetFileSystemEntries(At("node_modules")));
    }

    [Theory]
    [InlineData("node_modules/out/owned")] // through a link that the archive made
    [InlineData("../owned")]
    [InlineData("node_modules/../../owned")]
    [InlineData("package.json")]
    public async Task A_hostile_archive_writes_nothing_outside_of_its_folders(string path)
    {
        await RunAsync();
        await _runner.StopAsync();
        var outside = Directory.CreateTempSubdirectory("dropit-outside-").FullName;
        await PutAsync(Archive(
            Link("node_modules/out", outside), new GnuTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream("owned"u8.ToArray()) }));
        await using var page = await WakeAsync(freshDisk: true);
        await BackAsync(page);
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Assert.False(File.Exists(Path.Combine(_runner.Folder, "owned")));
        Assert.Equal("{}", await File.ReadAllTextAsync(At("package.json")));
        Assert.Empty(Directory.GetFileSystemEntries(_runner.Root, ".dropit-*"));
        Directory.Delete(outside);
    }

    [Fact]
    public async Task A_storage_that_does_not_answer_holds_the_stop_up_for_its_bound_only()
    {
        await RunAsync();
        var never = new TaskCompletionSource<bool>();
        _runner.Storage.Intercept = context =>
            context.Request.Path.Value!.EndsWith("/kept/cache", StringComparison.Ordinal) ? never.Task : Task.FromResult(false);
        Assert.Equal(0, await _runner.StopAsync());
        never.SetResult(false);
    }

    [Fact]
    public void As_many_folders_are_kept_as_fit_small_ones_first()
    {
        var (kept, leftOut) = PackageCache.Choose([Folder("target", 900), Folder("node_modules", 300), Folder(".venv", 200)], 600_000_000);
        Assert.Equal([".venv", "node_modules"], kept.Select(f => f.Path));
        Assert.Equal("target (900 MB) was not kept: a workspace's caches may have 600 MB in all.", Assert.Single(leftOut));

        static CachedFolder Folder(string path, long megabytes) =>
            new(path, "", [new CachedPath(path + "/all", new FileStat(FileKind.File, 0, megabytes * 1_000_000, 0, 0))]);
    }

    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    private string At(string path) => Path.Combine(_runner.Root, path);

    /// <summary>Starts, installs and runs.</summary>
    private async Task RunAsync()
    {
        await _runner.StartAsync(_runner.Options with { CacheBytes = 2_000_000 });
        await using var page = await _runner.ConnectAsync();
        await RunAsync(page);
        await page.ResultAsync("journal.flush");
    }

    private static async Task RunAsync(TestPage page)
    {
        await page.ResultAsync("run.start", new { task = "run" });
        var run = await page.EventAsync("run", e => (string)e["run"]!["state"]! == "exited");
        if ((int)run["run"]!["code"]! != 0)
        {
            var terminal = await DropIt.Runner.Tests.Terminals.TestTerminal.AttachAsync(page, (string)run["run"]!["terminal"]!);
            Assert.Fail($"{run}: {terminal.Shown}");
        }
    }

    private async Task<TestPage> WakeAsync(bool freshDisk, long cacheBytes = 2_000_000, Action<HttpContext>? before = null)
    {
        if (freshDisk)
        {
            _runner.LoseDisk();
        }

        if (before is not null)
        {
            _runner.Storage.Intercept = context =>
            {
                before(context);
                return Task.FromResult(false);
            };
        }

        _runner.Epoch++;
        await _runner.StartAsync(_runner.Options with { CacheBytes = cacheBytes });
        return await _runner.ConnectAsync();
    }

    /// <summary>What became of the cache.</summary>
    private static async Task<JsonNode> BackAsync(TestPage page)
    {
        var now = page.Hello["cache"]!;
        return (string)now["state"]! != "restoring"
            ? now
            : (await page.EventAsync("cache", e => (string)e["cache"]!["state"]! != "restoring"))["cache"]!;
    }

    private async Task PutAsync(byte[] archive)
    {
        using var handler = TestRunner.Handler(_runner.StorageSocket);
        using var http = new HttpClient(handler);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _runner.Ticket(Role.Runner));
        using var answer = await http.PutAsync($"http://storage/storage/{TestRunner.Slug}/kept/cache?epoch=1", new ByteArrayContent(archive));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    private byte[] Archive(params TarEntry[] entries)
    {
        var index = new CacheIndex([new ArchivedFolder("node_modules", LockFiles.KeyOf(_runner.Root, "node_modules"), 100)], [], []);
        using var memory = new MemoryStream();
        using (var deflate = new DeflateStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(deflate, TarEntryFormat.Gnu))
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(index, CacheJson.Default.CacheIndex);
            tar.WriteEntry(new GnuTarEntry(TarEntryType.RegularFile, ".dropit-cache") { DataStream = new MemoryStream(json) });
            foreach (var entry in entries)
            {
                tar.WriteEntry(entry);
            }
        }

        return memory.ToArray();
    }

    private static GnuTarEntry Link(string path, string target) => new(TarEntryType.SymbolicLink, path) { LinkName = target };
}
