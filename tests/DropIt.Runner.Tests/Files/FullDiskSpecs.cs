using System.Diagnostics;
using System.Net;
using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Runner.Documents;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Files;

/// <summary>A workspace on a disk of 4 MB, log and all.</summary>
public sealed class FullDiskSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();
    private readonly string _disk = Directory.CreateTempSubdirectory("dropit-disk-").FullName;
    private bool _mounted;

    public async ValueTask InitializeAsync()
    {
        _mounted = await RunAsync("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", _disk) == 0;
        Assert.SkipUnless(_mounted, "a small disk can not be mounted here");
    }

    public async ValueTask DisposeAsync()
    {
        await _runner.DisposeAsync();
        if (_mounted)
        {
            await RunAsync("umount", "-l", _disk);
        }

        Directory.Delete(_disk);
    }

    [Fact]
    public async Task What_does_not_fit_is_said_kept_and_written_when_there_is_room_again()
    {
        await _runner.StartAsync(_runner.Options with { Root = At("root"), State = At("state") });
        File.WriteAllText(At("root/a.txt"), "text");
        await using var page = await _runner.ConnectAsync();
        await page.ResultAsync("document.open", new { channel = 1, path = "a.txt", client = "client01" });
        await page.FrameAsync(1, FrameType.Snapshot);
        Fill();

        // Neither the file nor the log takes it: it is not confirmed, and said.
        await PushAsync(page, 0, 1, ChangeSet.Replace(4, 4, 4, "!"));
        var notice = await page.EventAsync("notice", e => (string?)e["notice"]!["id"] == "document:a.txt");
        Assert.Contains("disk is full", (string)notice["notice"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal("text", File.ReadAllText(At("root/a.txt")));
        Assert.Equal("full", await page.ErrorAsync("files.copy", new { from = "fill", to = "copy" }));
        using var upload = await _runner.Http.PutAsync(
            "/.dropit/files/up.bin", new ByteArrayContent(new byte[500_000]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.InsufficientStorage, upload.StatusCode);
        Assert.Equal(["a.txt", "fill"], Directory.GetFiles(At("root")).Select(Path.GetFileName).Order());

        // Room again: what was pushed is confirmed by itself, in the file, and the trouble is over.
        File.Delete(At("root/fill"));
        await page.FrameAsync(1, FrameType.Confirm);
        await page.FrameAsync(1, FrameType.Saved);
        await page.EventAsync("notice", e => (string?)e["notice"]!["id"] == "document:a.txt" && (string?)e["notice"]!["message"] == "");
        Assert.Equal("text!", File.ReadAllText(At("root/a.txt")));
        await PushAsync(page, 1, 2, ChangeSet.Replace(5, 5, 5, "?"));
        await page.FrameAsync(1, FrameType.Confirm);
        await page.ResultAsync("journal.flush");
        Assert.Equal("text!?", File.ReadAllText(At("root/a.txt")));
    }

    [Fact]
    public async Task What_was_confirmed_on_a_full_disk_survives_the_kill_of_the_runner()
    {
        var options = _runner.Options with { Root = At("root"), State = At("state") };
        await _runner.StartAsync(options);
        File.WriteAllText(At("root/a.txt"), new string('x', 1_000_000));
        var confirmed = 0;
        await using (var page = await _runner.ConnectAsync())
        {
            await page.ResultAsync("document.open", new { channel = 1, path = "a.txt", client = "client01" });
            await page.FrameAsync(1, FrameType.Snapshot);
            await page.FrameAsync(1, FrameType.Saved);
            await PushAsync(page, 0, 1, ChangeSet.Replace(1_000_000, 0, 0, "y"));
            await page.FrameAsync(1, FrameType.Confirm);
            await page.FrameAsync(1, FrameType.Saved);
            confirmed = 1;

            // The log takes letters; the document itself no longer fits beside the file.
            Fill(leave: 64 * 1024);
            for (var i = 1; i <= 100; i++)
            {
                await PushAsync(page, (uint)i, (uint)i + 1, ChangeSet.Replace(1_000_000 + i, 0, 0, "y"));
                await page.FrameAsync(1, FrameType.Confirm);
                confirmed++;
            }

            await page.EventAsync("notice", e => (string?)e["notice"]!["id"] == "document:a.txt");
            await _runner.KillAsync();
        }

        File.Delete(At("root/fill"));
        _runner.Epoch++;
        await _runner.StartAsync(options with { Epoch = _runner.Epoch });
        Assert.Equal(new string('y', confirmed) + new string('x', 1_000_000), File.ReadAllText(At("root/a.txt")));
    }

    [Fact]
    public async Task On_a_full_disk_a_deletion_works_and_gives_room()
    {
        await _runner.StartAsync(_runner.Options with { Root = At("root"), State = At("state") });
        Directory.CreateDirectory(At("root/data"));
        File.WriteAllBytes(At("root/data/large.bin"), new byte[1_000_000]);
        await using var page = await _runner.ConnectAsync();
        await page.ResultAsync("journal.flush");
        File.WriteAllBytes(At("root/kept.bin"), new byte[500_000]);
        await page.ResultAsync("files.delete", new { path = "kept.bin" });
        Fill();

        // What would only move to the trash gives no room: the page asks whether it may go for good. What was in the trash goes first.
        Assert.Equal("too_large", await page.ErrorAsync("files.delete", new { path = "data" }));
        Assert.Empty(Directory.GetFileSystemEntries(At("state/trash")));
        await page.ResultAsync("files.delete", new { path = "data", forever = true });
        Assert.False(Directory.Exists(At("root/data")));
        File.WriteAllBytes(At("root/new.bin"), new byte[1_200_000]);
        await page.ResultAsync("journal.flush");
        Assert.True(Protocol.Workspaces.Slug.TryParse(TestRunner.Slug, out var slug));
        Assert.DoesNotContain(await _runner.Storage.PathsAsync(slug), path => path.Path.StartsWith("data", StringComparison.Ordinal));
    }

    private string At(string path) => Path.Combine(_disk, path);

    /// <summary>Takes all of the disk but a few bytes.</summary>
    private void Fill(int leave = 0)
    {
        using var file = new FileStream(At("root/fill"), FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var page = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(page);
            }
        }
        catch (IOException)
        {
            file.SetLength(file.Length - leave);
        }
    }

    private static Task PushAsync(TestPage page, uint version, uint sequence, ChangeSet changes) =>
        page.SendAsync(1, FrameType.Push, DocumentFrames.Push(version, sequence, [changes]).Span);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
