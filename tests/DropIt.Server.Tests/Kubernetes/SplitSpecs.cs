using System.Net;
using System.Net.Http.Headers;
using DropIt.Server.Tests.Harness;
using DropIt.Server.Tests.Storage;
using DropIt.Tests.Kubernetes;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Kubernetes;

#pragma warning disable xUnit1069 // what a spec waits in is the harness, which watches the token everywhere

/// <summary>
/// Roles as deploy/kubernetes/overlays/split has them: two servers with control, orchestrator and gateway, storage and persister as processes of their own, joined by
/// a real PostgreSQL, RabbitMQ, S3 server and Kubernetes.
/// </summary>
[Collection(S3Suite.Name)]
public sealed class SplitSpecs(S3Fixture s3, RabbitServer broker, PostgresServer postgres) : IClassFixture<RabbitServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task Two_gateways_serve_the_same_pods_and_when_the_leader_dies_in_a_start_the_other_ends_it()
    {
        var port = ServerRig.FreePort();
        var (file, space) = await ClusterRig.SettingsAsync(port);
        var secrets = new Dictionary<string, string>
        {
            ["DROPIT_S3_ACCESS_KEY"] = s3.AccessKey,
            ["DROPIT_S3_SECRET_KEY"] = s3.SecretKey,
            ["DROPIT_RABBITMQ"] = broker.Address.ToString(),
            ["DROPIT_DATABASE_PASSWORD"] = PostgresServer.Password,
        };
        var key = Path.Combine(Directory.CreateTempSubdirectory("dropit-split-").FullName, "secret.key");
        await File.WriteAllTextAsync(key, Guid.NewGuid().ToString("n") + Guid.NewGuid().ToString("n"), Cancel);
        string[] place = ["--s3", $"s3://{S3Server.Bucket}/{S3Server.FreshPrefix()}", "--s3-endpoint", s3.Endpoint];
        string[] front =
        [
            .. place, "--roles", "control,orchestrator,gateway", "--kubernetes", file, "--database", await postgres.DatabaseAsync(), "--key-file", key,
        ];
        await using var first = await ServerRig.StartAsync(more: front, environment: secrets);
        await using var second = await ServerRig.StartAsync(more: front, environment: secrets, signIn: false);
        second.TakeSessionOf(first);
        var health = ServerRig.FreePort();
        await using var storage = await PartRig.StartAsync(
            "storage", [.. place, "--storage-listen", $"0.0.0.0:{port}", "--metrics-listen", $"127.0.0.1:{health}", "--public-key", Path.Combine(first.Data, "public.key")], secrets);
        await using var persister = await PartRig.StartAsync("persister", place, secrets);
        await IsReadyAsync(first.Client, new Uri($"http://127.0.0.1:{health}/readyz"));

        // Asked for at the one that follows, started by the one that leads, served by both.
        var slug = await second.CreateAsync();
        var ticket = await second.OpenAsync(slug);
        await first.PutFileAsync(slug, ticket, "kept.txt", "kept");
        Assert.Equal("kept", await FileAsync(second, slug, ticket));

        // The leader dies in the middle of a start.
        var other = await second.CreateAsync();
        await second.SendAsync(HttpMethod.Post, $"/api/workspaces/{other}/open");
        await first.KillAsync();
        await second.WaitForAsync(other, "awake");
        Assert.Equal("kept", await FileAsync(second, slug, ticket));
        Assert.Contains($"pod/ws-{slug}-1", await Cluster.ObjectsAsync(space, slug));
        while ((await Cluster.ObjectsAsync(space, other)).Count(o => o.StartsWith("pod/", StringComparison.Ordinal)) != 1)
        {
            await Task.Delay(200, Cancel);
        }

        // It comes back as the one that follows, and its wishes are carried out all the same.
        await first.StartAgainAsync();
        await first.SleepAsync(slug);
        await Cluster.KubectlAsync("wait", "-n", space, "--for=delete", $"ingress/ws-{slug}", $"service/ws-{slug}", "--timeout=60s");
        Assert.Empty(await Cluster.ObjectsAsync(space, slug));
        using var stored = await second.GetAsync($"/api/workspaces/{slug}/files/kept.txt");
        Assert.Equal("kept", await stored.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("kept", await FileAsync(first, slug, await second.OpenAsync(slug)));
    }

    /// <summary>Until the part says so: its way to the broker takes a moment.</summary>
    private static async Task IsReadyAsync(HttpClient client, Uri address)
    {
        while (true)
        {
            using var answer = await client.GetAsync(address, Cancel);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            await Task.Delay(200, Cancel);
        }
    }

    private static async Task<string> FileAsync(ServerRig server, string slug, string ticket)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{slug}.localhost:{server.Port}/.dropit/files/kept.txt");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ticket);
        using var answer = await server.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Cancel);
    }
}
