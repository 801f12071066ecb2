using System.Text.Json;

namespace DropIt.Bench;

/// <summary>A terminal in the page: echo, a flood of 50 MB, and Ctrl-C under <c>yes</c>.</summary>
internal static class Terminal
{
    /// <summary>Past it a program of the page waits for what will not come.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The emulator of the first terminal in the page; its host element carries it as <c>xterm</c>.</summary>
    private const string Find = "const host = document.querySelector('[data-terminal]'); const term = host.xterm;";

    /// <summary>The first terminal has its prompt.</summary>
    private const string Prompt = "document.querySelector('[data-terminal]')?.xterm?.buffer.active.cursorX > 0";

    /// <summary>
    /// Types 200 letters with a person's pauses, and notes key to buffer and key to paint. A key right behind the last one's paint would always wait
    /// for the next frame of the screen, whatever the terminal does.
    /// </summary>
    private const string Echo = "async () => {" + Find + """
        term.focus(); // else the editor's cursor blinks, and the page draws by its clock
        const buffer = [], paint = [];
        const cell = () => term.buffer.active.cursorX + term.buffer.active.cursorY * 1000;
        for (let i = 0; i < 200; i++) {
          await new Promise((done) => setTimeout(done, 50 + 50 * Math.random()));
          const before = cell(), start = performance.now();
          const painted = new Promise((done) => { const r = term.onRender(() => { if (cell() !== before) { r.dispose(); done(); } }); });
          const parsed = new Promise((done) => { const w = term.onWriteParsed(() => { if (cell() !== before) { w.dispose(); done(); } }); });
          term.input('a', true);
          parsed.then(() => buffer.push(performance.now() - start));
          await painted;
          paint.push(performance.now() - start);
          if (i % 40 === 39) { term.input('\u0015', true); await new Promise((done) => { const w = term.onWriteParsed(() => { w.dispose(); done(); }); }); }
        }
        return { buffer, paint };
        }
        """;

    /// <summary>Prints 50 MB and notes the rate and the time from each frame to the next.</summary>
    private const string Flood = "async () => {" + Find + """
        const gaps = [];
        let last = performance.now(), on = true;
        const tick = (now) => { if (now > last) gaps.push(now - last); last = now; if (on) requestAnimationFrame(tick); };
        requestAnimationFrame((now) => { last = now; tick(now); });
        const text = () => { const b = term.buffer.active; let s = ''; for (let i = 0; i < term.rows; i++) s += b.getLine(b.baseY + i)?.translateToString(true) + '\n'; return s; };
        const start = performance.now();
        term.input("yes $(printf 'x%.0s' $(seq 79)) | head -c 50000000; echo flood-$((40+2))-done\r", true);
        await new Promise((done) => { const w = term.onWriteParsed(() => { if (text().includes('flood-42-done')) { w.dispose(); done(); } }); });
        on = false;
        return { seconds: (performance.now() - start) / 1000, gaps };
        }
        """;

    /// <summary>Interrupts <c>yes</c> after a second and notes the time to the next prompt, ten times.</summary>
    private const string Interrupt = "async () => {" + Find + """
        const times = [];
        const line = () => { const b = term.buffer.active; return b.getLine(b.baseY + b.cursorY).translateToString(true).trimEnd(); };
        const until = (test) => new Promise((done) => { if (test()) return done(); const w = term.onWriteParsed(() => { if (test()) { w.dispose(); done(); } }); });
        for (let i = 0; i < 10; i++) {
          term.input("PS1='ready> '\r", true);
          await until(() => line() === 'ready>');
          term.input('yes\r', true);
          await new Promise((done) => setTimeout(done, 1000));
          const start = performance.now();
          term.input('\u0003', true);
          await until(() => line() === 'ready>');
          times.push(performance.now() - start);
        }
        return times;
        }
        """;

    /// <summary>In a browser that nobody records, and the flood once more in one that Playwright records, as the others' figures were taken.</summary>
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig)
    {
        var slug = await rig.CreateAsync("node");
        double[] buffer, paint, interrupt;
        JsonElement flood;
        await using (var browser = await PlainBrowser.StartAsync(await rig.SignInLinkAsync()))
        {
            await browser.UntilAsync("location.pathname === '/' && document.readyState === 'complete'");
            await browser.GoToAsync(new Uri($"{rig.Origin}/w/{slug}"));
            await browser.UntilAsync(Prompt);
            var echo = await browser.EvaluateAsync($"({Echo})()");
            (buffer, paint) = (Numbers(echo.GetProperty("buffer")), Numbers(echo.GetProperty("paint")));
            flood = await browser.EvaluateAsync($"({Flood})()");
            interrupt = Numbers(await browser.EvaluateAsync($"({Interrupt})()"));
        }

        var gaps = Numbers(flood.GetProperty("gaps"));
        await using var context = await rig.ContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{rig.Origin}/w/{slug}");
        await page.WaitForFunctionAsync($"() => {Prompt}");
        var recorded = await page.EvaluateAsync<JsonElement>(Flood).WaitAsync(Patience);
        return
        [
            new("terminal echo, key to buffer, p50", Sample.Show(Sample.At(buffer, 0.5), "ms"), "1.6 ms", "11 | 18 | 1.6 ms"),
            new("terminal echo, key to paint, p50 / p99",
                $"{Sample.Show(Sample.At(paint, 0.5), "")}/ {Sample.Show(Sample.At(paint, 0.99), "ms")}", "3 / 19 ms",
                "15/30 | 20/36 | 2.9/19 ms"),
            new("50 MB through the terminal", Sample.Show(50 / flood.GetProperty("seconds").GetDouble(), "MB/s"), "15 MB/s", "-"),
            new("frames a second meanwhile", Sample.Show(1000 * gaps.Length / gaps.Sum(), ""), "60", "-"),
            new("gap between frames meanwhile, p99 / longest",
                $"{Sample.Show(Sample.At(gaps, 0.99), "")}/ {Sample.Show(gaps.Max(), "ms")}", "20 / 50 ms", "-"),
            new("50 MB, each WebSocket frame recorded by Playwright", Sample.Show(50 / recorded.GetProperty("seconds").GetDouble(), "MB/s"), "-",
                "5.8 | 13 | 13 MB/s"),
            new("longest gap between frames meanwhile", Sample.Show(Numbers(recorded.GetProperty("gaps")).Max(), "ms"), "50 ms",
                "644 | 70 | 55 ms"),
            new("Ctrl-C under yes until the prompt, median", Sample.Show(Sample.At(interrupt, 0.5), "ms"), "30 ms",
                "84 | 39 | 29 ms"),
        ];
    }

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];
}
