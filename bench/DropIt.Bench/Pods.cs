using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using DropIt.Protocol.Frames;

namespace DropIt.Bench;

/// <summary>
/// Workspaces as pods of the real cluster that tests/services/cluster.sh runs: how long until one can be used, how many a minute, and what one takes. Usable is a
/// document that is open over the gateway. Cold is a node that has no layer of the image and fetches it from a registry on this machine.
/// </summary>
internal static class Pods
{
    private const int Runs = 20;
    private const int AtOnce = 20;
    private const int Spares = 2;
    private const string Image = "docker.io/dropit/workspace:node";
    private const string Fetched = "127.0.0.1:5050/dropit/workspace:node";

    // Where pods reach this machine.
    private const string Host = "10.88.0.1";

    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        var exports = await RunAsync("tests/services/cluster.sh", "up");
        Environment.SetEnvironmentVariable("KUBECONFIG", exports.Trim()["export KUBECONFIG=".Length..]);
        try
        {
            await RunAsync("tests/services/cluster.sh", "registry");
            await RunAsync("images/build", "node");
            await RunAsync("env", "STORAGE_DRIVER=vfs", "buildah", "push", "--tls-verify=false", Image, "docker://" + Fetched);
            var cold = await StartsAsync("cold", "-", pool: 0, Fetched);
            await RunAsync("images/build", "--load", "node");
            return
            [
                .. cold,
                .. await StartsAsync("image present", "2500 ms", pool: 0, Image),
                .. await StartsAsync("pool", "1000 ms", Spares, Image),
                .. await ManyAsync(),
            ];
        }
        finally
        {
            await RunAsync("tests/services/cluster.sh", "down");
        }
    }

    private static async Task<Figure[]> StartsAsync(string how, string target, int pool, string image)
    {
        await using var rig = await StartAsync(pool, image);
        var (creates, wakes) = (new List<double>(), new List<double>());
        for (var i = 0; i < Runs; i++)
        {
            await ReadyAsync(rig.Namespace, pool, image);
            var clock = Stopwatch.StartNew();
            var slug = await rig.Server.CreateAsync("node");
            await UseAsync(rig.Server, slug);
            creates.Add(clock.Elapsed.TotalMilliseconds);
            await SleepAsync(rig.Server, slug);
            await ReadyAsync(rig.Namespace, pool, image);
            clock.Restart();
            await UseAsync(rig.Server, slug);
            wakes.Add(clock.Elapsed.TotalMilliseconds);
            await SleepAsync(rig.Server, slug);
        }

        return
        [
            new($"pod, {how}: create to usable, p50 of {Runs}", Sample.Show(Sample.At(creates, 0.5), "ms"), target, "-"),
            new($"pod, {how}: create to usable, p95", Sample.Show(Sample.At(creates, 0.95), "ms"), target, "-"),
            new($"pod, {how}: wake to usable, p50 of {Runs}", Sample.Show(Sample.At(wakes, 0.5), "ms"), target, "-"),
            new($"pod, {how}: wake to usable, p95", Sample.Show(Sample.At(wakes, 0.95), "ms"), target, "-"),
        ];
    }

    private static async Task<Figure[]> ManyAsync()
    {
        await using var rig = await StartAsync(pool: 0, Image);
        await UseAsync(rig.Server, await rig.Server.CreateAsync("node"));
        await Task.Delay(s_settled);
        var slugs = new List<string>();
        for (var i = 0; i < AtOnce; i++)
        {
            slugs.Add(await rig.Server.CreateAsync("node"));
        }

        var available = Available();
        var clock = Stopwatch.StartNew();
        foreach (var slug in slugs)
        {
            await rig.Server.OpenAsync(slug);
        }

        while ((await rig.Server.Http.GetFromJsonAsync<JsonElement>("/api/workspaces")).EnumerateArray().Any(w => w.GetProperty("state").GetString() != "awake"))
        {
            await Task.Delay(50);
        }

        var minutes = clock.Elapsed.TotalMinutes;
        await Task.Delay(s_settled);
        return
        [
            new($"pods a minute on this node, {AtOnce} asked for at once", Sample.Show(AtOnce / minutes, "/min"), "-", "-"),
            new("memory of an idle pod all in: runner, sandbox, shim, kernel, server", Sample.Show((available - Available()) / AtOnce / 1e6, "MB"), "64 MB", "-"),
        ];
    }

    private static async Task<ClusterServer> StartAsync(int pool, string image)
    {
        var space = "bench-" + Guid.NewGuid().ToString("n")[..8];
        await RunAsync("kubectl", "create", "namespace", space);
        var storage = Rig.FreePort();
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["namespace"] = space,
            ["image"] = image,
            ["imagePullPolicy"] = image == Fetched ? "IfNotPresent" : "Never",
            ["storage"] = $"http://{Host}:{storage}",
            ["pool"] = pool == 0 ? [] : new Dictionary<string, int> { [image] = pool },
        }));
        return new ClusterServer(await Rig.StartAsync("--kubernetes", file, "--storage-listen", $"0.0.0.0:{storage}"), space);
    }

    private static async Task UseAsync(Rig server, string slug)
    {
        await using var wire = await Waking.WakeAsync(server, slug);
        await wire.RequestAsync("document.open", "\"channel\":1,\"path\":\"index.js\",\"client\":\"benchbench\"");
        await wire.NextAsync(1, FrameType.Snapshot);
    }

    private static Task SleepAsync(Rig server, string slug) => Waking.SleepAsync(server, slug);

    /// <summary>
    /// Waits until the pool is full, since what is measured is a claim and not a race with the refill, and lets the node forget an image that is to be fetched.
    /// </summary>
    private static async Task ReadyAsync(string space, int pool, string image)
    {
        if (image == Fetched)
        {
            await RunAsync("kubectl", "delete", "pods", "-n", space, "--all", "--wait=true");
            await RunAsync("tests/services/cluster.sh", "forget", image);
        }

        while (pool > 0 && (await RunAsync(
            "kubectl", "get", "pods", "-n", space, "-l", "drop.it/pool", "-o", "jsonpath={.items[*].status.containerStatuses[0].ready}")).Split(' ').Count(r => r == "true") < pool)
        {
            await Task.Delay(100);
        }
    }

    private static double Available() => double.Parse(
        File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024;

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await errors}");
    }

    /// <summary>A server whose pods go with it.</summary>
    private sealed record ClusterServer(Rig Server, string Namespace) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Server.DisposeAsync();
            await RunAsync("kubectl", "delete", "namespace", Namespace, "--wait=false");
            await RunAsync("kubectl", "delete", "pods", "-n", Namespace, "--all", "--grace-period=1", "--wait=true");
        }
    }
}
