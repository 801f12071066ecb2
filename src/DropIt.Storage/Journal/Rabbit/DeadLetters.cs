using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace DropIt.Storage.Journal.Rabbit;

/// <summary>An entry that was set aside.</summary>
/// <param name="Workspace">Whose.</param>
/// <param name="Epoch">Of the entry.</param>
/// <param name="Sequence">Of the entry; 0: the opening of an epoch.</param>
/// <param name="Bytes">Of its JSON.</param>
/// <param name="Cause">Why, as it was met.</param>
/// <param name="Paths">What it changes; null when it cannot be read.</param>
/// <param name="Late">It came after its epoch was over: nothing waits for it, and applying it would undo newer changes.</param>
public sealed record DeadLetter(
    string Workspace, long Epoch, long Sequence, int Bytes, string Cause, IReadOnlyList<string>? Paths, bool Late);

/// <summary>
/// For operators: the entries that could not be stored. Each call throws <see cref="IOException"/> with cause and cure when the broker is away.
/// </summary>
public sealed class DeadLetters(RabbitOptions options)
{
    /// <summary>Looked at by one call; what is beyond is there at the next.</summary>
    private const int MaxLetters = 10_000;

    private const long MaxBytes = 256L * 1024 * 1024;

    /// <summary>What was set aside, in order of workspace and position.</summary>
    public Task<IReadOnlyList<DeadLetter>> ListAsync(CancellationToken cancel) => OnQueueAsync<IReadOnlyList<DeadLetter>>(
        (_, letters) => Task.FromResult<IReadOnlyList<DeadLetter>>([.. letters.Select(letter => letter.Shown)]), cancel);

    /// <summary>Gives entries to the persister again, once the cause is removed. What came late stays.</summary>
    /// <param name="workspace">Only its; null: all.</param>
    /// <param name="cancel">What was given stays given.</param>
    /// <returns>How many.</returns>
    public Task<int> ReplayAsync(Slug? workspace, CancellationToken cancel) => OnQueueAsync(
        async (channel, letters) =>
        {
            var count = 0;
            foreach (var letter in letters.Where(letter => !letter.Shown.Late && (workspace is null || letter.Message.Workspace == workspace)))
            {
                await GiveAsync(channel, letter, letter.Body, cancel);
                count++;
            }

            return count;
        },
        cancel);

    /// <summary>
    /// Gives up the changes of a workspace's entries for good. Their places in the journal are given to the persister without them, so that what comes
    /// behind has no hole in front of it.
    /// </summary>
    /// <returns>How many.</returns>
    public Task<int> DropAsync(Slug workspace, CancellationToken cancel) => OnQueueAsync(
        async (channel, letters) =>
        {
            var count = 0;
            foreach (var letter in letters.Where(letter => letter.Message.Workspace == workspace))
            {
                var (epoch, sequence) = letter.Message.Position;
                if (letter.Shown.Late)
                {
                    await channel.BasicAckAsync(letter.Tag, multiple: false, cancel);
                }
                else
                {
                    var empty = new JournalEntry(workspace.Value, epoch, sequence, []);
                    await GiveAsync(
                        channel, letter, sequence == 0 ? [] : JsonSerializer.SerializeToUtf8Bytes(empty, JournalJson.Default.JournalEntry), cancel);
                }

                count++;
            }

            return count;
        },
        cancel);

    private async Task GiveAsync(IChannel channel, Letter letter, byte[] body, CancellationToken cancel)
    {
        var message = letter.Message with { Cause = null, Hurry = true };
        await channel.BasicPublishAsync("", options.Queue(message.Workspace), mandatory: true, message.ToProperties(), body, CancellationToken.None);
        await channel.BasicAckAsync(letter.Tag, multiple: false, cancel);
    }

    /// <summary>Takes the letters, lets <paramref name="work"/> ack some, and gives the rest back.</summary>
    private async Task<T> OnQueueAsync<T>(Func<IChannel, List<Letter>, Task<T>> work, CancellationToken cancel)
    {
        var factory = new ConnectionFactory
        {
            Uri = options.Address,
            ClientProvidedName = "drop.it, journal dead",
            AutomaticRecoveryEnabled = false,
            RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        };
        try
        {
            await using var connection = await factory.CreateConnectionAsync(cancel);
            await RabbitTopology.DeclareAsync(connection, options, cancel);
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancel);
            var letters = new List<Letter>();
            for (var bytes = 0L; letters.Count < MaxLetters && bytes < MaxBytes;)
            {
                if (await channel.BasicGetAsync(options.Dead, autoAck: false, cancel) is not { } got)
                {
                    break;
                }

                bytes += got.Body.Length;
                if (RabbitMessage.Read(got.BasicProperties) is { IsWish: false } message)
                {
                    letters.Add(new Letter(got.DeliveryTag, message, got.Body.ToArray()));
                }
            }

            return await work(channel, [.. letters.OrderBy(letter => letter.Message.Workspace.Value, StringComparer.Ordinal).ThenBy(letter => letter.Message.Position)]);
        }
        catch (Exception e) when (e is RabbitMQClientException or IOException or TimeoutException)
        {
            throw new IOException($"The message broker {options} cannot be asked ({e.Message}). Is it running, and is DROPIT_RABBITMQ right?", e);
        }
    }

    private sealed record Letter(ulong Tag, RabbitMessage Message, byte[] Body)
    {
        public DeadLetter Shown => new(
            Message.Workspace.Value,
            Message.Position.Epoch,
            Message.Position.Sequence,
            Body.Length,
            Message.Cause ?? "unknown",
            Paths(),
            Message.Cause == JournalDelivery.Late);

        private List<string>? Paths()
        {
            try
            {
                return Body.Length == 0 ? [] : JsonSerializer.Deserialize(Body, JournalJson.Default.JournalEntry)?.Changes.Select(change => change.Path).ToList();
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}
