using DropIt.Server.Tests.Harness;
using DropIt.Tests.Kubernetes;

namespace DropIt.Server.Tests.Kubernetes;

#pragma warning disable xUnit1069 // what a spec waits in is the harness, which watches the token everywhere

/// <summary>What befalls a workspace on a real cluster, and that it ends well: in the state that is wanted, with what was safe, and with a sentence about the cause.</summary>
public sealed class ClusterTroubleSpecs
{
    // Far more than any of them takes: one that waits for what never comes must end.
    private const int Patience = 300_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task A_runner_that_hangs_is_ended_and_the_next_one_says_why_and_has_what_was_safe()
    {
        var (server, space) = await ClusterRig.StartServerAsync(("patienceSeconds", 12));
        await using var _ = server;
        var slug = await server.CreateAsync();
        await KeepAsync(server, slug);
        var told = server.WaitForMessageAsync(slug, "did not answer for");
        await Cluster.ScriptAsync("kill", $"ws-{slug}-1", space, "SIGSTOP");
        Assert.Contains("\"cause\":\"The", await told, StringComparison.Ordinal);
        await Cluster.ReadyAsync(space, $"ws-{slug}-2");
        await server.OpenAsync(slug);
        Assert.Equal("kept", await Cluster.ExecAsync(space, slug, "cat /workspace/kept.txt"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_node_that_falls_silent_is_given_up_and_the_workspace_starts_anew()
    {
        var (server, space) = await ClusterRig.StartServerAsync();
        await using var _ = server;
        var slug = await server.CreateAsync();
        await KeepAsync(server, slug);
        await Cluster.ScriptAsync("stop-kubelet");
        try
        {
            // What the cluster does of itself when it has not heard of a node for over a minute, except where it is the only one.
            await Cluster.ApplyAsync($$"""
                apiVersion: v1
                kind: Event
                metadata: { name: {{slug}}, namespace: {{space}} }
                involvedObject: { kind: Pod, name: ws-{{slug}}-1, namespace: {{space}} }
                type: Normal
                reason: TaintManagerEviction
                message: Marking for deletion Pod {{space}}/ws-{{slug}}-1
                """);
            var (waits, gone) = (server.WaitForMessageAsync(slug, "does not answer. The workspace starts on another"), server.WaitForMessageAsync(slug, "was given up with the pod on it"));
            await Cluster.KubectlAsync("delete", "pod", "-n", space, $"ws-{slug}-1", "--wait=false", "--grace-period=1");
            await waits;
            Assert.Contains("\"cause\":\"The node node-1 does not answer", await gone, StringComparison.Ordinal);
        }
        finally
        {
            await Cluster.ScriptAsync("start-kubelet");
        }

        await Cluster.ReadyAsync(space, $"ws-{slug}-2");
        await server.OpenAsync(slug);
        Assert.Equal("kept", await Cluster.ExecAsync(space, slug, "cat /workspace/kept.txt"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_program_that_takes_all_memory_is_ended_alone_and_the_page_says_why()
    {
        var limits = new Dictionary<string, string> { ["cpu"] = "1", ["memory"] = "256Mi", ["ephemeral-storage"] = "1Gi" };
        var (server, space) = await ClusterRig.StartServerAsync(("resources", new { limits }));
        await using var _ = server;
        var slug = await server.CreateAsync();
        using var shell = await Shell.OpenAsync(server, slug);
        var (page, _) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        var told = ServerRig.ReadUntilAsync(page, "all of its memory");
        var (printed, code) = await shell.RunAsync("node -e 'const a = []; for (;;) a.push(Buffer.alloc(1 << 24, 1))'");
        Assert.Equal(137, code);
        Assert.Contains("Killed", printed, StringComparison.Ordinal);
        Assert.Contains("A program was ended by the system: the workspace had used all of its memory (256 MB).", (await told)[^1], StringComparison.Ordinal);

        // The workspace never noticed: the same shell, in the same pod.
        Assert.Equal("well\r\n", (await shell.RunAsync("echo well")).Printed);
        Assert.Contains($"pod/ws-{slug}-1", await Cluster.ObjectsAsync(space, slug));
        page.Dispose();
    }

    /// <summary>The server is killed and the API server restarted at the same time, at each step of a start.</summary>
    [Theory(Timeout = Patience)]
    [InlineData("scheduling")]
    [InlineData("fetching")]
    [InlineData("restoring")]
    public async Task A_start_in_whose_middle_the_server_and_the_api_go_ends_with_one_pod_that_serves(string step)
    {
        var later = $"docker.io/dropit/workspace:{Guid.NewGuid():n}";
        var (server, space) = await (step switch
        {
            "scheduling" => ClusterRig.StartServerAsync(("nodeSelector", new Dictionary<string, string> { [later[^12..]] = "here" })),
            "fetching" => ClusterRig.StartServerAsync(("image", later)),
            _ => ClusterRig.StartServerAsync(),
        });
        await using var _ = server;
        var slug = await server.CreateAsync();
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open");
        await (step switch
        {
            "scheduling" => server.WaitForMessageAsync(slug, "no place"),
            "fetching" => server.WaitForMessageAsync(slug, "cannot be fetched"),
            _ => HoldInRestoreAsync(),
        });

        await server.KillAsync();
        await Cluster.ScriptAsync("restart-api", "1");
        await server.StartAgainAsync();
        await (step switch
        {
            "scheduling" => Cluster.KubectlAsync("label", "node", "node-1", $"{later[^12..]}=here"),
            "fetching" => Cluster.ScriptAsync("tag", "docker.io/dropit/workspace:node", later),
            _ => Task.CompletedTask,
        });
        await server.WaitForAsync(slug, "awake");
        var (socket, hello) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        Assert.Contains($"\"workspace\":\"{slug}\"", hello, StringComparison.Ordinal);
        socket.Dispose();
        while ((await Cluster.ObjectsAsync(space, slug)).Count(name => name.StartsWith("pod/", StringComparison.Ordinal)) != 1)
        {
            await Task.Delay(100, Cancel);
        }

        // A server that stands still makes the pod and gives it no file.
        async Task HoldInRestoreAsync()
        {
            while (await Cluster.ObjectsAsync(space, slug) is not { Length: 4 })
            {
                await Task.Delay(20, Cancel);
            }

            server.Signal(19);
            await Cluster.KubectlAsync("wait", "-n", space, "--for=jsonpath={.status.phase}=Running", $"pod/ws-{slug}-1", "--timeout=90s");
        }
    }

    /// <summary>Opens it and has a file that was shown as safe.</summary>
    private static async Task KeepAsync(ServerRig server, string slug)
    {
        using var shell = await Shell.OpenAsync(server, slug);
        await shell.RunAsync("echo kept > kept.txt");
        await shell.RequestAsync("journal.flush", new { });
    }
}
