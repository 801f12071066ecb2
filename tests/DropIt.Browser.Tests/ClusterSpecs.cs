using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;
using DropIt.Tests.Kubernetes;

namespace DropIt.Browser.Tests;

#pragma warning disable xUnit1069 // what a spec waits in is the harness, which watches the token everywhere

/// <summary>drop.it deployed to a real cluster, used in a browser, while parts of it are taken away.</summary>
public sealed class ClusterSpecs(Chromium chromium)
{
    private const string Space = "dropit-workspaces";
    private const string Account = "system:serviceaccount:dropit:dropit";
    private const int Minute = 60_000;

    [Fact(Timeout = 15 * Minute)]
    public async Task A_day_in_a_cluster()
    {
        await using var deployment = await Deployment.StartAsync();
        await using var context = await chromium.Browser.NewContextAsync(new() { ViewportSize = new() { Width = 1440, Height = 1400 } });
        context.SetDefaultTimeout(30_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync(await Deployment.SignInAddressAsync());

        // Create, edit, terminal, preview on a host of its own: all through the gateway.
        await page.GetByRole(AriaRole.Button, new() { Name = "New Node.js workspace", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/w/*");
        var bench = new Workbench(page, null);
        await bench.IsReadyAsync();
        var slug = bench.Slug;
        await bench.OpenAsync("page.js");
        await bench.ReplaceWordAsync("Hello, ", "Cluster, ");
        await bench.IsSafeAsync("page.js");
        await bench.NewTerminalAsync();
        await bench.CommandAsync("echo user=$(id -u)", prints: "user=1000");
        await bench.RunAsync();
        await Expect(bench.Preview.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Cluster, Node.js", new() { Timeout = Minute });
        Assert.StartsWith($"3000--{slug}.", new Uri((await bench.PreviewFrameAsync()).Url).Host, StringComparison.Ordinal);

        await AssertFencedAsync(page, deployment, slug);

        // The pod is deleted by hand from one moment to the next, its disk with it, while two type, one of whom does not wait and loads the page again: the text
        // is there again, what was not safe too.
        var beside = new Workbench(await context.NewPageAsync(), null);
        await beside.Page.GotoAsync(page.Url);
        await beside.OpenAsync("page.js");
        await beside.Editor.ClickAsync();
        await beside.Page.Keyboard.PressAsync("Control+Home");
        await bench.GoToEndAsync();
        await beside.Page.Keyboard.TypeAsync("// beside\n");
        await page.Keyboard.TypeAsync("// typed ");
        await Cluster.KubectlAsync("delete", "pod", "-n", Space, $"ws-{slug}-1", "--grace-period=0", "--force", "--wait=false");
        await page.Keyboard.TypeAsync("meanwhile");
        await beside.Page.ReloadAsync();
        await BackAsync(bench, slug, epoch: 2);
        await beside.IsReadyAsync();
        foreach (var editor in (ILocator[])[bench.Editor, beside.Editor])
        {
            await Expect(editor).ToContainTextAsync(new Regex("// beside(?!.*// beside).*// typed meanwhile"));
        }

        await beside.Page.CloseAsync();
        await bench.ReplaceWordAsync("Cluster, ", "Deleted, ");
        await bench.IsSafeAsync("page.js");

        // Its runner is killed past everyone: the page says so, and goes on.
        await Cluster.ScriptAsync("kill", $"ws-{slug}-2", Space);
        await BackAsync(bench, slug, epoch: 3);
        await Expect(page.GetByText("killed (signal 9)").First).ToBeVisibleAsync(new() { Timeout = Minute });
        await bench.ReplaceWordAsync("Deleted, ", "Killed, ");
        await bench.IsSafeAsync("page.js");

        // Both servers (control, orchestrator, gateway) are killed, and the API server too, while there is an edit under way.
        foreach (var front in await Deployment.FrontsAsync())
        {
            await Cluster.ScriptAsync("kill", front, "dropit");
        }

        await bench.ReplaceWordAsync("Killed, ", "Restarted, ");
        await Cluster.ScriptAsync("restart-api", "2");
        await bench.IsOnlineAsync();
        await bench.IsSafeAsync("page.js");
        Assert.Contains($"pod/ws-{slug}-3", await Cluster.ObjectsAsync(Space, slug));

        await KnowsNoSecretAsync(deployment, slug);

        // Put to sleep: nothing is left in the cluster, and the bucket has the files.
        await page.GotoAsync(deployment.Origin);
        var stopped = await page.APIRequest.PostAsync($"{deployment.Origin}/api/workspaces/{slug}/stop", new() { Headers = Origin(deployment) });
        Assert.Equal(204, stopped.Status);
        await Cluster.KubectlAsync("wait", "-n", Space, "--for=delete", $"pod/ws-{slug}-3", $"ingress/ws-{slug}", $"service/ws-{slug}", "--timeout=90s");
        Assert.Empty(await Cluster.ObjectsAsync(Space, slug));
        var kept = await page.APIRequest.GetAsync($"{deployment.Origin}/api/workspaces/{slug}/files/page.js");
        Assert.Contains("Restarted, ", await kept.TextAsync(), StringComparison.Ordinal);
        Assert.Contains("// typed meanwhile", await kept.TextAsync(), StringComparison.Ordinal);
        Assert.Contains("Restarted, ", await Deployment.StoredAsync(slug, "page.js"), StringComparison.Ordinal);

        // Back by its address.
        await page.GotoAsync($"{deployment.Origin}/w/{slug}");
        await bench.IsReadyAsync();
        await bench.OpenAsync("page.js");
        await Expect(bench.Editor).ToContainTextAsync("Restarted, ");

        // It did all this with the rights that it was given, each of which it used, and has no others.
        Assert.Equal(await Cluster.GrantedAsync(Space, "dropit"), await Cluster.AskedAsync(Account));
        Assert.False(await Cluster.MayAsync(Account, "get", "secrets", Space));
        Assert.False(await Cluster.MayAsync(Account, "create", "pods/exec", Space));
        Assert.False(await Cluster.MayAsync(Account, "create", "rolebindings", Space));
        Assert.False(await Cluster.MayAsync(Account, "create", "pods", "dropit"));
        Assert.False(await Cluster.MayAsync(Account, "list", "pods", "default"));
    }

    /// <summary>Neither what the pod was given nor what its programs see holds a word that opens a store, or an account of the cluster.</summary>
    private static async Task KnowsNoSecretAsync(Deployment deployment, string slug)
    {
        var seen = await Cluster.KubectlAsync("get", "pod", "-n", Space, "-l", $"drop.it/workspace={slug}", "-o", "yaml")
            + await Cluster.ExecAsync(Space, slug, "cat /proc/[0-9]*/environ; find / -xdev -name '*.key'; ls /var/run/secrets 2>&1 || true");
        Assert.Contains("DROPIT_", seen, StringComparison.Ordinal);
        Assert.Contains("/var/run/secrets': No such file", seen, StringComparison.Ordinal);
        Assert.All(deployment.Secrets, secret =>
        {
            Assert.DoesNotContain(secret.Key, seen, StringComparison.Ordinal);
            Assert.DoesNotContain(secret.Value, seen, StringComparison.Ordinal);
        });
    }

    /// <summary>
    /// From inside one workspace the storage service is reached, and neither another workspace nor the cluster's API, the page's server, the database, the broker
    /// and the bucket, which all answer to the server.
    /// </summary>
    private static async Task AssertFencedAsync(IPage page, Deployment deployment, string slug)
    {
        var made = await page.APIRequest.PostAsync(
            $"{deployment.Origin}/api/workspaces", new() { Headers = Origin(deployment), DataObject = new { stack = "empty" } });
        var other = (await made.JsonAsync())!.Value.GetProperty("slug").GetString()!;
        var spare = await Deployment.SpareAsync();
        await page.APIRequest.PostAsync($"{deployment.Origin}/api/workspaces/{other}/open", new() { Headers = Origin(deployment) });
        while (!(await Cluster.ObjectsAsync(Space, other)).Contains($"pod/{spare}"))
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        await Cluster.ScriptAsync("enforced", $"ws-{slug}-1", Space);
        await Cluster.ScriptAsync("enforced", spare, Space);
        var runner = await Cluster.KubectlAsync("get", "pod", "-n", Space, spare, "-o", "jsonpath={.status.podIP}") + "/8080";
        var api = await Cluster.KubectlAsync("get", "service", "kubernetes", "-o", "jsonpath={.spec.clusterIP}") + "/443";
        var server = (await Deployment.FrontsAsync())[0];
        Assert.Equal("open", await ReachAsync(Space, $"ws-{slug}-1", "dropit-storage.dropit.svc.cluster.local/7701"));
        foreach (var where in (string[])[runner, $"ws-{other}.{Space}.svc.cluster.local/80", api, "dropit.dropit.svc.cluster.local/80", .. deployment.Stores])
        {
            Assert.Equal((where, "open"), (where, await ReachAsync("dropit", server, where)));
            Assert.Equal((where, "closed"), (where, await ReachAsync(Space, $"ws-{slug}-1", where)));
        }
    }

    /// <summary>Whether a TCP connection from a pod to <c>host/port</c> comes about.</summary>
    private static Task<string> ReachAsync(string space, string pod, string where) => Cluster.KubectlAsync(
        "exec", "-n", space, pod, "--", "timeout", "10", "bash", "-c", $"(</dev/tcp/{where}) 2>/dev/null && echo open || echo closed");

    private static Dictionary<string, string> Origin(Deployment deployment) => new() { ["Origin"] = deployment.Origin };

    private static async Task BackAsync(Workbench bench, string slug, int epoch)
    {
        await Cluster.ReadyAsync(Space, $"ws-{slug}-{epoch}");
        await bench.IsOnlineAsync();
    }
}
