using System.Net;
using System.Text.Json;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Audit;

/// <summary>The audit log: who did what to which workspace or account, from where, when.</summary>
public sealed class AuditSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Says_who_came_in_and_who_tried_to()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var admin = await Person.AdminAsync(server);
        var ann = await Person.SignedUpAsync(server, "ann");
        var elsewhere = await ann.ElsewhereAsync("ann");
        var nobody = new Person(server);
        await nobody.StatusAsync(HttpMethod.Post, "/api/signin", new { userName = "ann", password = "not the password" });
        await nobody.StatusAsync(HttpMethod.Post, "/api/signin", new { userName = "my secret in the wrong field", password = "x" });
        await elsewhere.StatusAsync(HttpMethod.Delete, "/api/session");
        var id = (await ann.JsonAsync(HttpMethod.Get, "/api/session")).GetProperty("user").GetProperty("id").GetInt32();
        await admin.StatusAsync(HttpMethod.Patch, $"/api/admin/users/{id}", new { admin = true });
        await admin.StatusAsync(HttpMethod.Patch, $"/api/admin/users/{id}", new { admin = false, disabled = true });

        var entries = await EntriesAsync(admin, "");
        Assert.Equal(
            [
                "you accountDisabled ann page", "you adminEnded ann page", "you adminMade ann page", "ann signedOut  page",
                " signInFailed no such account or password page", "ann signInFailed wrong password page", "ann signedIn password page",
                "ann signedIn password page", "ann accountMade ann page", "you signedIn link link",
            ],
            entries.Select(e => $"{Text(e, "who")} {Text(e, "act")} {Text(e, "about")} {Text(e, "way")}"));
        Assert.All(entries, e => Assert.Equal("127.0.0.1", Text(e, "address")));
        Assert.DoesNotContain("secret in the wrong field", await WholeAsync(server), StringComparison.Ordinal);
        Assert.DoesNotContain("not the password", await WholeAsync(server), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_owner_sees_what_happens_to_their_workspace_and_a_stranger_does_not()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var admin = await Person.AdminAsync(server);
        var (ann, bob, eve) = (
            await Person.SignedUpAsync(server, "ann"), await Person.SignedUpAsync(server, "bob"), await Person.SignedUpAsync(server, "eve"));
        var slug = (await ann.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" })).GetProperty("slug").GetString()!;
        var workspace = $"/api/workspaces/{slug}";
        await ann.JsonAsync(HttpMethod.Patch, workspace, new { name = "Diary" });
        var address = (await ann.JsonAsync(HttpMethod.Post, $"{workspace}/links", new { role = "editor", days = 1 })).GetProperty("address").GetString()!;
        await bob.JsonAsync(HttpMethod.Post, $"/api/links/{address.Split('/')[^1]}", new { });
        await bob.JsonAsync(HttpMethod.Post, $"{workspace}/open", new { });
        await bob.JsonAsync(HttpMethod.Post, $"{workspace}/open", new { });
        await bob.StatusAsync(HttpMethod.Post, $"{workspace}/stop", new { });
        await bob.StatusAsync(HttpMethod.Delete, $"{workspace}/membership");
        await ann.StatusAsync(HttpMethod.Post, $"{workspace}/people", new { userName = "bob", role = "viewer" });
        await ann.StatusAsync(HttpMethod.Post, $"{workspace}/owner", new { userName = "bob" });

        string[] due =
        [
            "ann ownerChanged bob", "ann shared bob as viewer", "bob left ", "bob workspaceStopped ", "bob workspaceOpened ",
            "bob linkUsed editor", "ann linkMade editor", "ann workspaceRenamed Diary", "ann workspaceCreated Empty",
        ];
        var seen = await EntriesAsync(bob, $"?workspace={slug}");
        Assert.Equal(due, seen.Select(e => $"{Text(e, "who")} {Text(e, "act")} {Text(e, "about")}"));
        Assert.Equal("link", Text(seen.Single(e => Text(e, "act") == "linkUsed"), "way"));
        Assert.Equal(due.Length, (await EntriesAsync(admin, $"?workspace={slug}")).Count);
        Assert.Empty(await EntriesAsync(eve, $"?workspace={slug}"));

        // No longer the owner: only what she did herself.
        Assert.All(await EntriesAsync(ann, ""), e => Assert.Equal("ann", Text(e, "who")));

        await bob.StatusAsync(HttpMethod.Delete, workspace);
        Assert.Equal("workspaceDeleted", Text((await EntriesAsync(admin, "?who=bob&limit=1"))[0], "act"));
        Assert.Single(await EntriesAsync(admin, $"?who=ANN&act=linkMade&workspace={slug}&since=2020-01-01T00:00:00Z"));
        Assert.Empty(await EntriesAsync(admin, "?until=2020-01-01T00:00:00Z"));
        Assert.Equal(HttpStatusCode.BadRequest, await admin.StatusAsync(HttpMethod.Get, "/api/audit?act=nothing"));
        Assert.Equal(HttpStatusCode.BadRequest, await admin.StatusAsync(HttpMethod.Get, "/api/audit?since=yesterday"));
        Assert.Equal(HttpStatusCode.BadRequest, await admin.StatusAsync(HttpMethod.Get, "/api/audit?limit=201"));
    }

    [Fact]
    public async Task Pages_follow_each_other_and_an_export_has_them_all()
    {
        await using var server = await ServerRig.StartAsync();
        await FillAsync(server, 1203, DateTimeOffset.UtcNow, "=SUM(1)");
        var seen = new List<long>();
        var next = "";
        do
        {
            var page = await server.GetJsonAsync($"/api/audit?limit=200{next}");
            seen.AddRange(page.GetProperty("entries").EnumerateArray().Select(e => e.GetProperty("id").GetInt64()));
            next = page.GetProperty("next").ValueKind == JsonValueKind.Number ? $"&before={page.GetProperty("next")}" : null;
        }
        while (next is not null);
        Assert.Equal(1204, seen.Count);
        Assert.Equal(seen.OrderDescending().Distinct(), seen);

        using var lines = await server.GetAsync("/api/audit/export");
        Assert.Equal("application/x-ndjson", lines.Content.Headers.ContentType!.MediaType);
        var text = await lines.Content.ReadAsStringAsync(Cancel);
        Assert.Equal(seen, text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetInt64()));

        using var table = await server.GetAsync("/api/audit/export?format=csv&act=signedIn&who=probe");
        var rows = (await table.Content.ReadAsStringAsync(Cancel)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1204, rows.Length);
        Assert.Equal("id,at,who,act,workspace,about,address,way", rows[0]);
        Assert.Contains("\"'=SUM(1)\"", rows[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_older_than_it_is_kept_goes_by_itself()
    {
        await using var server = await ServerRig.StartAsync(more: ["--audit-days", "2"]);
        await FillAsync(server, 5, DateTimeOffset.UtcNow.AddDays(-3), "old");
        await FillAsync(server, 5, DateTimeOffset.UtcNow.AddDays(-1), "new");
        await server.StopAsync();
        await server.StartAgainAsync();
        await server.SignInAsync();
        while ((await server.GetJsonAsync("/api/audit?who=probe")).GetProperty("entries").GetArrayLength() != 5)
        {
            await Task.Delay(200, Cancel);
        }

        Assert.All(
            (await server.GetJsonAsync("/api/audit?who=probe")).GetProperty("entries").EnumerateArray(), e => Assert.Equal("new", Text(e, "about")));
    }

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString() ?? "";

    private static async Task<List<JsonElement>> EntriesAsync(Person person, string query) =>
        [.. (await person.GetAsync("/api/audit" + query)).GetProperty("entries").EnumerateArray()];

    private static Task FillAsync(ServerRig server, int count, DateTimeOffset at, string about) => server.SqlAsync(
        $"""
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
        INSERT INTO "AuditEntries" ("At", "UserId", "Who", "Act", "Workspace", "About", "Address", "Way")
        SELECT {at.ToUnixTimeMilliseconds()}, 1, 'probe', 'SignedIn', NULL, '{about}', '::1', 'Page' FROM n
        """);

    /// <summary>Everything that the table holds.</summary>
    private static async Task<string> WholeAsync(ServerRig server) =>
        (string)(await server.SqlAsync("""SELECT group_concat("Who" || ' ' || coalesce("About", '')) FROM "AuditEntries" """))!;
}
