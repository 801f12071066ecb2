using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Database;

/// <summary>One server and a PostgreSQL that comes late, dies, or holds still. Each spec has a PostgreSQL of its own to hurt.</summary>
public sealed class PostgresSpecs : IAsyncDisposable
{
    private readonly PostgresServer _postgres = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _postgres.DisposeAsync();

    [Fact]
    public async Task A_server_waits_for_a_database_that_comes_later_and_says_so_meanwhile()
    {
        await using var server = ServerRig.Begin("--database", _postgres.Connect("postgres"));
        await AnsweredAsync(server, "/healthz", HttpStatusCode.OK);
        using (var ready = await server.GetAsync("/readyz"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
            Assert.StartsWith("database: PostgreSQL does not answer", await ready.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        await _postgres.StartAsync();
        await server.WaitUntilReadyAsync();
        await server.SignInAsync();
        Assert.Empty((await server.GetJsonAsync("/api/workspaces")).EnumerateArray());
        await AnsweredAsync(server, "/readyz", HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_database_that_is_killed_costs_a_sentence_and_no_one_their_workspace()
    {
        await using var server = await ServerRig.StartAsync(more: ["--database", await _postgres.DatabaseAsync()]);
        var slug = await server.CreateAsync("empty");
        var ticket = await server.OpenAsync(slug);

        await _postgres.KillAsync();
        await AssertUnavailableAsync(server);
        await AnsweredAsync(server, "/readyz", HttpStatusCode.ServiceUnavailable);
        await AnsweredAsync(server, "/healthz", HttpStatusCode.OK);
        using var waking = await server.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = $"abcdefghijklmn.localhost:{server.Port}" } }, Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, waking.StatusCode);
        Assert.Contains("The database does not answer", await waking.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        var (socket, _) = await server.ConnectAsync(slug, ticket);
        socket.Dispose();

        // Back by itself, with the same session, and the same runner.
        await _postgres.StartAsync();
        await AnsweredAsync(server, "/api/workspaces", HttpStatusCode.OK);
        (socket, var hello) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        Assert.Contains("\"epoch\":1", hello, StringComparison.Ordinal);
        socket.Dispose();
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        await server.WaitForAsync(slug, "asleep");
    }

    [Fact]
    public async Task A_database_that_holds_still_hangs_nobody()
    {
        await using var server = await ServerRig.StartAsync(more: ["--database", await _postgres.DatabaseAsync()]);
        await _postgres.PauseAsync();
        await AssertUnavailableAsync(server);
        await _postgres.ResumeAsync();
        await AnsweredAsync(server, "/api/workspaces", HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_wrong_password_and_a_database_that_does_not_exist_end_the_server_with_the_cure()
    {
        await _postgres.StartAsync();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "notthepassword\n", Cancel);
        await AssertRefusedAsync("password authentication failed", "DROPIT_DATABASE_PASSWORD", _postgres.Connect("test"), "--database-password-file", file);
        await AssertRefusedAsync("does not exist", "CREATE DATABASE", _postgres.Connect("nosuch"));
        File.Delete(file);
    }

    private static async Task AssertRefusedAsync(string cause, string cure, string database, params string[] more)
    {
        await using var server = ServerRig.Begin(["--database", database, .. more]);
        var problem = (await Assert.ThrowsAsync<InvalidOperationException>(server.WaitUntilReadyAsync)).Message;
        Assert.Contains(cause, problem, StringComparison.Ordinal);
        Assert.Contains(cure, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("notthepassword", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", problem, StringComparison.Ordinal);
    }

    private static async Task AssertUnavailableAsync(ServerRig server)
    {
        using var answer = await server.GetAsync("/api/workspaces");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var detail = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString();
        Assert.Contains("database is not available", detail, StringComparison.Ordinal);
    }

    /// <summary>Asks until the answer is as it should be; the spec's time ends it.</summary>
    private static async Task AnsweredAsync(ServerRig server, string path, HttpStatusCode status)
    {
        while (true)
        {
            try
            {
                using var answer = await server.GetAsync(path);
                if (answer.StatusCode == status)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(50, Cancel);
        }
    }
}
