using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace DropIt.Bench;

/// <summary>Edits made in a page while the server (and with it the runner) is killed and started again.</summary>
internal static class Surviving
{
    private const int Keys = 300;

    /// <summary>Past it what has not come to disk is lost.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig)
    {
        var slug = await rig.CreateAsync("node");
        await using var context = await rig.ContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync($"{rig.Origin}/w/{slug}");
        await page.Locator(".cm-content[contenteditable='true']").ClickAsync();
        await page.Keyboard.PressAsync("Control+Home");
        var file = Path.Combine(rig.Files(slug), "index.js");

        // A third before the kill, a third while nothing answers, a third while it starts again.
        await TypeAsync(page, 'q', Keys / 3);
        await rig.KillAsync();
        await TypeAsync(page, 'w', Keys / 3);
        var starting = rig.RestartAsync();
        await TypeAsync(page, 'z', Keys / 3);
        await starting;
        var expected = string.Concat(new string('q', Keys / 3), new string('w', Keys / 3), new string('z', Keys / 3));
        using var patience = new CancellationTokenSource(Patience);
        while (!patience.IsCancellationRequested && !(await File.ReadAllTextAsync(file)).Contains(expected, StringComparison.Ordinal))
        {
            await Task.Delay(50);
        }

        var text = await File.ReadAllTextAsync(file);
        var kept = text.Contains(expected, StringComparison.Ordinal)
            ? Keys
            : text.TakeWhile(letter => letter is 'q' or 'w' or 'z').Count();
        var said = await page.GetByText(new Regex("terminals? ha(s|ve) ended|programs have ended")).CountAsync() > 0;
        return
        [
            new("edits made while the server is killed and started again", $"{kept} of {Keys} kept", "kept", "lost | lost | n/a"),
            new("its terminals, whose processes are killed with it", said ? "said to have ended" : "not a word", "said plainly", "lost | lost | lost"),
        ];
    }

    private static Task TypeAsync(IPage page, char key, int times) =>
        page.Keyboard.TypeAsync(new string(key, times), new() { Delay = 10 });
}
