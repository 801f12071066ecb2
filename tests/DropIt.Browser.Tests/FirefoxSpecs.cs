using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>What depends on the browser, in Firefox, by plain http on a name that is not localhost: there pages have no clipboard of their own.</summary>
public sealed class FirefoxSpecs
{
    private const char Enter = '\uE007';
    private const char Shift = '\uE008';
    private const char Control = '\uE009';

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workspace_is_made_edited_and_run_and_its_terminal_copies_and_pastes()
    {
        await using var server = await TestServer.StartAsync(domain: Chromium.Domain);
        await using var firefox = await Firefox.StartAsync();
        await firefox.GoToAsync(server.SignInAddress);
        await firefox.ClickAsync("document.querySelector('[aria-label=\"New Node.js workspace\"]')");
        await firefox.UntilAsync("document.querySelector('[data-terminal]')?.xterm?.buffer.active.cursorX > 0");
        Assert.Equal("undefined", await firefox.EvaluateAsync("typeof navigator.clipboard"));

        // 1. The editor.
        await firefox.ClickAsync("document.querySelector('.cm-content[contenteditable=true]')");
        await firefox.TypeAsync("// typed in Firefox ");
        var slug = (await firefox.EvaluateAsync("location.pathname")).Split('/')[^1];
        var file = Path.Combine(server.Data, "workspaces", slug, "files", await firefox.EvaluateAsync("document.querySelector('.cm-content').getAttribute('aria-label')"));
        while (!(await File.ReadAllTextAsync(file, Cancel)).Contains("// typed in Firefox ", StringComparison.Ordinal))
        {
            await Task.Delay(20, Cancel);
        }

        // 2. The terminal; a word of it is chosen by a double click, copied and pasted.
        await firefox.ClickAsync("document.querySelector('[data-terminal]')");
        await firefox.TypeAsync("clear; echo cop''ied");
        await firefox.PressAsync(Enter);
        await PrintsAsync(firefox, "copied");
        var point = (await firefox.EvaluateAsync("""
            (() => {
              const screen = document.querySelector('[data-terminal] .xterm-screen').getBoundingClientRect();
              const { cols, rows, buffer: { active } } = document.querySelector('[data-terminal]').xterm;
              for (let y = 0; y < rows; y++) {
                if (active.getLine(active.viewportY + y)?.translateToString(true) === 'copied') {
                  return [screen.x + (2.5 * screen.width) / cols, screen.y + ((y + 0.5) * screen.height) / rows].map(Math.round).join();
                }
              }
            })()
            """)).Split(',');
        await firefox.ClickAsync(int.Parse(point[0], null), int.Parse(point[1], null), times: 2);
        await firefox.UntilAsync("document.querySelector('[data-terminal]').xterm.getSelection() === 'copied'");
        await firefox.PressAsync('c', Control, Shift);
        await firefox.TypeAsync("echo [");
        await firefox.PressAsync('v', Control, Shift);
        await firefox.TypeAsync("]");
        await firefox.PressAsync(Enter);
        await PrintsAsync(firefox, "[copied]");

        // 3. The program and its page.
        await firefox.ClickAsync("[...document.querySelectorAll('header button')].find(one => one.textContent.trim() === 'Run')");
        await firefox.UntilAsync("document.querySelector('section[aria-label=Output] iframe')?.src.includes('--')");
        await firefox.ScreenshotAsync(Path.Combine(Repository.Screenshots, "firefox.png"));
    }

    /// <summary>Waits for a line of the terminal that is just this.</summary>
    private static Task PrintsAsync(Firefox firefox, string line) => firefox.UntilAsync($$"""
        (() => {
          const { active } = document.querySelector('[data-terminal]').xterm.buffer;
          return Array.from({ length: active.length }, (_, y) => active.getLine(y).translateToString(true)).includes('{{line}}');
        })()
        """);
}
