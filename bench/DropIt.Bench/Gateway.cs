using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using DropIt.Tests.Services;
using Microsoft.Data.Sqlite;

namespace DropIt.Bench;

/// <summary>
/// The gateway and the orchestrator of a cluster, with everything around them scripted: starts beside held sockets, idle sockets by the thousand, and a
/// reconcile of many workspaces.
/// </summary>
internal static class Gateway
{
    private const int Held = 500;
    private const int Starts = 200;

    // One process here has both ends of each, and the gateway too: a machine that allows 20,000 open files allows this many.
    private const int Idle = 9_500;
    private const int Many = 10_000;

    private static readonly TimeSpan s_watched = TimeSpan.FromSeconds(20);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        await using var cluster = await ScriptedCluster.StartAsync();
        Environment.SetEnvironmentVariable("KUBECONFIG", cluster.Config);
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """{"namespace":"w","image":"i","storage":"http://127.0.0.1:1"}""");
        await using var rig = await Rig.StartAsync("--kubernetes", file, "--upgrades-per-minute", "1000000");

        // 1. Starts beside sockets that are held: none of these may be cut.
        var first = await rig.CreateAsync("empty");
        await rig.OpenAsync(first);
        var sockets = new List<ClientWebSocket>();
        await ConnectAsync(rig, first, sockets, Held);
        var slugs = new List<string>();
        for (var i = 0; i < Starts; i++)
        {
            slugs.Add(await rig.CreateAsync("empty"));
        }

        var watch = Stopwatch.StartNew();
        foreach (var slug in slugs)
        {
            await rig.OpenAsync(slug);
        }

        await AllAwakeAsync(rig);
        var minutes = watch.Elapsed.TotalMinutes;
        var cut = sockets.Count(s => s.State != WebSocketState.Open);

        // 2. Idle sockets.
        var before = rig.ResidentBytes();
        await ConnectAsync(rig, first, sockets, Idle);
        var perSocket = (rig.ResidentBytes() - before) / (double)(Idle - Held);
        var resident = rig.ResidentBytes();
        cut += sockets.Count(s => s.State != WebSocketState.Open);
        foreach (var socket in sockets)
        {
            socket.Abort();
            socket.Dispose();
        }

        // 3. Many workspaces, all awake.
        Multiply(Path.Combine(rig.Data, "control.db"), first);
        while (AwakeIn(Path.Combine(rig.Data, "control.db")) < Many)
        {
            await Task.Delay(1000);
        }

        var used = rig.ProcessorTime();
        await Task.Delay(s_watched);
        var share = (rig.ProcessorTime() - used) / s_watched;
        File.Delete(file);
        return
        [
            new($"sockets cut by the start of {Starts} workspaces, of {Held} held", cut.ToString(CultureInfo.InvariantCulture), "0", "-"),
            new("workspaces started a minute, scripted cluster", Sample.Show(Starts / minutes, "/min"), "600 /min", "-"),
            new($"gateway, resident with {Idle} idle sockets", Sample.Show(resident / 1e6, "MB"), "500 MB", "-"),
            new("gateway, a further idle socket", Sample.Show(perSocket / 1024, "KB"), "30 KB", "-"),
            new($"reconcile of {Many} awake workspaces, share of a core", Sample.Show(share * 100, "%"), "20 %", "-"),
        ];
    }

    private static async Task ConnectAsync(Rig rig, string slug, List<ClientWebSocket> sockets, int upTo)
    {
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancel) =>
            {
                var tcp = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await tcp.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancel);
                return new NetworkStream(tcp, ownsSocket: true);
            },
        }, disposeHandler: false);
        while (sockets.Count < upTo)
        {
            var batch = Enumerable.Range(0, Math.Min(50, upTo - sockets.Count)).Select(_ => new ClientWebSocket()).ToList();
            await Task.WhenAll(batch.Select(s => s.ConnectAsync(new Uri($"ws://{slug}.localhost:{rig.Port}/held"), invoker, default)));
            sockets.AddRange(batch);
        }
    }

    private static async Task AllAwakeAsync(Rig rig)
    {
        while ((await rig.Http.GetFromJsonAsync<JsonElement>("/api/workspaces")).EnumerateArray().Any(w => w.GetProperty("state").GetString() != "awake"))
        {
            await Task.Delay(50);
        }
    }

    /// <summary>Rows like the first one's, past what the API lets one server hold.</summary>
    private static void Multiply(string database, string first)
    {
        using var connection = new SqliteConnection($"Data Source={database}");
        connection.Open();
        var columns = new List<string>();
        using (var names = connection.CreateCommand())
        {
            names.CommandText = "SELECT name FROM pragma_table_info('Workspaces')";
            using var reader = names.ExecuteReader();
            while (reader.Read())
            {
                columns.Add(reader.GetString(0));
            }
        }

        using var insert = connection.CreateCommand();
        insert.CommandText = $"""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Many})
            INSERT INTO Workspaces ({string.Join(", ", columns)})
            SELECT {string.Join(", ", columns.Select(c => c switch
            {
                "Slug" => "'manymanymany' || i",
                "Port" => "40000 + i",
                "State" => "'Asleep'",
                "Epoch" => "0",
                _ => c,
            }))} FROM Workspaces, n WHERE Slug = $first
            """;
        insert.Parameters.AddWithValue("$first", first);
        insert.ExecuteNonQuery();
    }

    private static long AwakeIn(string database)
    {
        using var connection = new SqliteConnection($"Data Source={database}");
        connection.Open();
        using var count = connection.CreateCommand();
        count.CommandText = "SELECT count(*) FROM Workspaces WHERE State = 'Awake' AND Slug LIKE 'many%'";
        return (long)count.ExecuteScalar()!;
    }
}
