using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Database;

/// <summary>A file in the data folder, which one server holds.</summary>
internal sealed class SqliteEngine(ControlOptions options) : IDatabaseEngine
{
    private readonly DbContextOptions _options = new DbContextOptionsBuilder<ControlContext>()
        .UseSqlite(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(options.DataFolder, "control.db"),
            DefaultTimeout = 10, // seconds a writer waits for another
        }.ConnectionString)
        .AddInterceptors(DatabaseErrors.Counter)
        .Options;

    public string Name => "SQLite";

    public ControlContext NewContext() => new(_options);

    /// <summary>Migrates, and switches to write-ahead logging.</summary>
    public async Task PrepareAsync(Action<string> trouble, CancellationToken cancel)
    {
        await using var context = NewContext();

        // Entity Framework's lock is a row that outlives who made it, and is waited for without end. The data folder is locked by this server, so whoever
        // holds the row is dead.
        await context.Database.ExecuteSqlRawAsync("""DROP TABLE IF EXISTS "__EFMigrationsLock" """, cancel);
        await context.Database.MigrateAsync(cancel);
        await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancel);
    }
}
