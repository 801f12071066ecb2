using DropIt.Control.Database;
using DropIt.Tests.Services;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace DropIt.Server.Tests.Database;

/// <summary>
/// The database of a server that was older: the tables of a migration that is no longer the last, with rows as that server would have written them. Its user
/// is Ada, with one workspace of epoch 7.
/// </summary>
internal sealed class OlderDatabase(ControlContext context) : IAsyncDisposable
{
    /// <summary>A time in all of its rows: milliseconds.</summary>
    public const long Then = 1_700_000_000_000;

    /// <summary>A session that has not ended.</summary>
    public const long Later = 4_000_000_000_000;

    /// <summary>Rows by the migration that made the last table or column that they name, in the order of the migrations.</summary>
    private static readonly (string Since, string Sql)[] s_rows =
    [
        ("First", """UPDATE "Users" SET "Name" = 'Ada' WHERE "Id" = 1"""),
        ("First", $$"""
            INSERT INTO "Workspaces" ("Slug", "OwnerId", "Name", "Stack", "CreatedAt", "UsedAt", "Port", "Wanted", "Epoch", "State", "Message")
            VALUES ('{slug}', 1, 'Engine', 'node', {{Then}}, {{Then}}, 20005, 'Asleep', 7, 'Asleep', 'Nobody was there.')
            """),
        ("First", $$"""INSERT INTO "Sessions" ("Hash", "UserId", "ExpiresAt") VALUES ('{session}', 1, {{Later}})"""),
        ("Preferences", """INSERT INTO "Settings" ("UserId", "Json") VALUES (1, '{"fontSize":17}')"""),
        ("Preferences", """INSERT INTO "Views" ("UserId", "Slug", "Json") VALUES (1, '{slug}', '{"tabs":"a.txt"}')"""),
        ("Sleeps", """UPDATE "Workspaces" SET "Sleeps" = 'WhenNothingRuns' WHERE "Slug" = '{slug}'"""),
        ("SeveralServers", $$"""INSERT INTO "SignInTokens" ("Hash", "ExpiresAt") VALUES ('unused', {{Later}})"""),
        ("Accounts", $$"""
            INSERT INTO "Users" ("Id", "Name", "AccessFailedCount", "Admin", "CreatedAt", "Disabled", "EmailConfirmed", "LockoutEnabled", "UserName", "NormalizedUserName", "PasswordHash")
            VALUES (2, 'Grace', 0, FALSE, {{Then}}, FALSE, FALSE, TRUE, 'grace', 'GRACE', 'hash')
            """),
        ("Accounts", $$"""INSERT INTO "Invitations" ("Id", "Hash", "Note", "CreatedAt", "ExpiresAt") VALUES ('i', 'h', 'Alan', {{Then}}, {{Later}})"""),
        ("Accounts", """INSERT INTO "Logins" ("LoginProvider", "ProviderKey", "UserId") VALUES ('github', '42', 2)"""),
        ("Sharing", """INSERT INTO "Members" ("Slug", "UserId", "Role") VALUES ('{slug}', 2, 'Editor')"""),
        ("Sharing", $$"""INSERT INTO "ShareLinks" ("Id", "Hash", "Slug", "Role", "ExpiresAt") VALUES ('l', 'h', '{slug}', 'Viewer', {{Later}})"""),
        ("Audit", $$"""INSERT INTO "AuditEntries" ("At", "UserId", "Who", "Act", "Workspace", "Address", "Way") VALUES ({{Then}}, 2, 'grace', 'SignedIn', NULL, '::1', 'Page')"""),
        ("ApiTokens", $$"""INSERT INTO "ApiTokens" ("Id", "Hash", "UserId", "Name", "Scope", "CreatedAt", "ExpiresAt") VALUES ('t', 'h', 2, 'build', 'Read', {{Then}}, {{Later}})"""),
        ("Quotas", """UPDATE "Users" SET "MaxWorkspaces" = 3 WHERE "Id" = 1"""),
        ("Variables", """INSERT INTO "Variables" ("Slug", "Name", "Secret", "Sealed", "Length") VALUES ('{slug}', 'KEY', TRUE, 'sealed', 6)"""),
        ("Ports", """INSERT INTO "PublishedPorts" ("Slug", "Port", "Visibility") VALUES ('{slug}', 5173, 'Public')"""),
    ];

    public ControlContext Context => context;

    /// <summary>A file that is not there yet.</summary>
    public static OlderDatabase Sqlite(string file) =>
        new(new ControlContext(new DbContextOptionsBuilder<ControlContext>().UseSqlite($"Data Source={file};Pooling=False").Options));

    /// <summary>A database, as <see cref="PostgresServer"/> names it, without tables.</summary>
    public static OlderDatabase Postgres(string database) => new(new PostgresContext(
        new DbContextOptionsBuilder<PostgresContext>().UseNpgsql($"{database};Password={PostgresServer.Password};Pooling=false").Options));

    /// <summary>Names of the migrations, oldest first, without their times.</summary>
    public IEnumerable<string> Migrations => context.Database.GetMigrations().Select(NameOf);

    /// <summary>Makes the tables as <paramref name="migration"/> left them, and what a server of then had in them that is not there yet.</summary>
    public async Task FillAsync(string migration, string slug, string session, CancellationToken cancel)
    {
        var known = (await context.Database.GetAppliedMigrationsAsync(cancel)).Select(NameOf).ToHashSet();
        await context.GetService<IMigrator>().MigrateAsync(migration, cancel);
        var now = (await context.Database.GetAppliedMigrationsAsync(cancel)).Select(NameOf).ToHashSet();
        foreach (var (since, sql) in s_rows.Where(row => now.Contains(Home(row.Since)) && !known.Contains(Home(row.Since))))
        {
            Assert.True(1 == await RunAsync(sql.Replace("{slug}", slug, StringComparison.Ordinal).Replace("{session}", session, StringComparison.Ordinal), cancel), since);
        }
    }

    public ValueTask DisposeAsync() => context.DisposeAsync();

    /// <summary>PostgreSQL's first migration began with the tables of SQLite's first four.</summary>
    private string Home(string since) => Migrations.Contains(since) ? since : "First";

    private async Task<int> RunAsync(string sql, CancellationToken cancel)
    {
        // Not ExecuteSqlRaw, to which the braces of JSON are places for values.
        await context.Database.OpenConnectionAsync(cancel);
        await using var command = context.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private static string NameOf(string migration) => migration[(migration.IndexOf('_', StringComparison.Ordinal) + 1)..];
}
