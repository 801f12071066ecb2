using System.IO.Compression;
using System.Net;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Files;

/// <summary>Taking back a deletion, new files that start with something, and zips that are unpacked.</summary>
public sealed class TrashSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();
    private TestPage _page = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _runner.StartAsync();
        _page = await _runner.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        await _runner.DisposeAsync();
    }

    [Fact]
    public async Task A_deleted_folder_comes_back_with_all_in_it()
    {
        Directory.CreateDirectory(At("a/b"));
        File.WriteAllText(At("a/b/c.txt"), "c");
        File.CreateSymbolicLink(At("a/link"), "b");
        var id = (string)(await _page.ResultAsync("files.delete", new { path = "a/b" }))["trash"]!;
        var whole = (string)(await _page.ResultAsync("files.delete", new { path = "a" }))["trash"]!;
        Assert.False(Directory.Exists(At("a")));

        await _page.ResultAsync("files.restore", new { trash = id });
        Assert.Equal("c", File.ReadAllText(At("a/b/c.txt")));
        Assert.Equal("exists", await _page.ErrorAsync("files.restore", new { trash = whole }));
        Assert.Equal("not_found", await _page.ErrorAsync("files.restore", new { trash = id }));
        await _page.ResultAsync("files.delete", new { path = "a", forever = true });
        Assert.Equal("a", (string?)(await _page.ResultAsync("files.restore", new { trash = whole }))["path"]);
        Assert.Equal("b", new FileInfo(At("a/link")).LinkTarget);
    }

    [Fact]
    public async Task Where_the_state_lies_on_another_disk_a_deletion_comes_back_too()
    {
        var state = Directory.CreateDirectory("/dev/shm/dropit-" + Guid.NewGuid().ToString("n"));
        await using var runner = new TestRunner();
        await runner.StartAsync(runner.Options with { State = state.FullName });
        await using var page = await runner.ConnectAsync();
        Directory.CreateDirectory(Path.Combine(runner.Root, "a/b"));
        File.WriteAllText(Path.Combine(runner.Root, "a/b/c.txt"), "c");
        File.CreateSymbolicLink(Path.Combine(runner.Root, "a/link"), "b");
        var id = (string)(await page.ResultAsync("files.delete", new { path = "a" }))["trash"]!;
        Assert.False(Directory.Exists(Path.Combine(runner.Root, "a")));
        await page.ResultAsync("files.restore", new { trash = id });
        Assert.Equal("c", File.ReadAllText(Path.Combine(runner.Root, "a/b/c.txt")));
        Assert.Equal("b", new FileInfo(Path.Combine(runner.Root, "a/link")).LinkTarget);
        await runner.StopAsync();
        state.Delete(recursive: true);
    }

    [Fact]
    public async Task What_is_larger_than_the_trash_stays_unless_it_is_said_twice()
    {
        using (var file = File.Create(At("large.bin")))
        {
            file.SetLength(300L * 1024 * 1024);
        }

        Assert.Equal("too_large", await _page.ErrorAsync("files.delete", new { path = "large.bin" }));
        Assert.True(File.Exists(At("large.bin")));
        Assert.Null((await _page.ResultAsync("files.delete", new { path = "large.bin", forever = true }))["trash"]);
        Assert.False(File.Exists(At("large.bin")));
    }

    [Fact]
    public async Task The_trash_keeps_the_last_64()
    {
        var ids = new List<string>();
        for (var i = 0; i < 65; i++)
        {
            File.WriteAllText(At($"{i}.txt"), "x");
            ids.Add((string)(await _page.ResultAsync("files.delete", new { path = $"{i}.txt" }))["trash"]!);
        }

        Assert.Equal("not_found", await _page.ErrorAsync("files.restore", new { trash = ids[0] }));
        await _page.ResultAsync("files.restore", new { trash = ids[1] });
        Assert.Equal(63, Directory.GetFiles(Path.Combine(_runner.State, "trash")).Length);
    }

    [Fact]
    public async Task A_new_file_starts_with_its_text()
    {
        await _page.ResultAsync("files.create", new { path = "a/page.html", kind = "file", text = "<!doctype html>\n" });
        Assert.Equal("<!doctype html>\n", File.ReadAllText(At("a/page.html")));
        Assert.Equal("too_large", await _page.ErrorAsync("files.create", new { path = "b", kind = "file", text = new string('b', 17_000) }));
    }

    [Fact]
    public async Task A_zip_is_unpacked_into_a_folder_and_replaces_nothing()
    {
        File.WriteAllBytes(At("code.zip"), Zip(("src/a.txt", "a", 0x81A4), ("src/run.sh", "#!/bin/sh", 0x81ED), ("src/empty/", "", 0x41ED), ("in", "src", 0xA1FF), ("out", "../x", 0xA1FF)));
        Assert.Equal(3, (int)(await _page.ResultAsync("files.unpack", new { path = "code.zip", to = "deep/er" }))["files"]!);
        Assert.Equal("a", File.ReadAllText(At("deep/er/src/a.txt")));
        Assert.True(File.GetUnixFileMode(At("deep/er/src/run.sh")).HasFlag(UnixFileMode.UserExecute));
        Assert.True(Directory.Exists(At("deep/er/src/empty")));
        Assert.Equal("src", new FileInfo(At("deep/er/in")).LinkTarget);
        Assert.Null(FileTarget("deep/er/out"));

        File.WriteAllText(At("deep/er/src/a.txt"), "mine");
        Assert.Equal("exists", await _page.ErrorAsync("files.unpack", new { path = "code.zip", to = "deep/er" }));
        Assert.Equal("mine", File.ReadAllText(At("deep/er/src/a.txt")));
    }

    [Fact]
    public async Task A_link_that_is_there_is_not_written_through()
    {
        var outside = Directory.CreateTempSubdirectory("dropit-outside-");
        File.CreateSymbolicLink(At("src"), outside.FullName);
        File.WriteAllBytes(At("code.zip"), Zip(("src/evil.txt", "x", 0x81A4)));
        Assert.Equal("exists", await _page.ErrorAsync("files.unpack", new { path = "code.zip", to = "" }));
        Assert.Empty(outside.EnumerateFileSystemInfos());
        outside.Delete();
    }

    [Theory]
    [InlineData("../evil", "x")]
    [InlineData("/evil", "x")]
    [InlineData("a/b", "b below a")]
    public async Task A_zip_that_means_harm_makes_nothing(string path, string text)
    {
        File.WriteAllBytes(At("bad.zip"), Zip(("a", "fine", 0x81A4), (path, text, 0x81A4)));
        Assert.Equal("bad_request", await _page.ErrorAsync("files.unpack", new { path = "bad.zip", to = "" }));
        Assert.Equal(["bad.zip"], Directory.GetFileSystemEntries(_runner.Root).Select(Path.GetFileName));
    }

    [Fact]
    public async Task An_uploaded_zip_is_unpacked_without_lying_in_the_workspace()
    {
        using var ok = await UploadAsync("lib", Zip(("a.txt", "a", 0x81A4)));
        Assert.Equal(HttpStatusCode.NoContent, ok.StatusCode);
        Assert.Equal("a", File.ReadAllText(At("lib/a.txt")));
        using var again = await UploadAsync("lib", Zip(("a.txt", "b", 0x81A4)));
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Contains("a.txt", await again.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        using var none = await UploadAsync("lib", "no zip"u8.ToArray());
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        Assert.Equal(["a.txt"], Directory.GetFileSystemEntries(At("lib")).Select(Path.GetFileName));
    }

    private static byte[] Zip(params (string Path, string Text, int Mode)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create))
        {
            foreach (var (path, text, mode) in entries)
            {
                var entry = zip.CreateEntry(path);
                entry.ExternalAttributes = mode << 16;
                using var writer = new StreamWriter(entry.Open());
                writer.Write(text);
            }
        }

        return stream.ToArray();
    }

    private Task<HttpResponseMessage> UploadAsync(string folder, byte[] zip) =>
        _runner.Http.PutAsync($"/.dropit/files/{folder}?unpack", new ByteArrayContent(zip), Ct);

    private string? FileTarget(string path) => new FileInfo(At(path)) is { Exists: true } file ? file.LinkTarget ?? "" : null;

    private string At(string path) => Path.Combine(_runner.Root, path);
}
