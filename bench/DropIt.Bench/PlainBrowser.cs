using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;

namespace DropIt.Bench;

/// <summary>
/// A browser that nobody records. Playwright has every WebSocket frame sent to itself, which costs the page more than drawing it does; this one is only
/// told where to go and what to run there, over the DevTools protocol.
/// </summary>
internal sealed class PlainBrowser : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly string _folder;
    private readonly ClientWebSocket _page = new();
    private int _calls;

    private PlainBrowser(Process process, string folder) => (_process, _folder) = (process, folder);

    /// <summary>Starts Chromium on a profile of its own, as large a window as the other programs here use, at an address.</summary>
    public static async Task<PlainBrowser> StartAsync(string address)
    {
        var folder = Directory.CreateTempSubdirectory("dropit-browser-").FullName;
        var process = Process.Start(new ProcessStartInfo("/usr/bin/chromium",
        [
            "--headless", "--no-sandbox", "--disable-background-networking", "--no-first-run", "--window-size=1440,900",
            "--remote-debugging-port=0", "--user-data-dir=" + folder, address,
        ])
        {
            RedirectStandardError = true,
        })!;
        var browser = new PlainBrowser(process, folder);
        using var over = new CancellationTokenSource(s_patience);
        try
        {
            await browser._page.ConnectAsync(await browser.PageAsync(over.Token), over.Token);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Goes to an address.</summary>
    public Task GoToAsync(Uri address) => CallAsync("Page.navigate", new { url = address.AbsoluteUri });

    /// <summary>Runs an expression and waits for its promise; what it comes to.</summary>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true });
        return answer.TryGetProperty("exceptionDetails", out var fault)
            ? throw new InvalidOperationException(fault.GetRawText())
            : answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    /// <summary>Waits until an expression is true; a page that is just changing is asked again.</summary>
    public async Task UntilAsync(string expression)
    {
        var clock = Stopwatch.StartNew();
        while (!await IsAsync(expression))
        {
            if (clock.Elapsed > s_patience)
            {
                throw new TimeoutException($"the page never came to: {expression}");
            }

            await Task.Delay(s_betweenLooks);
        }
    }

    private async Task<bool> IsAsync(string expression)
    {
        try
        {
            return (await EvaluateAsync($"!!({expression})")).ValueKind == JsonValueKind.True;
        }
        catch (InvalidOperationException)
        {
            return false; // between two pages, or its parts are not there yet
        }
    }

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        _page.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Where the only page is driven from; the browser says its port when it is up.</summary>
    private async Task<Uri> PageAsync(CancellationToken cancel)
    {
        const string Listening = "DevTools listening on ";
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync(cancel) ?? throw new InvalidOperationException("the browser ended before it was up");
        }
        while (!line.StartsWith(Listening, StringComparison.Ordinal));
        _ = _process.StandardError.ReadToEndAsync(CancellationToken.None); // or a full pipe stops the browser
        using var http = new HttpClient();
        while (true)
        {
            using var pages = JsonDocument.Parse(await http.GetStringAsync(
                new Uri($"http://127.0.0.1:{new Uri(line[Listening.Length..].Trim()).Port}/json/list"), cancel));
            foreach (var page in pages.RootElement.EnumerateArray().Where(page => page.GetProperty("type").GetString() == "page"))
            {
                return new Uri(page.GetProperty("webSocketDebuggerUrl").GetString()!);
            }

            await Task.Delay(s_betweenLooks, cancel);
        }
    }

    /// <summary>One call at a time; nothing but its answer comes, since no events were asked for.</summary>
    private async Task<JsonElement> CallAsync(string method, object parameters)
    {
        using var over = new CancellationTokenSource(s_patience);
        var id = ++_calls;
        await _page.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, true, over.Token);
        while (true)
        {
            var message = new ArrayBufferWriter<byte>();
            ValueWebSocketReceiveResult got;
            do
            {
                got = await _page.ReceiveAsync(message.GetMemory(64 * 1024), over.Token);
                message.Advance(got.Count);
            }
            while (!got.EndOfMessage);
            var answer = JsonSerializer.Deserialize<JsonElement>(message.WrittenSpan);
            if (answer.TryGetProperty("id", out var of) && of.GetInt32() == id)
            {
                return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(answer.GetRawText());
            }
        }
    }
}
