using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Tests.Harness;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace DropIt.Runner.Tests.Journal;

/// <summary>What goes wrong between a runner and its storage service, and what a start finds that others left.</summary>
public sealed class JournalTroubleSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();
    private readonly Slug _slug = Slug.TryParse(TestRunner.Slug, out var slug) ? slug : throw new InvalidOperationException();

    public ValueTask InitializeAsync()
    {
        Write(_runner.Template, "index.js", "hello\n");
        Write(_runner.Template, "src/a.js", "a\n");
        Write(_runner.Template, "src/b.js", "b\n");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await _runner.DisposeAsync();

    [Fact]
    public async Task After_a_kill_what_was_known_is_not_read_again()
    {
        for (var i = 0; i < 20; i++)
        {
            Write(_runner.Template, $"data/{i}.bin", RandomText(1_000_000));
        }

        await _runner.StartAsync();
        await EventuallyAsync(() => File.Exists(Path.Combine(_runner.State, "index")));
        await _runner.KillAsync();
        _runner.Epoch++;
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await page.ResultAsync("journal.flush");
        await page.ResultAsync("journal.flush");
        Assert.InRange(_runner.BytesRead(), 0, 8_000_000);
    }

    [Fact]
    public async Task A_journal_that_breaks_says_so_and_begins_anew()
    {
        var spoiled = 0;
        _runner.Storage.Intercept = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/manifest", StringComparison.Ordinal)
                || Interlocked.Increment(ref spoiled) > 1)
            {
                return false;
            }

            await context.Response.WriteAsync("""
                {"epoch":0,"sequence":0,"files":1,"bytes":1}
                {"path":"index.js","kind":"file","mode":420,"size":1,"hash":"no hash"}

                """);
            return true;
        };
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        if (!((string?)page.Hello["journal"]!["message"] ?? "").StartsWith("Not safe yet:", StringComparison.Ordinal))
        {
            await page.EventAsync("journal", e =>
                ((string?)e["journal"]!["message"] ?? "").StartsWith("Not safe yet:", StringComparison.Ordinal));
        }

        Write(_runner.Root, "index.js", "after all\n");
        await page.EventAsync("journal", e => (string?)e["journal"]!["state"] == "safe");
        await page.ResultAsync("journal.flush");
        Assert.Equal("after all\n", await _runner.Storage.TextAsync(_slug, "index.js"));
    }

    [Fact]
    public async Task A_storage_service_that_keeps_silent_is_asked_again()
    {
        var asked = 0;
        _runner.Storage.Intercept = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/tree", StringComparison.Ordinal) || Interlocked.Increment(ref asked) > 1)
            {
                return false;
            }

            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        await _runner.StartAsync();
        Assert.Equal(2, asked);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(_runner.Root, "index.js"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_tree_that_stands_still_in_the_middle_is_fetched_again()
    {
        var asked = 0;
        _runner.Storage.Intercept = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/tree", StringComparison.Ordinal) || Interlocked.Increment(ref asked) > 1)
            {
                return false;
            }

            await context.Response.Body.WriteAsync(new byte[100]);
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        };
        await _runner.StartAsync();
        Assert.Equal(2, asked);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(_runner.Root, "index.js"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_tree_whose_connection_is_reset_in_the_middle_is_fetched_again()
    {
        // Only TCP can be reset.
        _runner.Storage.Port = FreePort();
        var asked = 0;
        _runner.Storage.Intercept = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/tree", StringComparison.Ordinal) || Interlocked.Increment(ref asked) > 1)
            {
                return false;
            }

            await context.Response.Body.WriteAsync(new byte[100]);
            await context.Response.Body.FlushAsync();
            context.Features.Get<IConnectionSocketFeature>()!.Socket.LingerState = new LingerOption(true, 0);
            context.Abort();
            return true;
        };
        await _runner.StartAsync(_runner.Options with { Storage = $"http://127.0.0.1:{_runner.Storage.Port}" });
        Assert.Equal(2, asked);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(Path.Combine(_runner.Root, "index.js"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task One_change_that_is_refused_does_not_keep_the_others_from_being_safe()
    {
        _runner.Storage.Intercept = async context =>
        {
            context.Request.EnableBuffering();
            using var reader = new StreamReader(context.Request.Body, leaveOpen: true);
            var poisoned = (await reader.ReadToEndAsync()).Contains("poison", StringComparison.Ordinal);
            context.Request.Body.Position = 0;
            context.Response.StatusCode = poisoned ? 400 : 200;
            return poisoned;
        };
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        foreach (var name in (string[])["a", "b", "poison", "y", "z"])
        {
            Write(_runner.Root, name, name);
        }

        await page.EventAsync("notice", e => (string?)e["notice"]!["id"] == "journal.refused");
        await page.ResultAsync("journal.flush");
        var paths = (await _runner.Storage.PathsAsync(_slug)).Select(p => p.Path).ToList();
        Assert.Superset(new HashSet<string>(["a", "b", "y", "z"]), paths.ToHashSet());
        Assert.DoesNotContain("poison", paths);
    }

    [Fact]
    public async Task Contents_that_the_storage_lost_before_their_entry_came_are_put_again()
    {
        var puts = 0;
        var lost = false;
        _runner.Storage.Intercept = context =>
        {
            puts += context.Request.Method == HttpMethods.Put ? 1 : 0;
            if (context.Request.Method == HttpMethods.Post && puts == 1 && !lost)
            {
                lost = true;
                Directory.Delete(Directory.EnumerateDirectories(_runner.Folder, "uploads", SearchOption.AllDirectories).First(), recursive: true);
            }

            return Task.FromResult(false);
        };
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();
        var large = RandomText(3_000_000);
        Write(_runner.Root, "large.txt", large);
        await page.ResultAsync("journal.flush");
        Assert.Equal(2, puts);
        Assert.Equal(large, await _runner.Storage.TextAsync(_slug, "large.txt"));
    }

    [Fact]
    public async Task What_is_moved_is_not_sent_again()
    {
        for (var i = 0; i < 300; i++)
        {
            Write(_runner.Template, $"data/{i}.bin", RandomText(20_000));
        }

        Write(_runner.Template, "large.bin", RandomText(3_000_000));
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();
        await page.SettleAsync();
        var before = _runner.Storage.Received;
        Directory.Move(At("data"), At("src/data"));
        File.Move(At("large.bin"), At("a.bin"));
        await page.ResultAsync("journal.flush");
        Assert.InRange(_runner.Storage.Received - before, 1, 200_000);
        var paths = (await _runner.Storage.PathsAsync(_slug)).Select(p => p.Path).ToList();
        Assert.Equal(300, paths.Count(p => p.StartsWith("src/data/", StringComparison.Ordinal)));
        Assert.DoesNotContain(paths, p => p.StartsWith("data", StringComparison.Ordinal) || p == "large.bin");
        Assert.Equal(File.ReadAllText(At("a.bin")), await _runner.Storage.TextAsync(_slug, "a.bin"));
        Assert.Equal(File.ReadAllText(At("src/data/7.bin")), await _runner.Storage.TextAsync(_slug, "src/data/7.bin"));
    }

    [Fact]
    public async Task A_folders_mode_is_kept_whatever_is_in_it()
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        await _runner.StartAsync();
        File.SetUnixFileMode(At("src"), Private);
        Assert.Equal(0, await _runner.StopAsync());
        Directory.Delete(_runner.Root, recursive: true);
        Directory.Delete(_runner.State, recursive: true);
        _runner.Epoch++;
        await _runner.StartAsync();
        Assert.Equal(Private, File.GetUnixFileMode(At("src")));
        Assert.Equal("a\n", File.ReadAllText(At("src/a.js")));
        File.SetUnixFileMode(At("src"), Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        Assert.Equal(0, await _runner.StopAsync());
        Assert.Equal(0b111_101_101, (await _runner.Storage.PathsAsync(_slug)).Single(p => p.Path == "src").Mode);
    }

    [Fact]
    public async Task A_name_that_is_not_UTF_8_is_said_and_the_rest_becomes_safe()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        var odd = $"$'{_runner.Root}/caf\\xe9.txt'";
        await ShellAsync($"touch {odd} {_runner.Root}/fine.txt");
        var notice = await page.EventAsync("notice", e => (string?)e["notice"]!["id"] == "journal.names");
        Assert.Contains("not UTF-8", (string)notice["notice"]!["message"]!, StringComparison.Ordinal);
        await page.ResultAsync("journal.flush");
        Assert.Contains(await _runner.Storage.PathsAsync(_slug), p => p.Path == "fine.txt");
        await ShellAsync($"rm {odd}");
    }

    [Fact]
    public async Task A_disk_that_an_older_start_left_is_brought_in_line_and_what_was_changed_on_it_stays()
    {
        Write(_runner.Template, "both.js", "as it was\n");
        Write(_runner.Template, "mine.js", "as it was\n");
        await _runner.StartAsync();
        Assert.Equal(0, await _runner.StopAsync());

        // The same workspace, on another disk.
        _runner.Epoch = 2;
        var elsewhere = Directory.CreateTempSubdirectory("dropit-elsewhere-").FullName;
        await _runner.StartAsync(_runner.Options with { Root = elsewhere + "/root", State = elsewhere + "/state" });
        Write(elsewhere + "/root", "index.js", "changed elsewhere\n");
        Write(elsewhere + "/root", "both.js", "changed elsewhere\n");
        Write(elsewhere + "/root", "new/deep.js", "new elsewhere\n");
        File.Delete(elsewhere + "/root/src/a.js");
        Assert.Equal(0, await _runner.StopAsync());
        Directory.Delete(elsewhere, recursive: true);

        // Nobody was told of these.
        Write(_runner.Root, "both.js", "changed here\n");
        Write(_runner.Root, "mine.js", "changed here\n");
        Write(_runner.Root, "own.js", "new here\n");
        _runner.Epoch = 3;
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await page.NoticeAsync("journal.aside");
        await page.ResultAsync("journal.flush");
        await page.ResultAsync("journal.flush");

        foreach (var (path, text) in ((string, string)[])[
            ("index.js", "changed elsewhere\n"),
            ("both.js", "changed elsewhere\n"),
            ("both.js.unsaved", "changed here\n"),
            ("new/deep.js", "new elsewhere\n"),
            ("src/b.js", "b\n"),
            ("mine.js", "changed here\n"),
            ("own.js", "new here\n")])
        {
            Assert.Equal(text, File.ReadAllText(At(path)));
            Assert.Equal(text, await _runner.Storage.TextAsync(_slug, path));
        }

        Assert.False(File.Exists(At("src/a.js")));
        Assert.Null(await _runner.Storage.TextAsync(_slug, "src/a.js"));
    }

    [Fact]
    public async Task An_older_start_neither_restores_nor_writes_once_a_newer_one_has_asked()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();
        using var http = new HttpClient(TestRunner.Handler(_runner.StorageSocket));
        http.DefaultRequestHeaders.Authorization = new("Bearer", _runner.Ticket(DropIt.Protocol.Tickets.Role.Runner));
        await http.GetStringAsync($"http://storage/storage/{TestRunner.Slug}/manifest?epoch=2", TestContext.Current.CancellationToken);
        Write(_runner.Root, "index.js", "from the dead\n");
        await page.EventAsync("stopping");
        Assert.Equal(3, await _runner.ExitedAsync());
        Assert.Equal("hello\n", await _runner.Storage.TextAsync(_slug, "index.js"));
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static string RandomText(int bytes) => Convert.ToHexString(RandomNumberGenerator.GetBytes(bytes / 2));

    private static void Write(string folder, string path, string text)
    {
        var full = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private static async Task ShellAsync(string command)
    {
        using var shell = System.Diagnostics.Process.Start("bash", ["-c", command]);
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
    }

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private string At(string path) => Path.Combine(_runner.Root, path);
}
