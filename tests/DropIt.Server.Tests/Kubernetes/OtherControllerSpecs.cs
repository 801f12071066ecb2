using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Kubernetes;
using k8s;
using k8s.Models;

namespace DropIt.Server.Tests.Kubernetes;

#pragma warning disable xUnit1069 // what a spec waits in is the harness, which watches the token everywhere

/// <summary>
/// The Ingress objects of workspaces in other hands than the gateway's: nginx, told no more than what every ingress controller reads in them, and the wildcard of
/// deploy/kubernetes/overlays/nginx.
/// </summary>
public sealed class OtherControllerSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = 300_000)]
    public async Task Workspaces_are_served_by_their_ingress_objects_alone_and_what_sleeps_by_the_wildcard()
    {
        var (server, space) = await ClusterRig.StartServerAsync(("ingressClass", "nginx"));
        await using var _ = server;
        var (slug, other) = (await server.CreateAsync(), await server.CreateAsync());
        var (ticket, others) = (await server.OpenAsync(slug), await server.OpenAsync(other));
        foreach (var name in (string[])[slug, other])
        {
            await Cluster.ReadyAsync(space, $"ws-{name}-1");
            while (await Cluster.KubectlAsync("get", "endpoints", "-n", space, $"ws-{name}", "-o", "jsonpath={.subsets[*].addresses[*].ip}") == "")
            {
                await Task.Delay(100, Cancel);
            }
        }

        await using var nginx = new Nginx(gateway: server.Port);
        await nginx.FollowAsync(space);

        // The server is gone: nothing of ours stands between a page and the pod.
        await server.KillAsync();
        var (socket, hello) = await server.ConnectAsync(slug, ticket, nginx.Port);
        Assert.Contains($"\"workspace\":\"{slug}\"", hello, StringComparison.Ordinal);
        socket.Dispose();
        (socket, hello) = await server.ConnectAsync(other, others, nginx.Port);
        Assert.Contains($"\"workspace\":\"{other}\"", hello, StringComparison.Ordinal);
        socket.Dispose();
        await Assert.ThrowsAsync<WebSocketException>(() => server.ConnectAsync(other, ticket, nginx.Port));
        using (var preview = await server.Client.GetAsync(new Uri($"http://3000--{slug}.localhost:{nginx.Port}/"), Cancel))
        {
            Assert.NotEqual(HttpStatusCode.BadGateway, preview.StatusCode); // what the wildcard leads to is away
        }

        using (var nobody = await server.Client.GetAsync(new Uri($"http://abcdefghijklmn.localhost:{nginx.Port}/"), Cancel))
        {
            Assert.Equal(HttpStatusCode.BadGateway, nobody.StatusCode);
        }

        await server.StartAgainAsync();
        await server.SleepAsync(other);
        await Cluster.KubectlAsync("wait", "-n", space, "--for=delete", $"ingress/ws-{other}", "--timeout=60s");
        await nginx.FollowAsync(space);
        (socket, hello) = await server.ConnectAsync(other, others, nginx.Port);
        Assert.Contains("\"epoch\":2", hello, StringComparison.Ordinal);
        socket.Dispose();
    }

    /// <summary>A proxy on loopback that serves hosts and paths as the Ingress objects of a namespace say, and all others by the gateway.</summary>
    private sealed class Nginx(int gateway) : IAsyncDisposable
    {
        private readonly string _file = Path.Combine(Directory.CreateTempSubdirectory("dropit-nginx-").FullName, "nginx.conf");
        private Process? _process;

        /// <summary>Where it listens.</summary>
        public int Port { get; } = ServerRig.FreePort();

        /// <summary>Serves what there is now.</summary>
        public async Task FollowAsync(string space)
        {
            using var cluster = new k8s.Kubernetes(KubernetesClientConfiguration.BuildDefaultConfig());
            var services = (await cluster.CoreV1.ListNamespacedServiceAsync(space, cancellationToken: Cancel)).Items.ToDictionary(s => s.Metadata.Name);
            var pods = (await cluster.CoreV1.ListNamespacedEndpointsAsync(space, cancellationToken: Cancel)).Items.ToDictionary(e => e.Metadata.Name);
            var hosts = from ingress in (await cluster.NetworkingV1.ListNamespacedIngressAsync(space, cancellationToken: Cancel)).Items
                        where ingress.Spec.IngressClassName == "nginx"
                        from rule in ingress.Spec.Rules
                        select $"server {{ listen 127.0.0.1:{Port}; server_name {rule.Host}; {string.Join(' ', rule.Http.Paths.Select(path => Location(path, services, pods)))} }}";
            await File.WriteAllTextAsync(_file, $$"""
                daemon off;
                user root;
                pid {{_file}}.pid;
                events {}
                http {
                  access_log off;
                  server_names_hash_bucket_size 128;
                  map $http_upgrade $upgrade { default upgrade; '' close; }
                  proxy_http_version 1.1;
                  proxy_set_header Host $http_host;
                  proxy_set_header Upgrade $http_upgrade;
                  proxy_set_header Connection $upgrade;
                  server { listen 127.0.0.1:{{Port}} default_server; location / { proxy_pass http://127.0.0.1:{{gateway}}; } }
                  {{string.Join('\n', hosts)}}
                }
                """, Cancel);
            await EndAsync();
            _process = Process.Start("nginx", ["-e", "stderr", "-c", _file]);
            while (!await ListensAsync())
            {
                Assert.False(_process.HasExited, "nginx has ended");
                await Task.Delay(50, Cancel);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
        }

        /// <summary>To the pods behind the Service, as controllers do.</summary>
        private static string Location(V1HTTPIngressPath path, Dictionary<string, V1Service> services, Dictionary<string, V1Endpoints> pods)
        {
            var to = path.Backend.Service;
            var port = services[to.Name].Spec.Ports.Single(p => to.Port.Name is null ? p.Port == to.Port.Number : p.Name == to.Port.Name);
            var pod = pods[to.Name].Subsets.Single();
            return $"location {(path.PathType == "Exact" ? "= " : "")}{path.Path} "
                + $"{{ proxy_pass http://{pod.Addresses.Single().Ip}:{pod.Ports.Single(p => p.Name == port.Name).Port}; }}";
        }

        private async Task<bool> ListensAsync()
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, Port, Cancel);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }

        private async Task EndAsync()
        {
            if (_process is not null)
            {
                ServerRig.Signal(_process, 15);
                await _process.WaitForExitAsync(CancellationToken.None);
                _process.Dispose();
            }
        }
    }
}
