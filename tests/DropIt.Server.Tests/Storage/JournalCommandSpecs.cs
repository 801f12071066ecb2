using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;
using RabbitMQ.Client;

namespace DropIt.Server.Tests.Storage;

/// <summary><c>dropit-server journal dead list|replay|drop</c> beside a server on a real RabbitMQ.</summary>
[Collection(S3Suite.Name)]
public sealed class JournalCommandSpecs(RabbitServer broker)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_set_aside_is_listed_stored_by_a_replay_or_given_up()
    {
        var environment = new Dictionary<string, string> { ["DROPIT_RABBITMQ"] = (await broker.FreshAsync()).ToString() };
        await using var server = await ServerRig.StartAsync(environment: environment);
        var slug = await server.CreateAsync("empty");
        await server.PutFileAsync(slug, await server.OpenAsync(slug), "first.txt", "one");
        await server.SleepAsync(slug);
        Assert.Equal("0 entries were set aside.\n", await DoneAsync("list"));

        await SetAsideAsync("second.txt");
        var listed = await DoneAsync("list");
        Assert.StartsWith(slug + " ", listed, StringComparison.Ordinal);
        Assert.Contains("[second.txt]: the spec wants it\n1 entries were set aside.", listed, StringComparison.Ordinal);
        Assert.StartsWith("0 entries", await DoneAsync("replay", "nobody12345"), StringComparison.Ordinal);
        Assert.StartsWith("1 entries", await DoneAsync("replay"), StringComparison.Ordinal);
        Assert.Equal("0 entries were set aside.\n", await DoneAsync("list"));
        while (await StoredAsync("second.txt") != HttpStatusCode.OK)
        {
            await Task.Delay(50, Cancel); // the persister takes it from the queue
        }


        await SetAsideAsync("third.txt");
        Assert.Equal($"1 entries of {slug} were given up.\n", await DoneAsync("drop", slug));
        Assert.Equal("0 entries were set aside.\n", await DoneAsync("list"));
        await server.PutFileAsync(slug, await server.OpenAsync(slug), "fourth.txt", "four");
        await server.SleepAsync(slug);
        Assert.Equal(HttpStatusCode.OK, await StoredAsync("fourth.txt"));
        Assert.Equal(HttpStatusCode.NotFound, await StoredAsync("third.txt"));

        Task<string> DoneAsync(params string[] words) => SucceedAsync(environment, words);

        async Task<HttpStatusCode> StoredAsync(string path)
        {
            using var answer = await server.GetAsync($"/api/workspaces/{slug}/files/{path}");
            return answer.StatusCode;
        }

        // The entry behind the last that is stored, as a persister sets it aside.
        async Task SetAsideAsync(string path)
        {
            var stored = await File.ReadAllBytesAsync(Path.Combine(server.Data, "store", "objects", "heads", slug + "+"), Cancel);
            using var head = JsonDocument.Parse(stored.AsMemory(..^SHA256.HashSizeInBytes));
            var (epoch, sequence) = (head.RootElement.GetProperty("epoch").GetInt64(), head.RootElement.GetProperty("sequence").GetInt64());
            var entry = new JournalEntry(slug, epoch, sequence + 1, [EmptyFile(path)]);
            var properties = new BasicProperties
            {
                Persistent = true,
                Headers = new Dictionary<string, object?>
                {
                    ["workspace"] = slug,
                    ["position"] = $"{epoch}.{sequence + 1}",
                    ["after"] = $"{epoch}.{sequence}",
                    ["hurry"] = true,
                    ["cause"] = "the spec wants it",
                },
            };
            await using var connection = await new ConnectionFactory { Uri = new Uri(environment["DROPIT_RABBITMQ"]) }.CreateConnectionAsync(Cancel);
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), Cancel);
            await channel.BasicPublishAsync(
                "", "dropit.journal.dead", mandatory: true, properties, JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry), Cancel);
        }
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_with_the_cure()
    {
        var environment = new Dictionary<string, string> { ["DROPIT_RABBITMQ"] = (await broker.FreshAsync()).ToString() };
        Assert.Contains("not the name of a workspace", await FailAsync(environment, "drop", "Not_A_Slug"), StringComparison.Ordinal);
        Assert.Contains("journal dead replay [SLUG]", await FailAsync(environment, "bury"), StringComparison.Ordinal);
        Assert.Contains("journal dead drop SLUG", await FailAsync(environment, "drop"), StringComparison.Ordinal);
        Assert.Contains("Without a message broker (DROPIT_RABBITMQ)", await FailAsync([], "list"), StringComparison.Ordinal);
        environment["DROPIT_RABBITMQ"] = "amqp://test:test@127.0.0.1:9/";
        Assert.Contains("Is it running, and is DROPIT_RABBITMQ right?", await FailAsync(environment, "list"), StringComparison.Ordinal);
    }

    private static JournalChange EmptyFile(string path) =>
        new() { Path = path, Kind = ChangeKind.File, Mode = 0x1A4, Size = 0, Hash = Convert.ToHexStringLower(SHA256.HashData([])) };

    private static async Task<string> SucceedAsync(Dictionary<string, string> environment, params string[] words)
    {
        var (code, output, errors) = await ServerRig.RunAsync(["journal", "dead", .. words], environment);
        Assert.True(code == 0, errors);
        return output;
    }

    private static async Task<string> FailAsync(Dictionary<string, string> environment, params string[] words)
    {
        var (code, output, errors) = await ServerRig.RunAsync(["journal", "dead", .. words], environment);
        Assert.Equal((2, ""), (code, output));
        return errors;
    }
}
