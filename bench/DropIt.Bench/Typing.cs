using Microsoft.Playwright;

namespace DropIt.Bench;

/// <summary>What the page itself sends and receives while someone types in the middle of a file of 1 MB.</summary>
internal static class Typing
{
    private const int Keys = 200;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig)
    {
        var slug = await rig.CreateAsync("node");
        await using (var wire = await Wire.ConnectAsync(rig, slug))
        {
            await wire.RequestAsync("files.list", "\"path\":\"\"");
        }

        var text = string.Concat(Enumerable.Repeat(new string('x', 99) + "\n", 10_000));
        await File.WriteAllTextAsync(Path.Combine(rig.Files(slug), "index.js"), text);
        await using var context = await rig.ContextAsync();
        var page = await context.NewPageAsync();
        var sent = 0;
        page.WebSocket += (_, socket) =>
        {
            // 6 bytes: the header of a short masked frame
            socket.FrameSent += (_, frame) => sent += 6 + frame.Binary!.Length;
        };
        await page.GotoAsync($"{rig.Origin}/w/{slug}");
        await page.Locator(".cm-content").ClickAsync();
        await page.Keyboard.PressAsync("Control+Home");
        for (var i = 0; i < 20; i++)
        {
            await page.Keyboard.PressAsync("PageDown");
        }

        var slow = await TypeAsync(page, () => sent, "one at a time", delay: 120);
        var fast = await TypeAsync(page, () => sent, "burst", delay: 0);
        return
        [
            new("bytes sent per keystroke in a 1 MB file, one at a time", Sample.Show(slow, "B"), "28 B", "4,200 | 28 B | n/a"),
            new("bytes sent per keystroke in a 1 MB file, bursts", Sample.Show(fast, "B"), "60 B", "39,000 | 103 B | n/a"),
        ];
    }

    private static async Task<double> TypeAsync(IPage page, Func<int> sent, string what, float delay)
    {
        var before = sent();
        var marker = what.Replace(' ', '-');
        await page.Keyboard.TypeAsync(new string('k', Keys - marker.Length) + marker, new() { Delay = delay });
        await page.WaitForFunctionAsync("text => document.querySelector('.cm-content').textContent.includes(text)", marker);
        return (double)(sent() - before) / Keys;
    }
}
