using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Workspaces;

public sealed class VersionsApiSpecs(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_timeline_a_version_its_files_and_what_changed_are_there_also_while_it_sleeps()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync();
        var ticket = await server.OpenAsync(slug);
        await PutAsync(server, slug, ticket, "index.js", "new text"u8.ToArray());
        await PutAsync(server, slug, ticket, "bin", [0, 1, 2]);
        await StopAsync(server, slug);

        var page = await server.GetJsonAsync($"/api/workspaces/{slug}/versions");
        var versions = page.GetProperty("versions").EnumerateArray().ToList();
        var (newest, first) = (versions[0], versions[^1]);
        Assert.Equal(("created", "0-0"), (Text(first, "cause"), Text(first, "id")));
        Assert.Equal("edit", Text(newest, "cause"));
        Assert.Equal(JsonValueKind.Null, page.GetProperty("next").ValueKind);
        Assert.NotEmpty(versions.SelectMany(v => v.GetProperty("authors").EnumerateArray()));
        Assert.All(versions, version => Assert.False(version.GetProperty("programs").GetBoolean()));

        var id = Text(newest, "id");
        var changes = await server.GetJsonAsync($"/api/workspaces/{slug}/versions/{id}/changes?since=0-0");
        Assert.Equal(("0-0", 2), (Text(changes, "since"), changes.GetProperty("total").GetInt32()));
        Assert.Equal(
            [("bin", "added"), ("index.js", "changed")],
            changes.GetProperty("files").EnumerateArray().Select(f => (Text(f, "path"), Text(f, "change"))));
        Assert.Contains(
            (await server.GetJsonAsync($"/api/workspaces/{slug}/versions/{id}/files")).EnumerateArray(), f => Text(f, "path") == "bin");

        using var now = await server.GetAsync($"/api/workspaces/{slug}/versions/{id}/files/index.js");
        Assert.Equal("new text", await now.Content.ReadAsStringAsync(Cancel));
        Assert.Equal(("attachment", 8), (now.Content.Headers.ContentDisposition!.DispositionType, now.Content.Headers.ContentLength));
        using var then = await server.GetAsync($"/api/workspaces/{slug}/versions/0-0/files/index.js");
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(Built.Templates, "node", "index.js"), Cancel),
            await then.Content.ReadAsStringAsync(Cancel));
        using var binary = await server.GetAsync($"/api/workspaces/{slug}/versions/{id}/files/bin");
        Assert.Equal(new byte[] { 0, 1, 2 }, await binary.Content.ReadAsByteArrayAsync(Cancel));

        using var zip = await server.GetAsync($"/api/workspaces/{slug}/versions/0-0/archive.zip");
        await using var archive = new ZipArchive(new MemoryStream(await zip.Content.ReadAsByteArrayAsync(Cancel)));
        Assert.NotNull(archive.GetEntry("index.js"));
        Assert.Null(archive.GetEntry("bin"));
    }

    [Fact]
    public async Task A_page_of_the_timeline_leads_to_the_next_and_a_file_has_its_own()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync();
        var ticket = await server.OpenAsync(slug);
        for (var i = 0; i < 4; i++)
        {
            await PutAsync(server, slug, ticket, i % 2 == 0 ? "even.txt" : "odd.txt", [(byte)('a' + i)]);
            await FlushAsync(server, slug, ticket);
            await server.GetJsonAsync($"/api/workspaces/{slug}/versions"); // who looks makes it a version
        }

        var seen = new List<string>();
        for (string? next = ""; next is not null;)
        {
            var page = await server.GetJsonAsync($"/api/workspaces/{slug}/versions?limit=2{(next == "" ? "" : $"&before={next}")}");
            Assert.InRange(page.GetProperty("versions").GetArrayLength(), 1, 2);
            seen.AddRange(page.GetProperty("versions").EnumerateArray().Select(v => Text(v, "id")));
            next = page.GetProperty("next").GetString();
        }

        Assert.Equal(5, seen.Distinct().Count());
        Assert.Equal(5, seen.Count);
        var own = await server.GetJsonAsync($"/api/workspaces/{slug}/versions?path=even.txt");
        Assert.Equal([seen[1], seen[3]], own.GetProperty("versions").EnumerateArray().Select(v => Text(v, "id")));
    }

    [Fact]
    public async Task What_does_not_exist_is_missed_in_words()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync();
        foreach (var what in (string[])["9-9/files", "9-9/files/index.js", "9-9/changes", "0-0/changes?since=9-9", "9-9/archive.zip"])
        {
            await AssertProblemAsync(server, $"/api/workspaces/{slug}/versions/{what}", HttpStatusCode.NotFound, "no longer kept");
        }

        foreach (var what in (string[])["x/files", "1/files/a", "1-2-3/changes", "0-0/changes?since=yesterday", "-1-1/archive.zip"])
        {
            await AssertProblemAsync(server, $"/api/workspaces/{slug}/versions/{what}", HttpStatusCode.BadRequest, "does not name a version");
        }

        await AssertProblemAsync(server, $"/api/workspaces/{slug}/versions/0-0/files/nothing.txt", HttpStatusCode.NotFound, "nothing.txt");
        await AssertProblemAsync(server, $"/api/workspaces/{slug}/versions?before=x", HttpStatusCode.BadRequest, "does not name a version");
        await AssertProblemAsync(server, $"/api/workspaces/{slug}/versions?limit=0", HttpStatusCode.BadRequest, "1 to 200");
        await AssertProblemAsync(server, $"/api/workspaces/{slug}/versions?limit=201", HttpStatusCode.BadRequest, "1 to 200");
    }

    [Fact]
    public async Task Only_whose_workspace_it_is_sees_its_history()
    {
        var server = shared.Server;
        var slug = await server.CreateAsync();
        string[] routes =
        [
            "",
            "/0-0/files",
            "/0-0/files/index.js",
            "/0-0/changes",
            "/0-0/archive.zip",
        ];
        await Assert.AllAsync(routes, async route =>
        {
            using var good = await server.GetAsync($"/api/workspaces/{slug}/versions{route}");
            Assert.Equal(HttpStatusCode.OK, good.StatusCode);

            using var stranger = await server.Client.GetAsync(new Uri($"/api/workspaces/{slug}/versions{route}", UriKind.Relative), Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
            using var other = await server.GetAsync($"/api/workspaces/abcdefghijklmn/versions{route}");
            Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        });
    }

    private static async Task PutAsync(ServerRig server, string slug, string ticket, string path, byte[] content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"http://{slug}.localhost:{server.Port}/.dropit/files/{path}")
        {
            Content = new ByteArrayContent(content),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ticket);
        using var answer = await server.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    /// <summary>Waits until the runner has sent all that was written.</summary>
    private static async Task FlushAsync(ServerRig server, string slug, string ticket)
    {
        var (socket, _) = await server.ConnectAsync(slug, ticket);
        using (socket)
        {
            byte[] request = [0, 1, .. """{"id":1,"op":"journal.flush"}"""u8];
            await socket.SendAsync(request, System.Net.WebSockets.WebSocketMessageType.Binary, true, Cancel);
            var buffer = new byte[64 * 1024];
            System.Net.WebSockets.ValueWebSocketReceiveResult got;
            do
            {
                got = await socket.ReceiveAsync(buffer.AsMemory(), Cancel);
            }
            while (buffer[1] != 2); // until the reply
            Assert.Contains("sequence", System.Text.Encoding.UTF8.GetString(buffer, 0, got.Count), StringComparison.Ordinal);
        }
    }

    private static async Task StopAsync(ServerRig server, string slug)
    {
        using var answer = await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        await server.WaitForAsync(slug, "asleep");
    }

    private static async Task AssertProblemAsync(ServerRig server, string path, HttpStatusCode status, string part)
    {
        using var answer = await server.GetAsync(path);
        Assert.Equal(status, answer.StatusCode);
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        Assert.Contains(part, Text(problem.RootElement, "detail"), StringComparison.Ordinal);
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
