using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DropIt.Tests.Services;

/// <summary>
/// An API server that makes every pod run at once, and the runners in them: each pod has an address of its own network, on all of which one program serves. So
/// what is looked at is the product, not a kubelet. Whoever likes may answer first, as a cluster or runner in trouble does.
/// </summary>
internal sealed class ScriptedCluster : IAsyncDisposable
{
    private static readonly string[] s_owned = ["services", "ingresses", "networkpolicies", "endpoints"];

    private const int RunnerPort = 8080;

    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, SortedDictionary<string, JsonObject>> _objects = [];
    private readonly Dictionary<string, List<Channel<string>>> _watchers = [];
    private readonly ConcurrentDictionary<string, long> _epochs = new();
    private long _version;
    private int _pods;
    private IPAddress? _only;

    private ScriptedCluster(WebApplication app) => _app = app;

    /// <summary>File that KUBECONFIG names.</summary>
    public string Config { get; } = Path.GetTempFileName();

    /// <summary>Sees every request to the API first; true: it was answered.</summary>
    public Func<HttpContext, Task<bool>> Api { get; set; } = _ => Task.FromResult(false);

    /// <summary>The same with requests to runners.</summary>
    public Func<HttpContext, Task<bool>> Runner { get; set; } = _ => Task.FromResult(false);

    /// <summary>Every pod that was made.</summary>
    public ConcurrentQueue<string> Made { get; } = [];

    /// <summary>Every pod that was deleted.</summary>
    public ConcurrentQueue<string> Deleted { get; } = [];

    /// <summary>Starts both.</summary>
    /// <param name="only">The address of all pods: there is one at a time. Null: an address each, for which every address of this machine is listened on.</param>
    public static async Task<ScriptedCluster> StartAsync(IPAddress? only = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(only ?? IPAddress.Any, RunnerPort);
            kestrel.Limits.MaxConcurrentUpgradedConnections = null;
        });
        var app = builder.Build();
        var cluster = new ScriptedCluster(app) { _only = only };
        app.UseWebSockets();
        app.Run(http => http.Connection.LocalPort == RunnerPort ? cluster.RunnerAsync(http) : cluster.ApiAsync(http));
        await app.StartAsync();
        var port = app.Urls.Select(url => new Uri(url).Port).Single(port => port != RunnerPort);
        await File.WriteAllTextAsync(cluster.Config, $$$"""
            {"apiVersion":"v1","kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],
             "clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:{{{port}}}"}}],"users":[{"name":"u","user":{"token":"t"}}]}
            """);
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        File.Delete(Config);
    }

    /// <summary>A runner: ready at once, and a socket that is held open.</summary>
    private async Task RunnerAsync(HttpContext http)
    {
        if (await Runner(http))
        {
            return;
        }

        if (http.WebSockets.IsWebSocketRequest)
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[16];
            try
            {
                while (!socket.CloseStatus.HasValue)
                {
                    await socket.ReceiveAsync(buffer.AsMemory(), http.RequestAborted);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or System.Net.WebSockets.WebSocketException)
            {
                // The client has gone.
            }
        }
        else if (http.Request.Path == "/.dropit/health")
        {
            var epoch = _epochs.GetValueOrDefault(http.Connection.LocalIpAddress!.MapToIPv4().ToString());
            await http.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{{\"state\":\"ready\",\"epoch\":{epoch}}}\n"));
        }
        else if (http.Request.Path == "/.dropit/activity")
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable; // too busy to be idle
        }
    }

    private async Task ApiAsync(HttpContext http)
    {
        if (await Api(http))
        {
            return;
        }

        var parts = http.Request.Path.Value!.Split('/');
        var at = Array.IndexOf(parts, "namespaces") + 2;
        var (kind, name) = (parts[at], parts.Length > at + 1 ? parts[at + 1] : null);
        if (HttpMethods.IsGet(http.Request.Method))
        {
            await (http.Request.Query["watch"] == "true" ? WatchAsync(http, kind) : http.Response.WriteAsJsonAsync(ListOf(kind)));
            return;
        }

        if (HttpMethods.IsDelete(http.Request.Method))
        {
            var gone = Remove(name!);
            http.Response.StatusCode = gone is null ? StatusCodes.Status404NotFound : StatusCodes.Status200OK;
            await http.Response.WriteAsJsonAsync(gone ?? new JsonObject { ["kind"] = "Status", ["status"] = "Failure" });
            return;
        }

        var body = (await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted))!.AsObject();
        await http.Response.WriteAsync((kind == "pods" ? Run(body) : Put(kind, body)).ToJsonString(), http.RequestAborted);
    }

    private JsonObject ListOf(string kind)
    {
        lock (_lock)
        {
            return new JsonObject
            {
                ["kind"] = "List",
                ["metadata"] = new JsonObject { ["resourceVersion"] = _version.ToString(CultureInfo.InvariantCulture) },
                ["items"] = new JsonArray([.. Of(kind).Values.Select(o => o.DeepClone())]),
            };
        }
    }

    private async Task WatchAsync(HttpContext http, string kind)
    {
        var channel = Channel.CreateUnbounded<string>();
        lock (_lock)
        {
            (_watchers.TryGetValue(kind, out var all) ? all : _watchers[kind] = []).Add(channel);
        }

        http.Response.ContentType = "application/json";
        await http.Response.Body.FlushAsync();
        try
        {
            await foreach (var line in channel.Reader.ReadAllAsync(http.RequestAborted))
            {
                await http.Response.WriteAsync(line + "\n");
                await http.Response.Body.FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The watcher has gone.
        }
    }

    /// <summary>Makes a pod that runs at once.</summary>
    public JsonObject Run(JsonObject pod)
    {
        var number = Interlocked.Increment(ref _pods);
        var ip = _only?.ToString() ?? string.Create(CultureInfo.InvariantCulture, $"127.1.{number >> 8}.{number & 255}");
        _epochs[ip] = long.Parse(pod["metadata"]!["annotations"]!["drop.it/epoch"]!.GetValue<string>(), CultureInfo.InvariantCulture);
        Made.Enqueue(pod["metadata"]!["name"]!.GetValue<string>());
        pod["metadata"]!["uid"] = Guid.NewGuid().ToString();
        pod["spec"]!["nodeName"] = "scripted";
        pod["status"] = new JsonObject
        {
            ["phase"] = "Running",
            ["podIP"] = ip,
            ["containerStatuses"] = new JsonArray(new JsonObject { ["name"] = "runner", ["ready"] = true, ["state"] = new JsonObject { ["running"] = new JsonObject() } }),
        };
        return Put("pods", pod);
    }

    /// <summary>Something happens to a pod.</summary>
    public void Change(string pod, Action<JsonObject> change)
    {
        lock (_lock)
        {
            var changed = Of("pods")[pod].DeepClone().AsObject();
            change(changed);
            Put("pods", changed);
        }
    }

    /// <summary>Makes an object, or changes one.</summary>
    public JsonObject Put(string kind, JsonObject made)
    {
        lock (_lock)
        {
            var name = made["metadata"]!["name"]!.GetValue<string>();
            var before = Of(kind).ContainsKey(name);
            made["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
            Of(kind)[name] = made;
            Tell(kind, before ? "MODIFIED" : "ADDED", made);
            if (kind == "services")
            {
                Lead(name, made);
            }

            return made.DeepClone().AsObject();
        }
    }

    /// <summary>What the cluster's own controller does for a Service.</summary>
    private void Lead(string name, JsonObject service)
    {
        var owner = service["metadata"]!["ownerReferences"]![0]!["name"]!.GetValue<string>();
        Put("endpoints", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["ownerReferences"] = service["metadata"]!["ownerReferences"]!.DeepClone() },
            ["subsets"] = new JsonArray(new JsonObject
            {
                ["addresses"] = new JsonArray(new JsonObject { ["ip"] = Of("pods")[owner]["status"]!["podIP"]!.DeepClone() }),
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = 8080 }),
            }),
        });
    }

    private JsonObject? Remove(string pod)
    {
        lock (_lock)
        {
            if (!Of("pods").Remove(pod, out var gone))
            {
                return null;
            }

            Deleted.Enqueue(pod);
            Tell("pods", "DELETED", gone);
            foreach (var kind in s_owned)
            {
                foreach (var (name, owned) in Of(kind).Where(o => o.Value["metadata"]!["ownerReferences"]![0]!["name"]!.GetValue<string>() == pod).ToList())
                {
                    Of(kind).Remove(name);
                    Tell(kind, "DELETED", owned);
                }
            }

            return gone.DeepClone().AsObject();
        }
    }

    private void Tell(string kind, string type, JsonObject what)
    {
        var line = new JsonObject { ["type"] = type, ["object"] = what.DeepClone() }.ToJsonString();
        foreach (var watcher in _watchers.GetValueOrDefault(kind, []))
        {
            watcher.Writer.TryWrite(line);
        }
    }

    private SortedDictionary<string, JsonObject> Of(string kind) => _objects.TryGetValue(kind, out var all) ? all : _objects[kind] = [];
}
