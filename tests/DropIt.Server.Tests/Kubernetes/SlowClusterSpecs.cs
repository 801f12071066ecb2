using System.Net;
using System.Text.Json.Nodes;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;
using Microsoft.AspNetCore.Http;

namespace DropIt.Server.Tests.Kubernetes;

#pragma warning disable xUnit1069 // what a spec waits in is the harness, which watches the token everywhere

/// <summary>A first start is the last one too where the cluster, or the runner in its pod, is well but slow. All but the server is scripted.</summary>
public sealed class SlowClusterSpecs
{
    // Far more than any of them takes: one that waits for what never comes must end.
    private const int Patience = 60_000;

    private const string Restoring = """{"state":"restoring","epoch":1}""" + "\n";
    private const string Ready = """{"state":"ready","epoch":1}""" + "\n";
    private const string Unclaimed = """{"state":"unclaimed","epoch":0}""" + "\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task A_runner_that_took_its_workspace_and_says_once_more_that_it_has_none_is_not_given_up()
    {
        await using var cluster = await NewAsync();
        var (healths, assignments) = (0, 0);
        cluster.Runner = async http =>
        {
            if (http.Request.Path == "/.dropit/health")
            {
                // The second is the last word of the server that waited for an assignment.
                await http.Response.WriteAsync(Interlocked.Increment(ref healths) <= 2 ? Unclaimed : Ready, Cancel);
                return true;
            }

            if (http.Request.Path == "/.dropit/assignment")
            {
                // The second comes to the server of the workspace, which knows of none.
                http.Response.StatusCode = Interlocked.Increment(ref assignments) == 1 ? StatusCodes.Status204NoContent : StatusCodes.Status503ServiceUnavailable;
                return true;
            }

            return false;
        };
        await StartsOnceAsync(cluster);
        Assert.Equal((3, 2), (healths, assignments));
    }

    [Fact(Timeout = Patience)]
    public async Task A_word_of_a_runner_that_is_cut_off_is_asked_for_again()
    {
        await using var cluster = await NewAsync();
        var asked = 0;
        var heard = new TaskCompletionSource();
        cluster.Runner = async http =>
        {
            if (http.Request.Path == "/.dropit/variables")
            {
                heard.TrySetResult();
            }

            if (http.Request.Path != "/.dropit/health")
            {
                return false;
            }

            if (Interlocked.Increment(ref asked) > 1)
            {
                await http.Response.WriteAsync(Ready, Cancel);
                return true;
            }

            await http.Response.WriteAsync(Restoring + Ready[..9], Cancel);
            await http.Response.Body.FlushAsync(Cancel);
            await heard.Task.WaitAsync(Cancel);
            http.Abort();
            return true;
        };
        await StartsOnceAsync(cluster);
    }

    [Theory(Timeout = Patience)]
    [InlineData("/.dropit/health")]
    [InlineData("/.dropit/assignment")]
    [InlineData("/.dropit/variables")]
    public async Task A_question_whose_answer_never_comes_is_asked_again(string lost)
    {
        await using var cluster = await NewAsync();
        var asked = 0;
        var (claimed, told) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster.Runner = async http =>
        {
            var path = http.Request.Path.Value!;
            if (path == lost && Interlocked.Increment(ref asked) == 1)
            {
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return true;
            }

            switch (path)
            {
                case "/.dropit/assignment":
                    claimed.SetResult();
                    return true;
                case "/.dropit/variables":
                    told.SetResult();
                    return true;
                case "/.dropit/health" when lost == "/.dropit/assignment" && !claimed.Task.IsCompleted:
                    await http.Response.WriteAsync(Unclaimed, Cancel);
                    return true;
                case "/.dropit/health" when lost == "/.dropit/variables":
                    await http.Response.WriteAsync(Restoring, Cancel);
                    await http.Response.Body.FlushAsync(Cancel);
                    await told.Task.WaitAsync(http.RequestAborted);
                    await http.Response.WriteAsync(Ready, Cancel);
                    return true;
                default:
                    return false;
            }
        };
        await StartsOnceAsync(cluster);
        Assert.Equal(2, asked);
    }

    [Theory(Timeout = Patience)]
    [InlineData("pods", 503)]
    [InlineData("services", 429)]
    [InlineData("ingresses", 504)]
    [InlineData("networkpolicies", 500)]
    public async Task An_api_that_is_too_busy_to_make_something_is_asked_again(string kind, int status)
    {
        await using var cluster = await NewAsync();
        var refused = 0;
        cluster.Api = async http =>
        {
            if (HttpMethods.IsGet(http.Request.Method) || !http.Request.Path.Value!.Contains($"/{kind}", StringComparison.Ordinal) || Interlocked.Increment(ref refused) > 3)
            {
                return false;
            }

            await RefuseAsync(http, status);
            return true;
        };
        await StartsOnceAsync(cluster);
    }

    [Fact(Timeout = Patience)]
    public async Task A_pod_whose_making_was_never_answered_is_found_and_not_made_twice()
    {
        await using var cluster = await NewAsync();
        var lost = 0;
        cluster.Api = async http =>
        {
            if (!HttpMethods.IsPost(http.Request.Method) || Interlocked.Increment(ref lost) > 1)
            {
                return false;
            }

            cluster.Run((await JsonNode.ParseAsync(http.Request.Body, cancellationToken: Cancel))!.AsObject());
            http.Abort();
            return true;
        };
        await StartsOnceAsync(cluster);
    }

    [Fact(Timeout = Patience)]
    public async Task A_pod_that_may_not_be_removed_says_so_and_goes_once_it_may()
    {
        await using var cluster = await NewAsync();
        await using var server = await ServerAsync(cluster);
        var slug = await server.CreateAsync("empty");
        await server.OpenAsync(slug);
        var may = false;
        cluster.Api = async http =>
        {
            if (!HttpMethods.IsDelete(http.Request.Method) || Volatile.Read(ref may))
            {
                return false;
            }

            await RefuseAsync(http, StatusCodes.Status403Forbidden);
            return true;
        };
        var said = server.WaitForMessageAsync(slug, "cannot be removed yet");
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        Assert.Contains("lacks a right", await said, StringComparison.Ordinal);
        Volatile.Write(ref may, true);
        await server.WaitForAsync(slug, "asleep");
        Assert.Equal([$"ws-{slug}-1"], cluster.Deleted);
    }

    [Fact(Timeout = Patience)]
    public async Task A_pod_whose_removal_is_answered_by_something_that_is_no_cluster_is_removed_all_the_same()
    {
        await using var cluster = await NewAsync();
        await using var server = await ServerAsync(cluster);
        var slug = await server.CreateAsync("empty");
        await server.OpenAsync(slug);
        var asked = 0;
        cluster.Api = async http =>
        {
            if (!HttpMethods.IsDelete(http.Request.Method) || Interlocked.Increment(ref asked) > 1)
            {
                return false;
            }

            http.Response.ContentType = "text/html";
            await http.Response.WriteAsync("<html>Sign in to the proxy.</html>", Cancel);
            return true;
        };
        cluster.Change($"ws-{slug}-1", pod => pod["status"] = JsonNode.Parse("""{"phase":"Failed","reason":"NodeLost"}"""));
        while (cluster.Made.Count < 2)
        {
            await Task.Delay(50, Cancel);
        }

        await server.WaitForAsync(slug, "awake");
        Assert.Equal([$"ws-{slug}-1"], cluster.Deleted);
        Assert.Equal(2, asked);
    }

    [Theory(Timeout = Patience)]
    [InlineData("""{"phase":"Failed","containerStatuses":[{"name":"runner","state":{"terminated":{"reason":"OOMKilled","exitCode":137}}}]}""", "used more memory than its limit (2Gi)")]
    [InlineData("""{"phase":"Failed","reason":"Evicted","message":"The node was low on resource: memory."}""", "The node ended the workspace: The node was low on resource: memory.")]
    [InlineData("""{"phase":"Failed","reason":"NodeLost"}""", "The node that ran the workspace is gone")]
    public async Task What_ends_a_pod_reaches_the_user_with_its_cause_and_the_workspace_starts_again(string status, string expected)
    {
        await using var cluster = await NewAsync();
        await using var server = await ServerAsync(cluster);
        var slug = await server.CreateAsync("empty");
        await server.OpenAsync(slug);
        var said = server.WaitForMessageAsync(slug, expected);
        cluster.Change($"ws-{slug}-1", pod => pod["status"] = JsonNode.Parse(status));
        Assert.Contains("\"cause\":", await said, StringComparison.Ordinal);
        await server.WaitForAsync(slug, "awake");
        Assert.Equal([$"ws-{slug}-1", $"ws-{slug}-2"], cluster.Made);

        // Whoever looks after the server finds it among what was said.
        var events = await server.GetJsonAsync($"/api/admin/workspaces/{slug}/events");
        Assert.Contains(events.EnumerateArray(), e => e.GetProperty("message").GetString()?.Contains(expected, StringComparison.Ordinal) == true);
    }

    [Fact(Timeout = Patience)]
    public async Task The_doctor_names_the_right_that_the_server_lacks_with_the_cure()
    {
        await using var cluster = await NewAsync();
        cluster.Api = async http =>
        {
            var review = await JsonNode.ParseAsync(http.Request.Body, cancellationToken: Cancel);
            var asked = review!["spec"]!["resourceAttributes"]!;
            review["status"] = new JsonObject { ["allowed"] = (asked["resource"]!.GetValue<string>(), asked["verb"]!.GetValue<string>()) is not ("pods", "delete") };
            await http.Response.WriteAsync(review.ToJsonString(), Cancel);
            return true;
        };
        var (code, said, _) = await ServerRig.RunAsync(
            ["doctor", "--data", Directory.CreateTempSubdirectory("dropit-doctor-").FullName, "--kubernetes", await FileAsync(), "--templates", Built.Templates, "--runner", Built.Runner],
            new Dictionary<string, string> { ["KUBECONFIG"] = cluster.Config });
        Assert.Equal(1, code);
        Assert.Matches(@"✗ cluster +Not allowed in the namespace w: delete pods\.\n", said);
        Assert.Contains("Give the server's service account a Role with these there", said, StringComparison.Ordinal);
    }

    /// <summary>The workspace's first pod serves it.</summary>
    private static async Task StartsOnceAsync(ScriptedCluster cluster)
    {
        await using var server = await ServerAsync(cluster);
        var slug = await server.CreateAsync("empty");
        await server.OpenAsync(slug);
        Assert.True(cluster.Made.SequenceEqual([$"ws-{slug}-1"]) && cluster.Deleted.IsEmpty, $"Made {string.Join(", ", cluster.Made)}; heard:\n{server.Heard}");
    }

    private static async Task RefuseAsync(HttpContext http, int status)
    {
        http.Response.StatusCode = status;
        await http.Response.WriteAsync("""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"not now"}""", Cancel);
    }

    // An address of its own for each, so that they need not wait for one another.
    private static Task<ScriptedCluster> NewAsync() =>
        ScriptedCluster.StartAsync(new IPAddress([127, 88, (byte)Random.Shared.Next(256), (byte)Random.Shared.Next(1, 255)]));

    private static async Task<ServerRig> ServerAsync(ScriptedCluster cluster) =>
        await ServerRig.StartAsync(more: ["--kubernetes", await FileAsync()], environment: new Dictionary<string, string> { ["KUBECONFIG"] = cluster.Config });

    private static async Task<string> FileAsync()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("dropit-cluster-").FullName, "kubernetes.json");
        await File.WriteAllTextAsync(file, """{"namespace":"w","image":"i","storage":"http://127.0.0.1:1"}""", Cancel);
        return file;
    }
}
