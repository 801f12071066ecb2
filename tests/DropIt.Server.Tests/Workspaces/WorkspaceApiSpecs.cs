using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Workspaces;

public sealed class WorkspaceApiOnSqliteSpecs() : WorkspaceApiSpecs(TestDatabase.Sqlite);

public sealed class WorkspaceApiOnPostgresSpecs(PostgresServer postgres) : WorkspaceApiSpecs(TestDatabase.Postgres(postgres));

public abstract class WorkspaceApiSpecs(TestDatabase database)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workspace_is_made_listed_renamed_and_deleted()
    {
        await using var server = await database.StartAsync();
        var slug = await server.CreateAsync();
        using var renamed = await server.SendAsync(HttpMethod.Patch, $"/api/workspaces/{slug}", new { name = "  mine " });
        Assert.Equal(HttpStatusCode.OK, renamed.StatusCode);
        var listed = Assert.Single((await server.GetJsonAsync("/api/workspaces")).EnumerateArray());
        Assert.Equal(("mine", "node", "asleep"), (Text(listed, "name"), Text(listed, "stack"), Text(listed, "state")));

        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Delete, $"/api/workspaces/{slug}")).StatusCode);
        Assert.Empty((await server.GetJsonAsync("/api/workspaces")).EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync($"/api/workspaces/{slug}")).StatusCode);
    }

    [Fact]
    public async Task Its_files_are_there_while_no_runner_runs()
    {
        await using var server = await database.StartAsync();
        var slug = await server.CreateAsync();
        var template = await File.ReadAllTextAsync(Path.Combine(Built.Templates, "node", "index.js"), Cancel);
        Assert.Contains((await server.GetJsonAsync($"/api/workspaces/{slug}/files")).EnumerateArray(), f => Text(f, "path") == "index.js");

        using var file = await server.GetAsync($"/api/workspaces/{slug}/files/index.js");
        Assert.Equal(template, await file.Content.ReadAsStringAsync(Cancel));
        Assert.Equal("attachment", file.Content.Headers.ContentDisposition!.DispositionType);

        using var zip = await server.GetAsync($"/api/workspaces/{slug}/archive.zip");
        using var archive = new ZipArchive(new MemoryStream(await zip.Content.ReadAsByteArrayAsync(Cancel)));
        using var entry = new StreamReader(archive.GetEntry("index.js")!.Open());
        Assert.Equal(template, await entry.ReadToEndAsync(Cancel));
        Assert.Null(archive.GetEntry(".stack.json"));
    }

    [Fact]
    public async Task A_name_out_of_bounds_is_refused_in_words()
    {
        await using var server = await database.StartAsync();
        string[] names =
        [
            "",
            "two\nlines",
            "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
        ];
        await Assert.AllAsync(names, async name =>
        {
            using var answer = await server.SendAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty", name });
            await AssertProblemAsync(answer, HttpStatusCode.BadRequest, "1 to 100 characters");
        });
    }

    [Fact]
    public async Task What_cannot_be_read_is_refused_in_words()
    {
        await using var server = await database.StartAsync();
        await AssertProblemAsync(
            await server.SendAsync(HttpMethod.Post, "/api/workspaces", new { stack = "cobol" }), HttpStatusCode.BadRequest, "no stack 'cobol'");
        await AssertProblemAsync(
            await server.SendAsync(HttpMethod.Post, "/api/workspaces", "just text"), HttpStatusCode.BadRequest, "cannot be read");
        await AssertProblemAsync(
            await server.SendAsync(HttpMethod.Post, "/api/workspaces", new { stack = new string('x', 100_000) }),
            HttpStatusCode.RequestEntityTooLarge,
            "64 KiB");
        await AssertProblemAsync(
            await server.SendAsync(HttpMethod.Post, "/api/workspaces/nosuchworkspace/open"), HttpStatusCode.NotFound, "no workspace");
        var slug = await server.CreateAsync("empty");
        await AssertProblemAsync(
            await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/preview", new { port = 70000 }), HttpStatusCode.BadRequest, "not a port");
    }

    [Fact]
    public async Task Another_site_can_do_nothing_with_the_users_cookie()
    {
        await using var server = await database.StartAsync();
        var slug = await server.CreateAsync("empty");
        foreach (var origin in (string[])["http://evil.example", $"http://{slug}.localhost:{server.Port}", "null"])
        {
            using var answer = await server.SendAsync(HttpMethod.Delete, $"/api/workspaces/{slug}", origin: origin);
            await AssertProblemAsync(answer, HttpStatusCode.Forbidden, "own page");
        }

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync($"/api/workspaces/{slug}")).StatusCode);
    }

    [Fact]
    public async Task Who_is_not_signed_in_sees_nothing()
    {
        await using var server = await database.StartAsync(signIn: false);
        foreach (var path in (string[])["/api/session", "/api/stacks", "/api/workspaces", "/api/workspaces/abcdefghijklmn/files"])
        {
            await AssertProblemAsync(await server.GetAsync(path), HttpStatusCode.Unauthorized, "not signed in");
        }
    }

    [Fact]
    public async Task A_stack_with_broken_JSON_says_so_and_the_others_work()
    {
        var templates = Directory.CreateTempSubdirectory("dropit-").FullName;
        foreach (var (id, file, text) in ((string, string, string)[])
            [("good", ".stack.json", """{ "name": "Good", "tools": [{ "command": "no-such-tool", "hint": "Get it." }] }"""),
             ("bad", ".stack.json", "{ \"name\": "),
             ("worse", ".stack.json", "{}"),
             ("worse", "dropit.json", "{ run: }")])
        {
            Directory.CreateDirectory(Path.Combine(templates, id));
            await File.WriteAllTextAsync(Path.Combine(templates, id, file), text, Cancel);
        }

        await using var server = await database.StartAsync(templates);
        var stacks = (await server.GetJsonAsync("/api/stacks")).EnumerateArray().ToDictionary(s => Text(s, "id"));
        Assert.Contains("Get it.", Text(stacks["good"].GetProperty("missing")[0], "message"), StringComparison.Ordinal);
        Assert.Contains(".stack.json is not valid JSON at line 1", Text(stacks["bad"], "error"), StringComparison.Ordinal);
        Assert.Contains("dropit.json is not valid JSON", Text(stacks["worse"], "error"), StringComparison.Ordinal);
        await AssertProblemAsync(
            await server.SendAsync(HttpMethod.Post, "/api/workspaces", new { stack = "bad" }), HttpStatusCode.Conflict, "not valid JSON");
        await server.CreateAsync("good");
        Directory.Delete(templates, recursive: true);
    }

    private static async Task AssertProblemAsync(HttpResponseMessage answer, HttpStatusCode status, string words)
    {
        using (answer)
        {
            Assert.Equal(status, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
            Assert.Contains(words, Text(await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel), "detail"), StringComparison.Ordinal);
        }
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
