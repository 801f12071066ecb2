using System.Net;
using DropIt.Orchestrator.Kubernetes;
using DropIt.Protocol.Workspaces;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Kubernetes;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;

namespace DropIt.Server.Tests.Kubernetes;

#pragma warning disable xUnit1069 // what a spec waits in is the harness, which watches the token everywhere

/// <summary>Workspaces as pods of a real cluster.</summary>
public sealed class ClusterSpecs
{
    // Far more than any of them takes: one that waits for what never comes must end.
    private const int Patience = 300_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task A_workspace_is_a_pod_with_its_service_and_ingress_and_leaves_nothing_behind_but_its_files()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        var (socket, hello) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        Assert.Contains($"\"workspace\":\"{slug}\"", hello, StringComparison.Ordinal);
        Assert.Equal(
            [$"ingress.networking.k8s.io/ws-{slug}", $"networkpolicy.networking.k8s.io/ws-{slug}", $"pod/ws-{slug}-1", $"service/ws-{slug}"],
            await Cluster.ObjectsAsync(space, slug));

        // A file that a program writes in the pod survives the pod: what is not out by itself is flushed at the stop.
        await Cluster.ExecAsync(space, slug, "echo kept > /workspace/kept.txt");
        socket.Dispose();
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        await server.WaitForAsync(slug, "asleep");
        await Cluster.KubectlAsync("wait", "-n", space, "--for=delete", $"ingress/ws-{slug}", $"service/ws-{slug}", "--timeout=60s");
        Assert.Empty(await Cluster.ObjectsAsync(space, slug));
        using var file = await server.GetAsync($"/api/workspaces/{slug}/files/kept.txt");
        Assert.Equal("kept\n", await file.Content.ReadAsStringAsync(Cancel));

        // A request wakes it, in a new pod with the same files.
        (socket, hello) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        await ServedByAsync(server, space, slug, $"pod/ws-{slug}-2");
        Assert.Contains("\"epoch\":2", hello, StringComparison.Ordinal);
        Assert.Equal("kept", await Cluster.ExecAsync(space, slug, "cat /workspace/kept.txt"));
        socket.Dispose();
    }

    [Fact(Timeout = Patience)]
    public async Task A_pod_that_is_deleted_by_hand_comes_back_with_what_was_safe()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        await server.OpenAsync(slug);
        await Cluster.ExecAsync(space, slug, "echo kept > /workspace/kept.txt");
        await Cluster.KubectlAsync("delete", "pod", "-n", space, $"ws-{slug}-1");
        await Cluster.ReadyAsync(space, $"ws-{slug}-2");
        Assert.Equal("kept", await Cluster.ExecAsync(space, slug, "cat /workspace/kept.txt"));
        Assert.Equal(4, (await Cluster.ObjectsAsync(space, slug)).Length);
    }

    [Fact(Timeout = Patience)]
    public async Task A_start_says_what_it_is_at_and_a_killed_runner_says_why_it_starts_again()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        var steps = server.WaitForMessageAsync(slug, "node-1");
        await server.OpenAsync(slug);
        Assert.Contains("node-1", await steps, StringComparison.Ordinal);
        await Cluster.ScriptAsync("kill", $"ws-{slug}-1", space);
        await Cluster.ReadyAsync(space, $"ws-{slug}-2");
        Assert.Contains("\"cause\":\"The", await server.WaitForMessageAsync(slug, "killed (signal 9)"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task What_is_deleted_around_a_pod_comes_back_and_so_does_a_cluster_whose_api_was_away()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        var ticket = await server.OpenAsync(slug);
        var (socket, _) = await server.ConnectAsync(slug, ticket);
        await Cluster.KubectlAsync("delete", "-n", space, $"service/ws-{slug}", $"ingress/ws-{slug}", $"networkpolicy/ws-{slug}");
        await Cluster.ReadyAsync(space, $"ws-{slug}-1");
        while ((await Cluster.ObjectsAsync(space, slug)).Length < 4)
        {
            await Task.Delay(200, Cancel);
        }

        // While the API is away a workspace is wanted; it starts when the API is back. The open one never notices.
        var other = await server.CreateAsync();
        var restart = Cluster.ScriptAsync("restart-api", "3");
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{other}/open");
        await restart;
        await server.WaitForAsync(other, "awake");
        Assert.Equal(System.Net.WebSockets.WebSocketState.Open, socket.State);
        socket.Dispose();
        await ServedByAsync(server, space, slug, $"pod/ws-{slug}-1");
    }

    [Fact(Timeout = Patience)]
    public async Task What_stands_around_a_pod_may_be_made_by_several_at_once()
    {
        var (_, space) = await ClusterRig.SettingsAsync(ServerRig.FreePort());
        using var cluster = new k8s.Kubernetes(KubernetesClientConfiguration.BuildDefaultConfig());
        var options = new KubernetesOptions { Namespace = space, Image = "docker.io/dropit/workspace:node", ImagePullPolicy = "Never", Storage = "http://10.88.0.1:1" };
        var factory = new PodFactory(options, "localhost", () => "KEY");
        var surroundings = new Surroundings(cluster, null!, factory, options, null!, null!, null!, NullLogger<Surroundings>.Instance);
        foreach (var name in (string[])["severalatonce1", "severalatonce2", "severalatonce3", "severalatonce4"])
        {
            var slug = Slug.TryParse(name, out var parsed) ? parsed : throw new InvalidOperationException();
            var pod = await cluster.CoreV1.CreateNamespacedPodAsync(factory.Pod(slug, 1, "node"), space, cancellationToken: Cancel);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => surroundings.ApplyAsync(slug, pod, Cancel)));
            Assert.Equal(4, (await Cluster.ObjectsAsync(space, name)).Length);
        }
    }

    [Fact(Timeout = Patience)]
    public async Task A_server_that_is_killed_in_the_middle_of_a_start_or_of_a_stop_goes_on_with_it_and_so_it_does_when_the_api_is_away()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open");
        while (await Cluster.ObjectsAsync(space, slug) is [])
        {
            await Task.Delay(20, Cancel);
        }

        await server.KillAsync();
        await server.StartAgainAsync();
        await server.OpenAsync(slug);
        await Cluster.ExecAsync(space, slug, "echo kept > /workspace/kept.txt");
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        await server.KillAsync();
        await server.StartAgainAsync();
        await server.WaitForAsync(slug, "asleep");
        Assert.DoesNotContain(await Cluster.ObjectsAsync(space, slug), o => o.StartsWith("pod/", StringComparison.Ordinal));

        await server.OpenAsync(slug);
        Assert.Equal("kept", await Cluster.ExecAsync(space, slug, "cat /workspace/kept.txt"));
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        await Cluster.ScriptAsync("restart-api", "2");
        await server.WaitForAsync(slug, "asleep");
        Assert.DoesNotContain(await Cluster.ObjectsAsync(space, slug), o => o.StartsWith("pod/", StringComparison.Ordinal));
    }

    [Fact(Timeout = Patience)]
    public async Task A_kubelet_that_is_killed_takes_no_workspace_along_and_starts_what_was_wanted_meanwhile()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        var (socket, _) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        var other = await server.CreateAsync();
        var restart = Cluster.ScriptAsync("restart-kubelet", "3");
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{other}/open");
        await restart;
        await server.WaitForAsync(other, "awake");
        Assert.Equal(System.Net.WebSockets.WebSocketState.Open, socket.State);
        socket.Dispose();
        await ServedByAsync(server, space, slug, $"pod/ws-{slug}-1");
    }

    [Fact(Timeout = Patience)]
    public async Task A_pod_that_the_cluster_does_not_let_go_holds_nobody_up()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        await server.OpenAsync(slug);
        await Cluster.KubectlAsync("patch", "pod", "-n", space, $"ws-{slug}-1", "-p", """{"metadata":{"finalizers":["example.org/hold"]}}""");
        var told = server.WaitForMessageAsync(slug, "held back by example.org/hold");
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        await told;
        await server.WaitForAsync(slug, "asleep");
        await server.OpenAsync(slug);
        await ServedByAsync(server, space, slug, $"pod/ws-{slug}-2");
        await Cluster.KubectlAsync("patch", "pod", "-n", space, $"ws-{slug}-1", "--type=json", "-p", """[{"op":"remove","path":"/metadata/finalizers"}]""");
    }

    [Fact(Timeout = Patience)]
    public async Task Any_ingress_of_our_class_is_served_and_its_changes_cut_nobody()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        var (socket, _) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        await Cluster.ApplyAsync($$"""
            apiVersion: v1
            kind: Pod
            metadata: { name: shop, labels: { app: shop } }
            spec:
              containers:
                - name: shop
                  image: docker.io/dropit/workspace:node
                  imagePullPolicy: Never
                  command: [node, -e, "require('http').createServer((q, a) => a.end('shop ' + q.url)).listen(5000)"]
                  readinessProbe: { tcpSocket: { port: 5000 }, periodSeconds: 1 }
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: shop }
            spec: { selector: { app: shop }, ports: [{ name: web, port: 80, targetPort: 5000 }] }
            ---
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: { name: shop }
            spec:
              ingressClassName: dropit
              rules:
                - host: shop.example.org
                  http: { paths: [{ path: /basket, pathType: Prefix, backend: { service: { name: shop, port: { name: web } } } }] }
            """, "-n", space);
        Assert.Equal("shop /basket/1", await server.WaitForHostAsync("shop.example.org", "/basket/1", HttpStatusCode.OK));
        await Cluster.KubectlAsync("delete", "ingress", "-n", space, "shop");
        await server.WaitForHostAsync("shop.example.org", "/basket/1", HttpStatusCode.MisdirectedRequest);
        Assert.Equal(System.Net.WebSockets.WebSocketState.Open, socket.State);
        socket.Dispose();
    }

    [Fact(Timeout = Patience)]
    public async Task The_objects_hold_no_field_that_the_cluster_does_not_know()
    {
        await Cluster.UpAsync("node");
        await Cluster.ApplyAsync("""
            apiVersion: node.k8s.io/v1
            kind: RuntimeClass
            metadata: { name: gvisor }
            handler: runsc
            ---
            apiVersion: v1
            kind: Namespace
            metadata: { name: dropit-workspaces }
            """);
        while (await Cluster.KubectlAsync("get", "serviceaccount", "-n", "dropit-workspaces", "default", "--ignore-not-found", "-o", "name") == "")
        {
            await Task.Delay(100, Cancel);
        }

        await Cluster.KubectlAsync(
            "create", "--dry-run=server", "--validate=true", "-f", Path.Combine(Checkout.Root, "tests", "golden", "workspace.yaml"));
    }

    [Fact(Timeout = Patience)]
    public async Task Pods_outlive_a_killed_server_and_the_next_one_takes_them_over()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        var ticket = await server.OpenAsync(slug);
        await ServedByAsync(server, space, slug, $"pod/ws-{slug}-1");
        await server.KillAsync();
        await server.StartAgainAsync();
        await server.OpenAsync(slug);
        await ServedByAsync(server, space, slug, $"pod/ws-{slug}-1");
        var (socket, hello) = await server.ConnectAsync(slug, ticket);
        Assert.Contains("\"epoch\":1", hello, StringComparison.Ordinal);
        socket.Dispose();

        // Nor does the end of a server that is told to stop end them.
        Assert.Equal(0, await server.StopAsync());
        await ServedByAsync(server, space, slug, $"pod/ws-{slug}-1");
    }

    [Fact(Timeout = Patience)]
    public async Task A_waiting_pod_is_claimed_and_the_pool_is_filled_again()
    {
        var (server, space) = await ClusterRig.StartServerAsync(("pool", new Dictionary<string, int> { ["docker.io/dropit/workspace:node"] = 1 }));
        await using var _ = server;
        var spare = await WaitForSpareAsync(space, except: "");
        var slug = await server.CreateAsync();
        var (socket, _) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        socket.Dispose();
        await ServedByAsync(server, space, slug, $"pod/{spare}");
        Assert.NotEqual(spare, await WaitForSpareAsync(space, except: spare));
    }

    [Theory(Timeout = Patience)]
    [InlineData("image", "docker.io/dropit/none:1", "cannot be fetched")]
    [InlineData("nodeSelector", """{"disk":"fast"}""", "no place")]
    public async Task A_pod_that_cannot_start_says_why(string option, string value, string expected)
    {
        var (server, _) = await ClusterRig.StartServerAsync((option, value[0] == '{' ? System.Text.Json.JsonDocument.Parse(value).RootElement : value));
        await using var __ = server;
        var slug = await server.CreateAsync();
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open");
        Assert.Contains(expected, await server.WaitForMessageAsync(slug, expected), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_quota_that_is_used_up_says_so()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        await Cluster.KubectlAsync("create", "quota", "none", "-n", space, "--hard=pods=0");
        var slug = await server.CreateAsync();
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open");
        Assert.Contains("quota is used up", await server.WaitForAsync(slug, "failed"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_pod_holds_nothing_that_opens_the_cluster()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        await server.OpenAsync(slug);
        Assert.Equal("1000", await Cluster.ExecAsync(space, slug, "id -u"));
        Assert.Equal("none", await Cluster.ExecAsync(space, slug, "ls /var/run/secrets/kubernetes.io 2>/dev/null || echo none"));
        Assert.Equal("0000000000000000", await Cluster.ExecAsync(space, slug, "sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status"));
        Assert.Equal("2", await Cluster.ExecAsync(space, slug, "sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status"));
        Assert.Equal("refused", await Cluster.ExecAsync(space, slug, "touch /usr/bin/x 2>/dev/null || echo refused"));

        // The other workspace's runner takes no ticket of ours, and no second assignment.
        var other = await server.CreateAsync();
        await server.OpenAsync(other);
        var ip = await Cluster.KubectlAsync("get", "pods", "-n", space, "-l", $"drop.it/workspace={other}", "-o", "jsonpath={.items[0].status.podIP}");
        var ticket = await server.OpenAsync(slug);
        Assert.Equal("401", await Cluster.ExecAsync(
            space, slug, $"curl -s -o /dev/null -w '%{{http_code}}' -H 'Authorization: Bearer {ticket}' http://{ip}:8080/.dropit/files/index.js"));
        Assert.NotEqual("204", await Cluster.ExecAsync(
            space, slug, $"curl -s -o /dev/null -w '%{{http_code}}' -d x http://{ip}:8080/.dropit/assignment"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_pod_is_nobody_to_the_storage_of_another_and_to_the_clusters_api()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        var other = await server.CreateAsync();
        var ticket = await server.OpenAsync(slug);

        // This cluster's network enforces no NetworkPolicy: those are checked as objects.
        Assert.Equal("401", await Cluster.ExecAsync(
            space, slug, $"curl -s -o /dev/null -w '%{{http_code}}' -H 'Authorization: Bearer {ticket}' {server.StorageAddress}/storage/{other}/manifest"));
        Assert.Equal("403", await Cluster.ExecAsync(
            space, slug, "curl -sk -o /dev/null -w '%{http_code}' https://10.96.0.1/api/v1/pods"));
        var policy = await Cluster.KubectlAsync("get", "networkpolicy", "-n", space, $"ws-{slug}", "-o", "jsonpath={.spec.policyTypes}{.spec.egress[2].to}");
        Assert.Contains("[\"Ingress\",\"Egress\"]", policy, StringComparison.Ordinal);
        Assert.Contains("169.254.0.0/16", policy, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_flood_of_processes_stays_inside_its_pod()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        var other = await server.CreateAsync();
        await server.OpenAsync(slug);
        await server.OpenAsync(other);
        var refused = await Record.ExceptionAsync(() => Cluster.ExecAsync(space, slug, "for i in $(seq 1500); do sleep 20 & done"));
        Assert.Contains("fork", refused?.Message, StringComparison.Ordinal);
        Assert.Equal("well", await Cluster.ExecAsync(space, other, "echo well"));
        var (socket, _) = await server.ConnectAsync(other, await server.OpenAsync(other));
        socket.Dispose();
    }

    [Fact(Timeout = Patience)]
    public async Task A_disk_filler_is_ended_by_its_node_and_the_second_time_stays_down_until_it_is_asked_for()
    {
        var (server, space) = await ClusterRig.StartServerAsync(("disk", "64Mi"));
        await using var _ = server;
        var slug = await server.CreateAsync();
        await server.OpenAsync(slug);
        var told = server.WaitForMessageAsync(slug, "The node ended the workspace");
        await Record.ExceptionAsync(() => Cluster.ExecAsync(space, slug, "head -c 200M /dev/zero > /tmp/full"));
        Assert.Contains("EmptyDir", await told, StringComparison.Ordinal);
        await Cluster.ReadyAsync(space, $"ws-{slug}-2");

        told = server.WaitForMessageAsync(slug, "is not started again by itself");
        await Record.ExceptionAsync(() => Cluster.ExecAsync(space, slug, "head -c 200M /dev/zero > /tmp/full"));
        Assert.Contains("\"state\":\"failed\"", await told, StringComparison.Ordinal);
        await server.SleepAsync(slug);
        await server.OpenAsync(slug);
        await ServedByAsync(server, space, slug, $"pod/ws-{slug}-3");
    }

    [Fact(Timeout = Patience)]
    public async Task The_browser_cannot_claim_a_runner()
    {
        var (server, _) = await ClusterRig.StartServerAsync();
        await using var __ = server;
        var slug = await server.CreateAsync();
        await server.OpenAsync(slug);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/.dropit/assignment") { Headers = { Host = $"{slug}.localhost:{server.Port}" } };
        using var answer = await server.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    /// <summary>The pod is the workspace's; one of a later start is not, and what was said tells why there was one.</summary>
    private static async Task ServedByAsync(ServerRig server, string space, string slug, string pod)
    {
        var objects = await Cluster.ObjectsAsync(space, slug);
        Assert.True(objects.Contains(pod), $"{pod} is not among {string.Join(", ", objects)}; heard:\n{server.Heard}");
    }

    private static async Task<string> WaitForSpareAsync(string space, string except)
    {
        while (true)
        {
            var names = await Cluster.KubectlAsync("get", "pods", "-n", space, "-l", "drop.it/pool", "-o", "jsonpath={.items[*].metadata.name}");
            if (names.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(n => n != except) is { } spare)
            {
                await Cluster.ReadyAsync(space, spare);
                return spare;
            }

            Cancel.ThrowIfCancellationRequested();
        }
    }
}
