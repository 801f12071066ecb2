using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Journal;

public sealed class JournalSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();
    private readonly Slug _slug = Slug.TryParse(TestRunner.Slug, out var slug) ? slug : throw new InvalidOperationException();

    public ValueTask InitializeAsync()
    {
        File.WriteAllText(Path.Combine(_runner.Template, "index.js"), "hello\n");
        Directory.CreateDirectory(Path.Combine(_runner.Template, "src"));
        File.WriteAllText(Path.Combine(_runner.Template, "src", "a.js"), "a\n");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await _runner.DisposeAsync();

    [Fact]
    public async Task The_first_start_restores_the_workspace()
    {
        await _runner.StartAsync();
        Assert.Equal("hello\n", Read("index.js"));
        Assert.Equal("a\n", Read("src/a.js"));
    }

    [Fact]
    public async Task What_programs_write_becomes_safe()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        Write("index.js", "changed\n");
        Write("new/deep/file.txt", "new\n");
        File.CreateSymbolicLink(At("link"), "index.js");
        Directory.CreateDirectory(At("empty"));
        File.Delete(At("src/a.js"));
        await page.ResultAsync("journal.flush");

        Assert.Equal("changed\n", await _runner.Storage.TextAsync(_slug, "index.js"));
        Assert.Equal("new\n", await _runner.Storage.TextAsync(_slug, "new/deep/file.txt"));
        var paths = await _runner.Storage.PathsAsync(_slug);
        Assert.Equal("index.js", paths.Single(p => p.Path == "link").Target);
        Assert.Equal(ChangeKind.Folder, paths.Single(p => p.Path == "empty").Kind);
        Assert.DoesNotContain(paths, p => p.Path == "src/a.js");
        Assert.Equal(ChangeKind.Folder, paths.Single(p => p.Path == "src").Kind);
    }

    [Fact]
    public async Task Changes_become_safe_without_being_asked()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();
        Write("index.js", "soon\n");
        await page.EventAsync("journal", e => (string?)e["journal"]!["state"] == "pending");
        await page.EventAsync("journal", e => (string?)e["journal"]!["state"] == "safe");
        Assert.Equal("soon\n", await _runner.Storage.TextAsync(_slug, "index.js"));
    }

    [Fact]
    public async Task What_is_rebuildable_is_not_journalled()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        Write("dropit.json", """{"ignore":["dist/"]}""");
        await page.EventAsync("project");
        Write("node_modules/x/index.js", "x");
        Write("dist/out.js", "x");
        Write("kept.js", "x");
        await page.ResultAsync("journal.flush");
        var paths = (await _runner.Storage.PathsAsync(_slug)).Select(p => p.Path).ToList();
        Assert.Contains("kept.js", paths);
        Assert.DoesNotContain(paths, p => p.StartsWith("node_modules", StringComparison.Ordinal) || p.StartsWith("dist", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Large_files_are_put_ahead_of_their_entry()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        var large = new string('x', 3 * 1024 * 1024);
        Write("large.txt", large);
        await page.ResultAsync("journal.flush");
        Assert.Equal(large, await _runner.Storage.TextAsync(_slug, "large.txt"));
    }

    [Fact]
    public async Task A_moved_folder_is_moved_in_the_storage()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        Directory.Move(At("src"), At("lib"));
        Write("lib/b.js", "b\n");
        await page.ResultAsync("journal.flush");
        Assert.Equal("a\n", await _runner.Storage.TextAsync(_slug, "lib/a.js"));
        Assert.Equal("b\n", await _runner.Storage.TextAsync(_slug, "lib/b.js"));
        Assert.Null(await _runner.Storage.TextAsync(_slug, "src/a.js"));
    }

    [Fact]
    public async Task A_file_and_a_folder_may_change_places()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        File.Delete(At("index.js"));
        Write("index.js/inner.js", "inner\n");
        Directory.Delete(At("src"), recursive: true);
        Write("src", "now a file\n");
        await page.ResultAsync("journal.flush");
        Assert.Equal("inner\n", await _runner.Storage.TextAsync(_slug, "index.js/inner.js"));
        Assert.Equal("now a file\n", await _runner.Storage.TextAsync(_slug, "src"));
    }

    [Fact]
    public async Task A_stop_makes_the_last_changes_safe()
    {
        await _runner.StartAsync();
        Write("index.js", "last words\n");
        Assert.Equal(0, await _runner.StopAsync());
        Assert.Equal("last words\n", await _runner.Storage.TextAsync(_slug, "index.js"));
    }

    [Fact]
    public async Task What_changed_while_the_runner_was_dead_becomes_safe_at_the_next_start()
    {
        await _runner.StartAsync();
        await _runner.KillAsync();
        Write("index.js", "meanwhile\n");
        File.Delete(At("src/a.js"));
        _runner.Epoch++;
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        while (await _runner.Storage.TextAsync(_slug, "index.js") != "meanwhile\n")
        {
            await page.ResultAsync("journal.flush");
        }

        Assert.DoesNotContain(await _runner.Storage.PathsAsync(_slug), p => p.Path == "src/a.js");
    }

    [Fact]
    public async Task A_lost_disk_comes_back_from_the_storage()
    {
        await _runner.StartAsync();
        Write("index.js", "kept\n");
        File.SetUnixFileMode(At("index.js"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.Equal(0, await _runner.StopAsync());
        Directory.Delete(_runner.Root, recursive: true);
        Directory.Delete(_runner.State, recursive: true);
        _runner.Epoch++;
        await _runner.StartAsync();
        Assert.Equal("kept\n", Read("index.js"));
        Assert.True(File.GetUnixFileMode(At("index.js")).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task While_the_storage_is_away_the_page_is_told_and_nothing_is_lost()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();
        await _runner.Storage.StopAsync();
        Write("index.js", "offline\n");
        var stalled = await page.EventAsync("journal", e => (string?)e["journal"]!["state"] == "stalled");
        Assert.NotEmpty((string)stalled["journal"]!["message"]!);
        await _runner.Storage.StartAsync();
        await page.EventAsync("journal", e => (string?)e["journal"]!["state"] == "safe");
        Assert.Equal("offline\n", await _runner.Storage.TextAsync(_slug, "index.js"));
    }

    [Fact]
    public async Task A_runner_that_was_thought_dead_stops_when_a_newer_start_exists()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        using var http = new HttpClient(TestRunner.Handler(_runner.StorageSocket));
        http.DefaultRequestHeaders.Authorization = new("Bearer", _runner.Ticket(DropIt.Protocol.Tickets.Role.Runner));
        var newer = new JournalEntry(TestRunner.Slug, _runner.Epoch + 1, 1, []);
        var content = System.Text.Json.JsonSerializer.Serialize(newer, JournalJson.Default.JournalEntry);
        using var taken = await http.PostAsync(
            $"http://storage/storage/{TestRunner.Slug}/journal", new StringContent(content, null, "application/json"),
            TestContext.Current.CancellationToken);
        taken.EnsureSuccessStatusCode();

        Write("index.js", "from the dead\n");
        await page.EventAsync("stopping");
        Assert.Equal(3, await _runner.ExitedAsync());
        Assert.Equal("hello\n", await _runner.Storage.TextAsync(_slug, "index.js"));
    }

    private string At(string path) => Path.Combine(_runner.Root, path);

    private string Read(string path) => File.ReadAllText(At(path));

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }
}
