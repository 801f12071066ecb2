using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Documents;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Files;

/// <summary>A workspace that may hold 10 files and 100,000 bytes, of which one file may have 60,000.</summary>
public sealed class QuotaSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();
    private readonly Slug _slug = Slug.TryParse(TestRunner.Slug, out var slug) ? slug : throw new InvalidOperationException();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _runner.Storage.Quota = new Quota(10, 100_000, 60_000);
        Directory.CreateDirectory(Path.Combine(_runner.Template, "data"));
        File.WriteAllBytes(Path.Combine(_runner.Template, "data/big.bin"), Noise(50_000));
        File.WriteAllText(Path.Combine(_runner.Template, "a.txt"), new string('a', 20_000));
        await _runner.StartAsync();
    }

    public async ValueTask DisposeAsync() => await _runner.DisposeAsync();

    [Theory]
    [InlineData(true, "more than the 59 KiB that one file may have")]
    [InlineData(false, "more than the 98 KiB it may")]
    public async Task An_upload_that_would_be_too_much_is_refused_with_what_is_large_and_leaves_nothing(bool lengthKnown, string larger)
    {
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();
        var (status, answer) = await UploadAsync("up.bin", 40_000, lengthKnown);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains("more than the 98 KiB", answer, StringComparison.Ordinal);
        Assert.Contains("data/ (49 KiB)", answer, StringComparison.Ordinal);
        Assert.Contains("dropit.json", answer, StringComparison.Ordinal);
        (status, answer) = await UploadAsync("up.bin", 70_000, lengthKnown);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, status);
        Assert.Contains(larger, answer, StringComparison.Ordinal);
        Assert.Equal(["a.txt"], Directory.GetFiles(_runner.Root).Select(Path.GetFileName));
        Assert.Equal(HttpStatusCode.NoContent, (await UploadAsync("up.bin", 20_000, lengthKnown)).Status);
    }

    [Fact]
    public async Task Copies_new_files_and_zips_that_would_be_too_much_are_refused()
    {
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();
        Assert.Equal("too_large", await page.ErrorAsync("files.copy", new { from = "data", to = "again" }));
        Assert.False(Directory.Exists(Path.Combine(_runner.Root, "again")));

        using var zip = new MemoryStream();
        await using (var archive = await ZipArchive.CreateAsync(zip, ZipArchiveMode.Create, leaveOpen: true, null, Cancel))
        {
            await using var entry = await archive.CreateEntry("zeros.bin").OpenAsync(Cancel);
            await entry.WriteAsync(new byte[55_000], Cancel);
        }

        using var unpack = Request("?unpack", new ByteArrayContent(zip.ToArray()));
        using var answer = await _runner.Http.SendAsync(unpack, Cancel);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal(["a.txt"], Directory.GetFiles(_runner.Root).Select(Path.GetFileName));

        for (var i = 2; i < 10; i++)
        {
            await page.ResultAsync("files.create", new { path = $"n{i}", kind = "file" });
        }

        await page.ResultAsync("journal.flush");
        Assert.Equal("too_large", await page.ErrorAsync("files.create", new { path = "one-more", kind = "file" }));
    }

    [Fact]
    public async Task What_is_typed_over_the_quota_is_not_confirmed_said_and_taken_when_something_was_deleted()
    {
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await UploadAsync("up.bin", 29_999, lengthKnown: true)).Status);
        await page.ResultAsync("journal.flush");
        await page.ResultAsync("document.open", new { channel = 1, path = "a.txt", client = "client01" });
        await page.FrameAsync(1, FrameType.Snapshot);

        await PushAsync(page, 0, 1, ChangeSet.Replace(20_000, 0, 0, "more"));
        var notice = await page.EventAsync("notice", e => (string?)e["notice"]!["id"] == "document:a.txt");
        Assert.Contains("is not taken", (string)notice["notice"]!["message"]!, StringComparison.Ordinal);
        Assert.Contains("data/", (string)notice["notice"]!["message"]!, StringComparison.Ordinal);

        await page.ResultAsync("files.delete", new { path = "data", forever = true });
        await page.FrameAsync(1, FrameType.Confirm);
        await page.FrameAsync(1, FrameType.Saved);
        await page.ResultAsync("journal.flush");
        Assert.StartsWith("morea", await _runner.Storage.TextAsync(_slug, "a.txt"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Less_text_is_always_taken()
    {
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();
        await UploadAsync("up.bin", 30_000, lengthKnown: true);
        await page.ResultAsync("journal.flush");
        await page.ResultAsync("document.open", new { channel = 1, path = "a.txt", client = "client01" });
        await page.FrameAsync(1, FrameType.Snapshot);
        await PushAsync(page, 0, 1, ChangeSet.Replace(20_000, 0, 10, ""));
        await page.FrameAsync(1, FrameType.Confirm);
    }

    [Fact]
    public async Task A_program_that_writes_too_much_is_told_with_what_is_large_and_the_rest_stays_safe()
    {
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();
        File.WriteAllBytes(Path.Combine(_runner.Root, "dump.bin"), Noise(55_000));
        var stalled = await page.EventAsync("journal", e => (string?)e["journal"]!["state"] == "stalled");
        var message = (string)stalled["journal"]!["message"]!;
        Assert.StartsWith("Not safe, on this machine only: dump.bin.", message, StringComparison.Ordinal);
        Assert.Contains("dump.bin (54 KiB)", message, StringComparison.Ordinal);
        Assert.Contains("data/ (49 KiB)", message, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(_runner.Root, "b.txt"), "small");
        await page.ResultAsync("journal.flush");
        Assert.Equal("small", await _runner.Storage.TextAsync(_slug, "b.txt"));
        Assert.Null(await _runner.Storage.TextAsync(_slug, "dump.bin"));

        // Room again: what was left out gets safe by itself.
        Directory.Delete(Path.Combine(_runner.Root, "data"), recursive: true);
        await page.EventAsync("journal", e => (string?)e["journal"]!["state"] == "safe");
        await page.ResultAsync("journal.flush");
        Assert.NotNull(await _runner.Storage.TextAsync(_slug, "dump.bin"));
    }

    [Fact]
    public async Task A_workspace_that_holds_more_than_it_may_since_the_quota_shrank_can_be_made_smaller_step_by_step()
    {
        await _runner.StopAsync();
        await _runner.Storage.StopAsync();
        _runner.Storage.Quota = new Quota(1, 1_000, 500);
        await _runner.Storage.StartAsync();
        _runner.Epoch++;
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();
        Assert.Equal("too_large", await page.ErrorAsync("files.create", new { path = "n", kind = "file" }));
        await page.ResultAsync("files.delete", new { path = "data", forever = true });
        await page.ResultAsync("journal.flush");
        Assert.Equal(["a.txt"], (await _runner.Storage.PathsAsync(_slug)).Select(path => path.Path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_it_may_not_hold_keeps_a_workspace_awake_only_where_its_disk_does_not_stay(bool stays)
    {
        await _runner.StopAsync();
        _runner.Epoch++;
        await _runner.StartAsync(_runner.Options with { DiskStays = stays });
        await using var page = await _runner.ConnectAsync();
        await page.SettleAsync();
        File.WriteAllBytes(Path.Combine(_runner.Root, "dump.bin"), Noise(55_000));
        await page.EventAsync("journal", e => (string?)e["journal"]!["state"] == "stalled");
        await page.ResultAsync("journal.flush");

        var activity = await ActivityAsync();
        Assert.StartsWith("Not safe, on this machine only: dump.bin.", activity.LeftOut, StringComparison.Ordinal);
        Assert.Equal(0, activity.UnsafeMilliseconds);
        Assert.Equal(stays ? [] : ["Some files are on this machine only and would be lost with it."], activity.Reasons);
    }

    private async Task<RunnerActivity> ActivityAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/.dropit/activity");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _runner.Ticket(Role.Runner));
        using var answer = await _runner.Http.SendAsync(request, Cancel);
        return (await answer.Content.ReadFromJsonAsync(WorkspaceJson.Default.RunnerActivity, Cancel))!;
    }

    private async Task<(HttpStatusCode Status, string Answer)> UploadAsync(string path, int length, bool lengthKnown)
    {
        HttpContent content = lengthKnown ? new ByteArrayContent(Noise(length)) : new StreamContent(new Unseekable(Noise(length)));
        using var request = Request("/" + path, content);
        request.Headers.TransferEncodingChunked = !lengthKnown;
        using var answer = await _runner.Http.SendAsync(request, Cancel);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
    }

    private HttpRequestMessage Request(string path, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, "/.dropit/files" + path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _runner.Ticket());
        return request;
    }

    private static Task PushAsync(TestPage page, uint version, uint sequence, ChangeSet changes) =>
        page.SendAsync(1, FrameType.Push, DocumentFrames.Push(version, sequence, [changes]).Span);

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A body whose length nobody knows ahead.</summary>
    private sealed class Unseekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
