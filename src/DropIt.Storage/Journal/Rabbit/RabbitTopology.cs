using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace DropIt.Storage.Journal.Rabbit;

/// <summary>What there is in the broker (docs/storage.md, "Journal on RabbitMQ").</summary>
internal static class RabbitTopology
{
    /// <summary>
    /// RabbitMQ notes that a quorum queue exists some half a second after it said so, and one that is killed before starts it again without its
    /// messages, or never elects a leader for it. So nothing is published to a queue that is younger than this; the exchange, which is made afterwards, tells
    /// everyone that they are older.
    /// </summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    /// <summary>Makes what is missing. Throws when something is there with other settings.</summary>
    public static async Task DeclareAsync(IConnection connection, RabbitOptions options, CancellationToken cancel)
    {
        var fresh = !await ExistsAsync(connection, channel => channel.ExchangeDeclarePassiveAsync(options.Forget, cancel), cancel)
            || !await ExistsAsync(connection, channel => channel.QueueDeclarePassiveAsync(options.Queue(options.Partitions - 1), cancel), cancel);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);

        // The broker's own limit is a backstop: entries are set aside by the persister, with a cause, long before.
        var dead = new Dictionary<string, object?>
        {
            ["x-queue-type"] = "quorum",
            ["x-overflow"] = "reject-publish",
            ["x-max-length-bytes"] = options.PartitionBytes,
            ["x-delivery-limit"] = 1_000_000,
        };
        await channel.QueueDeclareAsync(options.Dead, durable: true, exclusive: false, autoDelete: false, dead, cancellationToken: cancel);
        for (var i = 0; i < options.Partitions; i++)
        {
            var queue = new Dictionary<string, object?>
            {
                ["x-queue-type"] = "quorum",
                ["x-single-active-consumer"] = true,
                ["x-overflow"] = "reject-publish",
                ["x-max-length-bytes"] = options.PartitionBytes,
                ["x-delivery-limit"] = 2 * options.SuspectAfter,
                ["x-dead-letter-exchange"] = "",
                ["x-dead-letter-routing-key"] = options.Dead,
                ["x-dead-letter-strategy"] = "at-least-once",
            };
            await channel.QueueDeclareAsync(options.Queue(i), durable: true, exclusive: false, autoDelete: false, queue, cancellationToken: cancel);
        }

        if (fresh)
        {
            await Task.Delay(Settling, cancel);
        }

        await channel.ExchangeDeclareAsync(options.Forget, ExchangeType.Fanout, durable: true, cancellationToken: cancel);
    }

    private static async Task<bool> ExistsAsync(IConnection connection, Func<IChannel, Task> ask, CancellationToken cancel)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        try
        {
            await ask(channel);
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
        {
            return false;
        }
    }
}
