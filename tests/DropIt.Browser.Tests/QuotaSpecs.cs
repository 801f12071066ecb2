using DropIt.Browser.Tests.Harness;

namespace DropIt.Browser.Tests;

/// <summary>What a user sees of the bounds of a workspace; it may hold 1 MiB.</summary>
public sealed class QuotaSpecs(Chromium chromium)
{
    [Fact]
    public async Task Who_writes_more_than_a_workspace_may_hold_is_told_what_is_large_and_deleting_helps()
    {
        await using var server = await TestServer.StartAsync(more: ["--workspace-megabytes", "1"]);
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        var status = bench.Page.GetByRole(AriaRole.Status, new() { Name = "Status" });
        await bench.CommandAsync("mkdir data; head -c 700000 /dev/urandom > data/first.bin; echo do''ne", prints: "done");
        await Expect(status).ToContainTextAsync("Safe");
        await Expect(bench.File("data")).ToBeVisibleAsync();

        // 1. An upload is refused before anything of it is kept.
        var chooser = await bench.Page.RunAndWaitForFileChooserAsync(
            () => bench.Page.GetByRole(AriaRole.Button, new() { Name = "Upload files" }).ClickAsync());
        await chooser.SetFilesAsync(new FilePayload { Name = "movie.bin", MimeType = "application/octet-stream", Buffer = new byte[600_000] });
        await Expect(bench.Page.GetByText("more than the 1.0 MiB it may")).ToBeVisibleAsync();
        await Expect(bench.Page.GetByText("data/ (684 KiB)")).ToBeVisibleAsync();
        await Expect(bench.File("movie.bin")).ToBeHiddenAsync();

        // 2. A program that writes too much is told of in the status bar, with the largest.
        await bench.CommandAsync("clear; head -c 600000 /dev/urandom > dump.bin; echo wri''tten", prints: "written");
        await Expect(status).ToContainTextAsync("Not safe yet");
        await status.GetByText("Not safe yet").HoverAsync();
        await Expect(bench.Page.GetByText("Not safe, on this machine only: dump.bin").First).ToBeVisibleAsync();

        // 3. Deleting makes room, and what was left out gets safe by itself.
        await bench.CommandAsync("rm -r data");
        await Expect(status).ToContainTextAsync("Safe", new() { Timeout = 20_000 });
        await Expect(status).Not.ToContainTextAsync("Not safe");
    }
}
