using System.Collections.Concurrent;
using System.Text;
using DropIt.Protocol.Workspaces;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace DropIt.Storage.Journal.Rabbit;

/// <summary>
/// The queue of a cluster: a quorum queue a partition, with one active consumer each.
/// <code>
///  intake ── entry, confirmed ──▶ dropit.journal.n ──▶ persister ── cannot be applied ──▶ dropit.journal.dead
///      └──── wish, reply-to ───▶        (FIFO)          └── reply: all before it is written ──▶ whoever waits
///      └──── forget ──▶ fan-out to every other intake
/// </code>
/// Publishing and consuming have connections of their own: an alarm of the broker stops the former, and only the latter makes room.
/// </summary>
internal sealed class RabbitJournalQueue : IJournalQueue, IAsyncDisposable
{
    private const string ReplyQueue = "amq.rabbitmq.reply-to";

    /// <summary>A connection that is just being opened is worth this much waiting before an entry is refused.</summary>
    private static readonly TimeSpan Connecting = TimeSpan.FromSeconds(4);

    private readonly RabbitOptions _options;
    private readonly DeliverySpool _spool;
    private readonly RabbitLink<Talk> _publishing;
    private readonly RabbitLink<IConnection> _consuming;
    private readonly string _node = Guid.NewGuid().ToString("n");
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _asked = new();
    private readonly Dictionary<Slug, (Task Now, Task? Next)> _settling = [];
    private long _inFlight;

    /// <summary>Connects when it is first used.</summary>
    /// <param name="spool">Holds what was delivered and is not written yet.</param>
    public RabbitJournalQueue(RabbitOptions options, DeliverySpool spool, ILogger<RabbitJournalQueue> log)
    {
        (_options, _spool) = (options, spool);
        _publishing = new RabbitLink<Talk>(options, "drop.it, publishing", OpenTalkAsync, Lost, log);
        _consuming = new RabbitLink<IConnection>(options, "drop.it, consuming", DeclareAsync, () => { }, log);
    }

    /// <inheritdoc/>
    public event Action<Slug?>? Forgotten;

    /// <inheritdoc/>
    public int Partitions => _options.Partitions;

    /// <inheritdoc/>
    public int Window => _options.Window;

    /// <inheritdoc/>
    public string? Problem => _publishing.Problem;

    /// <inheritdoc/>
    public Task<PublishResult> PublishAsync(JournalRecord record, CancellationToken cancel)
    {
        var message = new RabbitMessage(record.Workspace, record.Position, record.After, record.Hurry)
        {
            Accepted = DateTimeOffset.UtcNow,
            Trace = record.Trace,
        };
        return PublishAsync(_options.Queue(record.Workspace), message, record.Entry, cancel);
    }

    /// <inheritdoc/>
    public async Task<JournalReader> OpenAsync(int partition, CancellationToken cancel)
    {
        while (true)
        {
            var connection = await _consuming.SessionAsync(Timeout.InfiniteTimeSpan, cancel);
            try
            {
                return await RabbitReader.OpenAsync(this, connection!, partition, _options, _spool, cancel);
            }
            catch (Exception e) when (Away(e))
            {
                if (e is OperationInterruptedException { ShutdownReason.ReplyCode: 404 })
                {
                    _consuming.Drop("a queue is missing"); // and is declared again
                }

                await Task.Delay(Connecting / 10, cancel); // the link is about to notice
            }
        }
    }

    /// <summary>
    /// A wish behind all that was published is answered when its reader is through. There is at most one unanswered a workspace: who comes meanwhile
    /// shares the next one, since only a wish published later is behind what they mean.
    /// </summary>
    public Task SettledAsync(Slug workspace, CancellationToken cancel)
    {
        Task mine;
        lock (_settling)
        {
            if (!_settling.TryGetValue(workspace, out var wishes))
            {
                _settling[workspace] = (mine = Task.Run(() => WishAsync(workspace), CancellationToken.None), null);
            }
            else if (wishes.Next is { } next)
            {
                mine = next;
            }
            else
            {
                mine = FollowAsync(wishes.Now);
                _settling[workspace] = (wishes.Now, mine);
            }
        }

        return mine.WaitAsync(cancel);

        async Task FollowAsync(Task first)
        {
            await first.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            await WishAsync(workspace);
        }
    }

    /// <inheritdoc/>
    public async Task ForgetAsync(Slug workspace, CancellationToken cancel)
    {
        Forgotten?.Invoke(workspace);
        var talk = await _publishing.SessionAsync(Connecting, cancel) ?? throw new TimeoutException(Problem);
        var properties = new BasicProperties { AppId = _node };
        var result = await ConfirmedAsync(
            talk.Wishes.BasicPublishAsync(_options.Forget, "", mandatory: false, properties, Encoding.UTF8.GetBytes(workspace.Value), CancellationToken.None),
            cancel);
        if (result.Outcome != PublishOutcome.Published)
        {
            throw new TimeoutException(result.Cause);
        }
    }

    /// <inheritdoc/>
    public async Task<string?> TroubleAsync(CancellationToken cancel)
    {
        await _publishing.SessionAsync(Connecting / 2, cancel);
        return Problem;
    }

    /// <summary>Asked over the connection that an alarm does not stop.</summary>
    public async Task<IReadOnlyList<long>?> DepthAsync(CancellationToken cancel)
    {
        try
        {
            if (await _consuming.SessionAsync(Connecting, cancel) is not { } connection)
            {
                return null;
            }

            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
            var depth = new long[Partitions];
            for (var i = 0; i < depth.Length; i++)
            {
                depth[i] = (await channel.QueueDeclarePassiveAsync(_options.Queue(i), cancel)).MessageCount;
            }

            return depth;
        }
        catch (Exception e) when (Away(e))
        {
            return null;
        }
    }

    /// <summary>Publishes to a queue and waits for the broker's word.</summary>
    public async Task<PublishResult> PublishAsync(string queue, RabbitMessage message, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        var talk = await _publishing.SessionAsync(Connecting, cancel);
        if (talk is null || _publishing.Blocked)
        {
            return new PublishResult(PublishOutcome.Busy, Problem ?? "");
        }

        if (Interlocked.Add(ref _inFlight, body.Length) > _options.InFlightBytes)
        {
            Interlocked.Add(ref _inFlight, -body.Length);
            return new PublishResult(PublishOutcome.Busy);
        }

        // Not cancelled: the client would count its confirms wrongly from then on. What is given up stays in flight, and in the bound, until it ends.
        var publish = talk.Entries.BasicPublishAsync("", queue, mandatory: true, message.ToProperties(), body, CancellationToken.None).AsTask();
        _ = publish.ContinueWith(
            ended =>
            {
                _ = ended.Exception; // seen
                Interlocked.Add(ref _inFlight, -body.Length);
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return await ConfirmedAsync(new ValueTask(publish), cancel);
    }

    /// <summary>Tells whoever made a wish that it has come true; nobody may be there any more.</summary>
    public async Task ReplyAsync(string replyTo, string? correlation)
    {
        // Under an alarm the wish is made again; waiting for its end here would keep the persister from making room.
        if (!_publishing.Blocked && await _publishing.SessionAsync(Connecting, CancellationToken.None) is { } talk)
        {
            var properties = new BasicProperties { CorrelationId = correlation };
            await ConfirmedAsync(
                talk.Wishes.BasicPublishAsync("", replyTo, mandatory: false, properties, ReadOnlyMemory<byte>.Empty, CancellationToken.None),
                CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _consuming.DisposeAsync();
        await _publishing.DisposeAsync();
    }

    /// <summary>What the client throws when the connection or the broker fails.</summary>
    public static bool Away(Exception e) =>
        e is RabbitMQClientException or IOException or ObjectDisposedException or TimeoutException or OperationCanceledException;

    private async Task<PublishResult> ConfirmedAsync(ValueTask publish, CancellationToken cancel)
    {
        try
        {
            await publish.AsTask().WaitAsync(_options.ConfirmIn, cancel);
            return PublishResult.Published;
        }
        catch (PublishException e) when (!e.IsReturn)
        {
            return new PublishResult(PublishOutcome.Unknown, "Too many changes wait in the message broker to be stored. Is a persister running?");
        }
        catch (PublishException)
        {
            _publishing.Drop("a queue is missing"); // and is declared again
            return new PublishResult(PublishOutcome.Unknown, "A queue of the message broker was deleted; it is made again.");
        }
        catch (TimeoutException) when (_publishing.Blocked)
        {
            return new PublishResult(PublishOutcome.Unknown, Problem ?? "");
        }
        catch (TimeoutException)
        {
            _publishing.Drop($"a message was not confirmed within {_options.ConfirmIn.TotalSeconds} s");
            return new PublishResult(PublishOutcome.Unknown, $"The message broker {_options} does not answer.");
        }
        catch (Exception e) when (Away(e) && !cancel.IsCancellationRequested)
        {
            return new PublishResult(PublishOutcome.Unknown, Problem ?? $"The connection to the message broker {_options} was lost.");
        }
    }

    private async Task WishAsync(Slug workspace)
    {
        try
        {
            var talk = await _publishing.SessionAsync(_options.ConfirmIn, CancellationToken.None);
            if (talk is null || _publishing.Blocked)
            {
                throw new TimeoutException(Problem);
            }

            var id = Guid.NewGuid().ToString("n");
            var answer = _asked[id] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                var properties = RabbitMessage.Wish(workspace).ToProperties();
                (properties.ReplyTo, properties.CorrelationId) = (ReplyQueue, id);
                var published = await ConfirmedAsync(
                    talk.Wishes.BasicPublishAsync(
                        "", _options.Queue(workspace), mandatory: true, properties, ReadOnlyMemory<byte>.Empty, CancellationToken.None),
                    CancellationToken.None);
                if (published.Outcome != PublishOutcome.Published)
                {
                    throw new TimeoutException(published.Cause);
                }

                await answer.Task.WaitAsync(_options.SettleIn);
            }
            catch (TimeoutException) when (answer.Task is { IsCompleted: false } && Problem is null)
            {
                throw new TimeoutException($"What waits in the journal was not stored within {_options.SettleIn.TotalSeconds} s. Is a persister running, "
                    + "and does the object store take its writes?");
            }
            finally
            {
                _asked.TryRemove(id, out _);
            }
        }
        finally
        {
            lock (_settling)
            {
                if (_settling[workspace].Next is { } next)
                {
                    _settling[workspace] = (next, null);
                }
                else
                {
                    _settling.Remove(workspace);
                }
            }
        }
    }

    private async Task<IConnection> DeclareAsync(IConnection connection, CancellationToken cancel)
    {
        await RabbitTopology.DeclareAsync(connection, _options, cancel);
        return connection;
    }

    private async Task<Talk> OpenTalkAsync(IConnection connection, CancellationToken cancel)
    {
        await RabbitTopology.DeclareAsync(connection, _options, cancel);
        var confirming = new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, null, 1);
        var entries = await connection.CreateChannelAsync(confirming, cancel);
        var wishes = await connection.CreateChannelAsync(confirming, cancel);
        var answers = new AsyncEventingBasicConsumer(wishes);
        answers.ReceivedAsync += (_, message) =>
        {
            if (message.BasicProperties.CorrelationId is { } id && _asked.TryGetValue(id, out var asked))
            {
                asked.TrySetResult();
            }

            return Task.CompletedTask;
        };
        await wishes.BasicConsumeAsync(ReplyQueue, autoAck: true, answers, cancel);

        // On the channel that entries are confirmed on: what another process told before its entry comes to us before the confirm of ours behind that one.
        var forgets = new AsyncEventingBasicConsumer(entries);
        forgets.ReceivedAsync += (_, message) =>
        {
            if (message.BasicProperties.AppId != _node && Slug.TryParse(Encoding.UTF8.GetString(message.Body.Span), out var slug))
            {
                Forgotten?.Invoke(slug);
            }

            return Task.CompletedTask;
        };
        var own = await entries.QueueDeclareAsync("", durable: false, exclusive: true, autoDelete: true, cancellationToken: cancel);
        await entries.QueueBindAsync(own.QueueName, _options.Forget, "", cancellationToken: cancel);
        await entries.BasicConsumeAsync(own.QueueName, autoAck: true, forgets, cancel);
        Forgotten?.Invoke(null); // what was told while we were away
        return new Talk(entries, wishes);
    }

    private void Lost()
    {
        foreach (var asked in _asked.Values)
        {
            asked.TrySetException(new TimeoutException(Problem));
        }
    }

    /// <summary>What is published over.</summary>
    /// <param name="Entries">Entries, and what other processes tell.</param>
    /// <param name="Wishes">Wishes and their answers.</param>
    private sealed record Talk(IChannel Entries, IChannel Wishes);
}
