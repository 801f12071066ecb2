using System.Diagnostics;
using System.Text;
using System.Text.Json;
using DropIt.Protocol.Frames;

namespace DropIt.Bench;

/// <summary>A search over 50,000 files of a few KB: until the first results are at the page, and until all are.</summary>
internal static class Searching
{
    private const int Folders = 500;
    private const int FilesOfFolder = 100;
    private const int Times = 5;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig)
    {
        var slug = await rig.CreateAsync("empty");
        await using var wire = await Wire.ConnectAsync(rig, slug);
        await wire.RequestAsync("files.list", "\"path\":\"\"");
        var body = string.Concat(Enumerable.Range(0, 40).Select(i => $"    const value{i} = compute({i}, \"some text in a line of code\");\n"));
        for (var folder = 0; folder < Folders; folder++)
        {
            var at = Directory.CreateDirectory(Path.Combine(rig.Files(slug), "src", $"part{folder}")).FullName;
            for (var file = 0; file < FilesOfFolder; file++)
            {
                await File.WriteAllTextAsync(Path.Combine(at, $"file{file}.ts"), file == 50 ? body + "the needle\n" : body);
            }
        }

        // Until it is journalled, so that nothing else works beside the search.
        await wire.RequestAsync("journal.flush", "");
        var figures = new List<Figure>();
        foreach (var (name, query) in ((string, string)[])
            [("a word", "\"text\":\"needle\""), ("an expression", "\"text\":\"the n\\\\w+e$\",\"regex\":true")])
        {
            var (first, whole) = (new List<double>(), new List<double>());
            for (var i = 0; i < Times; i++)
            {
                var (toFirst, toAll) = await SearchAsync(wire, i + 1, query);
                first.Add(toFirst);
                whole.Add(toAll);
            }

            figures.Add(new($"search over 50,000 files for {name}, first results (p50)", Sample.Show(Sample.At(first, 0.5), "ms"), "1,000 ms", ""));
            figures.Add(new($"search over 50,000 files for {name}, all of it (p50)", Sample.Show(Sample.At(whole, 0.5), "ms"), "", ""));
        }

        var watch = Stopwatch.StartNew();
        await wire.RequestAsync("files.find", "\"query\":\"p499f9\"");
        figures.Add(new("quick open over 50,000 files, first letter", Sample.Show(watch.Elapsed.TotalMilliseconds, "ms"), "500 ms", ""));
        watch.Restart();
        await wire.RequestAsync("files.find", "\"query\":\"p499f99\"");
        figures.Add(new("quick open over 50,000 files, next letter", Sample.Show(watch.Elapsed.TotalMilliseconds, "ms"), "100 ms", ""));
        return figures;
    }

    private static async Task<(double First, double All)> SearchAsync(Wire wire, int number, string query)
    {
        var id = 1_000_000 + number;
        var json = $$"""{"id":{{id}},"op":"search.start","search":{{id}},{{query}}}""";
        var watch = Stopwatch.StartNew();
        await wire.SendAsync(0, FrameType.Request, Encoding.UTF8.GetBytes(json));
        JsonElement found;
        do
        {
            found = JsonElement.Parse(await wire.NextAsync(0, FrameType.Event));
        }
        while (found.GetProperty("event").GetString() != "search");

        var first = watch.Elapsed.TotalMilliseconds;
        var reply = JsonElement.Parse(await wire.NextAsync(0, FrameType.Reply));
        var matches = reply.GetProperty("result").GetProperty("matches").GetInt32();
        return matches == Folders
            ? (first, watch.Elapsed.TotalMilliseconds)
            : throw new InvalidOperationException($"the search found {matches} of {Folders} matches");
    }
}
