using System.Diagnostics;
using System.Text.Json;
using DropIt.Server.Tests.Harness;

[assembly: AssemblyFixture(typeof(DropIt.Server.Tests.Kubernetes.ClusterRig))]

namespace DropIt.Server.Tests.Kubernetes;

/// <summary>
/// A real Kubernetes on this machine with the workspace image in its node; started when the first spec asks for it.
/// </summary>
public sealed class ClusterRig : IAsyncDisposable
{
    private const string Image = "docker.io/dropit/workspace:node";

    // Where pods reach this machine: the bridge they are plugged into.
    private const string Host = "10.88.0.1";

    private readonly SemaphoreSlim _gate = new(1, 1);
    private bool _up;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Skips the spec, loudly, where there is no cluster to start.</summary>
    private static void NeedsCluster()
    {
        Assert.SkipUnless(Environment.UserName == "root", "NOT RUN: the real Kubernetes needs root on Debian 12 (a kubelet mounts and makes cgroups).");
        Assert.SkipUnless(
            File.Exists("/var/tmp/dropit-cluster-bin/kubelet"), "NOT RUN: there is no Kubernetes here; tests/services/cluster.sh install builds it in minutes.");
    }

    /// <summary>A server whose workspaces are pods in a namespace of its own.</summary>
    /// <param name="more">More of the file that <c>--kubernetes</c> names.</param>
    internal async Task<(ServerRig Server, string Namespace)> StartServerAsync(params (string Name, object Value)[] more)
    {
        NeedsCluster();
        await UpAsync();
        var space = "ws-" + Guid.NewGuid().ToString("n")[..8];
        await KubectlAsync("create", "namespace", space);
        var storage = ServerRig.FreePort();
        var cluster = new Dictionary<string, object>
        {
            ["namespace"] = space,
            ["image"] = Image,
            ["imagePullPolicy"] = "Never",
            ["storage"] = $"http://{Host}:{storage}",
        };
        foreach (var (name, value) in more)
        {
            cluster[name] = value;
        }

        var file = Path.Combine(Directory.CreateTempSubdirectory("dropit-cluster-").FullName, "kubernetes.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(cluster), Cancel);
        return (await ServerRig.StartAsync(more: ["--kubernetes", file, "--storage-listen", $"0.0.0.0:{storage}"]), space);
    }

    /// <summary>What kubectl prints.</summary>
    internal static async Task<string> KubectlAsync(params string[] arguments) => (await RunAsync("kubectl", arguments)).Trim();

    /// <summary>Names of what there is of a workspace, sorted: <c>pod/..., service/...</c>.</summary>
    internal static async Task<string[]> ObjectsAsync(string space, string slug) =>
        (await KubectlAsync("get", "pods,services,ingresses,networkpolicies", "-n", space, "-l", $"drop.it/workspace={slug}", "-o", "name"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().ToArray();

    /// <summary>Runs a command in a workspace's pod.</summary>
    internal static async Task<string> ExecAsync(string space, string slug, string command)
    {
        var pod = await KubectlAsync("get", "pods", "-n", space, "-l", $"drop.it/workspace={slug}", "-o", "jsonpath={.items[0].metadata.name}");
        return await KubectlAsync("exec", "-n", space, pod, "--", "sh", "-c", command);
    }

    public async ValueTask DisposeAsync()
    {
        if (_up)
        {
            await RunAsync("tests/services/cluster.sh", ["down"]);
        }

        _gate.Dispose();
    }

    private async Task UpAsync()
    {
        await _gate.WaitAsync(Cancel);
        try
        {
            if (_up)
            {
                return;
            }

            var exports = await RunAsync("tests/services/cluster.sh", ["up"]);
            Environment.SetEnvironmentVariable("KUBECONFIG", exports.Trim()["export KUBECONFIG=".Length..]);
            _up = true;
            await RunAsync("images/build", ["--load", "node"]);
        }
        finally
        {
            _gate.Release();
        }
    }

    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments)
    {
        var path = program.Contains('/', StringComparison.Ordinal) ? Path.Combine(Built.Repository, program) : program;
        using var process = Process.Start(new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Built.Repository,
        })!;
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed ({process.ExitCode}): {await errors}");
    }
}
