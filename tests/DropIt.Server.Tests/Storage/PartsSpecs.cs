using System.Net;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Storage;

/// <summary>Control, storage and persister as processes of their own, joined by a real S3 server and a real RabbitMQ.</summary>
[Collection(S3Suite.Name)]
public sealed class PartsSpecs(S3Fixture s3, RabbitServer broker)
{
    private readonly string _prefix = S3Server.FreshPrefix();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_said_to_be_stored_is_there_after_each_part_was_killed()
    {
        var secrets = await SecretsAsync();
        var port = ServerRig.FreePort();
        await using var front = await FrontAsync(port, secrets);
        await using var storage = await StorageAsync(port, front, secrets);
        await using var persister = await PartRig.StartAsync("persister", Place, secrets);
        await using var second = await PartRig.StartAsync("persister", Place, secrets);

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

    [Fact]
    public async Task A_persister_that_is_asked_to_end_writes_what_it_holds_first()
    {
        var secrets = await SecretsAsync();
        var (port, metrics) = (ServerRig.FreePort(), ServerRig.FreePort());
        await using var front = await FrontAsync(port, secrets);
        await using var storage = await StorageAsync(port, front, secrets);
        await using var persister = await PartRig.StartAsync("persister", [.. Place, "--metrics-listen", $"127.0.0.1:{metrics}"], secrets);
        var slug = await front.CreateAsync("empty");
        using var shell = await Shell.OpenAsync(front, slug);
        await front.PutFileAsync(slug, await front.OpenAsync(slug), "held.txt", "not written yet");
        await shell.RequestAsync("journal.flush", new { });
        await new Figures(metrics).UntilAsync(pending => pending >= 1, "dropit_persister_pending");

        // A batch gathers half a minute: what is written now is written because of the end.
        Assert.DoesNotContain("held.txt", await Export.ReadAsync(slug, Place, secrets));
        Assert.Equal(0, await persister.StopAsync());
        Assert.Equal("not written yet", (await Export.ReadAsync(slug, Place, secrets))["held.txt"]);
        Assert.Equal(0, await front.StopAsync());
    }

    private string[] Place => ["--s3", $"s3://{S3Server.Bucket}/{_prefix}", "--s3-endpoint", s3.Endpoint];

    private async Task<Dictionary<string, string>> SecretsAsync() => new()
    {
        ["DROPIT_S3_ACCESS_KEY"] = s3.AccessKey,
        ["DROPIT_S3_SECRET_KEY"] = s3.SecretKey,
        ["DROPIT_RABBITMQ"] = (await broker.FreshAsync()).ToString(),
    };

    private Task<ServerRig> FrontAsync(int storage, Dictionary<string, string> secrets) => ServerRig.StartAsync(
        more: [.. Place, "--roles", "control,gateway,orchestrator", "--storage-at", $"http://127.0.0.1:{storage}"], environment: secrets);

    private Task<PartRig> StorageAsync(int port, ServerRig front, Dictionary<string, string> secrets) => PartRig.StartAsync(
        "storage", [.. Place, "--storage-listen", $"127.0.0.1:{port}", "--public-key", Path.Combine(front.Data, "public.key")], secrets);
}
