using System.Diagnostics;
using System.Text;
using DropIt.Protocol.Frames;

namespace DropIt.Bench;

/// <summary>From the wish for a workspace to its first file in the editor's hands and to a prompt.</summary>
internal static class Creating
{
    private const int Runs = 15;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig)
    {
        var editor = new List<double>();
        var prompt = new List<double>();
        for (var i = 0; i < Runs; i++)
        {
            var watch = Stopwatch.StartNew();
            var slug = await rig.CreateAsync("node");
            await using (var wire = await Wire.ConnectAsync(rig, slug))
            {
                await wire.RequestAsync("document.open", "\"channel\":1,\"path\":\"index.js\",\"client\":\"benchbench1\"");
                await wire.NextAsync(1, FrameType.Snapshot);
                editor.Add(watch.Elapsed.TotalMilliseconds);
                var created = await wire.RequestAsync("terminal.create", "\"columns\":80,\"rows\":24");
                var id = created.GetProperty("terminal").GetRawText();
                await wire.RequestAsync("terminal.attach", $"\"channel\":2,\"terminal\":{id},\"columns\":80,\"rows\":24");
                var seen = new StringBuilder(); // a quick shell's prompt is there before anyone looks, and comes as a screen
                while (!seen.ToString().Contains("$ ", StringComparison.Ordinal) && !seen.ToString().Contains("# ", StringComparison.Ordinal))
                {
                    seen.Append(Encoding.UTF8.GetString(await wire.NextAsync(2, FrameType.Output, FrameType.Restore)));
                }

                prompt.Add(watch.Elapsed.TotalMilliseconds);
            }

            (await rig.Http.DeleteAsync(new Uri($"/api/workspaces/{slug}", UriKind.Relative))).EnsureSuccessStatusCode();
        }

        return
        [
            new("create to editor, p50 (on the wire)", Sample.Show(Sample.At(editor, 0.5), "ms"), "300 ms", "-"),
            new("create to prompt, p50 (on the wire)", Sample.Show(Sample.At(prompt, 0.5), "ms"), "500 ms", "-"),
        ];
    }
}
