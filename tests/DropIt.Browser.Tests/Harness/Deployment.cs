using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using DropIt.Tests.Chaos;
using DropIt.Tests.Kubernetes;
using DropIt.Tests.Services;

namespace DropIt.Browser.Tests.Harness;

/// <summary>
/// drop.it as deploy/kubernetes/overlays/split puts it into a cluster: each role by itself, with the rights that it gets and the network policies that are kept
/// there. PostgreSQL, RabbitMQ and S3 run on this machine, and a port of it leads to the Service, since a browser takes <c>*.localhost</c> for this machine.
/// </summary>
internal sealed class Deployment : IAsyncDisposable
{
    // Where pods reach this machine: the bridge they are plugged into.
    private static readonly IPAddress s_bridge = IPAddress.Parse("10.88.0.1");

    // The image of workspaces by another name: workspaces of one stack come from a pool, all others are started.
    private const string Pooled = "docker.io/dropit/workspace:pooled";

    private readonly PostgresServer _database = new();
    private readonly RabbitServer _broker = new();
    private readonly S3Server _bucket = new();
    private readonly Cable _front = new(new IPEndPoint(IPAddress.None, 0), new IPEndPoint(IPAddress.Loopback, 0)); // led to the Service once there is one
    private Cable[] _stores = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Origin of the page.</summary>
    public string Origin => $"http://localhost:{_front.Port}";

    /// <summary>Where pods find the database, the broker and the bucket, as <c>host/port</c>.</summary>
    public IEnumerable<string> Stores => _stores.Select(store => $"{s_bridge}/{store.Port}");

    /// <summary>What no workspace may ever see: the words that open broker and bucket (that of the database here is too common to look for), and the key that seals the signing key.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; private set; } = new Dictionary<string, string>();

    /// <summary>Does what docs/operations.md says under "Roles apart", and waits until all of it is up.</summary>
    public static async Task<Deployment> StartAsync()
    {
        await Cluster.UpAsync();
        var deployment = new Deployment();
        try
        {
            await deployment.DeployAsync();
            return deployment;
        }
        catch
        {
            await deployment.DisposeAsync();
            throw;
        }
    }

    /// <summary>A fresh one-time address that signs a browser in, as an operator gets it.</summary>
    public static Task<string> SignInAddressAsync() => Cluster.KubectlAsync(
        "exec", "-n", "dropit", "deployment/dropit", "--", "/opt/dropit/dropit-server", "signin");

    /// <summary>Names of the pods of control, orchestrator and gateway.</summary>
    public static async Task<string[]> FrontsAsync() => (await Cluster.KubectlAsync(
        "get", "pods", "-n", "dropit", "-l", "drop.it/role=front", "-o", "jsonpath={.items[*].metadata.name}")).Split(' ');

    /// <summary>Name of the pod of the pool that belongs to nobody; empty: there is none.</summary>
    public static Task<string> SpareAsync() => Cluster.KubectlAsync(
        "get", "pods", "-n", "dropit-workspaces", "-l", "drop.it/pool", "-o", "jsonpath={.items[*].metadata.name}");

    /// <summary>The text of a file of a workspace as the bucket alone has it: read by the command in a persister's pod, which asks no server and no database.</summary>
    public static async Task<string> StoredAsync(string slug, string path)
    {
        var zip = await Cluster.KubectlAsync(
            "exec", "-n", "dropit", "deployment/dropit-persister", "--", "sh", "-c",
            $"/opt/dropit/dropit-server storage export {slug} /tmp/{slug}.zip >&2 && base64 /tmp/{slug}.zip");
        await using var archive = new ZipArchive(new MemoryStream(Convert.FromBase64String(zip)));
        using var reader = new StreamReader(await archive.GetEntry(path)!.OpenAsync(Cancel));
        return await reader.ReadToEndAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        // Only shown when the spec fails.
        await TellAsync("get", "pods,events", "-A");
        await TellAsync("logs", "-n", "dropit", "-l", "drop.it/role=front", "--tail=40", "--prefix");
        await TellAsync("logs", "-n", "dropit", "-l", "app.kubernetes.io/name in (dropit-storage,dropit-persister)", "--tail=40", "--prefix");
        await TellAsync("logs", "-n", "dropit-workspaces", "-l", "drop.it/workspace", "--tail=40", "--prefix");
        foreach (var cable in (Cable[])[_front, .. _stores])
        {
            cable.Dispose();
        }

        await Cluster.DownAsync();
        await _bucket.DisposeAsync();
        await _broker.DisposeAsync();
        await _database.DisposeAsync();
    }

    private async Task DeployAsync()
    {
        await Task.WhenAll(
            Cluster.UpAsync("server", "node"), _database.StartAsync(), _broker.InitializeAsync().AsTask(), _bucket.InitializeAsync().AsTask());
        await Cluster.ScriptAsync("tag", "docker.io/dropit/workspace:node", Pooled);
        OpenStores();
        await ApplyAsync();
        var service = await Cluster.KubectlAsync("get", "service", "-n", "dropit", "dropit", "-o", "jsonpath={.spec.clusterIP}");
        _front.Lead(new IPEndPoint(IPAddress.Parse(service), 80));
        while (await SpareAsync() == "")
        {
            await Task.Delay(100, Cancel);
        }

        await Cluster.ReadyAsync("dropit-workspaces", await SpareAsync());
    }

    /// <summary>The servers listen on this machine's loopback only.</summary>
    private void OpenStores()
    {
        _stores = [.. from port in (int[])[_database.Port, _broker.Port, new Uri(_bucket.Endpoint).Port]
                      select new Cable(new IPEndPoint(IPAddress.Loopback, port), new IPEndPoint(s_bridge, 0))];
        Secrets = new Dictionary<string, string>
        {
            ["DROPIT_RABBITMQ"] = new UriBuilder(_broker.Address) { Host = $"{s_bridge}", Port = _stores[1].Port }.Uri.ToString(),
            ["DROPIT_S3_ACCESS_KEY"] = _bucket.AccessKey,
            ["DROPIT_S3_SECRET_KEY"] = _bucket.SecretKey,
            ["secret.key"] = RandomNumberGenerator.GetHexString(64, lowercase: true),
        };
    }

    private async Task ApplyAsync()
    {
        var deploy = Path.Combine(Checkout.Root, "deploy", "kubernetes");
        await Cluster.ScriptAsync("enforce", "dropit", "dropit-workspaces");
        await Cluster.KubectlAsync("apply", "-f", Path.Combine(deploy, "base", "namespaces.yaml"));
        var options = Secrets.Where(secret => secret.Key != "secret.key").Select(secret => $"--from-literal={secret.Key}={secret.Value}");
        await Cluster.KubectlAsync(
            ["create", "secret", "generic", "dropit-secrets", "-n", "dropit", $"--from-literal=DROPIT_DATABASE_PASSWORD={PostgresServer.Password}", .. options]);
        await Cluster.KubectlAsync("create", "secret", "generic", "dropit-key", "-n", "dropit", $"--from-literal=secret.key={Secrets["secret.key"]}");

        // The cluster of the specs, 1.20, knows budgets by an earlier name with the same fields.
        var objects = await Cluster.KubectlAsync("kustomize", await OverlayAsync(deploy));
        await Cluster.ApplyAsync(objects.Replace("apiVersion: policy/v1\n", "apiVersion: policy/v1beta1\n", StringComparison.Ordinal));
        await IsOutAsync("dropit");

        var key = Path.Combine(Directory.CreateTempSubdirectory("dropit-deployment-").FullName, "public.key");
        await File.WriteAllTextAsync(key, await Cluster.KubectlAsync("exec", "-n", "dropit", "deployment/dropit", "--", "cat", "/data/dropit/public.key"), Cancel);
        await Cluster.KubectlAsync("create", "secret", "generic", "dropit-public-key", "-n", "dropit", $"--from-file={key}");
        await IsOutAsync("dropit-storage");
        await IsOutAsync("dropit-persister");
    }

    /// <summary>The overlay with the addresses of here, the images that were built, and the smaller pods of the overlay <c>local</c>.</summary>
    private async Task<string> OverlayAsync(string deploy)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Checkout.Root, "artifacts", "deployment")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "kustomization.yaml"), $"""
            resources: [../../deploy/kubernetes/overlays/split]
            configMapGenerator:
              - name: dropit
                namespace: dropit
                behavior: merge
                literals: [DROPIT_DOMAIN=localhost, "DROPIT_ORIGIN={Origin}"]
              - name: dropit-stores
                namespace: dropit
                behavior: merge
                literals:
                  - DROPIT_DATABASE=Host={s_bridge};Port={_stores[0].Port};Username=test;Database=test
                  - DROPIT_S3=s3://{S3Server.Bucket}
                  - DROPIT_S3_ENDPOINT=http://{s_bridge}:{_stores[2].Port}
              - name: dropit-workspaces
                namespace: dropit
                behavior: replace
                files: [kubernetes.json]
            patches:
              - path: loaded.yaml
            """, Cancel);
        (string Deployment, string Container)[] loaded = [("dropit", "dropit"), ("dropit-storage", "storage"), ("dropit-persister", "persister")];
        await File.WriteAllTextAsync(Path.Combine(folder, "loaded.yaml"), string.Join("\n---\n", loaded.Select(part => $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: {{part.Deployment}}, namespace: dropit }
            spec: { template: { spec: { containers: [{ name: {{part.Container}}, imagePullPolicy: Never }] } } }
            """)), Cancel);
        var cluster = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(deploy, "overlays", "local", "kubernetes.json"), Cancel))!.AsObject();
        cluster["storage"] = "http://dropit-storage.dropit.svc.cluster.local:7701";
        cluster["images"] = new JsonObject { ["empty"] = Pooled };
        cluster["pool"] = new JsonObject { [Pooled] = 1 };
        await File.WriteAllTextAsync(Path.Combine(folder, "kubernetes.json"), cluster.ToJsonString(), Cancel);
        return folder;
    }

    private static Task IsOutAsync(string deployment) =>
        Cluster.KubectlAsync("rollout", "status", "-n", "dropit", $"deployment/{deployment}", "--timeout=180s");

    /// <summary>What kubectl says, be it that it cannot: a pod without logs must not stand before what failed.</summary>
    private static async Task TellAsync(params string[] question)
    {
        try
        {
            TestContext.Current.TestOutputHelper?.WriteLine(await Cluster.KubectlAsync(question));
        }
        catch (InvalidOperationException e)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(e.Message);
        }
    }
}
