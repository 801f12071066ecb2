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
        Assert.Equal(0, await server.StopAsync());
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

        Assert.Equal(0, await server.StopAsync(signal: 15));
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
}
