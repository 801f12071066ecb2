using System.Net;
using System.Text.RegularExpressions;
using DropIt.Control;
using DropIt.Control.Access;
using DropIt.Control.Accounts;
using DropIt.Control.Tickets;
using DropIt.Control.Workspaces;
using DropIt.Server.Admin;
using DropIt.Server.Options;
using DropIt.Server.Tests.Harness;
using DropIt.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DropIt.Server.Tests.Access;

/// <summary>Every route by everyone who may come: generated from the table of rules, so a route without a rule fails here.</summary>
public sealed partial class RouteRulesSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_of_the_server_has_a_rule_and_every_rule_a_route()
    {
        var endpoints = await RoutesAsync();
        Assert.Empty(endpoints.Where(e => RouteRules.Find(e) is null).Select(RouteRules.NameOf));
        Assert.Empty(RouteRules.All.Keys.Except(endpoints.Select(RouteRules.NameOf)));
    }

    /// <summary>Everything that a server of all roles routes.</summary>
    internal static async Task<IReadOnlyList<Endpoint>> RoutesAsync()
    {
        var data = Directory.CreateTempSubdirectory("dropit-").FullName;
        using var key = SigningKey.Open(data, TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddStorage(new() { DataFolder = data, PublicKey = () => null });
        builder.Services.AddIntake();
        builder.Services.AddControl(
            new ControlOptions
            {
                DataFolder = data,
                Origin = "http://localhost:1",
                Domain = "localhost",
                Templates = Built.Templates,
                Web = data,
                Version = "0",
                Sleep = new SleepRules(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), MayNever: false),
                Accounts = new AccountOptions { SignUp = SignUp.Open },
            },
            key);
        builder.Services.AddReadiness(Roles.All);
        builder.Services.AddSingleton<ServerOptions>(_ => throw new InvalidOperationException("Nobody asks for it here."));
        await using var app = builder.Build();
        app.MapReadiness();
        app.MapSignInCommand();
        app.MapControl();
        app.MapServerAdmin();
        app.MapStorage();
        StorageCommand.Map(app);

        var endpoints = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).ToList();
        Directory.Delete(data, recursive: true);
        return endpoints;
    }

    [Fact]
    public async Task Everyone_gets_what_the_table_gives_them_and_no_more()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var people = new Dictionary<string, Person>
        {
            ["anonymous"] = new(server),
            ["admin"] = await Person.AdminAsync(server),
            ["stranger"] = await Person.SignedUpAsync(server, "stranger"),
            ["expired"] = await Person.SignedUpAsync(server, "expired"),
            ["revoked"] = await Person.SignedUpAsync(server, "revoked"),
            ["viewer"] = await Person.SignedUpAsync(server, "viewer"),
            ["editor"] = await Person.SignedUpAsync(server, "editor"),
            ["team member"] = await Person.SignedUpAsync(server, "teammate"),
            ["gone from the team"] = await Person.SignedUpAsync(server, "gone"),
            ["owner"] = await Person.SignedUpAsync(server, "owner"),
            ["team admin"] = await Person.SignedUpAsync(server, "chief"),
            ["signed out"] = await Person.SignedUpAsync(server, "leaver"),
        };
        var leaving = people["signed out"];
        using (await people["signed out"].SendAsync(HttpMethod.Delete, "/api/session"))
        {
        }

        var team = (await people["team admin"].JsonAsync(HttpMethod.Post, "/api/teams", new { name = "Red" })).GetProperty("id").GetInt32();
        var wrong = new List<string>();
        foreach (var (name, rule) in RouteRules.All.Where(r => r.Value.Right is not (Right.Anyone or Right.Machine)))
        {
            var (method, pattern) = name.Split(' ') is [var m, var p] ? (new HttpMethod(m), p) : throw new InvalidOperationException(name);
            await JoinAsync(people["team admin"], team);
            var slug = rule.Right is Right.View or Right.Preview or Right.Edit or Right.Own ? await ShareAsync(server, people["owner"], team) : "";
            var path = pattern == "/enter" ? $"/enter?workspace={slug}&port=3000"
                : Parameter().Replace(slug == "" ? pattern.Replace("{team}", $"{team}", StringComparison.Ordinal) : pattern.Replace("{slug}", slug, StringComparison.Ordinal), "1");
            foreach (var (who, known) in people)
            {
                // Signing out ends what the rest is tried with.
                var person = name is "DELETE /api/session" or "DELETE /api/account/sessions" && who is not ("anonymous" or "signed out")
                    ? await leaving.ElsewhereAsync("leaver")
                    : known;
                // Two own it, and what the first deleted is not there for the second.
                var again = name == "DELETE /api/workspaces/{slug}" && who == "team admin";
                var got = await TryAsync(person, method, again ? path.Replace(slug, await ShareAsync(server, people["owner"], team), StringComparison.Ordinal) : path);
                var due = DueTo(who, rule.Right);
                if (got != due)
                {
                    wrong.Add($"{name} by {who}: {got}, not {due}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    private static string DueTo(string who, Right right) => (who, right) switch
    {
        ("anonymous" or "signed out", _) => "401",
        (_, Right.SignedIn or Right.Person) => "let through",
        ("admin", Right.Admin) => "let through",
        (_, Right.Admin) => "403",
        ("viewer" or "editor", Right.Team or Right.TeamAdmin) => "not there",
        ("team member" or "owner", Right.TeamAdmin) => "403",
        ("stranger" or "expired" or "revoked" or "gone from the team" or "admin", _) => "not there",
        ("viewer", Right.Edit or Right.Own) or ("editor" or "team member", Right.Own) => "403",
        _ => "let through",
    };

    private static async Task<string> TryAsync(Person person, HttpMethod method, string path)
    {
        using var answer = await person.SendAsync(method, path, method == HttpMethod.Get || method == HttpMethod.Delete ? null : new { });
        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => "401",
            HttpStatusCode.Forbidden => "403",
            HttpStatusCode.NotFound when await IsMissingAsync(answer) => "not there",
            HttpStatusCode.TooManyRequests => "429",
            _ => "let through",
        };
    }

    /// <summary>That there is no such workspace or team, not that something in it is missing.</summary>
    private static async Task<bool> IsMissingAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync(Cancel);
        return text.Contains("no workspace", StringComparison.Ordinal) || text.Contains("no such workspace", StringComparison.Ordinal)
            || text.Contains("no such team", StringComparison.Ordinal);
    }

    /// <summary>Whoever belongs in the team is, and whoever does not is no longer; routes tried so far may have changed that.</summary>
    private static async Task JoinAsync(Person chief, int team)
    {
        foreach (var userName in (string[])["teammate", "gone", "owner"])
        {
            Assert.Equal(HttpStatusCode.NoContent, await chief.StatusAsync(HttpMethod.Post, $"/api/teams/{team}/members", new { userName, role = "member" }));
        }

        var gone = (await chief.GetAsync($"/api/teams/{team}")).GetProperty("members").EnumerateArray()
            .Single(p => p.GetProperty("userName").GetString() == "gone").GetProperty("id").GetInt32();
        Assert.Equal(HttpStatusCode.NoContent, await chief.StatusAsync(HttpMethod.Delete, $"/api/teams/{team}/members/{gone}"));
    }

    /// <summary>A fresh workspace of the team with everyone in it, or no longer.</summary>
    private static async Task<string> ShareAsync(ServerRig server, Person owner, int team)
    {
        var slug = (await owner.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty", team })).GetProperty("slug").GetString()!;
        foreach (var (userName, role) in ((string, string)[])[("viewer", "viewer"), ("editor", "editor"), ("expired", "editor"), ("revoked", "editor")])
        {
            Assert.Equal(HttpStatusCode.NoContent, await owner.StatusAsync(HttpMethod.Post, $"/api/workspaces/{slug}/people", new { userName, role }));
        }

        var revoked = (await owner.GetAsync($"/api/workspaces/{slug}/people")).GetProperty("people").EnumerateArray()
            .Single(p => p.GetProperty("userName").GetString() == "revoked").GetProperty("id").GetInt32();
        Assert.Equal(HttpStatusCode.NoContent, await owner.StatusAsync(HttpMethod.Delete, $"/api/workspaces/{slug}/people/{revoked}"));

        // Nobody waits a day for the shortest link to end.
        await server.SqlAsync("""UPDATE "Members" SET "ExpiresAt" = 1 WHERE "UserId" = (SELECT "Id" FROM "Users" WHERE "UserName" = 'expired')""");
        return slug;
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
