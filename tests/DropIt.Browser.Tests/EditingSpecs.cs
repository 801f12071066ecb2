using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>Several windows, a lost connection, changes on disk: one text.</summary>
public sealed class EditingSpecs(Chromium chromium, SharedServer shared)
{
    [Fact]
    public async Task Two_windows_that_type_at_once_end_with_the_same_text()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        await using var other = await Visitor.SignInAsync(chromium, shared.Server);
        var left = await visitor.CreateAsync("Empty");
        await left.NewTerminalAsync();
        await left.CommandAsync("printf 'top\\nbottom\\n' > both.txt");
        await left.OpenAsync("both.txt");
        var right = await other.OpenAsync(left.Slug);
        await right.OpenAsync("both.txt");
        await left.HasTextAsync("top\nbottom\n");
        await right.HasTextAsync("top\nbottom\n");

        await left.Editor.ClickAsync();
        await left.Page.Keyboard.PressAsync("Control+Home");
        await right.GoToEndAsync();
        var words = Enumerable.Range(0, 40).Select(i => $"{i} ").ToArray();
        await Task.WhenAll(
            left.Page.Keyboard.TypeAsync("L" + string.Concat(words)),
            right.Page.Keyboard.TypeAsync("R" + string.Concat(words)));

        var expected = $"L{string.Concat(words)}top\nbottom\nR{string.Concat(words)}";
        await left.HasTextAsync(expected);
        await right.HasTextAsync(expected);
        await left.CommandAsync("sha256sum both.txt", prints: Text.Sha256(expected));
    }

    [Fact]
    public async Task A_change_on_disk_appears_around_the_cursor()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.NewTerminalAsync();
        await bench.CommandAsync("printf 'one\\ntwo\\n' > list.txt");
        await bench.OpenAsync("list.txt");
        await bench.GoToEndAsync();
        await bench.Page.Keyboard.TypeAsync("three");

        await bench.CommandAsync("sed -i '1i zero' list.txt");
        await bench.HasTextAsync("zero\none\ntwo\nthree");
        await bench.Editor.FocusAsync();
        await bench.Page.Keyboard.TypeAsync("!");
        await bench.HasTextAsync("zero\none\ntwo\nthree!");
        await bench.CommandAsync("tr '\\n' , < list.txt", prints: "zero,one,two,three!");
    }

    [Fact]
    public async Task Typing_goes_on_without_a_connection_and_survives_a_reload()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        await bench.NewTerminalAsync();
        await bench.CommandAsync("printf 'start ' > notes.txt");
        await bench.OpenAsync("notes.txt");
        await bench.HasTextAsync("start ");

        await visitor.Context.SetOfflineAsync(true);
        await Expect(bench.ConnectionBanner).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await bench.GoToEndAsync();
        await bench.Page.Keyboard.TypeAsync("typed while offline");
        await bench.HasTextAsync("start typed while offline");

        await bench.Page.CloseAsync();
        await visitor.Context.SetOfflineAsync(false);
        var again = await visitor.OpenAsync(bench.Slug);
        await again.OpenAsync("notes.txt");
        await again.HasTextAsync("start typed while offline");
        await again.NewTerminalAsync();
        await again.CommandAsync("cat notes.txt", prints: "start typed while offline");
        await Expect(again.ConnectionBanner).ToBeHiddenAsync();
    }
}
