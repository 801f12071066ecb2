using System.Text.Json;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Kubernetes;

[assembly: AssemblyFixture(typeof(DropIt.Server.Tests.Kubernetes.ClusterRig))]

namespace DropIt.Server.Tests.Kubernetes;

/// <summary>Servers outside the cluster whose workspaces are pods in it; the cluster is started when the first spec asks for one.</summary>
public sealed class ClusterRig : IAsyncDisposable
{
    // Where pods reach this machine: the bridge they are plugged into.
    private const string Host = "10.88.0.1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A server whose workspaces are pods in a namespace of its own.</summary>
    /// <param name="more">More of the file that <c>--kubernetes</c> names.</param>
    internal static async Task<(ServerRig Server, string Namespace)> StartServerAsync(params (string Name, object Value)[] more)
    {
        var storage = ServerRig.FreePort();
        var (file, space) = await SettingsAsync(storage, more);
        var server = await ServerRig.StartAsync(more: ["--kubernetes", file, "--storage-listen", $"0.0.0.0:{storage}"]);
        server.StorageAddress = $"http://{Host}:{storage}";
        return (server, space);
    }

    /// <summary>The file that <c>--kubernetes</c> names, of a namespace of its own, for servers whose storage service listens on that port.</summary>
    internal static async Task<(string File, string Namespace)> SettingsAsync(int storage, params (string Name, object Value)[] more)
    {
        await Cluster.UpAsync("node");
        var space = "ws-" + Guid.NewGuid().ToString("n")[..8];
        await Cluster.KubectlAsync("create", "namespace", space);

        // Without its service account, which the cluster makes a moment later, pods are refused, and a spec's first start is its second.
        while (await Cluster.KubectlAsync("get", "serviceaccount", "default", "-n", space, "--ignore-not-found", "-o", "name") == "")
        {
            await Task.Delay(50, Cancel);
        }

        var cluster = new Dictionary<string, object>
        {
            ["namespace"] = space,
            ["image"] = "docker.io/dropit/workspace:node",
            ["imagePullPolicy"] = "Never",
            ["storage"] = $"http://{Host}:{storage}",
        };
        foreach (var (name, value) in more)
        {
            cluster[name] = value;
        }

        var file = Path.Combine(Directory.CreateTempSubdirectory("dropit-cluster-").FullName, "kubernetes.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(cluster), Cancel);
        return (file, space);
    }

    public async ValueTask DisposeAsync() => await Cluster.DownAsync();
}
