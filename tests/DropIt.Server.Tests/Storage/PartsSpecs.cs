using System.Net;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Storage;

/// <summary>Control, storage and persister as processes of their own, joined by a real S3 server and a real RabbitMQ.</summary>
[Collection(S3Suite.Name)]
public sealed class PartsSpecs(S3Fixture s3, RabbitServer broker) : IClassFixture<RabbitServer>
{
    private readonly string _prefix = S3Server.FreshPrefix();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_said_to_be_stored_is_there_after_each_part_was_killed()
    {
        var secrets = new Dictionary<string, string>
        {
            ["DROPIT_S3_ACCESS_KEY"] = s3.AccessKey,
            ["DROPIT_S3_SECRET_KEY"] = s3.SecretKey,
            ["DROPIT_RABBITMQ"] = broker.Address.ToString(),
        };
        string[] place = ["--s3", $"s3://{S3Server.Bucket}/{_prefix}", "--s3-endpoint", s3.Endpoint];
        var port = ServerRig.FreePort();
        await using var front = await ServerRig.StartAsync(
            more: [.. place, "--roles", "control,gateway,orchestrator", "--storage-at", $"http://127.0.0.1:{port}"], environment: secrets);
        await using var storage = await PartRig.StartAsync(
            "storage", [.. place, "--storage-listen", $"127.0.0.1:{port}", "--public-key", Path.Combine(front.Data, "public.key")], secrets);
        await using var persister = await PartRig.StartAsync("persister", place, secrets);
        await using var second = await PartRig.StartAsync("persister", place, secrets);

        var slug = await front.CreateAsync("empty");
        await front.PutFileAsync(slug, await front.OpenAsync(slug), "first.txt", "one");
        await persister.KillAsync();
        await front.PutFileAsync(slug, await front.OpenAsync(slug), "second.txt", "two");
        await storage.KillAsync();
        await front.PutFileAsync(slug, await front.OpenAsync(slug), "third.txt", "three");
        await storage.StartAgainAsync();
        await second.KillAsync();
        await persister.StartAgainAsync();

        await front.SleepAsync(slug);
        foreach (var (path, text) in (ValueTuple<string, string>[])[("first.txt", "one"), ("second.txt", "two"), ("third.txt", "three")])
        {
            using var stored = await front.GetAsync($"/api/workspaces/{slug}/files/{path}");
            Assert.Equal(HttpStatusCode.OK, stored.StatusCode);
            Assert.Equal(text, await stored.Content.ReadAsStringAsync(Cancel));
        }

        Directory.Delete(Path.Combine(front.Data, "workspaces", slug), recursive: true);
        await front.OpenAsync(slug);
        Assert.Equal("three", await File.ReadAllTextAsync(Path.Combine(front.Data, "workspaces", slug, "files", "third.txt"), Cancel));
    }
}
