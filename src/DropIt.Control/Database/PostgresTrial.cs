using Npgsql;

namespace DropIt.Control.Database;

/// <summary>Tries a PostgreSQL before a server is started on it; leaves nothing in it.</summary>
public static class PostgresTrial
{
    private const int OldestMajor = 14;

    /// <summary>What it is, in a sentence.</summary>
    /// <exception cref="DatabaseException">A server could not use it; the message is the cause, then the cure.</exception>
    public static async Task<string> RunAsync(PostgresOptions options, CancellationToken cancel)
    {
        await using var session = PostgresEngine.NewSession(options);
        var where = PostgresEngine.WhereOf(options);
        try
        {
            await session.OpenAsync(cancel);
            if (session.PostgreSqlVersion.Major < OldestMajor)
            {
                throw new DatabaseException($"{where} is version {session.PostgreSqlVersion}. Use {OldestMajor} or newer.");
            }

            await using var command = new NpgsqlCommand("SELECT has_schema_privilege(current_schema(), 'CREATE')", session);
            return await command.ExecuteScalarAsync(cancel) is true
                ? $"{where} answers, version {session.PostgreSqlVersion}, and its user may make tables."
                : throw new DatabaseException($"{where} lets its user make no tables. Make the user in --database the owner of the database.");
        }
        catch (PostgresException e) when (!e.IsTransient)
        {
            throw new DatabaseException($"{where} refuses: {e.MessageText}. {PostgresEngine.CureOf(e)}", e);
        }
        catch (Exception e) when (e is not DatabaseException && DatabaseTrouble.CauseOf(e) is { } cause)
        {
            throw new DatabaseException($"{where} does not answer ({cause}). Start it, or correct --database.", e);
        }
    }
}
