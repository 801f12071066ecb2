using System.Diagnostics;
using System.Net;
using System.Text.Json;
using DropIt.Control.Sharing;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Tickets;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace DropIt.Server.Tests.Database;

public sealed class MigrationOnSqliteSpecs : MigrationSpecs
{
    [Fact]
    public async Task A_server_that_was_killed_while_it_migrated_does_not_keep_the_next_one_waiting()
    {
        await using var server = await ServerRig.StartAsync(signIn: false);
        await server.KillAsync();
        await using (var left = OlderDatabase.Sqlite(FileOf(server)))
        {
            // Held in a row of a table, so that the death of who holds it does not free it.
            _ = await left.Context.GetService<IHistoryRepository>().AcquireDatabaseLockAsync(Cancel);
        }

        var clock = Stopwatch.StartNew();
        await server.StartAgainAsync();
        using var answer = await server.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"{clock.Elapsed}");
    }

    private protected override Task<(ServerRig Server, string Place)> StartAsync() => StartAsync([], FileOf);

    private protected override Task ClearAsync(string place)
    {
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(place)!, "control.db*"))
        {
            File.Delete(file);
        }

        return Task.CompletedTask;
    }

    private protected override Task<string> FreshAsync() => Task.FromResult(Path.Combine(Directory.CreateTempSubdirectory("dropit-older-").FullName, "control.db"));

    private protected override OlderDatabase Older(string place) => OlderDatabase.Sqlite(place);

    private static string FileOf(ServerRig server) => Path.Combine(server.Data, "control.db");
}

public sealed class MigrationOnPostgresSpecs(PostgresServer postgres) : MigrationSpecs
{
    private protected override async Task<(ServerRig Server, string Place)> StartAsync()
    {
        var database = await postgres.DatabaseAsync();
        return await StartAsync(["--database", database], _ => database);
    }

    private protected override async Task ClearAsync(string place) =>
        await PostgresServer.ExecuteAsync(place, "DROP SCHEMA public CASCADE; CREATE SCHEMA public");

    private protected override Task<string> FreshAsync() => postgres.DatabaseAsync();

    private protected override OlderDatabase Older(string place) => OlderDatabase.Postgres(place);
}

/// <summary>What an older server left in its database is there, and of use, after a newer one has started on it.</summary>
public abstract class MigrationSpecs
{
    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("First")]
    [InlineData("Sharing")]
    public async Task A_server_goes_on_with_the_database_of_an_older_one(string migration)
    {
        // The workspace's files are in the store already; the row, the browser that is signed in and what was set are of then.
        var (server, place) = await StartAsync();
        await using var _ = server;
        var slug = await server.CreateAsync("node");
        var session = await SessionAsync(place);
        Assert.Equal(0, await server.StopAsync());
        await ClearAsync(place);
        await using (var older = Older(place))
        {
            await older.FillAsync(migration, slug, session, Cancel);
        }

        await server.StartAgainAsync();

        Assert.Equal("Ada", (await server.GetJsonAsync("/api/session")).GetProperty("user").GetProperty("name").GetString());
        var row = Assert.Single((await server.GetJsonAsync("/api/workspaces")).EnumerateArray());
        Assert.Equal((slug, "Engine", "asleep"), (Text(row, "slug"), Text(row, "name"), Text(row, "state")));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(OlderDatabase.Then), row.GetProperty("createdAt").GetDateTimeOffset());
        if (migration == "Sharing")
        {
            Assert.Equal(17, (await server.GetJsonAsync("/api/settings")).GetProperty("fontSize").GetInt32());
            Assert.Equal("a.txt", Text(await server.GetJsonAsync($"/api/workspaces/{slug}/view"), "tabs"));
        }

        var (socket, hello) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        socket.Dispose();
        Assert.Contains("\"epoch\":8", hello, StringComparison.Ordinal);
        using var file = await server.GetAsync($"/api/workspaces/{slug}/files/package.json");
        Assert.Equal(HttpStatusCode.OK, file.StatusCode);

        await server.CreateAsync("empty");
    }

    [Fact]
    public async Task No_migration_loses_a_row_of_those_before_it()
    {
        await using var older = Older(await FreshAsync());
        foreach (var migration in older.Migrations.ToList())
        {
            await older.FillAsync(migration, "abcdefghijkl", "session", Cancel);
        }

        // Read as the server reads them: names of states and roles that are no longer known would be refused.
        var context = older.Context;
        var users = await context.Users.OrderBy(u => u.Id).ToListAsync(Cancel);
        Assert.Equal([("Ada", true, 3), ("Grace", false, null)], users.Select(u => (u.Name, u.Admin, u.MaxWorkspaces)));
        Assert.Equal("grace", users[1].UserName);
        var workspace = await context.Workspaces.SingleAsync(Cancel);
        Assert.Equal(
            ("abcdefghijkl", 1, "Engine", "node", 20005, 7L, Wanted.Asleep, WorkspaceState.Asleep, SleepPolicy.WhenNothingRuns, null),
            (workspace.Slug, workspace.OwnerId, workspace.Name, workspace.Stack, workspace.Port, workspace.Epoch, workspace.Wanted, workspace.State, workspace.Sleeps, workspace.TeamId));
        Assert.Equal("Nobody was there.", workspace.Message);
        var session = await context.Sessions.SingleAsync(Cancel);
        Assert.Equal((1, "session", "link", OlderDatabase.Later), (session.UserId, session.Id, session.Method, session.ExpiresAt.ToUnixTimeMilliseconds()));
        Assert.Equal("""{"fontSize":17}""", (await context.Settings.SingleAsync(Cancel)).Json);
        Assert.Equal("""{"tabs":"a.txt"}""", (await context.Views.SingleAsync(Cancel)).Json);
        Assert.Equal(1, (await context.SignInTokens.SingleAsync(Cancel)).UserId);
        Assert.Equal("Alan", (await context.Invitations.SingleAsync(Cancel)).Note);
        var member = await context.Members.SingleAsync(Cancel);
        Assert.Equal((2, Role.Editor), (member.UserId, member.Role));
        Assert.Equal(Role.Viewer, (await context.ShareLinks.SingleAsync(Cancel)).Role);
        Assert.Equal("grace", (await context.AuditEntries.SingleAsync(Cancel)).Who);
        Assert.Equal(2, (await context.ApiTokens.SingleAsync(Cancel)).UserId);
        Assert.Equal("sealed"u8.ToArray(), (await context.Variables.SingleAsync(Cancel)).Sealed);
        Assert.Equal(PortVisibility.Public, (await context.PublishedPorts.SingleAsync(Cancel)).Visibility);
        Assert.False(context.Database.HasPendingModelChanges(), "The model has columns that no migration makes.");
    }

    /// <summary>A signed-in server, and where its database is.</summary>
    private protected abstract Task<(ServerRig Server, string Place)> StartAsync();

    /// <summary>Leaves no table in it.</summary>
    private protected abstract Task ClearAsync(string place);

    /// <summary>Where no database is yet.</summary>
    private protected abstract Task<string> FreshAsync();

    private protected abstract OlderDatabase Older(string place);

    private protected static async Task<(ServerRig Server, string Place)> StartAsync(string[] more, Func<ServerRig, string> place)
    {
        var server = await ServerRig.StartAsync(more: more);
        return (server, place(server));
    }

    /// <summary>What the database keeps of the one browser that is signed in.</summary>
    private async Task<string> SessionAsync(string place)
    {
        await using var now = Older(place);
        return (await now.Context.Sessions.SingleAsync(Cancel)).Hash;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
