using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;

namespace DropIt.Browser.Tests.Harness;

/// <summary>
/// Debian's Firefox without a window, with one tab, driven over WebDriver BiDi: Playwright drives only a Firefox that it has changed itself.
/// Every host name leads to this machine.
/// </summary>
internal sealed class Firefox : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private string _tab = "";
    private int _commands;

    private Firefox(Process process, string profile) => (_process, _profile) = (process, profile);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Starts one on a profile of its own.</summary>
    public static async Task<Firefox> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("dropit-firefox-").FullName;
        await File.WriteAllTextAsync(Path.Combine(profile, "user.js"), """
            user_pref("network.dns.forceResolve", "127.0.0.1");
            user_pref("app.update.enabled", false);
            user_pref("services.settings.server", "");
            """, Cancel);
        var process = Process.Start(new ProcessStartInfo("firefox-esr",
            ["--headless", "--no-remote", "--width", "1440", "--height", "1000", "--profile", profile, "--remote-debugging-port", "0", "about:blank"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var firefox = new Firefox(process, profile);
        try
        {
            await firefox.ConnectAsync();
            return firefox;
        }
        catch
        {
            await firefox.DisposeAsync();
            throw;
        }
    }

    /// <summary>Goes to an address and waits until its page is loaded.</summary>
    public Task GoToAsync(string address) => DoAsync("browsingContext.navigate", new { context = _tab, url = address, wait = "complete" });

    /// <summary>Runs an expression in the page; what it comes to, as a string.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        var answer = await DoAsync("script.evaluate", new
        {
            expression = $"(async () => String({expression}))()",
            target = new { context = _tab },
            awaitPromise = true,
            userActivation = true,
        });
        return answer.GetProperty("type").GetString() == "success"
            ? answer.GetProperty("result").GetProperty("value").GetString()!
            : throw new InvalidOperationException(answer.GetProperty("exceptionDetails").GetProperty("text").GetString());
    }

    /// <summary>Waits until an expression is true in the page.</summary>
    public async Task UntilAsync(string expression)
    {
        var clock = Stopwatch.StartNew();
        while (await EvaluateAsync(expression) != "true")
        {
            Assert.True(clock.Elapsed < s_patience, $"Never came to: {expression}; the page says: {await EvaluateAsync("document.body.innerText.slice(0, 2000)")}");
            await Task.Delay(s_betweenLooks, Cancel);
        }
    }

    /// <summary>Clicks an element once it is there, so often.</summary>
    /// <param name="element">An expression.</param>
    /// <param name="times">2: a double click.</param>
    public async Task ClickAsync(string element, int times = 1)
    {
        await UntilAsync($"!!{element}");
        var at = await EvaluateAsync($"(() => {{ const box = {element}.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2].map(Math.round).join(); }})()");
        await ClickAsync(int.Parse(at.Split(',')[0], null), int.Parse(at.Split(',')[1], null), times);
    }

    /// <summary>Clicks a point of the window, so often.</summary>
    public Task ClickAsync(int x, int y, int times = 1) => DoAsync("input.performActions", new
    {
        context = _tab,
        actions = new object[]
        {
            new
            {
                type = "pointer",
                id = "mouse",
                actions = Enumerable.Repeat<object[]>([new { type = "pointerDown", button = 0 }, new { type = "pointerUp", button = 0 }], times)
                    .SelectMany(one => one).Prepend(new { type = "pointerMove", x, y }),
            },
        },
    });

    /// <summary>Types text, a key for each character.</summary>
    public Task TypeAsync(string text) => KeysAsync(text.SelectMany(c => new[] { Key("keyDown", c), Key("keyUp", c) }));

    /// <summary>Presses a key while others are held. WebDriver's numbers of keys without a character are in its table of normalised keys.</summary>
    public Task PressAsync(char key, params char[] held) => KeysAsync(
        [.. held.Select(one => Key("keyDown", one)), Key("keyDown", key), Key("keyUp", key), .. held.Select(one => Key("keyUp", one))]);

    /// <summary>Takes a picture of the page.</summary>
    public async Task ScreenshotAsync(string path)
    {
        var picture = await DoAsync("browsingContext.captureScreenshot", new { context = _tab });
        await File.WriteAllBytesAsync(path, picture.GetProperty("data").GetBytesFromBase64(), Cancel);
    }

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
        Directory.Delete(_profile, recursive: true);
    }

    private static object Key(string type, char value) => new { type, value = value.ToString() };

    private Task KeysAsync(IEnumerable<object> keys) =>
        DoAsync("input.performActions", new { context = _tab, actions = new[] { new { type = "key", id = "keyboard", actions = keys } } });

    private async Task ConnectAsync()
    {
        const string Listening = "WebDriver BiDi listening on ";
        string? line;
        do
        {
            line = await _process.StandardError.ReadLineAsync(Cancel) ?? throw new InvalidOperationException("Firefox ended before it was up.");
        }
        while (!line.StartsWith(Listening, StringComparison.Ordinal));

        // Or full pipes stop it.
        _ = _process.StandardError.ReadToEndAsync(CancellationToken.None);
        _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        await _socket.ConnectAsync(new Uri(line[Listening.Length..].Trim() + "/session"), Cancel);
        await DoAsync("session.new", new { capabilities = new { } });
        var tabs = await DoAsync("browsingContext.getTree", new { });
        _tab = tabs.GetProperty("contexts")[0].GetProperty("context").GetString()!;
    }

    /// <summary>One command at a time; events are not asked for.</summary>
    private async Task<JsonElement> DoAsync(string method, object parameters)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        over.CancelAfter(s_patience);
        var id = ++_commands;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, true, over.Token);
        while (true)
        {
            var message = new ArrayBufferWriter<byte>();
            ValueWebSocketReceiveResult got;
            do
            {
                got = await _socket.ReceiveAsync(message.GetMemory(64 * 1024), over.Token);
                message.Advance(got.Count);
            }
            while (!got.EndOfMessage);
            var answer = JsonSerializer.Deserialize<JsonElement>(message.WrittenSpan);
            if (answer.TryGetProperty("id", out var of) && of.ValueKind == JsonValueKind.Number && of.GetInt32() == id)
            {
                return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"{method}: {answer.GetRawText()}");
            }
        }
    }
}
