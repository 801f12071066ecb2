using DropIt.Protocol.Tickets;
using DropIt.Runner.Formatting;
using DropIt.Runner.Tests.Harness;

namespace DropIt.Runner.Tests.Formatting;

public sealed class FormatSpecs : IAsyncDisposable
{
    private static readonly Dictionary<string, string> None = [];
    private readonly TestRunner _runner = new();

    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    [Theory]
    [InlineData("a.ts", "node_modules/.bin/prettier", "Prettier")]
    [InlineData("a.py", ".venv/bin/black", "Black")]
    [InlineData("a.go", "gofmt", "gofmt")]
    [InlineData("a.hpp", "clang-format", "clang-format")]
    [InlineData("a.cs", "dotnet", "dotnet format")]
    public void Each_language_has_its_tool_and_says_how_to_get_it(string path, string tool, string name)
    {
        string? Find(string wanted) => wanted == tool ? "/" + wanted : null;
        var formatter = Formatters.Of(path, Find, Find, None, "/bin/sh", out var known, out _);
        Assert.Equal(name, formatter!.Name);
        Assert.True(known);
        Assert.Null(Formatters.Of(path, _ => null, _ => null, None, "/bin/sh", out known, out var problem));
        Assert.True(known);
        Assert.Contains("installed", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_is_formatted_as_a_difference_and_the_file_is_left_alone()
    {
        Write("dropit.json", """{ "format": { "txt": "sed s/b/B/", "bad": "echo wrong >&2; exit 3", "none": "cat > /dev/null" } }""");
        Write("a.txt", "\ufeffa\r\nb\r\nc\r\n");
        Write("a.bad", "x");
        Write("a.none", "x");
        Write("a.what", "x");
        Write("a.ts", "x");
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        var answer = await page.ResultAsync("format.run", new { path = "a.txt" });
        Assert.Equal("""[{"from":2,"to":3,"insert":"B"}]""", answer["edits"]!.ToJsonString());
        Assert.Equal(FormatRequests.Mark("a\nb\nc\n"), (string?)answer["before"]);
        byte[] before = [.. "\ufeffa\r\nb\r\nc\r\n"u8];
        Assert.Equal(before, await File.ReadAllBytesAsync(At("a.txt"), TestContext.Current.CancellationToken));
        Assert.Contains("wrong", await MessageAsync(page, "a.bad"), StringComparison.Ordinal);
        Assert.Contains("printed nothing", await MessageAsync(page, "a.none"), StringComparison.Ordinal);
        Assert.Contains("\"format\" in dropit.json", await MessageAsync(page, "a.what"), StringComparison.Ordinal);
        Assert.Contains("npm install", await MessageAsync(page, "a.ts"), StringComparison.Ordinal);
        Assert.Equal("missing_tool", await page.ErrorAsync("format.run", new { path = "a.ts" }));
        Assert.Equal("bad_request", await page.ErrorAsync("format.run", new { path = "../a.txt" }));
        await using var viewer = await _runner.ConnectAsync(Role.Viewer);
        Assert.Equal("denied", await viewer.ErrorAsync("format.run", new { path = "a.txt" }));
    }

    [Fact]
    public async Task What_a_workspace_says_about_the_editor_is_told_to_pages()
    {
        Write("dropit.json", """{ "editor": { "tabSize": 4 } }""");
        await _runner.StartAsync();
        await using var page = await _runner.ConnectAsync();
        Assert.Equal(4, (int)page.Hello["project"]!["editor"]!["tabSize"]!);
        Write("dropit.json", """{ "editor": 3 }""");
        var project = await page.EventAsync("project", e => e["project"]!["editor"] is null);
        Assert.Null((string?)project["project"]!["error"]);
    }

    private static async Task<string> MessageAsync(TestPage page, string path)
    {
        var reply = await page.ReplyAsync(await page.BeginAsync("format.run", new { path }));
        return (string)reply["error"]!["message"]!;
    }

    private void Write(string path, string text) => File.WriteAllText(At(path), text);

    private string At(string path) => Path.Combine(_runner.Root, path);
}
