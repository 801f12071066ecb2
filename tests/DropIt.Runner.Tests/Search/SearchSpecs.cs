using System.Text;
using System.Text.Json.Nodes;
using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Search;

/// <summary>Search and replace across the files of a real runner.</summary>
public sealed class SearchSpecs : IAsyncLifetime
{
    private readonly TestRunner _runner = new();
    private TestPage _page = null!;
    private int _search;

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

    [Theory]
    [InlineData("""{"text":"total"}""", "a.ts:1:5 a.ts:2:1 b.ts:1:1")]
    [InlineData("""{"text":"Total"}""", "b.ts:1:1")]
    [InlineData("""{"text":"Total","case":"insensitive"}""", "a.ts:1:5 a.ts:2:1 b.ts:1:1")]
    [InlineData("""{"text":"total","case":"sensitive"}""", "a.ts:1:5 a.ts:2:1")]
    [InlineData("""{"text":"total","word":true}""", "a.ts:2:1 b.ts:1:1")]
    [InlineData("""{"text":"to.al$","regex":true}""", "b.ts:1:1")]
    [InlineData("""{"text":"sub|to","regex":true,"word":true}""", "")]
    [InlineData("""{"text":"(?<=sub)total","regex":true}""", "a.ts:1:5")]
    [InlineData("""{"text":"total","include":["b.*"]}""", "b.ts:1:1")]
    [InlineData("""{"text":"total","exclude":["a.ts"]}""", "b.ts:1:1")]
    [InlineData("""{"text":"a.b"}""", "")]
    public async Task Matches_are_those_of_ripgrep(string query, string expected)
    {
        Write("a.ts", "xsubtotal()\r\ntotal = 1\r\n");
        Write("b.ts", "Total\naxb\n");
        var (matches, _) = await SearchAsync(JsonNode.Parse(query)!.AsObject());
        Assert.Equal(expected, string.Join(' ', matches));
    }

    [Fact]
    public async Task What_is_ignored_binary_or_huge_is_left_out_and_counted()
    {
        Write(".gitignore", "*.log\n/dist/\n");
        Write("a.log", "needle");
        Write("dist/a.js", "needle");
        Write("node_modules/x/index.js", "needle");
        Write(".git/config", "needle");
        Write("deep/.gitignore", "!a.log\n");
        Write("deep/a.log", "needle");
        File.WriteAllBytes(At("a.bin"), [.. "needle\0"u8]);
        File.WriteAllBytes(At("latin1.txt"), [.. "needle"u8, 0xe9]);
        Write("huge.txt", new string('x', 6 * 1024 * 1024) + "needle");
        File.CreateSymbolicLink(At("link.txt"), "deep/a.log");
        var (matches, summary) = await SearchAsync(new JsonObject { ["text"] = "needle" });
        Assert.Equal(["deep/a.log:1:1"], matches);
        Assert.Equal(2, (int)summary["binary"]!);
        Assert.Equal(["huge.txt"], summary["tooLarge"]!.AsArray().Select(path => (string?)path));
        Assert.Null((string?)summary["stopped"]);

        var (all, _) = await SearchAsync(new JsonObject { ["text"] = "needle", ["all"] = true });
        Assert.Equal(["a.log:1:1", "deep/a.log:1:1", "dist/a.js:1:1", "node_modules/x/index.js:1:1"], all);
    }

    [Fact]
    public async Task An_expression_made_to_be_slow_ends_and_a_broken_one_is_told_in_words()
    {
        Write("a.txt", new string('a', 5_000) + "!");
        var (none, _) = await SearchAsync(new JsonObject { ["text"] = "(a+)+$", ["regex"] = true });
        Assert.Empty(none);
        var (_, summary) = await SearchAsync(new JsonObject { ["text"] = @"(?!b)(a+)+\1$", ["regex"] = true });
        Assert.Equal(1, (int)summary["slow"]!);

        var reply = await _page.ReplyAsync(await _page.BeginAsync("search.start", new { search = 90, text = "(a", regex = true }));
        Assert.Equal("bad_request", (string?)reply["error"]!["code"]);
        Assert.Contains("not valid", (string?)reply["error"]!["message"], StringComparison.Ordinal);
        Assert.Equal("bad_request", await _page.ErrorAsync("search.start", new { search = 91, text = "a\nb" }));
        Assert.Equal("bad_request", await _page.ErrorAsync("search.start", new { search = 92, text = "" }));
    }

    [Fact]
    public async Task A_search_with_too_many_matches_stops_and_says_so()
    {
        for (var i = 0; i < 30; i++)
        {
            Write($"f{i}.txt", string.Concat(Enumerable.Repeat("x\n", 600)));
        }

        var (matches, summary) = await SearchAsync(new JsonObject { ["text"] = "x" });
        Assert.Equal("matches", (string?)summary["stopped"]);
        Assert.InRange(matches.Count, 10_000, 11_000);
    }

    [Fact]
    public async Task Text_that_is_not_saved_yet_is_searched_too()
    {
        Write("a.txt", "old");
        await OpenAsync("a.txt");
        await PushAsync(ChangeSet.Replace(3, 0, 3, "fresh"));
        await _page.FrameAsync(1, FrameType.Confirm);
        var (matches, _) = await SearchAsync(new JsonObject { ["text"] = "fresh" });
        Assert.Equal(["a.txt:1:1"], matches);
    }

    [Fact]
    public async Task Another_search_ends_the_one_before_it()
    {
        for (var i = 0; i < 2_000; i++)
        {
            Write($"many/f{i}.txt", "needle in the hay\n");
        }

        var first = await _page.BeginAsync("search.start", new { search = 1, text = "needle" });
        var second = await _page.BeginAsync("search.start", new { search = 2, text = "nothing like it" });
        await _page.ResultAsync("search.stop");
        Assert.NotNull((await _page.ReplyAsync(first))["result"]);
        Assert.NotNull((await _page.ReplyAsync(second))["result"]);
    }

    [Fact]
    public async Task A_replacement_reaches_open_documents_and_files_and_can_be_taken_back()
    {
        Write("a.txt", "one two one\n");
        Write("b.txt", "one\r\n");
        Write("c.txt", "two\n");
        await OpenAsync("a.txt");
        var query = new { text = "o(n)e", regex = true, replacement = "[$1]" };
        var result = await _page.ResultAsync("search.replace", query);
        Assert.Equal((2, 3), ((int)result["files"]!, (int)result["matches"]!));
        Assert.Equal("[n] two [n]\n", Read("a.txt"));
        Assert.Equal("[n]\r\n", Read("b.txt"));
        var (_, payload) = await _page.FrameAsync(1, FrameType.Updates);
        Assert.True(payload.Length < 30, "a diff, not the whole text");

        // What is typed meanwhile stays.
        await PushAsync(ChangeSet.Replace(12, 4, 7, "2"), version: 1);
        await _page.FrameAsync(1, FrameType.Confirm);
        var undone = await _page.ResultAsync("search.undo", new { undo = (long)result["undo"]! });
        Assert.Equal((2, 0), ((int)undone["files"]!, (int)undone["failedCount"]!));
        Assert.Equal("one 2 one\n", Read("a.txt"));
        Assert.Equal("one\r\n", Read("b.txt"));
        Assert.Equal("not_found", await _page.ErrorAsync("search.undo", new { undo = (long)result["undo"]! }));
    }

    [Fact]
    public async Task Only_the_chosen_matches_are_replaced()
    {
        Write("a.txt", "x x\nx\n");
        Write("b.txt", "x\n");
        await _page.ResultAsync("search.replace", new
        {
            text = "x",
            replacement = "y",
            @in = JsonNode.Parse("""[{"path":"a.txt","at":[[1,3],[2,1]]}]"""),
        });
        Assert.Equal(("x y\ny\n", "x\n"), (Read("a.txt"), Read("b.txt")));
        await _page.ResultAsync("search.replace", new
        {
            text = "y",
            replacement = "z",
            except = JsonNode.Parse("""[{"path":"a.txt","at":[[1,3]]}]"""),
        });
        Assert.Equal("x y\nz\n", Read("a.txt"));
        Assert.Equal("bad_request", await _page.ErrorAsync("search.replace", new { text = "x" }));
        Assert.Equal("bad_request", await _page.ErrorAsync("search.replace", new { text = "x", replacement = "", @in = "a.txt" }));
    }

    [Fact]
    public async Task A_path_outside_is_not_touched_and_a_viewer_may_only_look()
    {
        var outside = Path.Combine(Path.GetDirectoryName(_runner.Root)!, "outside.txt");
        await File.WriteAllTextAsync(outside, "x", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(At("out"), "..");
        var paths = JsonNode.Parse("""[{"path":"out/outside.txt"},{"path":"../outside.txt"}]""");
        await _page.ResultAsync("search.replace", new { text = "x", replacement = "y", @in = paths });
        Assert.Equal("x", await File.ReadAllTextAsync(outside, TestContext.Current.CancellationToken));
        await using var viewer = await _runner.ConnectAsync(Role.Viewer);
        Assert.Equal("denied", await viewer.ErrorAsync("search.replace", new { text = "x", replacement = "y" }));
        await viewer.ResultAsync("search.start", new { search = 1, text = "x" });
    }

    private async Task<(List<string> Matches, JsonNode Summary)> SearchAsync(JsonObject query)
    {
        query["search"] = ++_search;
        var summary = await _page.ResultAsync("search.start", query);
        var matches = new List<string>();
        for (var files = 0; files < (int)summary["files"]!;)
        {
            var found = await _page.EventAsync("search", e => (int)e["search"]! == _search);
            foreach (var file in found["files"]!.AsArray())
            {
                files++;
                matches.AddRange(file!["matches"]!.AsArray().Select(match => $"{file["path"]}:{match!["line"]}:{match["column"]}"));
            }
        }

        matches.Sort(StringComparer.Ordinal);
        return (matches, summary);
    }

    private async Task OpenAsync(string path)
    {
        await _page.ResultAsync("document.open", new { channel = 1, path, client = "client01" });
        await _page.FrameAsync(1, FrameType.Snapshot);
    }

    private Task PushAsync(ChangeSet changes, uint version = 0)
    {
        var sections = changes.ToBytes();
        var payload = new byte[15 + sections.Length];
        var length = Varint.Write(payload, version);
        length += Varint.Write(payload.AsSpan(length), 1);
        length += Varint.Write(payload.AsSpan(length), (uint)sections.Length);
        sections.CopyTo(payload, length);
        return _page.SendAsync(1, FrameType.Push, payload.AsSpan(0, length + sections.Length));
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text, new UTF8Encoding(false));
    }

    private string Read(string path) => File.ReadAllText(At(path));

    private string At(string path) => Path.Combine(_runner.Root, path);
}
