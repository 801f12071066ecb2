using System.Collections.Concurrent;
using System.Threading.Channels;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace DropIt.Storage.Journal.Rabbit;

/// <summary>
/// One partition's consumer. While another process is the active one it gets nothing; when that one is gone it gets all that was not acked, in order.
/// </summary>
internal sealed class RabbitReader
{
    private readonly RabbitJournalQueue _queue;
    private readonly IChannel _channel;
    private readonly RabbitOptions _options;
    private readonly DeliverySpool _spool;

    /// <summary>Holds at most the window.</summary>
    private readonly Channel<JournalDelivery> _deliveries = Channel.CreateUnbounded<JournalDelivery>();

    private readonly ConcurrentDictionary<ulong, DeliverySpool.Body> _out = new();

    private RabbitReader(RabbitJournalQueue queue, IChannel channel, RabbitOptions options, DeliverySpool spool) =>
        (_queue, _channel, _options, _spool) = (queue, channel, options, spool);

    /// <summary>Starts to consume.</summary>
    public static async Task<JournalReader> OpenAsync(
        RabbitJournalQueue queue, IConnection connection, int partition, RabbitOptions options, DeliverySpool spool, CancellationToken cancel)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        var reader = new RabbitReader(queue, channel, options, spool);
        channel.ChannelShutdownAsync += (_, _) =>
        {
            reader._deliveries.Writer.TryComplete();
            return Task.CompletedTask;
        };
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += reader.ReceiveAsync;
        consumer.UnregisteredAsync += (_, _) => // the queue was deleted
        {
            reader._deliveries.Writer.TryComplete();
            return Task.CompletedTask;
        };
        await channel.BasicQosAsync(0, options.Window, global: false, cancel);
        await channel.BasicConsumeAsync(options.Queue(partition), autoAck: false, consumer, cancel);
        return new JournalReader(reader._deliveries.Reader, reader.CloseAsync);
    }

    private async Task ReceiveAsync(object sender, BasicDeliverEventArgs message)
    {
        try
        {
            if (RabbitMessage.Read(message.BasicProperties) is not { } read)
            {
                await _channel.BasicRejectAsync(message.DeliveryTag, requeue: false); // nothing of ours; it is kept with what was set aside
                return;
            }

            var body = _spool.Take(message.Body.Span);
            _out[message.DeliveryTag] = body;
            _deliveries.Writer.TryWrite(new Delivery(this, message.DeliveryTag, read, body, message.BasicProperties)
            {
                Workspace = read.Workspace,
                Position = read.Position,
                After = read.After,
                Hurry = read.Hurry,
                Length = message.Body.Length,
                Accepted = read.Accepted,
                Trace = read.Trace,
                Suspect = read.Deliveries >= _options.SuspectAfter,
            });
        }
        catch (Exception e) when (e is UnauthorizedAccessException || RabbitJournalQueue.Away(e))
        {
            // A delivery that was dropped here would be a hole for what comes behind it: all of them come again.
            _deliveries.Writer.TryComplete(e);
        }
    }

    private async Task DoneAsync(ulong tag)
    {
        if (_out.TryRemove(tag, out var body))
        {
            body.Drop();
        }

        try
        {
            await _channel.BasicAckAsync(tag, multiple: false);
        }
        catch (Exception e) when (RabbitJournalQueue.Away(e))
        {
            _deliveries.Writer.TryComplete(); // it comes again, and is known by its position
        }
    }

    private async ValueTask CloseAsync()
    {
        try
        {
            await _channel.AbortAsync();
            await _channel.DisposeAsync();
        }
        catch (Exception e) when (RabbitJournalQueue.Away(e))
        {
            // it went with its connection
        }

        foreach (var body in _out.Values)
        {
            body.Drop();
        }
    }

    private sealed class Delivery(
        RabbitReader reader, ulong tag, RabbitMessage message, DeliverySpool.Body body, IReadOnlyBasicProperties properties) : JournalDelivery
    {
        private readonly string? _replyTo = properties.ReplyTo;
        private readonly string? _correlation = properties.CorrelationId;

        public override byte[] Read() => body.Read();

        public override async ValueTask AckAsync()
        {
            if (IsWish && _replyTo is { Length: > 0 } replyTo)
            {
                await reader._queue.ReplyAsync(replyTo, _correlation);
            }

            await reader.DoneAsync(tag);
        }

        public override async ValueTask<bool> SetAsideAsync(string cause)
        {
            var put = await reader._queue.PublishAsync(reader._options.Dead, message with { Cause = cause }, Read(), CancellationToken.None);
            if (put.Outcome != PublishOutcome.Published)
            {
                return false;
            }

            await reader.DoneAsync(tag);
            return true;
        }
    }
}
