using System.Net;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Accounts;

/// <summary>Signing in with OpenID Connect and GitHub, against a provider that follows the protocols.</summary>
public sealed class ProviderSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("openid", "carla", "Carla C")]
    [InlineData("github", "octo-cat", "Octo Cat")]
    public async Task The_first_time_makes_an_account_and_the_next_finds_it(string id, string userName, string name)
    {
        await using var provider = await TestProvider.StartAsync();
        await using var server = await StartAsync(provider, "open");
        Assert.Equal(id is "openid" ? "The Company" : "GitHub", (await new Person(server).GetAsync("/api/signin"))
            .GetProperty("providers").EnumerateArray().Single(p => p.GetProperty("id").GetString() == id).GetProperty("name").GetString());

        var first = new Person(server);
        Assert.Equal("/w/x", await GoThroughAsync(first, id, "to=/w/x"));
        var account = await first.GetAsync("/api/account");
        Assert.Equal((userName, name), (account.GetProperty("userName").GetString(), account.GetProperty("name").GetString()));

        var again = new Person(server);
        await GoThroughAsync(again, id, "");
        Assert.Equal(
            (await first.GetAsync("/api/session")).GetProperty("user").GetProperty("id").GetInt32(),
            (await again.GetAsync("/api/session")).GetProperty("user").GetProperty("id").GetInt32());
        Assert.Equal(HttpStatusCode.Conflict, await first.StatusAsync(HttpMethod.Delete, $"/api/account/logins/{id}"));
    }

    [Theory]
    [InlineData("closed")]
    [InlineData("invitation")]
    public async Task Nobody_gets_in_who_may_not_sign_up(string accounts)
    {
        await using var provider = await TestProvider.StartAsync();
        await using var server = await StartAsync(provider, accounts);
        var stranger = new Person(server);
        Assert.Null(await GoThroughAsync(stranger, "openid", ""));
        Assert.Equal(HttpStatusCode.Unauthorized, await stranger.StatusAsync(HttpMethod.Get, "/api/session"));
    }

    [Fact]
    public async Task An_answer_that_this_browser_did_not_ask_for_signs_nobody_in()
    {
        await using var provider = await TestProvider.StartAsync();
        await using var server = await StartAsync(provider, "open");
        var (asker, victim) = (new Person(server), new Person(server));
        using var begun = await asker.SendAsync(HttpMethod.Get, "/signin/openid");
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var there = await browser.GetAsync(begun.Headers.Location, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, await victim.StatusAsync(HttpMethod.Get, there.Headers.Location!.ToString()));
        Assert.Equal(HttpStatusCode.Unauthorized, await victim.StatusAsync(HttpMethod.Get, "/api/session"));
    }

    /// <summary>To the provider and back; the answer is where the browser was sent in the end, null when it was refused.</summary>
    private static async Task<string?> GoThroughAsync(Person person, string id, string query)
    {
        using var begun = await person.SendAsync(HttpMethod.Get, $"/signin/{id}?{query}");
        Assert.Equal(HttpStatusCode.Found, begun.StatusCode);
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        using var there = await browser.GetAsync(begun.Headers.Location, Cancel);
        using var back = await person.SendAsync(HttpMethod.Get, there.Headers.Location!.ToString());
        return back.StatusCode == HttpStatusCode.Found ? back.Headers.Location!.OriginalString : null;
    }

    private static Task<ServerRig> StartAsync(TestProvider provider, string accounts) => ServerRig.StartAsync(
        signIn: false,
        more:
        [
            "--accounts", accounts, "--openid-authority", provider.Address, "--openid-client-id", "client", "--openid-name", "The Company",
            "--github-client-id", "client", "--github-url", provider.Address,
        ],
        environment: new Dictionary<string, string> { ["DROPIT_OPENID_CLIENT_SECRET"] = "s", ["DROPIT_GITHUB_CLIENT_SECRET"] = "s" });
}
