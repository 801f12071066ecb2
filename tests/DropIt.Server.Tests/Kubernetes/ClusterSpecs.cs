using System.Net;

namespace DropIt.Server.Tests.Kubernetes;

/// <summary>Workspaces as pods of a real cluster.</summary>
public sealed class ClusterSpecs(ClusterRig cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workspace_is_a_pod_with_its_service_and_ingress_and_leaves_nothing_behind_but_its_files()
    {
        var (server, space) = await cluster.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        var (socket, hello) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        Assert.Contains($"\"workspace\":\"{slug}\"", hello, StringComparison.Ordinal);
        Assert.Equal(
            [$"ingress.networking.k8s.io/ws-{slug}", $"networkpolicy.networking.k8s.io/ws-{slug}", $"pod/ws-{slug}-1", $"service/ws-{slug}"],
            await ClusterRig.ObjectsAsync(space, slug));

        // A file that a program writes in the pod survives the pod: what is not out by itself is flushed at the stop.
        await ClusterRig.ExecAsync(space, slug, "echo kept > /workspace/kept.txt");
        socket.Dispose();
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        await server.WaitForAsync(slug, "asleep");
        await ClusterRig.KubectlAsync("wait", "-n", space, "--for=delete", $"ingress/ws-{slug}", $"service/ws-{slug}", "--timeout=60s");
        Assert.Empty(await ClusterRig.ObjectsAsync(space, slug));
        using var file = await server.GetAsync($"/api/workspaces/{slug}/files/kept.txt");
        Assert.Equal("kept\n", await file.Content.ReadAsStringAsync(Cancel));

        // A request wakes it, in a new pod with the same files.
        (socket, hello) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        Assert.Contains("\"epoch\":2", hello, StringComparison.Ordinal);
        Assert.Equal("kept", await ClusterRig.ExecAsync(space, slug, "cat /workspace/kept.txt"));
        socket.Dispose();
    }

    [Fact]
    public async Task A_pod_that_is_deleted_by_hand_comes_back_with_what_was_safe()
    {
        var (server, space) = await cluster.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        await server.OpenAsync(slug);
        await ClusterRig.ExecAsync(space, slug, "echo kept > /workspace/kept.txt");
        await ClusterRig.KubectlAsync("delete", "pod", "-n", space, $"ws-{slug}-1");
        await ClusterRig.KubectlAsync("wait", "-n", space, "--for=condition=ready", $"pod/ws-{slug}-2", "--timeout=60s");
        Assert.Equal("kept", await ClusterRig.ExecAsync(space, slug, "cat /workspace/kept.txt"));
        Assert.Equal(4, (await ClusterRig.ObjectsAsync(space, slug)).Length);
    }

    [Fact]
    public async Task Pods_outlive_a_killed_server_and_the_next_one_takes_them_over()
    {
        var (server, space) = await cluster.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        var ticket = await server.OpenAsync(slug);
        await server.KillAsync();
        await server.StartAgainAsync();
        await server.OpenAsync(slug);
        var (socket, hello) = await server.ConnectAsync(slug, ticket);
        Assert.Contains("\"epoch\":1", hello, StringComparison.Ordinal);
        socket.Dispose();

        // Nor does the end of a server that is told to stop end them.
        Assert.Equal(0, await server.StopAsync(signal: 15));
        Assert.Contains($"pod/ws-{slug}-1", await ClusterRig.ObjectsAsync(space, slug));
    }

    [Fact]
    public async Task A_waiting_pod_is_claimed_and_the_pool_is_filled_again()
    {
        var (server, space) = await cluster.StartServerAsync(("pool", new Dictionary<string, int> { ["docker.io/dropit/workspace:node"] = 1 }));
        await using var _ = server;
        var spare = await WaitForSpareAsync(space, except: "");
        var slug = await server.CreateAsync();
        var (socket, _) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        socket.Dispose();
        Assert.Contains($"pod/{spare}", await ClusterRig.ObjectsAsync(space, slug));
        Assert.NotEqual(spare, await WaitForSpareAsync(space, except: spare));
    }

    [Theory]
    [InlineData("image", "docker.io/dropit/none:1", "cannot be fetched")]
    [InlineData("nodeSelector", """{"disk":"fast"}""", "no place")]
    public async Task A_pod_that_cannot_start_says_why(string option, string value, string expected)
    {
        var (server, _) = await cluster.StartServerAsync((option, value[0] == '{' ? System.Text.Json.JsonDocument.Parse(value).RootElement : value));
        await using var __ = server;
        var slug = await server.CreateAsync();
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open");
        Assert.Contains(expected, await server.WaitForMessageAsync(slug, expected), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quota_that_is_used_up_says_so()
    {
        var (server, space) = await cluster.StartServerAsync();
        await using var _ = server;
        await ClusterRig.KubectlAsync("create", "quota", "none", "-n", space, "--hard=pods=0");
        var slug = await server.CreateAsync();
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open");
        Assert.Contains("quota is used up", await server.WaitForAsync(slug, "failed"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_memory_hog_stays_inside_its_pod_and_the_user_is_told()
    {
        var limits = new Dictionary<string, string> { ["cpu"] = "1", ["memory"] = "256Mi", ["ephemeral-storage"] = "1Gi" };
        var (server, space) = await cluster.StartServerAsync(("resources", new { limits }));
        await using var _ = server;
        var slug = await server.CreateAsync();
        await server.OpenAsync(slug);

        // It may take its shell along; what matters is what becomes of the workspace.
        await Record.ExceptionAsync(() => ClusterRig.ExecAsync(space, slug, "node -e 'const a = []; for (;;) a.push(Buffer.alloc(1 << 24, 1))'"));
        var (socket, _) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        socket.Dispose();
    }

    [Fact]
    public async Task A_pod_holds_nothing_that_opens_the_cluster()
    {
        var (server, space) = await cluster.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        await server.OpenAsync(slug);
        Assert.Equal("1000", await ClusterRig.ExecAsync(space, slug, "id -u"));
        Assert.Equal("none", await ClusterRig.ExecAsync(space, slug, "ls /var/run/secrets/kubernetes.io 2>/dev/null || echo none"));
        Assert.Equal("0000000000000000", await ClusterRig.ExecAsync(space, slug, "sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status"));
        Assert.Equal("2", await ClusterRig.ExecAsync(space, slug, "sed -n 's/^Seccomp:[[:space:]]*//p' /proc/self/status"));
        Assert.Equal("refused", await ClusterRig.ExecAsync(space, slug, "touch /usr/bin/x 2>/dev/null || echo refused"));

        // The other workspace's runner takes no ticket of ours, and no second assignment.
        var other = await server.CreateAsync();
        await server.OpenAsync(other);
        var ip = await ClusterRig.KubectlAsync("get", "pods", "-n", space, "-l", $"drop.it/workspace={other}", "-o", "jsonpath={.items[0].status.podIP}");
        var ticket = await server.OpenAsync(slug);
        Assert.Equal("401", await ClusterRig.ExecAsync(
            space, slug, $"curl -s -o /dev/null -w '%{{http_code}}' -H 'Authorization: Bearer {ticket}' http://{ip}:8080/.dropit/files/index.js"));
        Assert.NotEqual("204", await ClusterRig.ExecAsync(
            space, slug, $"curl -s -o /dev/null -w '%{{http_code}}' -d x http://{ip}:8080/.dropit/assignment"));
    }

    [Fact]
    public async Task The_browser_cannot_claim_a_runner()
    {
        var (server, _) = await cluster.StartServerAsync();
        await using var __ = server;
        var slug = await server.CreateAsync();
        await server.OpenAsync(slug);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/.dropit/assignment") { Headers = { Host = $"{slug}.localhost:{server.Port}" } };
        using var answer = await server.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<string> WaitForSpareAsync(string space, string except)
    {
        while (true)
        {
            var names = await ClusterRig.KubectlAsync("get", "pods", "-n", space, "-l", "drop.it/pool", "-o", "jsonpath={.items[*].metadata.name}");
            if (names.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(n => n != except) is { } spare)
            {
                await ClusterRig.KubectlAsync("wait", "-n", space, "--for=condition=ready", $"pod/{spare}", "--timeout=60s");
                return spare;
            }

            Cancel.ThrowIfCancellationRequested();
        }
    }
}
