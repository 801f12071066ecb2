using System.Net;
using System.Text.Json;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Admin;

/// <summary>Looking after the server: everyone's workspaces from outside, how much each person may have, and what the server says about itself.</summary>
public sealed class AdminSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_admin_sees_whose_workspaces_are_awake_and_why_and_stops_one()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open", "--idle-minutes", "0.2"]);
        var (admin, ann) = (await Person.AdminAsync(server), await Person.SignedUpAsync(server, "ann"));
        var slug = await CreateAsync(ann);
        await ann.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open", new { });
        JsonElement seen;
        do
        {
            await Task.Delay(200, Cancel);
            seen = (await admin.GetAsync("/api/admin/workspaces"))[0];
        }
        while (seen.GetProperty("because").ValueKind == JsonValueKind.Null);
        Assert.Equal(("ann", "awake", "empty"), (Text(seen, "owner"), Text(seen, "state"), Text(seen, "stack")));
        Assert.NotEmpty(Text(seen, "because"));
        Assert.Equal(1, (await admin.GetAsync($"/api/admin/workspaces/{slug}/size")).GetProperty("files").GetInt32());

        // What it uses, of how much, and what was said of it, the newest first.
        var use = seen.GetProperty("use");
        Assert.InRange(use.GetProperty("memory").GetInt64(), 1_000_000, use.GetProperty("memoryLimit").GetInt64());
        Assert.InRange(use.GetProperty("processors").GetDouble(), 0.01, Environment.ProcessorCount);
        var events = (await admin.GetAsync($"/api/admin/workspaces/{slug}/events")).EnumerateArray().Select(e => Text(e, "state")).ToList();
        Assert.Equal(("awake", "starting"), (events[0], events[^1]));
        Assert.Equal(HttpStatusCode.NotFound, await admin.StatusAsync(HttpMethod.Get, "/api/admin/workspaces/nothing123/events"));
        Assert.Equal(HttpStatusCode.Forbidden, await ann.StatusAsync(HttpMethod.Get, $"/api/admin/workspaces/{slug}/events"));

        Assert.Equal(HttpStatusCode.Forbidden, await ann.StatusAsync(HttpMethod.Get, "/api/admin/workspaces"));
        Assert.Equal(HttpStatusCode.NoContent, await admin.StatusAsync(HttpMethod.Post, $"/api/admin/workspaces/{slug}/stop", new { }));
        Assert.Equal(HttpStatusCode.NotFound, await admin.StatusAsync(HttpMethod.Post, "/api/admin/workspaces/nothing123/stop", new { }));
        var entry = (await ann.GetAsync("/api/audit?act=workspaceStopped")).GetProperty("entries")[0];
        Assert.Equal("you", Text(entry, "who"));
        while (Text((await admin.GetAsync("/api/admin/workspaces"))[0], "state") != "asleep")
        {
            await Task.Delay(200, Cancel);
        }

        var last = (await admin.GetAsync($"/api/admin/workspaces/{slug}/events"))[0];
        Assert.Equal(("asleep", "Asleep: an admin of this server stopped it."), (Text(last, "state"), Text(last, "message")));
        Assert.Contains("an admin", Text((await ann.GetAsync($"/api/workspaces/{slug}")), "message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_has_as_many_workspaces_as_they_may_however_fast_they_ask()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open", "--workspaces-per-person", "2"]);
        var (admin, ann) = (await Person.AdminAsync(server), await Person.SignedUpAsync(server, "ann"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ann.StatusAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" })));
        Assert.Equal(2, answers.Count(status => status == HttpStatusCode.Created));
        Assert.Equal(6, answers.Count(status => status == HttpStatusCode.Conflict));
        var (_, detail) = await ann.RefusalAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" });
        Assert.Equal("A person may have 2 workspaces here, and that many are there. Delete one that is no longer needed, or ask an admin of this server for more.", detail);

        var user = (await admin.GetAsync("/api/admin/users")).EnumerateArray().Single(u => Text(u, "userName") == "ann").GetProperty("id").GetInt32();
        Assert.Equal(HttpStatusCode.NoContent, await admin.StatusAsync(HttpMethod.Put, $"/api/admin/users/{user}/quota", new { workspaces = 3 }));
        await CreateAsync(ann);
        Assert.Equal(HttpStatusCode.Conflict, await ann.StatusAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" }));
        Assert.Equal(HttpStatusCode.BadRequest, await admin.StatusAsync(HttpMethod.Put, $"/api/admin/users/{user}/quota", new { awake = 1001 }));
        Assert.Equal(HttpStatusCode.BadRequest, await admin.StatusAsync(HttpMethod.Put, $"/api/admin/users/{user}/quota", new { workspaces = -1 }));

        // Someone who has enough is not handed more.
        var slug = await CreateAsync(admin);
        var (refused, why) = await admin.RefusalAsync(HttpMethod.Post, $"/api/workspaces/{slug}/owner", new { userName = "ann" });
        Assert.Equal(HttpStatusCode.Conflict, refused);
        Assert.Contains("as many workspaces as they may", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_has_as_many_awake_as_they_may_whichever_way_they_are_woken()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open", "--awake-per-person", "1"]);
        var ann = await Person.SignedUpAsync(server, "ann");
        var (first, second) = (await CreateAsync(ann), await CreateAsync(ann));
        await ann.JsonAsync(HttpMethod.Post, $"/api/workspaces/{first}/open", new { });
        await ann.JsonAsync(HttpMethod.Post, $"/api/workspaces/{first}/open", new { });
        var (status, detail) = await ann.RefusalAsync(HttpMethod.Post, $"/api/workspaces/{second}/open", new { });
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("1 workspace awake at once", detail, StringComparison.Ordinal);
        Assert.Contains("Stop one of them", detail, StringComparison.Ordinal);

        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://3000--{second}.localhost:{server.Port}/");
        using var preview = await server.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, preview.StatusCode);
        Assert.Contains("Stop one of them", await preview.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        await ann.StatusAsync(HttpMethod.Post, $"/api/workspaces/{first}/stop", new { });
        await ann.JsonAsync(HttpMethod.Post, $"/api/workspaces/{second}/open", new { });
    }

    [Fact]
    public async Task The_server_says_what_protects_it_and_where_each_option_comes_from_and_no_secret()
    {
        await using var server = await ServerRig.StartAsync(
            more: ["--accounts", "open", "--github-client-id", "drop"],
            environment: new Dictionary<string, string> { ["DROPIT_GITHUB_CLIENT_SECRET"] = "hush-hush", ["DROPIT_AUDIT_DAYS"] = "30" });
        var said = await server.GetJsonAsync("/api/admin/server");
        Assert.All(said.GetProperty("health").EnumerateArray(), part => Assert.True(part.GetProperty("well").GetBoolean()));
        Assert.Equal(["object store", "journal", "database"], said.GetProperty("health").EnumerateArray().Select(p => Text(p, "name")));

        var settings = said.GetProperty("settings").EnumerateArray().ToDictionary(s => Text(s, "name"));
        Assert.Equal(("open", "command line"), (Text(settings["accounts"], "value"), Text(settings["accounts"], "source")));
        Assert.Equal(("30", "environment"), (Text(settings["audit-days"], "value"), Text(settings["audit-days"], "source")));
        Assert.Equal(("", "default"), (Text(settings["domain"], "value"), Text(settings["domain"], "source")));
        Assert.Equal(("", "environment"), (Text(settings["github-client-secret"], "value"), Text(settings["github-client-secret"], "source")));
        Assert.DoesNotContain("hush-hush", said.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(PostgresServer.Password, said.ToString(), StringComparison.Ordinal);

        var protections = said.GetProperty("protections").EnumerateArray().ToDictionary(p => Text(p, "name"));
        Assert.Equal("on", Text(protections["Reach"], "standing"));
        Assert.Equal("unneeded", Text(protections["TLS"], "standing"));
        Assert.Equal("off", Text(protections["Accounts"], "standing"));
        Assert.Contains("30 days", Text(protections["Audit log"], "why"), StringComparison.Ordinal);
        Assert.All(protections.Values, p => Assert.NotEmpty(Text(p, "why")));
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? "";

    private static async Task<string> CreateAsync(Person person) =>
        Text(await person.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" }), "slug");
}
