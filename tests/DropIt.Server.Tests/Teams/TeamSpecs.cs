using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Teams;

/// <summary>People who have workspaces in common.</summary>
public sealed class TeamSpecs(PostgresServer postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SQLite")]
    [InlineData("PostgreSQL")]
    public async Task Members_edit_what_is_the_teams_admins_own_it_and_strangers_see_nothing(string engine)
    {
        string[] database = engine == "SQLite" ? [] : ["--database", await postgres.DatabaseAsync()];
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open", .. database]);
        var (ann, bob, eve) = (await Person.SignedUpAsync(server, "ann"), await Person.SignedUpAsync(server, "bob"), await Person.SignedUpAsync(server, "eve"));
        Assert.True((await ann.GetAsync("/api/session")).GetProperty("makesTeams").GetBoolean());
        var team = (await ann.JsonAsync(HttpMethod.Post, "/api/teams", new { name = " Red " })).GetProperty("id").GetInt32();

        // 1. Who is in it.
        Assert.Equal(HttpStatusCode.NotFound, await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName = "nobody", role = "member" }));
        Assert.Equal(HttpStatusCode.BadRequest, await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName = "bob", role = "boss" }));
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName = "Bob", role = "member" }));
        var seen = await bob.GetAsync($"/api/teams/{team}");
        Assert.Equal(("Red", "member"), (seen.GetProperty("name").GetString(), seen.GetProperty("role").GetString()));
        Assert.Equal(["ann admin", "bob member"], seen.GetProperty("members").EnumerateArray().Select(m => $"{Text(m, "userName")} {Text(m, "role")}"));
        Assert.Empty((await eve.GetAsync("/api/teams")).EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound, await eve.StatusAsync(HttpMethod.Get, $"/api/teams/{team}"));
        Assert.Equal(HttpStatusCode.Forbidden, await bob.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName = "eve", role = "member" }));

        // 2. What is in it: made there, or moved there by an owner who is a member.
        var (anns, bobs) = (await CreateAsync(ann, team), await CreateAsync(bob, null));
        Assert.Equal(HttpStatusCode.NotFound, await eve.StatusAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty", team }));
        Assert.Equal(HttpStatusCode.NotFound, await ann.StatusAsync(HttpMethod.Get, $"/api/workspaces/{bobs}"));
        Assert.Equal(HttpStatusCode.NoContent, await bob.StatusAsync(HttpMethod.Put, $"/api/workspaces/{bobs}/team", new { team }));
        Assert.Equal([$"{anns} owner Red", $"{bobs} owner Red"], await ListAsync(ann));
        Assert.Equal([$"{anns} editor Red", $"{bobs} owner Red"], await ListAsync(bob));
        Assert.Empty(await ListAsync(eve));
        Assert.Equal(HttpStatusCode.NotFound, await eve.StatusAsync(HttpMethod.Post, $"/api/workspaces/{anns}/open", new { }));
        Assert.Equal(HttpStatusCode.Forbidden, await bob.StatusAsync(HttpMethod.Delete, $"/api/workspaces/{anns}"));
        Assert.Equal("Red", (await ann.GetAsync($"/api/workspaces/{bobs}/people")).GetProperty("team").GetProperty("name").GetString());

        // 3. A guest of one workspace is none of the team.
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Post, $"/api/workspaces/{anns}/people", new { userName = "eve", role = "viewer" }));
        Assert.Equal([$"{anns} viewer"], await ListAsync(eve));

        // 4. It leaves the team by an admin's hand, and is theirs then.
        var (refused, why) = await bob.RefusalAsync(HttpMethod.Put, $"/api/workspaces/{bobs}/team", new { });
        Assert.Equal((HttpStatusCode.Conflict, true), (refused, why.Contains("Only admins of its team", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Conflict, await ann.StatusAsync(HttpMethod.Post, $"/api/workspaces/{bobs}/owner", new { userName = "eve" }));
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Put, $"/api/workspaces/{bobs}/team", new { team = (int?)null }));
        Assert.Equal([$"{anns} editor Red"], await ListAsync(bob));
        Assert.Equal(HttpStatusCode.Conflict, await ann.StatusAsync(HttpMethod.Delete, $"/api/teams/{team}"));
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Delete, $"/api/workspaces/{anns}"));
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Patch, $"/api/teams/{team}", new { name = "Crimson" }));
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Delete, $"/api/teams/{team}"));
        Assert.Equal(HttpStatusCode.NotFound, await bob.StatusAsync(HttpMethod.Get, $"/api/teams/{team}"));

        // 5. All of it was noted.
        var acts = (await ann.GetAsync("/api/audit?who=ann")).GetProperty("entries").EnumerateArray().Select(e => $"{Text(e, "act")} {Text(e, "about")}").ToList();
        Assert.All(
            (string[])["teamMade Red", "teamMemberSet bob as member of Red", "workspaceMoved ", "teamRenamed Red to Crimson", "teamDeleted Crimson"], act => Assert.Contains(act, acts));
    }

    [Fact]
    public async Task Whoever_is_removed_is_out_at_once_also_of_what_they_made_and_the_last_admin_stays()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var (ann, bob) = (await Person.SignedUpAsync(server, "ann"), await Person.SignedUpAsync(server, "bob"));
        var team = (await ann.JsonAsync(HttpMethod.Post, "/api/teams", new { name = "Red" })).GetProperty("id").GetInt32();
        await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName = "bob", role = "admin" });
        var slug = await CreateAsync(bob, team);
        var (bobs, anns) = (await TicketAsync(bob, slug), await TicketAsync(ann, slug));
        using var hers = await server.SocketAsync(slug, anns, Cancel);
        using var his = await server.SocketAsync(slug, bobs, Cancel);

        // 1. There is always an admin.
        var id = (await bob.GetAsync("/api/session")).GetProperty("user").GetProperty("id").GetInt32();
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName = "bob", role = "member" }));
        var (refused, why) = await ann.RefusalAsync(HttpMethod.Delete, $"/api/teams/{team}/membership");
        Assert.Equal((HttpStatusCode.Conflict, true), (refused, why.Contains("Make someone else an admin first", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.Conflict, await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName = "ann", role = "member" }));

        // 2. Out: the socket ends, the ticket opens nothing more, the list is empty. Hers ends too, and comes again.
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Delete, $"/api/teams/{team}/members/{id}"));
        await ClosesAsync(his);
        await ClosesAsync(hers);
        await Assert.ThrowsAsync<WebSocketException>(() => server.SocketAsync(slug, bobs, Cancel));
        Assert.Equal(HttpStatusCode.NotFound, await bob.StatusAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open", new { }));
        Assert.Empty(await ListAsync(bob));
        Assert.Equal(HttpStatusCode.NotFound, await bob.StatusAsync(HttpMethod.Get, $"/api/teams/{team}"));
        using var again = await server.SocketAsync(slug, await TicketAsync(ann, slug), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, await ann.StatusAsync(HttpMethod.Delete, $"/api/teams/{team}/members/{id}"));

        // 3. A member who goes by themselves.
        await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName = "bob", role = "member" });
        Assert.Equal([$"{slug} owner Red"], await ListAsync(bob));
        Assert.Equal(HttpStatusCode.NoContent, await bob.StatusAsync(HttpMethod.Delete, $"/api/teams/{team}/membership"));
        Assert.Empty(await ListAsync(bob));
    }

    [Fact]
    public async Task A_role_is_given_to_a_member_with_or_without_a_user_name_and_the_last_admin_is_one_who_can_sign_in()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var (nameless, ann, eve) = (await Person.AdminAsync(server), await Person.SignedUpAsync(server, "ann"), await Person.SignedUpAsync(server, "eve"));
        var team = (await nameless.JsonAsync(HttpMethod.Post, "/api/teams", new { name = "Red" })).GetProperty("id").GetInt32();
        await nameless.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName = "ann", role = "admin" });
        var (anns, eves) = (await IdAsync(ann), await IdAsync(eve));

        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Patch, $"/api/teams/{team}/members/1", new { role = "member" }));
        Assert.Equal(HttpStatusCode.Forbidden, await nameless.StatusAsync(HttpMethod.Patch, $"/api/teams/{team}/members/1", new { role = "admin" }));
        Assert.Equal(HttpStatusCode.Conflict, await ann.StatusAsync(HttpMethod.Patch, $"/api/teams/{team}/members/{anns}", new { role = "member" }));
        Assert.Equal(HttpStatusCode.BadRequest, await ann.StatusAsync(HttpMethod.Patch, $"/api/teams/{team}/members/1", new { role = "boss" }));
        Assert.Equal(HttpStatusCode.NotFound, await ann.StatusAsync(HttpMethod.Patch, $"/api/teams/{team}/members/{eves}", new { role = "admin" }));
        Assert.Equal(HttpStatusCode.NotFound, await eve.StatusAsync(HttpMethod.Get, $"/api/teams/{team}"));

        // Whoever is disabled looks after nothing.
        await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName = "eve", role = "admin" });
        Assert.Equal(HttpStatusCode.NoContent, await nameless.StatusAsync(HttpMethod.Patch, $"/api/admin/users/{eves}", new { disabled = true }));
        Assert.Equal(HttpStatusCode.Conflict, await ann.StatusAsync(HttpMethod.Delete, $"/api/teams/{team}/membership"));
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Patch, $"/api/teams/{team}/members/{eves}", new { role = "member" }));
    }

    private static async Task<int> IdAsync(Person person) => (await person.GetAsync("/api/session")).GetProperty("user").GetProperty("id").GetInt32();

    [Fact]
    public async Task An_operator_lets_only_admins_make_teams_and_one_person_looks_after_ten()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open", "--teams", "admins"]);
        var (admin, ann) = (await Person.AdminAsync(server), await Person.SignedUpAsync(server, "ann"));
        Assert.False((await ann.GetAsync("/api/session")).GetProperty("makesTeams").GetBoolean());
        Assert.Equal(HttpStatusCode.Forbidden, await ann.StatusAsync(HttpMethod.Post, "/api/teams", new { name = "Red" }));
        Assert.Equal(HttpStatusCode.BadRequest, await admin.StatusAsync(HttpMethod.Post, "/api/teams", new { name = "two\nlines" }));
        for (var i = 1; i <= 10; i++)
        {
            Assert.Equal(HttpStatusCode.Created, await admin.StatusAsync(HttpMethod.Post, "/api/teams", new { name = $"Team {i}" }));
        }

        var (refused, why) = await admin.RefusalAsync(HttpMethod.Post, "/api/teams", new { name = "One more" });
        Assert.Equal((HttpStatusCode.Conflict, true), (refused, why.Contains("at most 10 teams", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task With_one_user_there_are_no_teams()
    {
        await using var server = await ServerRig.StartAsync();
        Assert.False((await server.GetJsonAsync("/api/session")).GetProperty("makesTeams").GetBoolean());
        using var answer = await server.GetAsync("/api/teams");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    private static async Task<string> CreateAsync(Person person, int? team) =>
        Text(await person.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty", team }), "slug");

    private static async Task<string> TicketAsync(Person person, string slug) =>
        Text(await person.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open", new { }), "ticket");

    /// <summary>Each as "slug role team", in the order they were made.</summary>
    private static async Task<IReadOnlyList<string>> ListAsync(Person person) =>
    [
        .. (await person.GetAsync("/api/workspaces")).EnumerateArray().OrderBy(w => w.GetProperty("createdAt").GetDateTimeOffset()).Select(w =>
            $"{Text(w, "slug")} {Text(w, "role")}{(w.GetProperty("team") is { ValueKind: JsonValueKind.Object } team ? " " + Text(team, "name") : "")}"),
    ];

    private static async Task ClosesAsync(ClientWebSocket socket)
    {
        try
        {
            while ((await socket.ReceiveAsync(new byte[64 * 1024], Cancel)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // Cut off without a word.
        }
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? "";
}
