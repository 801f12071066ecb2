using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using DropIt.Protocol.Workspaces;

namespace DropIt.Bench;

/// <summary>exec to first page of the server, exec to serving of the runner, and what an idle runner weighs.</summary>
internal static class Starting
{
    private const int Runs = 15;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        var server = new List<double>();
        var runner = new List<double>();
        var idle = new List<double>();
        var folder = Directory.CreateTempSubdirectory("dropit-bench-").FullName;
        for (var i = 0; i < Runs; i++)
        {
            server.Add(await ServerAsync(folder));
            var (ms, mb) = await RunnerAsync(Path.Combine(folder, $"runner{i}"));
            runner.Add(ms);
            idle.Add(mb);
        }

        Directory.Delete(folder, recursive: true);
        return
        [
            new("exec to first page (server), median", Sample.Show(Sample.At(server, 0.5), "ms"), "400 ms", "509 | 408 | 18 ms"),
            new("exec to serving (runner), median", Sample.Show(Sample.At(runner, 0.5), "ms"), "100 ms", "-"),
            new("runner memory, idle (RSS)", Sample.Show(Sample.At(idle, 0.5), "MB"), "30 MB", "157 | 162 | 7 MB"),
        ];
    }

    /// <summary>Resident memory of a process in MB.</summary>
    public static double Resident(int pid) =>
        double.Parse(
            File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            System.Globalization.CultureInfo.InvariantCulture) / 1024;

    private static async Task<double> ServerAsync(string folder)
    {
        var port = Rig.FreePort();
        using var http = Rig.Client(new CookieContainer());
        var watch = Stopwatch.StartNew();
        using var server = Rig.StartServer(folder, port);
        var output = server.StandardOutput.ReadToEndAsync();
        while (true)
        {
            try
            {
                using var page = await http.GetAsync(new Uri($"http://localhost:{port}/"));
                page.EnsureSuccessStatusCode();
                break;
            }
            catch (HttpRequestException) when (!server.HasExited)
            {
                await Task.Yield();
            }
        }

        var ms = watch.Elapsed.TotalMilliseconds;
        await StopAsync(server);
        await output;
        return ms;
    }

    private static async Task<(double Ms, double Mb)> RunnerAsync(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var socket = Path.Combine(folder, "r.sock");
        var options = new RunnerOptions
        {
            Workspace = "benchbenchbench",
            Epoch = 1,
            Root = Directory.CreateDirectory(Path.Combine(folder, "files")).FullName,
            State = Directory.CreateDirectory(Path.Combine(folder, "state")).FullName,
            Listen = "unix:" + socket,
            Storage = "unix:" + Path.Combine(folder, "nobody.sock"),
            StorageTicket = "none",
            PublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
            ControlOrigin = "http://localhost:7700",
            Domain = "localhost:7700",
        };
        var config = JsonSerializer.Serialize(options, WorkspaceJson.Default.RunnerOptions);
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await unix.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel);
                return new NetworkStream(unix, ownsSocket: true);
            },
        });
        var watch = Stopwatch.StartNew();
        using var runner = Process.Start(new ProcessStartInfo(Rig.RunnerPath)
        {
            ArgumentList = { "--config", "-" },
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        await runner.StandardInput.WriteLineAsync(config);
        runner.StandardInput.Close();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("http://runner/.dropit/health"), HttpCompletionOption.ResponseHeadersRead);
                break;
            }
            catch (HttpRequestException) when (!runner.HasExited)
            {
                await Task.Yield();
            }
        }

        var ms = watch.Elapsed.TotalMilliseconds;
        var mb = Resident(runner.Id);
        runner.Kill();
        await runner.WaitForExitAsync();
        return (ms, mb);
    }

    private static async Task StopAsync(Process process)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await kill.WaitForExitAsync();
        await process.WaitForExitAsync();
    }
}
