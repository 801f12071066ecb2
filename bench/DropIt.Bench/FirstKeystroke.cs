using System.Diagnostics;
using Microsoft.Playwright;

namespace DropIt.Bench;

/// <summary>A cold browser opens a workspace that is awake: bytes and time until the editor has taken a key.</summary>
internal static class FirstKeystroke
{
    private const int Runs = 7;

    /// <summary>Types into the editor at the first moment it is there and notes when the text has it.</summary>
    private const string TypeAtOnce = """
        new MutationObserver((_, observer) => {
          const content = document.querySelector('.cm-content[contenteditable="true"]');
          if (!content) return;
          observer.disconnect();
          const attempt = () => {
            content.focus();
            document.execCommand('insertText', false, 'q9z');
            if (content.textContent.includes('q9z')) window.firstKeystroke = performance.now();
            else requestAnimationFrame(attempt);
          };
          attempt();
        }).observe(document, { childList: true, subtree: true });
        """;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig)
    {
        var slug = await rig.CreateAsync("node");
        await using (var wire = await Wire.ConnectAsync(rig, slug))
        {
            await wire.RequestAsync("files.list", "\"path\":\"\"");
        }

        var cold = new List<Visit>();
        var warm = new List<Visit>();
        var kept = new List<Visit>();
        for (var i = 0; i < Runs; i++)
        {
            // The second visit of a browser has the page's files; code that it compiled is kept after a few visits only.
            await using var context = await rig.ContextAsync();
            cold.Add(await VisitAsync(context, rig, slug));
            warm.Add(await VisitAsync(context, rig, slug));
            await KeepAsync(context, rig, slug);
            kept.Add(await VisitAsync(context, rig, slug));
        }

        var visits = new List<double>();
        for (var i = 0; i < 3; i++)
        {
            visits.Add(await FirstVisitAsync(rig));
        }

        return
        [
            new("first visit to the page of a running program, two clicks", Sample.Show(Sample.At(visits, 0.5), "ms"), "10,000 ms", "-"),
            new("bytes until the first accepted keystroke, cold", Bytes(cold), "400 KB", "6,700 | 16,900 | 160 KB"),
            new("navigation to the first accepted keystroke, cold", Time(cold), "800 ms", "3,900 | 5,200 | 310 ms"),
            new("bytes until the first accepted keystroke, warm", Bytes(warm), "40 KB", "-"),
            new("navigation to the first accepted keystroke, warm", Time(warm), "400 ms", "-"),
            new("navigation to the first accepted keystroke, page kept by its worker", Time(kept), "400 ms", "-"),
        ];
    }

    /// <summary>What who comes for the first time does: opens home, picks a stack, presses Run, and sees what it serves. Milliseconds.</summary>
    private static async Task<double> FirstVisitAsync(Rig rig)
    {
        await using var context = await rig.ContextAsync();
        var page = await context.NewPageAsync();
        var clock = Stopwatch.StartNew();
        await page.GotoAsync(rig.Origin);
        await page.GetByRole(AriaRole.Button, new() { Name = "New Node.js workspace", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Banner).GetByRole(AriaRole.Button, new() { Name = "Run", Exact = true }).ClickAsync();
        await page.FrameLocator("iframe").GetByRole(AriaRole.Heading, new() { Name = "Hello, Node.js" }).WaitForAsync();
        return clock.Elapsed.TotalMilliseconds;
    }

    /// <summary>Stays until the service worker keeps the page.</summary>
    private static async Task KeepAsync(IBrowserContext context, Rig rig, string slug)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{rig.Origin}/w/{slug}");
        await page.EvaluateAsync("() => navigator.serviceWorker.ready.then(() => undefined)");
        await page.CloseAsync();
    }

    private static string Bytes(IEnumerable<Visit> visits) => Sample.Show(Sample.At(visits.Select(visit => visit.Bytes), 0.5) / 1000, "KB");

    private static string Time(IEnumerable<Visit> visits) => Sample.Show(Sample.At(visits.Select(visit => visit.Milliseconds), 0.5), "ms");

    private static async Task<Visit> VisitAsync(IBrowserContext context, Rig rig, string slug)
    {
        var page = await context.NewPageAsync();
        await page.AddInitScriptAsync(TypeAtOnce);
        var cdp = await context.NewCDPSessionAsync(page);
        var received = 0.0;
        cdp.Event("Network.dataReceived").OnEvent += (_, e) => received += e!.Value.GetProperty("encodedDataLength").GetDouble();
        cdp.Event("Network.webSocketFrameReceived").OnEvent += (_, e) =>
            received += e!.Value.GetProperty("response").GetProperty("payloadData").GetString()!.Length * 3 / 4;
        await cdp.SendAsync("Network.enable");
        await page.GotoAsync($"{rig.Origin}/w/{slug}", new() { WaitUntil = WaitUntilState.Commit });
        await page.WaitForFunctionAsync("window.firstKeystroke");
        var visit = new Visit(received, await page.EvaluateAsync<double>("window.firstKeystroke"));
        await page.CloseAsync();
        return visit;
    }

    /// <summary>Bytes received and time passed until the first accepted keystroke.</summary>
    private sealed record Visit(double Bytes, double Milliseconds);
}
