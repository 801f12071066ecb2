using System.Net;
using DropIt.Server.Tests.Harness;
using Microsoft.Data.Sqlite;

namespace DropIt.Server.Tests.Lifecycle;

public sealed class LifecycleSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_opened_workspace_serves_and_a_stopped_one_sleeps()
    {
        await using var server = await ServerRig.StartAsync();
        var slug = await server.CreateAsync();
        var (socket, hello) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        Assert.Contains($"\"workspace\":\"{slug}\"", hello, StringComparison.Ordinal);
        Assert.Contains("\"epoch\":1", hello, StringComparison.Ordinal);
        socket.Dispose();

        using var runner = server.RunnerOf(slug);
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        await server.WaitForAsync(slug, "asleep");
        Assert.True(runner.HasExited);
    }

    [Fact]
    public async Task The_end_of_the_server_is_the_end_of_every_runner()
    {
        await using var server = await ServerRig.StartAsync();
        var slugs = new[] { await server.CreateAsync("empty"), await server.CreateAsync("static") };
        foreach (var slug in slugs)
        {
            await server.OpenAsync(slug);
        }

        var runners = slugs.Select(server.RunnerOf).ToList();
        Assert.Equal(0, await server.StopAsync(signal: 2));
        Assert.All(runners, runner => Assert.True(runner.HasExited));

        await server.StartAgainAsync();
        Assert.All((await server.GetJsonAsync("/api/workspaces")).EnumerateArray(), w => Assert.Equal("asleep", w.GetProperty("state").GetString()));
        await server.OpenAsync(slugs[0]);
    }

    [Fact]
    public async Task Runners_outlive_a_killed_server_and_the_next_one_takes_them_over()
    {
        await using var server = await ServerRig.StartAsync();
        var slug = await server.CreateAsync("empty");
        var ticket = await server.OpenAsync(slug);
        using var before = server.RunnerOf(slug);

        await server.KillAsync();
        Assert.False(before.HasExited);
        await server.StartAgainAsync();
        await server.OpenAsync(slug);
        using var after = server.RunnerOf(slug);
        Assert.Equal(before.Id, after.Id);
        var (socket, hello) = await server.ConnectAsync(slug, ticket);
        Assert.Contains("\"epoch\":1", hello, StringComparison.Ordinal);
        socket.Dispose();

        Assert.Equal(0, await server.StopAsync());
        Assert.True(before.HasExited);
    }

    [Fact]
    public async Task A_runner_of_an_older_start_is_ended_by_the_next_server()
    {
        await using var server = await ServerRig.StartAsync();
        var slug = await server.CreateAsync("empty");
        await server.OpenAsync(slug);
        using var old = server.RunnerOf(slug);
        await server.KillAsync();
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(server.Data, "control.db")};Pooling=False"))
        {
            await database.OpenAsync(Cancel);
            await using var command = database.CreateCommand();
            command.CommandText = "UPDATE Workspaces SET Epoch = 7";
            await command.ExecuteNonQueryAsync(Cancel);
        }

        await server.StartAgainAsync();
        await old.WaitForExitAsync(Cancel);
        var (socket, hello) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        Assert.Contains("\"epoch\":8", hello, StringComparison.Ordinal);
        socket.Dispose();
    }

    [Fact]
    public async Task A_runner_that_is_killed_is_started_again_and_requests_are_held_meanwhile()
    {
        await using var server = await ServerRig.StartAsync();
        var slug = await server.CreateAsync("empty");
        var ticket = await server.OpenAsync(slug);
        using var first = server.RunnerOf(slug);
        first.Kill();
        await first.WaitForExitAsync(Cancel);
        var (socket, hello) = await server.ConnectAsync(slug, ticket);
        Assert.Contains("\"epoch\":2", hello, StringComparison.Ordinal);
        socket.Dispose();
    }

    [Fact]
    public async Task Deleting_a_workspace_ends_its_runner_and_removes_its_files()
    {
        await using var server = await ServerRig.StartAsync();
        var slug = await server.CreateAsync();
        await server.OpenAsync(slug);
        using var runner = server.RunnerOf(slug);
        using var watching = await server.GetAsync($"/api/workspaces/{slug}/events");
        await server.SendAsync(HttpMethod.Delete, $"/api/workspaces/{slug}");

        // The stream of events ends when the workspace is no more.
        await watching.Content.ReadAsStringAsync(Cancel);
        Assert.True(runner.HasExited);
        Assert.False(Directory.Exists(Path.Combine(server.Data, "workspaces", slug)));
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync($"/api/workspaces/{slug}")).StatusCode);
    }

    [Fact]
    public async Task A_workspace_that_nobody_uses_sleeps_and_says_why()
    {
        await using var server = await ServerRig.StartAsync(more: ["--idle-minutes", "0.05"]);
        var slug = await server.CreateAsync("empty");
        await server.OpenAsync(slug);
        Assert.Equal("Asleep: nobody was here for 3 seconds.", await server.WaitForAsync(slug, "asleep"));
        var listed = (await server.GetJsonAsync("/api/workspaces")).EnumerateArray().Single();
        Assert.Equal("Asleep: nobody was here for 3 seconds.", listed.GetProperty("message").GetString());
        await server.OpenAsync(slug);
    }

    [Fact]
    public async Task A_page_that_nobody_uses_is_warned_and_then_sleeps_without_waking_it_again()
    {
        await using var server = await ServerRig.StartAsync(more: ["--open-minutes", "0.1"]);
        var slug = await server.CreateAsync("empty");
        var (socket, _) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        var said = await ServerRig.ReadUntilAsync(socket, "\"event\":\"asleep\"");
        Assert.Contains(said, text => text.Contains("\"event\":\"sleep\"", StringComparison.Ordinal));
        Assert.Contains("nobody used it for 6 seconds", said[^1], StringComparison.Ordinal);
        await server.WaitForAsync(slug, "asleep");
        socket.Dispose();
    }

    [Fact]
    public async Task A_workspace_whose_disk_is_lost_while_it_sleeps_wakes_with_all_that_was_in_it()
    {
        await using var server = await ServerRig.StartAsync(more: ["--idle-minutes", "0.05"]);
        var slug = await server.CreateAsync();
        var (socket, _) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        var files = Path.Combine(server.Data, "workspaces", slug, "files");
        for (var i = 0; i < 300; i++)
        {
            Directory.CreateDirectory(Path.Combine(files, $"folder{i % 7}"));
            await File.WriteAllTextAsync(Path.Combine(files, $"folder{i % 7}", $"file{i}.txt"), $"text {i}", Cancel);
        }

        File.CreateSymbolicLink(Path.Combine(files, "link"), "folder0/file0.txt");
        File.SetUnixFileMode(Path.Combine(files, "folder1", "file1.txt"), (UnixFileMode)0x1ED);
        socket.Dispose();
        Assert.NotNull(await server.WaitForAsync(slug, "asleep"));
        Directory.Delete(Path.Combine(server.Data, "workspaces", slug), recursive: true);

        await server.OpenAsync(slug);
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal($"text {i}", await File.ReadAllTextAsync(Path.Combine(files, $"folder{i % 7}", $"file{i}.txt"), Cancel));
        }

        Assert.Equal("folder0/file0.txt", new FileInfo(Path.Combine(files, "link")).LinkTarget);
        Assert.Equal((UnixFileMode)0x1ED, File.GetUnixFileMode(Path.Combine(files, "folder1", "file1.txt")));
    }

    /// <summary>Without a broker the journal is a file, and for half a minute a change is in nothing else but the workspace's own disk.</summary>
    [Fact]
    public async Task What_was_acknowledged_survives_a_killed_server_whose_workspaces_disk_is_lost_too()
    {
        await using var server = await ServerRig.StartAsync();
        var slug = await server.CreateAsync("empty");
        using var shell = await Shell.OpenAsync(server, slug);
        await server.PutFileAsync(slug, await server.OpenAsync(slug), "kept.txt", "acknowledged");
        await shell.RequestAsync("journal.flush", new { });
        using var runner = server.RunnerOf(slug);
        await server.KillAsync();
        runner.Kill();
        await runner.WaitForExitAsync(Cancel);
        Assert.DoesNotContain("kept.txt", await Export.ReadAsync(slug, ["--data", server.Data]));
        Directory.Delete(Path.Combine(server.Data, "workspaces", slug), recursive: true);

        await server.StartAgainAsync();
        await server.OpenAsync(slug);
        Assert.Equal("acknowledged", await File.ReadAllTextAsync(Path.Combine(server.Data, "workspaces", slug, "files", "kept.txt"), Cancel));
    }

    [Fact]
    public async Task What_the_user_chose_about_sleep_is_kept_and_the_operator_has_the_last_word()
    {
        await using var server = await ServerRig.StartAsync();
        var slug = await server.CreateAsync("empty");
        using var chosen = await server.SendAsync(HttpMethod.Patch, $"/api/workspaces/{slug}", new { sleeps = "whenNothingRuns" });
        Assert.Equal(HttpStatusCode.OK, chosen.StatusCode);
        using var refused = await server.SendAsync(HttpMethod.Patch, $"/api/workspaces/{slug}", new { sleeps = "never" });
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        using var unknown = await server.SendAsync(HttpMethod.Patch, $"/api/workspaces/{slug}", new { sleeps = "soon" });
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
        Assert.Equal(0, await server.StopAsync());
        await server.StartAgainAsync();
        Assert.Equal("whenNothingRuns", (await server.GetJsonAsync($"/api/workspaces/{slug}")).GetProperty("sleeps").GetString());
    }
}
