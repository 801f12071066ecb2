using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using DropIt.Control.Access;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Tokens;

/// <summary>API tokens: what a program may do with one, and until when; and the document that describes the API to it.</summary>
public sealed partial class TokenSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_route_takes_the_tokens_that_the_table_says_and_no_other()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var admin = await Person.AdminAsync(server);
        var stranger = await Person.SignedUpAsync(server, "stranger");
        var tokens = new Dictionary<string, string>
        {
            ["read"] = await MakeAsync(admin, "read"),
            ["write"] = await MakeAsync(admin, "write"),
            ["admin"] = await MakeAsync(admin, "admin"),
            ["stranger"] = await MakeAsync(stranger, "write"),
            ["expired"] = await MakeAsync(admin, "admin", "expired"),
            ["revoked"] = await MakeAsync(admin, "admin", "revoked"),
            ["mistyped"] = "dropit_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        };
        await server.SqlAsync("""UPDATE "ApiTokens" SET "ExpiresAt" = 1 WHERE "Name" = 'expired'""");
        var revoked = (await admin.GetAsync("/api/account/tokens")).EnumerateArray().Single(t => t.GetProperty("name").GetString() == "revoked");
        Assert.Equal(HttpStatusCode.NoContent, await admin.StatusAsync(HttpMethod.Delete, $"/api/account/tokens/{revoked.GetProperty("id").GetString()}"));

        var wrong = new List<string>();
        foreach (var (name, rule) in RouteRules.All.Where(r => r.Value.Right is not (Right.Anyone or Right.Machine)))
        {
            var (method, pattern) = name.Split(' ') is [var m, var p] ? (new HttpMethod(m), p) : throw new InvalidOperationException(name);
            var slug = "";
            foreach (var (who, token) in tokens)
            {
                if (rule.Right is Right.View or Right.Edit or Right.Own && (slug == "" || name == "DELETE /api/workspaces/{slug}"))
                {
                    slug = (await admin.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" })).GetProperty("slug").GetString()!;
                }

                var path = pattern == "/enter" ? $"/enter?workspace={slug}&port=3000"
                    : Parameter().Replace(slug == "" ? pattern : pattern.Replace("{slug}", slug, StringComparison.Ordinal), "1");
                using var answer = await SendAsync(server, token, method, path, method == HttpMethod.Get || method == HttpMethod.Delete ? null : new { });
                var text = answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync(Cancel);
                var got = answer.StatusCode switch
                {
                    HttpStatusCode.Unauthorized => "401",
                    HttpStatusCode.Forbidden => "403",
                    HttpStatusCode.NotFound when text.Contains("no workspace", StringComparison.Ordinal) => "not there",
                    HttpStatusCode.TooManyRequests => "429",
                    _ => "let through",
                };
                var due = DueTo(who, rule);
                if (got != due)
                {
                    wrong.Add($"{name} by {who}: {got}, not {due}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task A_program_makes_a_workspace_without_a_browser_and_the_log_says_it_was_one()
    {
        await using var server = await ServerRig.StartAsync();
        using var made = await server.SendAsync(HttpMethod.Post, "/api/account/tokens", new { name = "ci", scope = "write", days = 7 });
        var answer = await made.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        var token = answer.GetProperty("text").GetString()!;
        Assert.StartsWith("dropit_", token, StringComparison.Ordinal);
        using var created = await SendAsync(server, token, HttpMethod.Post, "/api/workspaces", new { stack = "empty" });
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);

        var listed = (await server.GetJsonAsync("/api/account/tokens"))[0];
        Assert.Equal(JsonValueKind.Null, listed.GetProperty("text").ValueKind);
        Assert.NotEqual(JsonValueKind.Null, listed.GetProperty("usedAt").ValueKind);
        var entry = (await server.GetJsonAsync("/api/audit?act=workspaceCreated")).GetProperty("entries")[0];
        Assert.Equal("token", entry.GetProperty("way").GetString());
        Assert.DoesNotContain(token, (await server.GetJsonAsync("/api/audit")).ToString(), StringComparison.Ordinal);

        // The cookie of a browser is no way around the scope, and a token that ended is no reason to look at the cookie.
        using var refused = await SendAsync(server, token, HttpMethod.Get, "/api/admin/users", null);
        Assert.NotEqual(HttpStatusCode.OK, refused.StatusCode);
        using var gone = await SendAsync(server, "dropit_nothing", HttpMethod.Get, "/api/session", null);
        Assert.Equal(HttpStatusCode.Unauthorized, gone.StatusCode);
        Assert.Contains("invalid_token", gone.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_token_can_be_is_refused()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var ann = await Person.SignedUpAsync(server, "ann");
        (string Name, string Scope, int Days, HttpStatusCode Due)[] cases =
        [
            ("", "read", 7, HttpStatusCode.BadRequest),
            ("x", "everything", 7, HttpStatusCode.BadRequest),
            ("x", "read", 0, HttpStatusCode.BadRequest),
            ("x", "read", 367, HttpStatusCode.BadRequest),
            ("x", "admin", 7, HttpStatusCode.Forbidden),
        ];
        await Assert.AllAsync(cases, async refused =>
        {
            var (name, scope, days, due) = refused;
            Assert.Equal(due, (await ann.RefusalAsync(HttpMethod.Post, "/api/account/tokens", new { name, scope, days })).Status);
        });
    }

    [Fact]
    public async Task The_document_describes_every_route_of_the_table()
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var document = await server.GetJsonAsync("/api/openapi.json");
        Assert.StartsWith("3.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(one => $"{one.Name.ToUpperInvariant()} {path.Name}")).Order(StringComparer.Ordinal).ToList();
        var due = RouteRules.All.Keys.Where(name => name.Contains(" /api/", StringComparison.Ordinal))
            .Select(name => Constraint().Replace(name, "{$1}")).Order(StringComparer.Ordinal);
        Assert.Equal(due, described);
        foreach (var (name, rule) in RouteRules.All.Where(r => r.Key.Contains(" /api/", StringComparison.Ordinal)))
        {
            var (method, path) = Constraint().Replace(name, "{$1}").Split(' ') is [var m, var p] ? (m, p) : throw new InvalidOperationException(name);
            var one = document.GetProperty("paths").GetProperty(path).GetProperty(method.ToLowerInvariant());
            Assert.Equal(rule.Scope != Scope.None, one.TryGetProperty("security", out _));
        }

        var create = document.GetProperty("paths").GetProperty("/api/workspaces").GetProperty("post").ToString();
        Assert.Contains("CreateRequest", create, StringComparison.Ordinal);
    }

    private static string DueTo(string who, Rule rule) => (who, rule) switch
    {
        ("expired" or "revoked" or "mistyped", _) => "401",
        (_, { Scope: Scope.None }) => "403",
        ("read", { Scope: > Scope.Read }) or ("write" or "stranger", { Scope: > Scope.Write }) => "403",
        ("stranger", { Right: Right.View or Right.Edit or Right.Own }) => "not there",
        _ => "let through",
    };

    private static async Task<string> MakeAsync(Person person, string scope, string? name = null) =>
        (await person.JsonAsync(HttpMethod.Post, "/api/account/tokens", new { name = name ?? scope, scope, days = 1 })).GetProperty("text").GetString()!;

    /// <summary>As a program sends it: no cookie, no Origin.</summary>
    private static async Task<HttpResponseMessage> SendAsync(ServerRig server, string token, HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Content = body is null ? null : JsonContent.Create(body);
        return await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\{\**(\w+)(:[^}]*)?\}")]
    private static partial Regex Constraint();
}
