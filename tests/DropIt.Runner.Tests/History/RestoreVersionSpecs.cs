using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Documents;
using DropIt.Runner.Tests.Harness;
using DropIt.Storage.History;

namespace DropIt.Runner.Tests.History;

/// <summary>Earlier versions of a workspace, brought back by its runner.</summary>
public sealed class RestoreVersionSpecs : IAsyncLifetime
{
    private static readonly string[] s_file = ["a.txt"];
    private static readonly string[] s_folder = ["src"];
    private static readonly int[] s_numbers = [1];
    private static readonly string[] s_outside = ["../etc"];

    private readonly TestRunner _runner = new();
    private readonly Slug _slug = Slug.TryParse(TestRunner.Slug, out var slug) ? slug : throw new InvalidOperationException();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_runner.Template, "a.txt"), "one\ntwo\nthree\n", Cancel);
        Directory.CreateDirectory(Path.Combine(_runner.Template, "src"));
        await File.WriteAllTextAsync(Path.Combine(_runner.Template, "src", "b.txt"), "b\n", Cancel);
        await File.WriteAllBytesAsync(Path.Combine(_runner.Template, "bin"), [0, 1, 2], Cancel);
    }

    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    [Fact]
    public async Task Edits_carry_who_made_them_and_programs_are_told_apart()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await OpenAsync(page, 1, "a.txt");
        await PushAsync(page, 1, 0, ChangeSet.Replace(14, 0, 0, "zero\n"));
        await page.FrameAsync(1, FrameType.Confirm);
        await VersionAsync(page);
        await page.ResultAsync("files.create", new { path = "made.txt", kind = "file" });
        await VersionAsync(page);
        await File.WriteAllTextAsync(At("by-program.txt"), "x", Cancel);
        await VersionAsync(page);
        using (var put = await _runner.Http.PutAsync(new Uri("/.dropit/files/up.txt", UriKind.Relative), new StringContent("up"), Cancel))
        {
            put.EnsureSuccessStatusCode();
        }

        await VersionAsync(page);

        Assert.Equal(
            [
                ("up.txt", "someone", false),
                ("by-program.txt", "", true),
                ("made.txt", "someone", false),
                ("a.txt", "someone", false),
                (null, "", false),
            ],
            (await VersionsAsync()).Select(v => (v.Files is [var file, ..] ? file.Path : null, string.Join(',', v.Authors), v.Programs)));
    }

    [Fact]
    public async Task A_whole_version_comes_back_and_that_can_be_taken_back()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        var first = await VersionAsync(page);
        await File.WriteAllTextAsync(At("a.txt"), "changed\n", Cancel);
        await File.WriteAllBytesAsync(At("bin"), [9], Cancel);
        File.SetUnixFileMode(At("bin"), (UnixFileMode)0b111_101_101);
        Directory.Delete(At("src"), recursive: true);
        await File.WriteAllTextAsync(At("src"), "a file now", Cancel);
        Directory.CreateDirectory(At("new/deep"));
        await File.WriteAllTextAsync(At("new/deep/c.txt"), "c", Cancel);
        File.CreateSymbolicLink(At("link"), "a.txt");
        var second = await VersionAsync(page);

        var done = await page.ResultAsync("history.restore", new { version = first });

        Assert.Equal(("one\ntwo\nthree\n", "b\n"), (Read("a.txt"), Read("src/b.txt")));
        Assert.Equal(new byte[] { 0, 1, 2 }, await File.ReadAllBytesAsync(At("bin"), Cancel));
        Assert.False(Path.Exists(At("new")));
        Assert.False(Path.Exists(At("link")));
        Assert.Equal((3, 3, 0), ((int)done["written"]!, (int)done["deleted"]!, (int)done["failedCount"]!));
        Assert.Equal(second, (string?)done["before"]);
        var restored = (await VersionsAsync())[0];
        Assert.Equal((VersionCause.Restored, first), (restored.Cause, restored.Restored));
        Assert.Equal(["someone"], restored.Authors);

        var back = await page.ResultAsync("history.restore", new { version = (string?)done["before"] });
        Assert.Equal(0, (int)back["failedCount"]!);
        Assert.Equal(("changed\n", "a file now", "c"), (Read("a.txt"), Read("src"), Read("new/deep/c.txt")));
        Assert.Equal("a.txt", new FileInfo(At("link")).LinkTarget);
        Assert.True(File.GetUnixFileMode(At("bin")).HasFlag(UnixFileMode.UserExecute));

        // Old versions are still there: three restored or written states, and the beginning.
        Assert.Equal(4, (await VersionsAsync()).Count);
    }

    [Fact]
    public async Task What_is_written_right_after_is_a_version_of_its_own()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        var first = await VersionAsync(page);
        await File.WriteAllTextAsync(At("a.txt"), "changed\n", Cancel);

        await page.ResultAsync("history.restore", new { version = first });
        await File.WriteAllTextAsync(At("by-program.txt"), "x", Cancel);
        await VersionAsync(page);

        Assert.Equal(
            [(VersionCause.Edit, "by-program.txt"), (VersionCause.Restored, "a.txt"), (VersionCause.Edit, "a.txt")],
            (await VersionsAsync()).Take(3).Select(v => (v.Cause, Assert.Single(v.Files).Path)));
    }

    [Fact]
    public async Task One_file_comes_back_into_an_open_document_as_a_diff_and_what_is_typed_elsewhere_stays()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        var first = await VersionAsync(page);
        await OpenAsync(page, 1, "a.txt");
        await OpenAsync(page, 2, "src/b.txt");
        await PushAsync(page, 1, 0, ChangeSet.Replace(14, 4, 7, "TWO"));
        await PushAsync(page, 2, 0, ChangeSet.Replace(2, 2, 2, "more\n"));
        await page.FrameAsync(1, FrameType.Confirm);
        await page.FrameAsync(2, FrameType.Confirm);

        await page.ResultAsync("history.restore", new { version = first, paths = s_file });

        var (_, payload) = await page.FrameAsync(1, FrameType.Updates);
        Assert.InRange(payload.Length, 5, 20); // the word, not the text
        Assert.Equal(("one\ntwo\nthree\n", "b\nmore\n"), (Read("a.txt"), Read("src/b.txt")));
    }

    [Fact]
    public async Task A_folder_comes_back_and_what_is_not_journalled_stays()
    {
        await File.WriteAllTextAsync(Path.Combine(_runner.Template, "dropit.json"), """{"ignore":["out/"]}""", Cancel);
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        var first = await VersionAsync(page);
        await File.WriteAllTextAsync(At("src/b.txt"), "B\n", Cancel);
        await File.WriteAllTextAsync(At("a.txt"), "A\n", Cancel);
        Directory.CreateDirectory(At("src/out"));
        await File.WriteAllTextAsync(At("src/out/built"), "built", Cancel);
        await File.WriteAllTextAsync(At("src/new.txt"), "n", Cancel);
        await VersionAsync(page);

        await page.ResultAsync("history.restore", new { version = first, paths = s_folder });

        Assert.Equal(("b\n", "A\n", "built"), (Read("src/b.txt"), Read("a.txt"), Read("src/out/built")));
        Assert.False(File.Exists(At("src/new.txt")));
    }

    [Fact]
    public async Task What_cannot_be_restored_is_refused_in_words_and_changes_nothing()
    {
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        await using var viewer = await _runner.ConnectAsync(Role.Viewer);
        var first = await VersionAsync(page);

        Assert.Equal("not_found", await page.ErrorAsync("history.restore", new { version = "9-9" }));
        Assert.Equal("not_found", await page.ErrorAsync("history.restore", new { version = "../../x" }));
        Assert.Equal("bad_request", await page.ErrorAsync("history.restore"));
        Assert.Equal("bad_request", await page.ErrorAsync("history.restore", new { version = first, paths = Array.Empty<string>() }));
        Assert.Equal("bad_request", await page.ErrorAsync("history.restore", new { version = first, paths = s_numbers }));
        Assert.Equal("bad_request", await page.ErrorAsync("history.restore", new { version = first, paths = Enumerable.Repeat("a", 201) }));
        Assert.NotEqual("", await page.ErrorAsync("history.restore", new { version = first, paths = s_outside }));
        Assert.Equal("denied", await viewer.ErrorAsync("history.restore", new { version = first }));
        Assert.Equal("one\ntwo\nthree\n", Read("a.txt"));
        Assert.Single(await VersionsAsync());
    }

    private static async Task OpenAsync(TestPage page, uint channel, string path)
    {
        await page.ResultAsync("document.open", new { channel, path, client = $"client{channel:d4}" });
        await page.FrameAsync(channel, FrameType.Snapshot);
    }

    private static Task PushAsync(TestPage page, uint channel, uint version, ChangeSet changes) =>
        page.SendAsync(channel, FrameType.Push, DocumentFrames.Push(version, 1, [changes]).Span);

    /// <summary>Everything written before is a version when this returns; the answer is its name.</summary>
    private async Task<string> VersionAsync(TestPage page)
    {
        await page.SettleAsync();
        await _runner.Storage.Store.SettledAsync(_slug, Cancel);
        return (await VersionsAsync())[0].Id.ToString();
    }

    private async Task<IReadOnlyList<WorkspaceVersion>> VersionsAsync() =>
        (await _runner.Storage.History.ListAsync(_slug, null, null, WorkspaceHistory.MaxPage, Cancel)).Value!.Versions;

    private string At(string path) => Path.Combine(_runner.Root, path);

    private string Read(string path) => File.ReadAllText(At(path));
}
