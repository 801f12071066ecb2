using Microsoft.Playwright;

namespace DropIt.Bench;

/// <summary>
/// What the page weighs after an hour's work. The hour is played fast: as many keys, files, tabs, commands and lines of output as a
/// busy hour has (<see cref="Minutes"/> rounds of a minute's worth), without the pauses between them; <c>--hour</c> makes them.
/// </summary>
internal static class PageMemory
{
    private const int Minutes = 60;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Measures.</summary>
    /// <param name="rig">The server and the browser.</param>
    /// <param name="hour">Each round takes its minute.</param>
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig, bool hour)
    {
        var slug = await rig.CreateAsync("node");
        await using var context = await rig.ContextAsync();
        var page = await context.NewPageAsync();
        var cdp = await context.NewCDPSessionAsync(page);
        await cdp.SendAsync("Performance.enable");
        await page.GotoAsync($"{rig.Origin}/w/{slug}");
        await page.WaitForSelectorAsync(".cm-content[contenteditable=true]");
        await page.WaitForFunctionAsync("document.querySelector('[data-terminal]')?.xterm?.buffer.active.cursorX > 0");
        var before = await HeapAsync(cdp);
        for (var minute = 0; minute < Minutes; minute++)
        {
            var over = Task.Delay(hour ? TimeSpan.FromMinutes(1) : TimeSpan.Zero);
            await MinuteAsync(page, minute);
            await over;
        }

        var after = await HeapAsync(cdp);
        return
        [
            new($"page's heap when opened / after a scripted hour{(hour ? "" : " (played fast)")}",
                $"{Sample.Show(before.Megabytes, "")}/ {Sample.Show(after.Megabytes, "MB")}", "2x", "-"),
            new("page's nodes when opened / after", $"{before.Nodes:0} / {after.Nodes:0}", "2x", "-"),
        ];
    }

    /// <summary>A busy minute: 120 keys, a look into two files, the palette, a command with 300 lines of output, the terminal's size twice.</summary>
    private static async Task MinuteAsync(IPage page, int minute)
    {
        foreach (var file in (string[])["page.js", "index.js"])
        {
            await page.GetByRole(AriaRole.Treeitem, new() { Name = file, Exact = true }).ClickAsync();
            await page.WaitForFunctionAsync("file => document.querySelector('.cm-content')?.getAttribute('aria-label') === file", file);
            await page.Locator(".cm-content").ClickAsync();
            await page.Keyboard.PressAsync("Control+End");
            for (var key = 0; key < 30; key++)
            {
                await page.Keyboard.PressAsync("x");
            }

            for (var key = 0; key < 30; key++)
            {
                await page.Keyboard.PressAsync("Backspace");
            }
        }

        await page.Keyboard.PressAsync("Control+p");
        await page.Keyboard.InsertTextAsync("pa");
        await page.Keyboard.PressAsync("Escape");
        await page.SetViewportSizeAsync(1300, 850);
        await page.SetViewportSizeAsync(1440, 900);
        await page.EvaluateAsync(
            """
            (minute) => new Promise((done) => {
              const term = document.querySelector('[data-terminal]').xterm;
              const seen = term.onWriteParsed(() => {
                const b = term.buffer.active;
                for (let y = 0; y < term.rows; y++) {
                  if (b.getLine(b.baseY + y)?.translateToString(true) === 'minute-' + minute + '-over') { seen.dispose(); done(); return; }
                }
              });
              term.input("seq 300; echo minute-" + minute + "-ov''er\r", true);
            })
            """,
            minute).WaitAsync(Patience);
    }

    /// <summary>What stays after the garbage is collected.</summary>
    private static async Task<(double Megabytes, double Nodes)> HeapAsync(ICDPSession cdp)
    {
        await cdp.SendAsync("HeapProfiler.collectGarbage");
        var metrics = (await cdp.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray().ToDictionary(
            metric => metric.GetProperty("name").GetString()!, metric => metric.GetProperty("value").GetDouble());
        return (metrics["JSHeapUsedSize"] / 1e6, metrics["Nodes"]);
    }
}
