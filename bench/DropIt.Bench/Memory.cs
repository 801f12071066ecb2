using System.Globalization;
using DropIt.Protocol.Frames;

namespace DropIt.Bench;

/// <summary>What a runner weighs with 20 documents and 4 terminals open.</summary>
internal static class Memory
{
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig)
    {
        var slug = await rig.CreateAsync("node");
        await using var wire = await Wire.ConnectAsync(rig, slug);
        for (uint i = 0; i < 20; i++)
        {
            await File.WriteAllTextAsync(
                Path.Combine(rig.Files(slug), $"file{i}.js"),
                string.Concat(Enumerable.Repeat($"export const value{i} = 42; // a line of source\n", 500)));
            await wire.RequestAsync("document.open", $"\"channel\":{i + 1},\"path\":\"file{i}.js\",\"client\":\"benchbench1\"");
            await wire.NextAsync(i + 1, FrameType.Snapshot);
        }

        for (uint i = 0; i < 4; i++)
        {
            var created = await wire.RequestAsync("terminal.create", "\"columns\":120,\"rows\":40");
            var id = created.GetProperty("terminal").GetRawText();
            await wire.RequestAsync("terminal.attach", $"\"channel\":{100 + i},\"terminal\":{id},\"columns\":120,\"rows\":40");
            await wire.NextAsync(100 + i, FrameType.Output, FrameType.Restore);
        }

        var pid = RunnerOf(slug, rig);
        return
        [
            new("runner memory, a page with 20 documents and 4 terminals", Sample.Show(Starting.Resident(pid), "MB"), "45 MB",
                "612 | 209 | 9 MB"),
        ];
    }

    /// <summary>The process of a workspace's runner, as the server notes it down.</summary>
    public static int RunnerOf(string slug, Rig rig) =>
        int.Parse(File.ReadAllText(Path.Combine(rig.Data, "run", slug + ".pid")).Split(' ')[0], CultureInfo.InvariantCulture);
}
