using System.Net;
using System.Text.Json;
using DropIt.Control.Teams;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Teams;

/// <summary>What workspaces of a team start with.</summary>
public sealed class TeamTemplateSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_template_starts_workspaces_with_the_files_of_then_and_without_secrets_and_its_team_alone_has_it()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var (admin, ann, bob, eve) = (
            await Person.AdminAsync(server), await Person.SignedUpAsync(server, "ann"), await Person.SignedUpAsync(server, "bob"), await Person.SignedUpAsync(server, "eve"));
        var team = (await ann.JsonAsync(HttpMethod.Post, "/api/teams", new { name = "Red" })).GetProperty("id").GetInt32();
        await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName = "bob", role = "member" });
        var slug = Text(await ann.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "node", team }), "slug");
        var ticket = Text(await ann.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open", new { }), "ticket");
        await ann.JsonAsync(HttpMethod.Put, $"/api/workspaces/{slug}/variables/KEY", new { value = "hush", secret = true });
        await ann.JsonAsync(HttpMethod.Put, $"/api/workspaces/{slug}/variables/PLAIN", new { value = "hush", secret = false });
        using (await server.SocketAsync(slug, ticket, Cancel))
        {
            await server.PutFileAsync(slug, ticket, "then.txt", "then");
            await server.PutFileAsync(slug, ticket, ".env", "PASSWORD=hush");
            await server.PutFileAsync(slug, ticket, ".env.example", "PASSWORD=");
            await UntilAsync(async () => (await FilesAsync(ann, slug)).IsSupersetOf([".env", "then.txt", ".env.example"]));
        }

        // 1. Made by an admin of the team, of a workspace of the team.
        var asked = new { workspace = slug, name = "Our service", description = "With logging" };
        Assert.Equal(HttpStatusCode.Forbidden, await bob.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/templates", asked));
        Assert.Equal(HttpStatusCode.NotFound, await eve.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/templates", asked));
        var own = Text(await ann.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" }), "slug");
        Assert.Equal(HttpStatusCode.NotFound, await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/templates", asked with { workspace = own }));
        Assert.Equal(HttpStatusCode.BadRequest, await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/templates", asked with { name = " " }));
        var made = await ann.JsonAsync(HttpMethod.Post, $"/api/teams/{team}/templates", asked);
        Assert.Equal([".env"], made.GetProperty("leftOut").EnumerateArray().Select(p => p.GetString()));
        var template = Text(made, "id");

        // 2. What changes later is not in it.
        using (await server.SocketAsync(slug, Text(await ann.JsonAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open", new { }), "ticket"), Cancel))
        {
            await server.PutFileAsync(slug, ticket, "later.txt", "later");
            await UntilAsync(async () => (await FilesAsync(ann, slug)).Contains("later.txt"));
        }

        var started = await bob.JsonAsync(HttpMethod.Post, "/api/workspaces", new { team, template });
        Assert.Equal(("Our service", "node"), (Text(started, "name"), Text(started, "stack")));
        var files = await FilesAsync(bob, Text(started, "slug"));
        Assert.True(files.IsSupersetOf([".env.example", "then.txt", "package.json"]));
        Assert.DoesNotContain(".env", files);
        Assert.DoesNotContain("later.txt", files);
        Assert.Empty((await bob.GetAsync($"/api/workspaces/{Text(started, "slug")}/variables")).GetProperty("variables").EnumerateArray());

        // 3. It is no workspace, and nobody else has it.
        Assert.Equal(HttpStatusCode.NotFound, await ann.StatusAsync(HttpMethod.Get, $"/api/workspaces/{template}"));
        Assert.Equal(HttpStatusCode.NotFound, await eve.StatusAsync(HttpMethod.Post, "/api/workspaces", new { team, template }));
        Assert.Equal(HttpStatusCode.NotFound, await ann.StatusAsync(HttpMethod.Post, "/api/workspaces", new { template }));

        // 4. It takes of the team's storage, is named anew and removed; what was started with it stays.
        await admin.StatusAsync(HttpMethod.Put, $"/api/admin/teams/{team}/quota", new { storageMegabytes = 0 });
        Assert.Equal(HttpStatusCode.Conflict, await ann.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/templates", asked));
        Assert.Equal("Ours", Text(await ann.JsonAsync(HttpMethod.Patch, $"/api/teams/{team}/templates/{template}", new { name = "Ours" }), "name"));
        var listed = Assert.Single((await bob.GetAsync($"/api/teams/{team}")).GetProperty("templates").EnumerateArray());
        Assert.Equal(("Ours", "With logging"), (Text(listed, "name"), Text(listed, "description")));
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Delete, $"/api/teams/{team}/templates/{template}"));
        Assert.Equal(HttpStatusCode.NotFound, await bob.StatusAsync(HttpMethod.Post, "/api/workspaces", new { team, template }));
        Assert.Contains("then.txt", await FilesAsync(bob, Text(started, "slug")));
    }

    [Theory]
    [InlineData(".env", true)]
    [InlineData("api/.env.production", true)]
    [InlineData(".env.example", false)]
    [InlineData(".git/config", true)]
    [InlineData(".gitignore", false)]
    [InlineData("certs/server.pem", true)]
    [InlineData("web/node_modules/left-pad/index.js", true)]
    [InlineData("src/environment.ts", false)]
    public void What_others_must_not_start_with_is_known_by_its_name(string path, bool leftOut) => Assert.Equal(leftOut, TeamTemplates.LeavesOut(path));

    private static async Task<HashSet<string>> FilesAsync(Person person, string slug) =>
        [.. (await person.GetAsync($"/api/workspaces/{slug}/files")).EnumerateArray().Select(f => Text(f, "path"))];

    private static async Task UntilAsync(Func<Task<bool>> there)
    {
        while (!await there())
        {
            await Task.Delay(50, Cancel);
        }
    }

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? "";
}
