using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace DropIt.Control.Database;

/// <summary>The database cannot be used now, or not at all; the message is a sentence with the cause.</summary>
public sealed class DatabaseException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Tells a database that is away from a bug.</summary>
public static class DatabaseTrouble
{
    private const int SqliteBusy = 5;
    private const int SqliteLocked = 6;
    private const int SqliteIo = 10;
    private const int SqliteFull = 13;
    private const int SqliteCannotOpen = 14;

    /// <summary>Why the database did not do what was asked, when trying again later may help; null when it would not.</summary>
    public static string? CauseOf(Exception? e) => e switch
    {
        DatabaseException => e.Message,
        PostgresException { IsTransient: true } said => said.MessageText,
        PostgresException => null,
        NpgsqlException { InnerException: TimeoutException } => "it did not answer in time",
        NpgsqlException { InnerException: SocketException socket } => socket.Message,
        NpgsqlException => e.InnerException?.Message ?? e.Message,
        SocketException => e.Message, // the host's name is not known
        SqliteException { SqliteErrorCode: SqliteFull } => "the disk is full",
        SqliteException { SqliteErrorCode: SqliteBusy or SqliteLocked or SqliteIo or SqliteCannotOpen } => e.Message,
        DbUpdateException or InvalidOperationException => CauseOf(e.InnerException),
        _ => null,
    };
}
