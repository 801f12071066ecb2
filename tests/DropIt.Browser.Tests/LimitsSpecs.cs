using System.Text;
using DropIt.Browser.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Browser.Tests;

/// <summary>Large, many and full: the bounds of a workspace as its user meets them.</summary>
public sealed class LimitsSpecs(Chromium chromium, SharedServer shared)
{
    private const int Minute = 60_000;

    [Fact]
    public async Task Among_50_000_files_one_is_found_edited_and_safe()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        for (var file = 0; file < 10_000; file++)
        {
            bench.Write($"all/{file:00000}.txt", "");
        }

        for (var file = 0; file < 40_000; file++)
        {
            bench.Write($"packages/{file / 100:000}/module{file % 100:00}.js", $"export const value = {file};\n");
        }

        // The tree draws what is seen of 10,000 names, first and last.
        await Expect(bench.File("all")).ToBeVisibleAsync(new() { Timeout = Minute });
        await bench.File("all").ClickAsync();
        await Expect(bench.File("00000.txt")).ToBeVisibleAsync();
        await bench.Page.Keyboard.PressAsync("End");
        await Expect(bench.File("dropit.json")).ToBeVisibleAsync();
        Assert.InRange(await bench.Files.GetByRole(AriaRole.Treeitem).CountAsync(), 1, 200);

        await bench.GoToFileAsync("321module07", "module07.js");
        await bench.HasTextAsync("export const value = 32107;\n");
        await bench.ReplaceTextAsync("changed\n");
        await Expect(bench.Page.GetByText("Safe", new() { Exact = true }).First).ToBeVisibleAsync(new() { Timeout = 2 * Minute });
        Assert.Equal("changed\n", File.ReadAllText(bench.OnDisk("packages/321/module07.js")));
    }

    [Fact]
    public async Task A_text_of_5_MB_is_edited_and_what_is_larger_or_binary_is_said_and_left_alone()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        var line = new string('x', 99) + "\n";
        var text = new StringBuilder().Insert(0, line, 52_428).ToString(); // 5 MiB, less 80
        bench.Write("large.txt", text);
        bench.Write("larger.txt", text + line);
        var bytes = new byte[] { 0, 1, 2, 255, 0, 10 };
        File.WriteAllBytes(bench.OnDisk("some.bin"), bytes);

        await bench.OpenAsync("large.txt");
        await bench.Editor.ClickAsync();
        await bench.Page.Keyboard.PressAsync("Control+End");
        await bench.Page.Keyboard.InsertTextAsync("the end");
        await bench.IsSafeAsync();
        Assert.Equal(text + "the end", File.ReadAllText(bench.OnDisk("large.txt")));

        await bench.OpenAsync("larger.txt");
        await Expect(bench.Page.GetByText("too large to edit here")).ToBeVisibleAsync();
        await Expect(bench.Page.GetByText("larger than 5 MB")).ToBeVisibleAsync();
        await bench.OpenAsync("some.bin");
        await Expect(bench.Page.GetByText("is a binary file")).ToBeVisibleAsync();
        Assert.Equal(text.Length + line.Length, new FileInfo(bench.OnDisk("larger.txt")).Length);
        Assert.Equal(bytes, File.ReadAllBytes(bench.OnDisk("some.bin")));
    }

    [Fact]
    public async Task A_page_more_than_one_person_may_have_says_so_comes_less_and_less_often_and_is_let_in_once_others_are_closed()
    {
        await using var visitor = await Visitor.SignInAsync(chromium, shared.Server);
        var bench = await visitor.CreateAsync("Empty");
        var others = await visitor.HomeAsync();
        await others.EvaluateAsync(
            """
            async slug => {
              const answer = await fetch(`/api/workspaces/${slug}/open`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
              const { origin, ticket } = await answer.json();
              window.sockets = Array.from({ length: 63 }, () => new WebSocket(origin.replace(/^http/, 'ws') + '/.dropit/ws', ['dropit.1', `ticket.${ticket}`]));
              await Promise.all(window.sockets.map(socket => new Promise(resolve => socket.onmessage = resolve)));
            }
            """,
            bench.Slug);

        var page = await visitor.Context.NewPageAsync();
        await page.AddInitScriptAsync(
            """
            window.tries = [];
            const Socket = WebSocket;
            window.WebSocket = class extends Socket {
              constructor(...args) { super(...args); window.tries.push(performance.now()); }
            };
            """);
        await page.GotoAsync($"{shared.Server.Origin}/w/{bench.Slug}");
        var banner = page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "You have as many pages of this workspace open as it takes. Close some" });
        await Expect(banner).ToBeVisibleAsync();
        await page.WaitForFunctionAsync("() => window.tries.length >= 5");
        var waits = await page.EvaluateAsync<double[]>("() => window.tries.slice(1).map((at, i) => at - window.tries[i])");
        Assert.All(waits.Take(4).Index(), wait => Assert.True(wait.Item >= 100 * Math.Pow(2, wait.Index), string.Join(' ', waits)));

        // Who was there first is not disturbed.
        await Expect(bench.ConnectionBanner).ToBeHiddenAsync();
        await others.CloseAsync();
        await new Workbench(page, shared.Server).IsReadyAsync();
        await Expect(banner).ToBeHiddenAsync();
    }

    [Fact]
    public async Task On_a_full_disk_the_page_says_so_keeps_what_is_typed_and_saves_it_once_there_is_room()
    {
        await using var server = await TestServer.StartAsync();
        await using var disk = await SmallDisk.MountAsync(Path.Combine(server.Data, "workspaces"), megabytes: 8);
        Assert.SkipWhen(disk is null, "a small disk can not be mounted here");
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        bench.Write("notes.txt", "first\n");
        await bench.OpenAsync("notes.txt");
        await bench.HasTextAsync("first\n");
        await bench.IsSafeAsync();

        var fill = bench.OnDisk("fill.bin");
        SmallDisk.Fill(fill);
        await bench.ReplaceTextAsync("second\n");
        await Expect(bench.Page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "disk is full" })).ToBeVisibleAsync();
        await bench.Page.ReloadAsync();
        await bench.IsReadyAsync();
        await bench.HasTextAsync("second\n");

        File.Delete(fill);
        await Expect(bench.Page.GetByRole(AriaRole.Alert)).ToBeHiddenAsync(new() { Timeout = Minute });
        await bench.IsSafeAsync();
        Assert.Equal("second\n", File.ReadAllText(bench.OnDisk("notes.txt")));
        Assert.Equal(0, await server.StopAsync()); // before its disk goes
    }
}
