using System.Diagnostics;
using System.Globalization;
using Microsoft.Playwright;

namespace DropIt.Bench;

/// <summary>A workspace of 50,000 files: is it still usable?</summary>
internal static class Large
{
    private const int Folders = 500;
    private const int FilesInEach = 100;
    private const int Looks = 20;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig)
    {
        var slug = await rig.CreateAsync("empty");
        await using (var wire = await Wire.ConnectAsync(rig, slug))
        {
            await wire.RequestAsync("files.list", "\"path\":\"\"");
        }

        var root = rig.Files(slug);
        for (var folder = 0; folder < Folders; folder++)
        {
            Directory.CreateDirectory(Path.Combine(root, $"package{folder:000}"));
            for (var file = 0; file < FilesInEach; file++)
            {
                File.WriteAllText(Path.Combine(root, $"package{folder:000}", $"module{file:00}.js"), $"export const value = {folder * file};\n");
            }
        }

        var clock = Stopwatch.StartNew();
        double safe, memory, find;
        var lists = new List<double>();
        var runner = Memory.RunnerOf(slug, rig);
        await using (var wire = await Wire.ConnectAsync(rig, slug))
        {
            await wire.RequestAsync("journal.flush", "");
            safe = clock.Elapsed.TotalSeconds;
            memory = Starting.Resident(runner);
            for (var i = 0; i < Looks; i++)
            {
                clock.Restart();
                await wire.RequestAsync("files.list", i == 0 ? "\"path\":\"\"" : $"\"path\":\"package{i:000}\"");
                lists.Add(clock.Elapsed.TotalMilliseconds);
            }

            clock.Restart();
            await wire.RequestAsync("files.find", "\"query\":\"pack499mod99\"");
            find = clock.Elapsed.TotalMilliseconds;
        }

        // As after a crash: the runner starts on its disk again.
        using (var process = Process.GetProcessById(runner))
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        clock.Restart();
        double again;
        await using (var wire = await Wire.ConnectAsync(rig, slug))
        {
            await wire.RequestAsync("files.list", "\"path\":\"\"");
            again = clock.Elapsed.TotalMilliseconds;
        }

        var (shown, opened) = await PageAsync(rig, slug);
        return
        [
            new("50,000 files: until all is safe", Sample.Show(safe, "s"), "30 s", "-"),
            new("50,000 files: runner memory", Sample.Show(memory, "MB"), "100 MB", "-"),
            new("50,000 files: a folder's listing, p95", Sample.Show(Sample.At(lists, 0.95), "ms"), "50 ms", "-"),
            new("50,000 files: find by name", Sample.Show(find, "ms"), "200 ms", "-"),
            new("50,000 files: killed runner to its tree again", Sample.Show(again, "ms"), "1,000 ms", "-"),
            new("50,000 files: navigation to the tree; a click to an open file",
                string.Create(CultureInfo.InvariantCulture, $"{shown:0}; {opened:0} ms"), "1,500; 300 ms", "-"),
        ];
    }

    private static async Task<(double Shown, double Opened)> PageAsync(Rig rig, string slug)
    {
        await using var context = await rig.ContextAsync();
        var page = await context.NewPageAsync();
        var clock = Stopwatch.StartNew();
        await page.GotoAsync($"{rig.Origin}/w/{slug}", new() { WaitUntil = WaitUntilState.Commit });
        var folder = page.GetByRole(AriaRole.Treeitem, new() { Name = "package000" });
        await folder.WaitForAsync();
        var shown = clock.Elapsed.TotalMilliseconds;
        await folder.ClickAsync();
        var file = page.GetByRole(AriaRole.Treeitem, new() { Name = "module07.js" });
        await file.WaitForAsync();
        clock.Restart();
        await file.ClickAsync();
        await page.Locator(".cm-content").GetByText("export const value").WaitForAsync();
        return (shown, clock.Elapsed.TotalMilliseconds);
    }
}
