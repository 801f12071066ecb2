using System.Net;
using System.Net.Http.Json;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Users;

public sealed class SignInOnSqliteSpecs() : SignInSpecs(TestDatabase.Sqlite);

public sealed class SignInOnPostgresSpecs(PostgresServer postgres) : SignInSpecs(TestDatabase.Postgres(postgres));

public abstract class SignInSpecs(TestDatabase database)
{
    [Fact]
    public async Task The_printed_address_signs_in_once()
    {
        await using var server = await database.StartAsync();
        Assert.Equal("you", (await server.GetJsonAsync("/api/session")).GetProperty("user").GetProperty("name").GetString());

        using var again = await server.Client.GetAsync(new Uri(server.SignInAddress), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        Assert.Contains("./dropit signin", await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_command_gives_another_address()
    {
        await using var server = await database.StartAsync(signIn: false);
        var (code, output, _) = await ServerRig.RunAsync("signin", "--data", server.Data);
        Assert.Equal(0, code);
        using var answer = await server.Client.GetAsync(new Uri(output.Trim() + "&to=/w/x"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal("/w/x", answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task The_cookie_of_a_session_is_no_scripts_no_other_sites_and_no_workspaces()
    {
        await using var server = await database.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var set = new Dictionary<string, string>
        {
            ["signed up"] = await CookieAsync(server, HttpMethod.Post, "/api/signup", new { userName = "ann", password = Person.Password }),
            ["signed in by password"] = await CookieAsync(server, HttpMethod.Post, "/api/signin", new { userName = "ann", password = Person.Password }),
            ["signed in by address"] = await CookieAsync(server, HttpMethod.Get, server.SignInAddress, null),
        };
        var session = set["signed up"].Split(';')[0];
        set["signed out"] = await CookieAsync(server, HttpMethod.Delete, "/api/session", null, session);
        foreach (var (when, cookie) in set)
        {
            var attributes = cookie.Split("; ").Skip(1).Select(a => a.ToLowerInvariant()).ToList();
            Assert.True(cookie.StartsWith("dropit_session=", StringComparison.Ordinal), $"{when}: {cookie}");
            Assert.True(attributes.Contains("httponly") && attributes.Contains("samesite=lax") && attributes.Contains("path=/"), $"{when}: {cookie}");
            Assert.DoesNotContain(attributes, a => a.StartsWith("domain", StringComparison.Ordinal));
        }

        Assert.StartsWith("dropit_session=;", set["signed out"], StringComparison.Ordinal);
        Assert.Contains("expires=Thu, 01 Jan 1970", set["signed out"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_https_the_cookie_never_goes_over_http()
    {
        // What ends tls stands before the server; the page's address says that it does.
        await using var server = await database.StartAsync(signIn: false, more: ["--accounts", "open", "--origin", "https://drop.example"]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/signup") { Content = JsonContent.Create(new { userName = "ann", password = Person.Password }) };
        request.Headers.Add("Origin", "https://drop.example");
        request.Headers.Host = "drop.example";
        using var answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Contains("; secure", answer.Headers.GetValues("Set-Cookie").Single(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>What the answer sets as the session's cookie.</summary>
    private static async Task<string> CookieAsync(ServerRig server, HttpMethod method, string path, object? body, string? cookie = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Origin", server.Origin);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        using var answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.Headers.GetValues("Set-Cookie").Single(c => c.StartsWith("dropit_session=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_session_outlives_the_server_and_ends_when_asked()
    {
        await using var server = await database.StartAsync();
        Assert.Equal(0, await server.StopAsync());
        await server.StartAgainAsync();
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/api/session")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Delete, "/api/session")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.GetAsync("/api/session")).StatusCode);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("http://evil.example/")]
    [InlineData("/\t/evil.example/")]
    public async Task Signing_in_leads_to_this_origin_only(string to)
    {
        await using var server = await database.StartAsync(signIn: false);
        using var answer = await server.Client.GetAsync(
            new Uri(server.SignInAddress + "&to=" + Uri.EscapeDataString(to)), TestContext.Current.CancellationToken);
        Assert.Equal("/", answer.Headers.Location!.OriginalString);
    }
}
