using System.Text.Json;

namespace DropIt.Browser.Tests.Harness;

/// <summary>The terminals of a window, seen through the emulator: what stands where, and every cell of it.</summary>
internal sealed class TerminalPane(Workbench bench)
{
    /// <summary>Every cell of the screen and the scrollback with its look; the cursor; the size.</summary>
    private const string Dump = """
        (index) => {
          const term = document.querySelectorAll('[data-terminal]')[index].xterm;
          const buffer = term.buffer.active;
          const rows = [];
          for (let y = 0; y < buffer.length; y++) {
            const line = buffer.getLine(y);
            let text = line.isWrapped ? '↪' : '';
            for (let x = 0; x < term.cols; x++) {
              const cell = line.getCell(x);
              const look = [cell.getFgColorMode(), cell.getFgColor(), cell.getBgColorMode(), cell.getBgColor(), cell.isBold(), cell.isDim(),
                cell.isItalic(), cell.isUnderline(), cell.isInverse(), cell.isInvisible(), cell.isStrikethrough()].join();
              text += (cell.getChars() || (cell.getWidth() === 0 ? '' : ' ')) + (look === '0,-1,0,-1,0,0,0,0,0,0,0' ? '' : '{' + look + '}');
            }
            rows.push(text.trimEnd());
          }
          return rows.join('\n') + '\n' + [buffer.type, buffer.cursorX, buffer.cursorY, term.cols, term.rows].join(' ');
        }
        """;

    private const string Find = """
        ([text, index]) => {
          const host = document.querySelectorAll('[data-terminal]')[index];
          const term = host.xterm;
          const buffer = term.buffer.active;
          for (let y = term.rows - 1; y >= 0; y--) {
            const at = buffer.getLine(buffer.viewportY + y).translateToString(true).lastIndexOf(text);
            if (at < 0) continue;
            const box = host.querySelector('.xterm-screen').getBoundingClientRect();
            return { x: box.left + (at + text.length / 2) * box.width / term.cols, y: box.top + (y + 0.5) * box.height / term.rows };
          }
          return null;
        }
        """;

    private IPage Page => bench.Page;

    /// <summary>The terminals that are shown, left to right.</summary>
    public ILocator Shown => Page.GetByRole(AriaRole.Region, new() { Name = "Terminal", Exact = true }).Locator("[data-terminal]");

    /// <summary>All cells of a terminal.</summary>
    public Task<string> CellsAsync(int index = 0) => Page.EvaluateAsync<string>(Dump, index);

    /// <summary>Waits until this and another window show the same cells in the same size.</summary>
    public async Task ShowsTheSameAsync(TerminalPane other)
    {
        var until = DateTime.UtcNow + TimeSpan.FromSeconds(15);
        var (here, there) = (await CellsAsync(), await other.CellsAsync());
        while (here != there && DateTime.UtcNow < until)
        {
            await other.Page.EvaluateAsync("() => new Promise(requestAnimationFrame)");
            (here, there) = (await CellsAsync(), await other.CellsAsync());
        }

        Assert.Equal(here, there);
    }

    /// <summary>Clicks a link on the screen, once it is one.</summary>
    public async Task FollowAsync(string text, int index = 0)
    {
        var place = await Page.EvaluateAsync<JsonElement>(Find, new object[] { text, index });
        Assert.True(place.ValueKind == JsonValueKind.Object, $"\"{text}\" is not on the screen.");
        var (x, y) = ((float)place.GetProperty("x").GetDouble(), (float)place.GetProperty("y").GetDouble());
        await Page.Mouse.MoveAsync(x - 3, y);
        await Page.Mouse.MoveAsync(x, y);
        await Expect(Shown.Nth(index).Locator(".xterm-cursor-pointer")).ToBeVisibleAsync();
        await Page.Mouse.ClickAsync(x, y);
    }

    /// <summary>Types a command into one of the terminals, and Enter.</summary>
    public async Task CommandAsync(int index, string command)
    {
        await Shown.Nth(index).Locator(".xterm-helper-textarea").FocusAsync();
        await Page.Keyboard.InsertTextAsync(command);
        await Page.Keyboard.PressAsync("Enter");
    }

    /// <summary>The text of one of the terminals.</summary>
    public ILocator Text(int index) => Shown.Nth(index).Locator(".xterm-rows");
}
