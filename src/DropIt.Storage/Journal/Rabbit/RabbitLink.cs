using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace DropIt.Storage.Journal.Rabbit;

/// <summary>
/// A connection to the broker that is opened again whenever it is lost. The client's own recovery is off: it would bring back channels without saying
/// what became of the messages on them.
/// </summary>
/// <typeparam name="T">What is set up on each connection.</typeparam>
internal sealed class RabbitLink<T> : IAsyncDisposable
    where T : class
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly RabbitOptions _options;
    private readonly ConnectionFactory _factory;
    private readonly Func<IConnection, CancellationToken, Task<T>> _open;
    private readonly Action _lost;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lazy<Task> _running;
    private TaskCompletionSource<T> _session = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IConnection? _connection;
    private volatile string? _problem;
    private volatile string? _blocked;

    /// <summary>Connects when it is first used.</summary>
    /// <param name="open">Sets up a new connection.</param>
    /// <param name="lost">Called when a connection that had been set up is lost.</param>
    public RabbitLink(
        RabbitOptions options, string name, Func<IConnection, CancellationToken, Task<T>> open, Action lost, ILogger log)
    {
        (_options, _open, _lost, _log) = (options, open, lost, log);
        _problem = $"The message broker {options} is being connected to.";
        _factory = new ConnectionFactory
        {
            Uri = options.Address,
            ClientProvidedName = name,
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = TimeSpan.FromSeconds(5), // a dead peer is noticed after two
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
            HandshakeContinuationTimeout = TimeSpan.FromSeconds(10),
            ContinuationTimeout = TimeSpan.FromSeconds(15),
        };
        _running = new Lazy<Task>(() => Task.Run(RunAsync));
    }

    /// <summary>Why nothing can be published; null when it can.</summary>
    public string? Problem => _problem ?? _blocked;

    /// <summary>The broker takes no messages: memory or disk alarm.</summary>
    public bool Blocked => _blocked is not null;

    /// <summary>What is set up, waiting for it at most <paramref name="patience"/>; null when there is none by then.</summary>
    public async Task<T?> SessionAsync(TimeSpan patience, CancellationToken cancel)
    {
        _ = _running.Value;
        var session = Volatile.Read(ref _session).Task;
        try
        {
            return await session.WaitAsync(patience, cancel);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Gives up the present connection: it does not do what it should.</summary>
    public void Drop(string why)
    {
        if (_connection is { } connection)
        {
            _log.LogWarning("The connection to {Broker} is opened anew: {Why}", _options, why);
            _ = AbortAsync(connection);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_running.IsValueCreated)
        {
            await _running.Value;
        }

        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        for (var pause = FirstPause; !_stop.IsCancellationRequested;)
        {
            try
            {
                await ServeAsync(() => pause = FirstPause);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is RabbitMQClientException or IOException or SocketException or OperationCanceledException or TimeoutException or InvalidOperationException)
            {
                _problem = Describe(e);
                _log.LogWarning("{Problem}", _problem);
            }

            await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>One connection, from its opening to its end.</summary>
    private async Task ServeAsync(Action opened)
    {
        await using var connection = await _factory.CreateConnectionAsync(_stop.Token);
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, reason) =>
        {
            ended.TrySetResult(reason.ReplyText);
            return Task.CompletedTask;
        };
        connection.ConnectionBlockedAsync += (_, blocked) =>
        {
            _blocked = $"The message broker {_options} takes no changes ({blocked.Reason}). Give it memory or disk space.";
            _log.LogWarning("{Problem}", _blocked);
            return Task.CompletedTask;
        };
        connection.ConnectionUnblockedAsync += (_, _) =>
        {
            _blocked = null;
            return Task.CompletedTask;
        };
        _connection = connection;
        try
        {
            var session = await OpenAsync(connection);
            opened();
            _problem = null;
            Volatile.Read(ref _session).TrySetResult(session);
            var why = await ended.Task.WaitAsync(_stop.Token);
            _problem = $"The connection to the message broker {_options} was lost ({why}). It is opened again.";
            _log.LogWarning("{Problem}", _problem);
        }
        finally
        {
            _connection = null;
            _blocked = null;
            _problem ??= "The server is stopping.";
            if (Volatile.Read(ref _session).Task.IsCompleted)
            {
                Volatile.Write(ref _session, new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously));
                _lost();
            }

            await AbortAsync(connection);
        }
    }

    private async Task<T> OpenAsync(IConnection connection)
    {
        try
        {
            return await _open(connection, _stop.Token);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !_stop.IsCancellationRequested && connection.IsOpen)
        {
            throw new SilentQueueException(e);
        }
    }

    /// <summary>Closing waits for the peer's answer; one that is away gives none.</summary>
    private static Task AbortAsync(IConnection connection) => connection.AbortAsync(TimeSpan.FromSeconds(1));

    /// <summary>What is asked of a queue without a leader is not answered.</summary>
    private sealed class SilentQueueException(Exception inner) : TimeoutException("A queue does not answer.", inner);

    private string Describe(Exception e)
    {
        var cause = e is BrokerUnreachableException { InnerException: { } inner } ? inner : e;
        while (cause is AggregateException { InnerException: { } first })
        {
            cause = first;
        }

        return cause switch
        {
            AuthenticationFailureException or PossibleAuthenticationFailureException =>
                $"The message broker {_options} does not know this user or password. Correct them in DROPIT_RABBITMQ.",
            OperationInterruptedException { ShutdownReason.ReplyCode: 406 } other =>
                $"The message broker {_options} has queues of other settings ({other.ShutdownReason.ReplyText}). Use a vhost of its own for each installation, "
                    + "or delete the queue once it is empty.",
            OperationInterruptedException { ShutdownReason.ReplyCode: 403 or 530 } denied =>
                $"The message broker {_options} refuses this user ({denied.ShutdownReason.ReplyText}). Give it configure, write and read in the vhost.",
            SilentQueueException =>
                $"The message broker {_options} answers, but a queue does not: it has no leader, as when most of its nodes are away. It is tried again; "
                    + "docs/operations.md says what to do if it stays so.",
            _ => $"The message broker {_options} cannot be reached ({cause.Message}). It is tried again; is it running, and is DROPIT_RABBITMQ right?",
        };
    }
}
