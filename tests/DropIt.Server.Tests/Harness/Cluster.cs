using System.Diagnostics;
using System.Text.Json;

namespace DropIt.Tests.Kubernetes;

/// <summary>The real Kubernetes that tests/services/cluster.sh runs on this machine.</summary>
internal static class Cluster
{
    private static readonly SemaphoreSlim s_gate = new(1, 1);
    private static readonly HashSet<string> s_loaded = [];
    private static bool s_up;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts it unless it runs, with these images in its node; skips the spec, loudly, where that cannot be.</summary>
    public static async Task UpAsync(params string[] images)
    {
        Assert.SkipUnless(Environment.UserName == "root", "NOT RUN: the real Kubernetes needs root on Debian 12 (a kubelet mounts and makes cgroups).");
        Assert.SkipUnless(
            File.Exists("/var/tmp/dropit-cluster-bin/kubelet"), "NOT RUN: there is no Kubernetes here; tests/services/cluster.sh install builds it in minutes.");
        await s_gate.WaitAsync(Cancel);
        try
        {
            if (!s_up)
            {
                var exports = await ScriptAsync("up");
                Environment.SetEnvironmentVariable("KUBECONFIG", exports.Trim()["export KUBECONFIG=".Length..]);
                s_up = true;
            }

            var missing = images.Where(i => !s_loaded.Contains(i)).ToArray();
            if (missing.Length > 0)
            {
                await RunAsync("images/build", ["--load", .. missing]);
                s_loaded.UnionWith(missing);
            }
        }
        finally
        {
            s_gate.Release();
        }
    }

    /// <summary>Stops it if <see cref="UpAsync"/> started it.</summary>
    public static async Task DownAsync()
    {
        if (s_up)
        {
            await ScriptAsync("down");
            s_up = false;
        }
    }

    /// <summary>What kubectl prints. Another spec may have the API server away for a moment: a connection that it refused is tried again.</summary>
    public static async Task<string> KubectlAsync(params string[] arguments)
    {
        while (true)
        {
            try
            {
                return (await RunAsync("kubectl", arguments)).Trim();
            }
            catch (InvalidOperationException e) when (e.Message.Contains("connection refused", StringComparison.Ordinal)
                || e.Message.Contains("was refused", StringComparison.Ordinal))
            {
                await Task.Delay(200, Cancel);
            }
        }
    }

    /// <summary>What tests/services/cluster.sh prints.</summary>
    public static Task<string> ScriptAsync(params string[] arguments) => RunAsync("tests/services/cluster.sh", arguments);

    /// <summary>Gives kubectl objects to apply.</summary>
    public static async Task ApplyAsync(string yaml, params string[] arguments)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("dropit-apply-").FullName, "objects.yaml");
        await File.WriteAllTextAsync(file, yaml, Cancel);
        await KubectlAsync(["apply", "-f", file, .. arguments]);
    }

    /// <summary>Whether the cluster lets <paramref name="who"/> do this.</summary>
    public static async Task<bool> MayAsync(string who, string verb, string what, string space)
    {
        var (resource, sub) = what.Split('/') is [var r, var s] ? (r, s) : (what, "");
        var group = resource switch { "rolebindings" => "rbac.authorization.k8s.io", _ => "" };
        var review = JsonSerializer.Serialize(new
        {
            apiVersion = "authorization.k8s.io/v1",
            kind = "SubjectAccessReview",
            spec = new { user = who, resourceAttributes = new { @namespace = space, verb, resource, subresource = sub, group } },
        });
        var file = Path.Combine(Directory.CreateTempSubdirectory("dropit-review-").FullName, "review.json");
        await File.WriteAllTextAsync(file, review, Cancel);
        return await KubectlAsync("create", "-f", file, "-o", "jsonpath={.status.allowed}") == "true";
    }

    /// <summary>What <paramref name="who"/> in the namespace dropit asked of the cluster and was given, sorted: <c>verb resource</c>.</summary>
    public static async Task<string[]> AskedAsync(string who)
    {
        var asked = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var line in File.ReadLinesAsync("/var/tmp/dropit-cluster/log/audit.log", Cancel))
        {
            var entry = JsonSerializer.Deserialize<JsonElement>(line);
            var (verb, code) = (entry.GetProperty("verb").GetString(), entry.GetProperty("responseStatus").GetProperty("code").GetInt32());
            if (entry.GetProperty("user").GetProperty("username").GetString() == who && code < 400)
            {
                var about = entry.GetProperty("objectRef");
                var what = about.GetProperty("resource").GetString() + (about.TryGetProperty("subresource", out var sub) ? "/" + sub.GetString() : "");
                asked.Add($"{verb} {what}");
                if (verb == "patch" && code == 201)
                {
                    asked.Add($"create {what}"); // what an apply has made needs both
                }
            }
        }

        return [.. asked];
    }

    /// <summary>All that a role grants, sorted: <c>verb resource</c>.</summary>
    public static async Task<string[]> GrantedAsync(string space, string role)
    {
        var rules = JsonSerializer.Deserialize<JsonElement>(await KubectlAsync("get", "role", "-n", space, role, "-o", "json")).GetProperty("rules");
        var rights = from rule in rules.EnumerateArray()
                     from what in rule.GetProperty("resources").EnumerateArray()
                     from verb in rule.GetProperty("verbs").EnumerateArray()
                     select $"{verb.GetString()} {what.GetString()}";
        return [.. rights.Order(StringComparer.Ordinal)];
    }

    /// <summary>Names of what there is of a workspace, sorted: <c>pod/..., service/...</c>.</summary>
    public static async Task<string[]> ObjectsAsync(string space, string slug) =>
        (await KubectlAsync("get", "pods,services,ingresses,networkpolicies", "-n", space, "-l", $"drop.it/workspace={slug}", "-o", "name"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().ToArray();

    /// <summary>Waits until a pod, which need not exist yet, is ready.</summary>
    public static async Task ReadyAsync(string space, string pod)
    {
        while (await KubectlAsync("get", "pod", "-n", space, pod, "--ignore-not-found", "-o", "name") == "")
        {
            await Task.Delay(100, Cancel);
        }

        await KubectlAsync("wait", "-n", space, "--for=condition=ready", $"pod/{pod}", "--timeout=90s");
    }

    /// <summary>Runs a command in a workspace's pod.</summary>
    public static async Task<string> ExecAsync(string space, string slug, string command)
    {
        var pod = await KubectlAsync("get", "pods", "-n", space, "-l", $"drop.it/workspace={slug}", "-o", "jsonpath={.items[0].metadata.name}");
        return await KubectlAsync("exec", "-n", space, pod, "--", "sh", "-c", command);
    }

    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments)
    {
        var path = program.Contains('/', StringComparison.Ordinal) ? Path.Combine(Checkout.Root, program) : program;
        using var process = Process.Start(new ProcessStartInfo(path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Checkout.Root,
        })!;
        var errors = process.StandardError.ReadToEndAsync(Cancel);
        var output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed ({process.ExitCode}): {await errors}");
    }
}
