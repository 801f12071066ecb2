using System.Net;
using DropIt.Tests.Chaos;
using DropIt.Tests.Kubernetes;

namespace DropIt.Browser.Tests.Harness;

/// <summary>
/// drop.it as deploy/kubernetes puts it into a cluster, with the rights that it gets and the network policies that are kept there, and a port of this machine
/// that leads to its Service, since a browser takes <c>*.localhost</c> for this machine.
/// </summary>
internal sealed class Deployment : IAsyncDisposable
{
    private readonly Cable _front = new(new IPEndPoint(IPAddress.None, 0), new IPEndPoint(IPAddress.Loopback, 0));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Origin of the page.</summary>
    public string Origin => $"http://localhost:{_front.Port}";

    /// <summary>Applies the overlay <c>local</c> and waits until the server is up.</summary>
    public static async Task<Deployment> StartAsync()
    {
        await Cluster.UpAsync("server", "node");
        await Cluster.ScriptAsync("enforce", "dropit", "dropit-workspaces");
        var deployment = new Deployment();
        var overlay = Directory.CreateDirectory(Path.Combine(Cluster.Repository, "artifacts", "deployment"));
        await File.WriteAllTextAsync(Path.Combine(overlay.FullName, "kustomization.yaml"), $"""
            resources: [../../deploy/kubernetes/overlays/local]
            configMapGenerator:
              - name: dropit
                namespace: dropit
                behavior: merge
                literals: [DROPIT_DOMAIN=localhost, "DROPIT_ORIGIN={deployment.Origin}"]
            """, Cancel);
        await Cluster.KubectlAsync("apply", "-k", overlay.FullName);
        await Cluster.KubectlAsync("rollout", "status", "-n", "dropit", "deployment/dropit", "--timeout=120s");
        var service = await Cluster.KubectlAsync("get", "service", "-n", "dropit", "dropit", "-o", "jsonpath={.spec.clusterIP}");
        deployment._front.Lead(new IPEndPoint(IPAddress.Parse(service), 80));
        return deployment;
    }

    /// <summary>A fresh one-time address that signs a browser in, as an operator gets it.</summary>
    public static Task<string> SignInAddressAsync() => Cluster.KubectlAsync(
        "exec", "-n", "dropit", "deployment/dropit", "--", "/opt/dropit/dropit-server", "signin");

    /// <summary>Name of the server's pod.</summary>
    public static Task<string> PodAsync() => Cluster.KubectlAsync(
        "get", "pods", "-n", "dropit", "-l", "app.kubernetes.io/name=dropit", "-o", "jsonpath={.items[0].metadata.name}");

    public async ValueTask DisposeAsync()
    {
        // Only shown when the spec fails.
        await TellAsync("get", "pods,events", "-A");
        await TellAsync("logs", "-n", "dropit", "-l", "app.kubernetes.io/name=dropit", "--tail=40");
        await TellAsync("logs", "-n", "dropit-workspaces", "-l", "drop.it/workspace", "--tail=40", "--prefix");
        _front.Dispose();
        await Cluster.DownAsync();
    }

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
