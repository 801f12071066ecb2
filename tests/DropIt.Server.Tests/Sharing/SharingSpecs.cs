using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Sharing;

/// <summary>Links to a workspace and the time that they, and who came by them, have.</summary>
public sealed class SharingSpecs(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_whose_time_is_over_opens_nothing_and_says_so()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var (ann, bob) = (await Person.SignedUpAsync(server, "ann"), await Person.SignedUpAsync(server, "bob"));
        var slug = await CreateAsync(ann);
        var token = await LinkAsync(ann, slug);
        await server.SqlAsync("""UPDATE "ShareLinks" SET "ExpiresAt" = 1""");

        var (status, words) = await bob.RefusalAsync(HttpMethod.Post, $"/api/links/{token}", new { });
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("its time is over, or it was taken back. Ask for another", words, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await bob.StatusAsync(HttpMethod.Get, $"/api/workspaces/{slug}"));
        Assert.Empty((await ann.GetAsync($"/api/workspaces/{slug}/people")).GetProperty("links").EnumerateArray());
    }

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public async Task Whoever_came_by_a_link_is_cut_off_when_its_time_is_over(string engine)
    {
        var database = engine == "SQLite" ? null : await postgres.DatabaseAsync();
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open", .. database is null ? Array.Empty<string>() : ["--database", database]]);
        var (ann, bob) = (await Person.SignedUpAsync(server, "ann"), await Person.SignedUpAsync(server, "bob"));
        var slug = await CreateAsync(ann);
        Assert.Equal(slug, Text(await bob.JsonAsync(HttpMethod.Post, $"/api/links/{await LinkAsync(ann, slug)}", new { }), "slug"));
        var ticket = Text(await bob.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open", new { }), "ticket");
        using var socket = await server.SocketAsync(slug, ticket, Cancel);

        // Nobody waits a day for the shortest link to end.
        const string Over = """UPDATE "Members" SET "ExpiresAt" = 1""";
        await (database is null ? server.SqlAsync(Over) : PostgresServer.ExecuteAsync(database, Over));
        Assert.Equal(HttpStatusCode.NotFound, await bob.StatusAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open", new { }));
        Assert.Equal((WebSocketCloseStatus)4001, await ClosedAsync(socket));
        await Assert.ThrowsAsync<WebSocketException>(() => server.SocketAsync(slug, ticket, Cancel));
        Assert.Equal(["ann"], (await ann.GetAsync($"/api/workspaces/{slug}/people")).GetProperty("people").EnumerateArray().Select(p => Text(p, "userName")));
    }

    [Fact]
    public async Task Whoever_came_by_a_link_and_is_made_less_stays_less_and_goes_with_the_link()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var (ann, nameless) = (await Person.SignedUpAsync(server, "ann"), await Person.AdminAsync(server));
        var slug = await CreateAsync(ann);
        var link = await ann.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/links", new { role = "editor", days = 7 });
        var address = Text(link, "address");
        var open = $"/api/links/{address[(address.LastIndexOf('/') + 1)..]}";
        await nameless.JsonAsync(HttpMethod.Post, open, new { });
        using var socket = await server.SocketAsync(slug, Text(await nameless.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open", new { }), "ticket"), Cancel);

        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Patch, $"/api/workspaces/{slug}/people/1", new { role = "viewer" }));
        Assert.Equal((WebSocketCloseStatus)4001, await ClosedAsync(socket));
        await nameless.JsonAsync(HttpMethod.Post, open, new { });
        Assert.Equal("viewer", Text(await nameless.GetAsync($"/api/workspaces/{slug}"), "role"));
        Assert.Equal(HttpStatusCode.NotFound, await ann.StatusAsync(HttpMethod.Patch, $"/api/workspaces/{slug}/people/77", new { role = "viewer" }));
        Assert.Equal(HttpStatusCode.BadRequest, await ann.StatusAsync(HttpMethod.Patch, $"/api/workspaces/{slug}/people/1", new { role = "owner" }));

        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Delete, $"/api/workspaces/{slug}/links/{Text(link, "id")}"));
        Assert.Equal(HttpStatusCode.NotFound, await nameless.StatusAsync(HttpMethod.Get, $"/api/workspaces/{slug}"));
    }

    [Fact]
    public async Task A_link_of_no_role_or_without_an_end_is_refused_in_words()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var ann = await Person.SignedUpAsync(server, "ann");
        var slug = await CreateAsync(ann);
        (string? Role, int? Days, string Words)[] cases =
        [
            ("viewer", null, "1 to 365 days"),
            ("viewer", 0, "1 to 365 days"),
            ("viewer", -1, "1 to 365 days"),
            ("viewer", 366, "1 to 365 days"),
            ("owner", 7, "viewer or editor"),
            ("runner", 7, "viewer or editor"),
            ("", 7, "viewer or editor"),
            (null, 7, "viewer or editor"),
        ];
        await Assert.AllAsync(cases, async refused =>
        {
            var (role, days, words) = refused;
            var (status, said) = await ann.RefusalAsync(HttpMethod.Post, $"/api/workspaces/{slug}/links", new { role, days });
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains(words, said, StringComparison.Ordinal);
            Assert.Empty((await ann.GetAsync($"/api/workspaces/{slug}/people")).GetProperty("links").EnumerateArray());
        });
    }

    [Fact]
    public async Task A_ticket_is_for_minutes_and_names_user_workspace_and_role()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var (ann, bob) = (await Person.SignedUpAsync(server, "ann"), await Person.SignedUpAsync(server, "bob"));
        var slug = await CreateAsync(ann);
        await bob.PostAsync($"/api/links/{await LinkAsync(ann, slug)}", new { });
        var ids = new List<int>();
        foreach (var (person, role) in ((Person, string)[])[(ann, "owner"), (bob, "viewer")])
        {
            var entry = await person.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open", new { });
            var read = JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(Text(entry, "ticket").Split('.')[0])).RootElement;
            Assert.Equal((slug, role), (Text(read, "workspace"), Text(read, "role")));
            ids.Add(read.GetProperty("userId").GetInt32());
            Assert.Equal((await person.GetAsync("/api/session")).GetProperty("user").GetProperty("id").GetInt32(), ids[^1]);
            var left = DateTimeOffset.FromUnixTimeSeconds(read.GetProperty("expires").GetInt64()) - DateTimeOffset.UtcNow;
            Assert.InRange(left, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(15));
        }

        Assert.NotEqual(ids[0], ids[1]);
    }

    private static async Task<string> CreateAsync(Person person) => Text(await person.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" }), "slug");

    /// <summary>What stands at the end of the address of a fresh link for viewers.</summary>
    private static async Task<string> LinkAsync(Person owner, string slug) =>
        Text(await owner.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/links", new { role = "viewer", days = 1 }), "address").Split('/')[^1];

    private static async Task<WebSocketCloseStatus?> ClosedAsync(ClientWebSocket socket)
    {
        while ((await socket.ReceiveAsync(new byte[64 * 1024], Cancel)).MessageType != WebSocketMessageType.Close)
        {
        }

        return socket.CloseStatus;
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? "";
}
