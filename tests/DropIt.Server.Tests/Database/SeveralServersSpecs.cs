using System.Net;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Database;

/// <summary>Several servers on one PostgreSQL. The cluster that they name is not there, which keeps none of this from working.</summary>
public sealed class SeveralServersSpecs(PostgresServer postgres) : IDisposable
{
    private const string Secret = "0123456789012345678901234567890123456789";

    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-nodes-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null)]
    [InlineData("First")]
    public async Task Servers_that_start_at_once_on_an_empty_or_an_older_database_migrate_it_once_and_share_one_key(string? migration)
    {
        var database = await postgres.DatabaseAsync();
        await using var older = OlderDatabase.Postgres(database);
        if (migration is not null)
        {
            await older.FillAsync(migration, "abcdefghijkl", "session", Cancel);
        }

        var more = Options(database);
        var servers = Enumerable.Range(0, 3).Select(_ => ServerRig.Begin(more)).ToList();
        foreach (var server in servers)
        {
            await server.WaitUntilReadyAsync();
        }

        Assert.Equal(1L, await PostgresServer.ExecuteAsync(database, """SELECT count(*) FROM "SealedKeys" """));
        Assert.Equal(older.Migrations.LongCount(), await PostgresServer.ExecuteAsync(database, """SELECT count(*) FROM "__EFMigrationsHistory" """));
        Assert.Equal(migration is null ? 0L : 1L, await PostgresServer.ExecuteAsync(database, """SELECT count(*) FROM "Workspaces" WHERE "Epoch" = 7 """));
        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_session_begun_at_one_is_good_at_the_other_and_so_is_what_was_made()
    {
        var more = Options(await postgres.DatabaseAsync());
        await using var first = await ServerRig.StartAsync(more: more);
        await using var second = await ServerRig.StartAsync(more: more, signIn: false);

        // An address that one printed signs in at the other, once.
        var (_, address, _) = await ServerRig.RunAsync("signin", "--data", first.Data);
        var there = second.Origin + new Uri(address.Trim()).PathAndQuery;
        Assert.Equal(HttpStatusCode.Found, (await second.Client.GetAsync(new Uri(there), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await second.Client.GetAsync(new Uri(there), Cancel)).StatusCode);
        second.TakeSessionOf(first);

        var slugs = new List<string>();
        foreach (var server in (ServerRig[])[first, second])
        {
            slugs.Add(await server.CreateAsync("empty"));
        }

        foreach (var server in (ServerRig[])[first, second])
        {
            var listed = (await server.GetJsonAsync("/api/workspaces")).EnumerateArray().Select(w => w.GetProperty("slug").GetString()!).Order();
            Assert.Equal(slugs.Order(), listed);
        }
    }

    [Fact]
    public async Task One_leads_and_the_other_takes_over_when_it_dies()
    {
        var database = await postgres.DatabaseAsync();
        var more = Options(database);
        await using var first = await ServerRig.StartAsync(more: more, signIn: false);
        await using var second = await ServerRig.StartAsync(more: more, signIn: false);
        await LeaderAsync(database, first.ProcessId);
        await first.KillAsync();
        await LeaderAsync(database, second.ProcessId);

        // One that is stopped resigns.
        await first.StartAgainAsync();
        await second.StopAsync();
        await LeaderAsync(database, first.ProcessId);
    }

    [Fact]
    public async Task Another_secret_than_the_one_that_sealed_the_key_is_refused()
    {
        var database = await postgres.DatabaseAsync();
        await using var first = await ServerRig.StartAsync(more: Options(database), signIn: false);
        await AssertRefusedAsync("--key-file", Options(database, "another secret of thirty-two characters"));
    }

    [Fact]
    public async Task A_server_with_processes_of_its_own_machine_is_alone_on_its_database()
    {
        string[] more = ["--database", await postgres.DatabaseAsync(), "--key-file", KeyFile()];
        await using (var alone = await ServerRig.StartAsync(more: more, signIn: false))
        {
            await AssertRefusedAsync("Several servers on one database need --kubernetes", more);
        }

        // Its end, also a sudden one, frees the seat.
        await using var next = await ServerRig.StartAsync(more: more, signIn: false);
        await next.KillAsync();
        await next.StartAgainAsync();
    }

    private static async Task AssertRefusedAsync(string words, string[] options)
    {
        await using var server = ServerRig.Begin(options);
        var problem = (await Assert.ThrowsAsync<InvalidOperationException>(server.WaitUntilReadyAsync)).Message;
        Assert.Contains(words, problem, StringComparison.Ordinal);
    }

    /// <summary>Waits until that process leads.</summary>
    private static async Task LeaderAsync(string database, int process)
    {
        const string Leader = """
            SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid)
            WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database() AND l.classid = 25714 AND l.objid = 1869611011
            """;
        while (await PostgresServer.ExecuteAsync(database, Leader) is not string leader || leader != $"dropit {process}")
        {
            await Task.Delay(50, Cancel);
        }
    }

    private string[] Options(string database, string secret = Secret)
    {
        var cluster = Path.Combine(_folder, "cluster.json");
        File.WriteAllText(cluster, """{ "namespace": "nowhere", "image": "none", "storage": "http://127.0.0.1:1" }""");
        return ["--database", database, "--kubernetes", cluster, "--key-file", KeyFile(secret)];
    }

    private string KeyFile(string secret = Secret)
    {
        var file = Path.Combine(_folder, Guid.NewGuid().ToString("n"));
        File.WriteAllText(file, secret);
        return file;
    }
}
