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

        var times = new List<double>();
        var bytes = new List<double>();
        for (var i = 0; i < Runs; i++)
        {
            await using var context = await rig.ContextAsync();
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
            bytes.Add(received);
            times.Add(await page.EvaluateAsync<double>("window.firstKeystroke"));
        }

        return
        [
            new("bytes until the first accepted keystroke, cold", Sample.Show(Sample.At(bytes, 0.5) / 1000, "KB"), "400 KB",
                "6,700 | 16,900 | 160 KB"),
            new("navigation to the first accepted keystroke, cold", Sample.Show(Sample.At(times, 0.5), "ms"), "800 ms",
                "3,900 | 5,200 | 310 ms"),
        ];
    }
}
