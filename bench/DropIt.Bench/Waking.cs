using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using DropIt.Protocol.Frames;

namespace DropIt.Bench;

/// <summary>A workspace of 10,000 files, 100 MB, wakes on a disk that does not have it; beside it the same files by one GET each.</summary>
internal static class Waking
{
    private const int Folders = 100;
    private const int FilesInEach = 100;
    private const int FileLength = 10_000;
    private const int Runs = 5;
    private const int GetsAtOnce = 16;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig)
    {
        var slug = await ImportAsync(rig);
        var wakes = new List<double>();
        var served = new List<double>();
        for (var i = 0; i < Runs; i++)
        {
            var clock = Stopwatch.StartNew();
            await using (var wire = await WakeAsync(rig, slug))
            {
                await wire.RequestAsync("document.open", "\"channel\":1,\"path\":\"package042/module42.js\",\"client\":\"benchbench\"");
                await wire.NextAsync(1, FrameType.Snapshot);
                wakes.Add(clock.Elapsed.TotalMilliseconds);
            }

            await SleepAsync(rig, slug);
            clock.Restart();
            await using (await WakeAsync(rig, slug))
            {
                served.Add(clock.Elapsed.TotalMilliseconds);
            }

            await SleepAsync(rig, slug);

            // Put aside, not deleted: an ext4 without a journal gives no inode out again within seconds, and searches long for one that it may.
            Directory.Move(Path.Combine(rig.Data, "workspaces", slug), Path.Combine(rig.Data, $"{slug}-{i}"));
        }

        var gets = await GetEachAsync(rig, slug);
        return
        [
            new("wake on a fresh disk, 10,000 files, 100 MB, to a document, median", Sample.Show(Sample.At(wakes, 0.5), "ms"), "2000 ms", "-"),
            new("the same, p95", Sample.Show(Sample.At(wakes, 0.95), "ms"), "2000 ms", "-"),
            new("wake on the disk that has them, median", Sample.Show(Sample.At(served, 0.5), "ms"), "-", "-"),
            new($"one GET a file, {GetsAtOnce} at once, written to disk (baseline)", Sample.Show(gets, "ms"), "-", "-"),
            new("times faster than one GET a file", (gets / Sample.At(wakes, 0.5)).ToString("0.0", CultureInfo.InvariantCulture), "-", "-"),
        ];
    }

    /// <summary>Opens a workspace's socket, coming again as a page does.</summary>
    public static async Task<Wire> WakeAsync(Rig rig, string slug)
    {
        while (true)
        {
            try
            {
                return await Wire.ConnectAsync(rig, slug);
            }
            catch (System.Net.WebSockets.WebSocketException)
            {
                // It was held for as long as requests are held; the page comes again too.
            }
        }
    }

    /// <summary>Puts a workspace to sleep and waits until it is.</summary>
    public static async Task SleepAsync(Rig rig, string slug)
    {
        using var stop = await rig.Http.PostAsync($"/api/workspaces/{slug}/stop", null);
        stop.EnsureSuccessStatusCode();
        await WatchAsync(rig, $"/api/workspaces/{slug}/events", status => status.GetProperty("state").GetString() == "asleep");
    }

    private static async Task<string> ImportAsync(Rig rig)
    {
        var random = new Random(7);
        string[] words = ["const", "value", "return", "import", "export", "function", "await", "  ", "=>", "{}", "();\n"];
        var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (var i = 0; i < Folders * FilesInEach; i++)
            {
                var text = new StringBuilder(FileLength + 16);
                while (text.Length < FileLength)
                {
                    text.Append(words[random.Next(words.Length)]).Append(random.Next(1000)).Append(' ');
                }

                using var file = zip.CreateEntry($"package{i / FilesInEach:000}/module{i % FilesInEach:00}.js", CompressionLevel.Fastest).Open();
                file.Write(Encoding.ASCII.GetBytes(text.ToString(0, FileLength)));
            }
        }

        memory.Position = 0;
        using var answer = await rig.Http.PostAsync("/api/imports/zip?name=Waking", new StreamContent(memory));
        answer.EnsureSuccessStatusCode();
        var id = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        var done = await WatchAsync(rig, $"/api/imports/{id}/events", status => status.GetProperty("state").GetString() != "running");
        return done.GetProperty("slug").GetString() ?? throw new InvalidOperationException($"the import failed: {done}");
    }

    private static async Task<JsonElement> WatchAsync(Rig rig, string address, Func<JsonElement, bool> fits)
    {
        using var answer = await rig.Http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal) && JsonElement.Parse(line[6..]) is var status && fits(status))
            {
                return status;
            }
        }

        throw new InvalidOperationException($"{address} ended early");
    }

    private static async Task<double> GetEachAsync(Rig rig, string slug)
    {
        var folder = Directory.CreateTempSubdirectory("dropit-bench-").FullName;
        var files = await rig.Http.GetFromJsonAsync<JsonElement>($"/api/workspaces/{slug}/files");
        var paths = files.EnumerateArray().Where(f => f.GetProperty("kind").GetString() == "file").Select(f => f.GetProperty("path").GetString()!);
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(paths, new ParallelOptions { MaxDegreeOfParallelism = GetsAtOnce }, async (path, cancel) =>
        {
            using var answer = await rig.Http.GetAsync($"/api/workspaces/{slug}/files/{path}", cancel);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                throw new InvalidOperationException($"{path}: {answer.StatusCode}");
            }

            var full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            await using var file = new FileStream(full, FileMode.CreateNew);
            await answer.Content.CopyToAsync(file, cancel);
        });
        var ms = clock.Elapsed.TotalMilliseconds;
        Directory.Delete(folder, recursive: true);
        return ms;
    }
}
