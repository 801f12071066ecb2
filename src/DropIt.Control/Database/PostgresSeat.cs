using Microsoft.Extensions.Logging;
using Npgsql;

namespace DropIt.Control.Database;

/// <summary>
/// This server's seat at the database: one connection that holds advisory locks, which end with it, however it ends.
///
///     every server: the seat, shared, or exclusive where it must be alone
///     one of them:  the lead
///
/// A connection that breaks gives back both; the seat is taken again and the lead tried for anew. A server that must be alone always leads: nobody else
/// could, and what it runs is its own to end.
/// </summary>
internal sealed class PostgresSeat(PostgresOptions options, TimeProvider time, ILogger<PostgresSeat> log) : ILeadership, IAsyncDisposable
{
    private const long SeatLock = 0x6472_6f70_0002;
    private const long LeadLock = 0x6472_6f70_0003;

    // How often a follower tries, and how often a leader looks whether its connection still holds.
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(1);

    // A machine that lost its power is noticed by the database after some 11 s (the settings below); its seat is free then.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private const string NoticeDeath =
        "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 10000";

    private readonly TaskCompletionSource _seated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NpgsqlConnection? _connection;
    private CancellationTokenSource? _term;
    private Task _watching = Task.CompletedTask;

    public bool Leads => options.Alone || _term is { IsCancellationRequested: false };

    /// <summary>Takes the seat.</summary>
    /// <exception cref="DatabaseException">Another server has it and one of the two must be alone.</exception>
    public async Task TakeAsync(CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (!await SitAsync(cancel))
        {
            if (time.GetElapsedTime(began) > s_patience)
            {
                throw new DatabaseException(Taken);
            }

            await Task.Delay(s_betweenLooks, time, cancel);
        }

        _seated.TrySetResult();
    }

    public async Task<CancellationToken> LeadAsync(CancellationToken cancel)
    {
        await _seated.Task.WaitAsync(cancel);
        await ResignAsync();
        if (options.Alone)
        {
            _term = new CancellationTokenSource();
            _watching = KeepAsync(_term.Token);
            return CancellationToken.None;
        }

        for (var told = false; ; told = true)
        {
            try
            {
                if (await SitAsync(cancel))
                {
                    if (await AskAsync(_connection!, "SELECT pg_try_advisory_lock(@lock)", LeadLock, cancel))
                    {
                        _term = new CancellationTokenSource();
                        _watching = WatchAsync(_connection!, _term);
                        return _term.Token;
                    }
                }
                else if (!told)
                {
                    log.LogError("{Why}", Taken);
                }
            }
            catch (Exception e) when (DatabaseTrouble.CauseOf(e) is not null)
            {
                DatabaseErrors.Count();
                await StandUpAsync();
            }

            await Task.Delay(s_betweenLooks, time, cancel);
        }
    }

    public async Task ResignAsync()
    {
        if (_term is { } term)
        {
            await term.CancelAsync();
            await _watching;
            term.Dispose();
            _term = null;
            await StandUpAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ResignAsync();
        await StandUpAsync();
    }

    private string Taken => options.Alone
        ? "Another server already uses this database, and this one keeps its workspaces as processes of its own machine, where no other could reach them. "
            + "Several servers on one database need --kubernetes; else give each a database of its own."
        : "A server without --kubernetes uses this database: its workspaces are processes of its own machine, where no other can reach them. "
            + "End it, or give each a database of its own.";

    private async Task<bool> SitAsync(CancellationToken cancel)
    {
        if (_connection is { FullState: System.Data.ConnectionState.Open })
        {
            return true;
        }

        await StandUpAsync();
        var connection = PostgresEngine.NewSession(options);
        try
        {
            await connection.OpenAsync(cancel);
            await using (var settings = new NpgsqlCommand(NoticeDeath, connection))
            {
                await settings.ExecuteNonQueryAsync(cancel);
            }

            var take = options.Alone ? "SELECT pg_try_advisory_lock(@lock)" : "SELECT pg_try_advisory_lock_shared(@lock)";
            if (await AskAsync(connection, take, SeatLock, cancel))
            {
                _connection = connection;
                return true;
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return false;
    }

    private async Task StandUpAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    /// <summary>Takes the seat again whenever its connection broke, so that no second server comes in.</summary>
    private async Task KeepAsync(CancellationToken cancel)
    {
        for (var lost = 0; !cancel.IsCancellationRequested;)
        {
            try
            {
                if (await SitAsync(cancel))
                {
                    lost = 0;
                    await AskAsync(_connection!, "SELECT @lock > 0", SeatLock, cancel);
                }
                else if (++lost == s_patience / s_betweenLooks)
                {
                    log.LogError("{Why}", Taken); // not at once: the database may not have noticed the end of our own connection
                }
            }
            catch (Exception e) when (DatabaseTrouble.CauseOf(e) is not null)
            {
                DatabaseErrors.Count();
                await StandUpAsync();
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(s_betweenLooks, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends the term as soon as the connection no longer holds the lock for sure.</summary>
    private async Task WatchAsync(NpgsqlConnection connection, CancellationTokenSource term)
    {
        try
        {
            while (true)
            {
                await Task.Delay(s_betweenLooks, time, term.Token);
                await using var command = new NpgsqlCommand("SELECT 1", connection);
                await command.ExecuteNonQueryAsync(term.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Resigned.
        }
        catch (Exception e)
        {
            DatabaseErrors.Count();
            log.LogWarning("This server no longer leads: its connection to the database broke ({Cause})", DatabaseTrouble.CauseOf(e) ?? e.Message);
            await term.CancelAsync();
        }
    }

    private static async Task<bool> AskAsync(NpgsqlConnection connection, string question, long number, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(question, connection);
        command.Parameters.AddWithValue("lock", number);
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }
}
