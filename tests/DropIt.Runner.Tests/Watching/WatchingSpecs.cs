using DropIt.Protocol.Workspaces;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Watching;

/// <summary>Where the kernel does not tell of every change.</summary>
public sealed class WatchingSpecs : IAsyncDisposable
{
    private readonly TestRunner _runner = new();
    private readonly Slug _slug = Slug.TryParse(TestRunner.Slug, out var slug) ? slug : throw new InvalidOperationException();

    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    [Fact]
    public async Task Past_the_bound_of_watches_changes_are_found_all_the_same_and_the_user_is_told()
    {
        for (var i = 0; i < 20; i++)
        {
            Directory.CreateDirectory(At($"folder{i}/inner"));
            File.WriteAllText(At($"folder{i}/inner/a.txt"), "first");
        }

        await _runner.StartAsync(_runner.Options with { Watches = 5 });
        await using var page = await _runner.ConnectAsync();
        var told = await page.NoticeAsync("watching");
        Assert.Contains("show up late", (string)told["message"]!, StringComparison.Ordinal);
        await page.SettleAsync();
        for (var i = 0; i < 20; i++)
        {
            File.WriteAllText(At($"folder{i}/inner/a.txt"), "second");
        }

        File.WriteAllText(At("folder19/inner/new.txt"), "new");
        await page.EventAsync("files.changed", e => e["folders"]!.AsArray().Any(f => (string?)f == "folder19/inner"));
        await page.ResultAsync("journal.flush");
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("second", await _runner.Storage.TextAsync(_slug, $"folder{i}/inner/a.txt"));
        }
    }

    [Fact]
    public async Task An_open_document_hears_of_a_change_in_a_folder_that_is_not_watched()
    {
        Directory.CreateDirectory(At("deep"));
        File.WriteAllText(At("deep/a.txt"), "first");
        await _runner.StartAsync(_runner.Options with { Watches = 0 });
        await using var page = await _runner.ConnectAsync();
        await page.ResultAsync("document.open", new { channel = 1, path = "deep/a.txt", client = "client01" });
        File.WriteAllText(At("deep/a.txt"), "second");
        await page.FrameAsync(1, DropIt.Protocol.Frames.FrameType.Updates);
    }

    [Fact]
    public async Task When_the_kernel_loses_events_everything_is_found_by_comparing()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();

        // Stopped, it reads nothing, and the kernel's queue of events overflows.
        var queue = int.Parse(
            File.ReadAllText("/proc/sys/fs/inotify/max_queued_events"), System.Globalization.CultureInfo.InvariantCulture);
        await _runner.SignalAsync("STOP");
        File.WriteAllText(At("churn"), "");
        for (var i = 0; i < queue; i++)
        {
            // Two events that differ each time, so that the kernel does not put them together.
            File.Move(At(i % 2 == 0 ? "churn" : "churned"), At(i % 2 == 0 ? "churned" : "churn"));
        }

        Directory.CreateDirectory(At("late/deep"));
        File.WriteAllText(At("late/deep/a.txt"), "first");
        await _runner.SignalAsync("CONT");
        await page.EventAsync("files.changed", e => e["folders"]!.AsArray().Any(f => (string?)f is "late/deep" or "late" or "*"));
        await page.ResultAsync("journal.flush");
        Assert.Equal("first", await _runner.Storage.TextAsync(_slug, "late/deep/a.txt"));

        // The folder made meanwhile is watched now.
        File.WriteAllText(At("late/deep/a.txt"), "second");
        await page.ResultAsync("journal.flush");
        Assert.Equal("second", await _runner.Storage.TextAsync(_slug, "late/deep/a.txt"));
    }

    private string At(string path) => Path.Combine(_runner.Root, path);
}
