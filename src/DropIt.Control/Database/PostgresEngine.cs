using System.Globalization;
using DropIt.Control.Tickets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace DropIt.Control.Database;

/// <summary>A PostgreSQL. Several servers may share it, and it may come later than they do.</summary>
internal sealed class PostgresEngine : IDatabaseEngine, IAsyncDisposable
{
    // A server and its database are often started together; one that is not there after this is not coming by itself.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_betweenTries = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_betweenWords = TimeSpan.FromSeconds(15);

    // What a migration may take; the ordinary bound is for requests.
    private static readonly TimeSpan s_migration = TimeSpan.FromMinutes(10);

    // Any number that nobody else on the database uses.
    private const long MigrationLock = 0x6472_6f70_0001;

    // What the connection string does not say itself. A request must be told within seconds that the database is away; 40 connections let three servers fit
    // into the 100 that PostgreSQL allows by default, and a 41st request waits for one of them.
    private const string Defaults = "Timeout=5;Command Timeout=5;Maximum Pool Size=40;Application Name=dropit;";

    // A session that only waits asks this often whether the server is still there.
    private const int KeepAliveSeconds = 5;

    private readonly PostgresOptions _options;
    private readonly PostgresSeat _seat;
    private readonly SigningKey _key;
    private readonly TimeProvider _time;
    private readonly ILogger<PostgresEngine> _log;
    private readonly NpgsqlDataSource _source;
    private readonly string _where;
    private readonly DbContextOptions _context;

    public PostgresEngine(PostgresOptions options, PostgresSeat seat, SigningKey key, TimeProvider time, ILogger<PostgresEngine> log)
    {
        (_options, _seat, _key, _time, _log) = (options, seat, key, time, log);
        _where = WhereOf(options);
        _source = NpgsqlDataSource.Create(Read(options));
        _context = new DbContextOptionsBuilder<PostgresContext>()
            .UseNpgsql(_source).AddInterceptors(DatabaseErrors.Counter).Options;
    }

    public string Name => "PostgreSQL";

    /// <summary>Connections that are shared by all requests.</summary>
    public NpgsqlDataSource Source => _source;

    public ControlContext NewContext() => new PostgresContext(_context);

    /// <summary>
    /// A connection for what lives as long as its session, such as a lock: not from the pool, so that it ends when it is disposed.
    /// </summary>
    public static NpgsqlConnection NewSession(PostgresOptions options)
    {
        var connection = Read(options);
        connection.Pooling = false;
        connection.KeepAlive = KeepAliveSeconds;
        connection.ApplicationName = string.Create(CultureInfo.InvariantCulture, $"{connection.ApplicationName} {Environment.ProcessId}");
        return new NpgsqlConnection(connection.ConnectionString);
    }

    /// <inheritdoc cref="NewSession(PostgresOptions)"/>
    public NpgsqlConnection NewSession() => NewSession(_options);

    /// <summary>Waits for the server, takes a seat, migrates under a lock so that only one of several does, and takes the key that they share.</summary>
    public async Task PrepareAsync(Action<string> trouble, CancellationToken cancel)
    {
        var (began, nextWords) = (_time.GetTimestamp(), TimeSpan.Zero);
        while (true)
        {
            try
            {
                await _seat.TakeAsync(cancel);
                await MigrateAsync(cancel);
                return;
            }
            catch (Exception e) when (e is not DatabaseException && DatabaseTrouble.CauseOf(e) is { } cause)
            {
                DatabaseErrors.Count();
                var waited = _time.GetElapsedTime(began);
                if (waited > s_patience)
                {
                    throw new DatabaseException(
                        $"{_where} has not answered for {s_patience.TotalMinutes:0} minutes ({cause}). Start it, or correct --database.", e);
                }

                trouble($"{Name} does not answer yet ({cause})");
                if (waited >= nextWords)
                {
                    nextWords = waited + s_betweenWords;
                    _log.LogWarning(
                        "{Where} does not answer yet ({Cause}); it is tried again for {Seconds:0} s", _where, cause, (s_patience - waited).TotalSeconds);
                }

                await Task.Delay(s_betweenTries, _time, cancel);
            }
            catch (PostgresException e)
            {
                throw new DatabaseException($"{_where} refuses: {e.MessageText}. {CureOf(e)}", e);
            }
        }
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static NpgsqlConnectionStringBuilder Read(PostgresOptions options) => new(Defaults + options.ConnectionString);

    /// <summary>The database as sentences begin with it.</summary>
    public static string WhereOf(PostgresOptions options)
    {
        var connection = Read(options);
        return $"The PostgreSQL at {connection.Host}:{connection.Port} (database {connection.Database ?? connection.Username})";
    }

    /// <summary>What to do about a refusal.</summary>
    public static string CureOf(PostgresException e) => e.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            "Correct the user in --database, or the password in DROPIT_DATABASE_PASSWORD or --database-password-file.",
        PostgresErrorCodes.InvalidCatalogName => "Make it with CREATE DATABASE, owned by the user in --database.",
        PostgresErrorCodes.InsufficientPrivilege => "The user in --database must own the database.",
        _ => "docs/operations.md says what the server needs of it.",
    };

    private async Task MigrateAsync(CancellationToken cancel)
    {
        await using var session = NewSession();
        await session.OpenAsync(cancel);
        await using (var command = new NpgsqlCommand("SELECT pg_advisory_lock(@lock)", session) { CommandTimeout = (int)s_migration.TotalSeconds })
        {
            command.Parameters.AddWithValue("lock", MigrationLock);
            await command.ExecuteNonQueryAsync(cancel);
        }

        await using var context = new PostgresContext(_context);
        context.Database.SetCommandTimeout(s_migration);
        await context.Database.MigrateAsync(cancel);
        await SealedKey.TakeAsync(context, _options.KeyFile, _key, cancel);
    }
}
