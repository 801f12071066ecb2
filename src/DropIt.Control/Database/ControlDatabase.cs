using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Database;

/// <summary>
/// Opens contexts on control's database, which <see cref="PrepareAsync"/> brings up to date first. Preparing runs beside the start of
/// the server: the page's files need no database, so the first page does not wait for it.
/// </summary>
/// <param name="options">Where the data folder is.</param>
public sealed class ControlDatabase(ControlOptions options)
{
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly DbContextOptions<ControlContext> _options = new DbContextOptionsBuilder<ControlContext>()
        .UseSqlite(new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(options.DataFolder, "control.db"),
            DefaultTimeout = 10, // seconds a writer waits for another
        }.ConnectionString)
        .Options;

    /// <summary>Migrates the database and switches it to write-ahead logging. Call once; everyone in <see cref="OpenAsync"/> waits.</summary>
    public async Task PrepareAsync(CancellationToken cancel)
    {
        try
        {
            await using var context = new ControlContext(_options);
            await context.Database.MigrateAsync(cancel);
            await context.Database.ExecuteSqlRawAsync("PRAGMA journal_mode = WAL", cancel);
            _ready.SetResult();
        }
        catch (Exception e)
        {
            _ready.SetException(e);
            throw;
        }
    }

    /// <summary>A context on the prepared database; the caller disposes it.</summary>
    public async Task<ControlContext> OpenAsync(CancellationToken cancel = default)
    {
        await _ready.Task.WaitAsync(cancel);
        return new ControlContext(_options);
    }
}
