using System.Net;
using System.Text.Json;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Accounts;

public sealed class AccountOnSqliteSpecs() : AccountSpecs(TestDatabase.Sqlite);

public sealed class AccountOnPostgresSpecs(PostgresServer postgres) : AccountSpecs(TestDatabase.Postgres(postgres));

public abstract class AccountSpecs(TestDatabase database)
{
    [Fact]
    public async Task Whoever_signs_up_is_signed_in_and_comes_back_with_the_password()
    {
        await using var server = await StartAsync("open");
        var ann = await Person.SignedUpAsync(server, "ann");
        Assert.Equal("ann", (await ann.GetAsync("/api/session")).GetProperty("user").GetProperty("name").GetString());

        Assert.Equal(0, await server.StopAsync());
        await server.StartAgainAsync();
        var elsewhere = await ann.ElsewhereAsync("ANN");
        Assert.Equal("ann", (await elsewhere.GetAsync("/api/account")).GetProperty("userName").GetString());

        var stranger = new Person(server);
        var (status, words) = await stranger.RefusalAsync(HttpMethod.Post, "/api/signin", new { userName = "ann", password = "something else" });
        Assert.Equal((HttpStatusCode.Unauthorized, "User name or password is not right."), (status, words));
        Assert.Equal((status, words), await stranger.RefusalAsync(HttpMethod.Post, "/api/signin", new { userName = "nobody", password = "something else" }));
    }

    [Theory]
    [InlineData("ann", Person.Password, "taken")]
    [InlineData("", Person.Password, "1 to 39 characters")]
    [InlineData("an n", Person.Password, "1 to 39 characters")]
    [InlineData("annannannannannannannannannannannannanna", Person.Password, "1 to 39 characters")]
    [InlineData("bob", "short", "at least 10 characters")]
    [InlineData("bob", "aaaaaaaaaaaa", "4 different characters")]
    public async Task An_account_that_cannot_be_made_is_refused_in_words(string userName, string password, string words)
    {
        await using var server = await StartAsync("open");
        await Person.SignedUpAsync(server, "ann");
        var (_, said) = await new Person(server).RefusalAsync(HttpMethod.Post, "/api/signup", new { userName, password });
        Assert.Contains(words, said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_email_is_optional_at_the_start_and_later()
    {
        await using var server = await StartAsync("open");
        var ann = await Person.SignedUpAsync(server, "ann");
        Assert.Equal(JsonValueKind.Null, (await ann.GetAsync("/api/account")).GetProperty("email").ValueKind);
        foreach (var bad in (string[])["two words@example.org", "a\nb@example.org", "nowhere", "@", "a@", "@b", new string('a', 250) + "@example.org"])
        {
            var (status, words) = await ann.RefusalAsync(HttpMethod.Patch, "/api/account", new { email = bad });
            Assert.Equal((HttpStatusCode.BadRequest, "That is no e-mail address. Leave it out, or write it as name@example.org."), (status, words));
        }

        Assert.Equal(HttpStatusCode.OK, await ann.StatusAsync(HttpMethod.Patch, "/api/account", new { email = "ann@example.org" }));
        Assert.Equal("ann@example.org", (await ann.GetAsync("/api/account")).GetProperty("email").GetString());
        Assert.Equal(HttpStatusCode.OK, await ann.StatusAsync(HttpMethod.Patch, "/api/account", new { email = "" }));
        Assert.Equal(JsonValueKind.Null, (await ann.GetAsync("/api/account")).GetProperty("email").ValueKind);

        var bob = new Person(server);
        Assert.Equal(HttpStatusCode.NoContent, await bob.StatusAsync(HttpMethod.Post, "/api/signup", new { userName = "bob", password = Person.Password, email = "bob@example.org" }));
        Assert.Equal("bob@example.org", (await bob.GetAsync("/api/account")).GetProperty("email").GetString());
    }

    [Fact]
    public async Task Ten_wrong_passwords_lock_an_account_for_a_while()
    {
        await using var server = await StartAsync("open");
        await Person.SignedUpAsync(server, "ann");
        var guesser = new Person(server);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await guesser.StatusAsync(HttpMethod.Post, "/api/signin", new { userName = "ann", password = $"guess {i}" }));
        }

        var (status, words) = await guesser.RefusalAsync(HttpMethod.Post, "/api/signin", new { userName = "ann", password = Person.Password });
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Contains("locked", words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_tries_too_often_is_told_to_wait()
    {
        await using var server = await StartAsync("open");
        var guesser = new Person(server);
        HttpResponseMessage? last = null;
        for (var i = 0; i < 100 && last?.StatusCode != HttpStatusCode.TooManyRequests; i++)
        {
            last?.Dispose();
            last = await guesser.PostAsync("/api/signin", new { userName = $"user{i}", password = "guess" });
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last!.StatusCode);
        Assert.NotNull(last.Headers.RetryAfter);
        last.Dispose();
    }

    [Fact]
    public async Task Nobody_signs_up_where_that_is_closed_and_an_admin_makes_accounts()
    {
        await using var server = await StartAsync("closed");
        var (status, words) = await new Person(server).RefusalAsync(HttpMethod.Post, "/api/signup", new { userName = "ann", password = Person.Password });
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("Ask an admin", words, StringComparison.Ordinal);

        var admin = await Person.AdminAsync(server);
        var address = (await admin.JsonAsync(HttpMethod.Post, "/api/admin/users", new { userName = "ann" })).GetProperty("address").GetString()!;
        var ann = new Person(server);
        Assert.Equal(HttpStatusCode.Found, await ann.StatusAsync(HttpMethod.Get, address));
        Assert.Equal("ann", (await ann.GetAsync("/api/account")).GetProperty("userName").GetString());
        Assert.Equal(HttpStatusCode.NoContent, await ann.StatusAsync(HttpMethod.Put, "/api/account/password", new { password = Person.Password }));
        await ann.ElsewhereAsync("ann");
        Assert.Equal(HttpStatusCode.Unauthorized, await new Person(server).StatusAsync(HttpMethod.Get, address));
    }

    [Fact]
    public async Task An_invitation_makes_one_account()
    {
        await using var server = await StartAsync("invitation");
        var admin = await Person.AdminAsync(server);
        var made = await admin.JsonAsync(HttpMethod.Post, "/api/admin/invitations", new { note = "for Ann" });
        var code = made.GetProperty("address").GetString()!.Split("invitation=")[1];
        Assert.Equal("for Ann", Assert.Single((await admin.GetAsync("/api/admin/invitations")).EnumerateArray()).GetProperty("note").GetString());

        var weak = new { userName = "ann", password = "weak", invitation = code };
        Assert.Equal(HttpStatusCode.BadRequest, await new Person(server).StatusAsync(HttpMethod.Post, "/api/signup", weak));
        await Person.SignedUpAsync(server, "ann", code);
        var (status, words) = await new Person(server).RefusalAsync(
            HttpMethod.Post, "/api/signup", new { userName = "bob", password = Person.Password, invitation = code });
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("invitation", words, StringComparison.Ordinal);
        Assert.Empty((await admin.GetAsync("/api/admin/invitations")).EnumerateArray());
    }

    [Fact]
    public async Task Signed_in_browsers_are_listed_and_signed_out_one_by_one_or_all()
    {
        await using var server = await StartAsync("open");
        var here = await Person.SignedUpAsync(server, "ann");
        var there = await here.ElsewhereAsync("ann");
        var browsers = (await here.GetAsync("/api/account/sessions")).EnumerateArray().ToList();
        Assert.Equal(2, browsers.Count);
        Assert.Equal("127.0.0.1", browsers[0].GetProperty("address").GetString());
        var other = browsers.Single(b => !b.GetProperty("current").GetBoolean()).GetProperty("id").GetString();

        var stranger = await Person.SignedUpAsync(server, "bob");
        Assert.Equal(HttpStatusCode.NotFound, await stranger.StatusAsync(HttpMethod.Delete, $"/api/account/sessions/{other}"));
        Assert.Equal(HttpStatusCode.NoContent, await here.StatusAsync(HttpMethod.Delete, $"/api/account/sessions/{other}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await there.StatusAsync(HttpMethod.Get, "/api/session"));

        var again = await here.ElsewhereAsync("ann");
        Assert.Equal(HttpStatusCode.NoContent, await here.StatusAsync(HttpMethod.Delete, "/api/account/sessions"));
        Assert.Equal(HttpStatusCode.Unauthorized, await here.StatusAsync(HttpMethod.Get, "/api/session"));
        Assert.Equal(HttpStatusCode.Unauthorized, await again.StatusAsync(HttpMethod.Get, "/api/session"));
        Assert.Equal(HttpStatusCode.OK, await stranger.StatusAsync(HttpMethod.Get, "/api/session"));
    }

    [Fact]
    public async Task A_new_password_takes_the_present_one_and_signs_others_out()
    {
        await using var server = await StartAsync("open");
        var here = await Person.SignedUpAsync(server, "ann");
        var there = await here.ElsewhereAsync("ann");
        var (_, words) = await here.RefusalAsync(HttpMethod.Put, "/api/account/password", new { current = "wrong", password = "another horse battery" });
        Assert.Equal("The present password is not right.", words);
        Assert.Equal(
            HttpStatusCode.NoContent,
            await here.StatusAsync(HttpMethod.Put, "/api/account/password", new { current = Person.Password, password = "another horse battery" }));
        Assert.Equal(HttpStatusCode.Unauthorized, await there.StatusAsync(HttpMethod.Get, "/api/session"));
        Assert.Equal(HttpStatusCode.OK, await here.StatusAsync(HttpMethod.Get, "/api/session"));
    }

    [Fact]
    public async Task A_disabled_account_is_out_at_once_and_only_admins_disable()
    {
        await using var server = await StartAsync("open");
        var (admin, ann) = (await Person.AdminAsync(server), await Person.SignedUpAsync(server, "ann"));
        var id = (await ann.GetAsync("/api/session")).GetProperty("user").GetProperty("id").GetInt32();
        Assert.Equal(HttpStatusCode.Forbidden, await ann.StatusAsync(HttpMethod.Get, "/api/admin/users"));
        Assert.Equal(HttpStatusCode.Conflict, await admin.StatusAsync(HttpMethod.Patch, "/api/admin/users/1", new { disabled = true }));
        Assert.Equal(HttpStatusCode.NoContent, await admin.StatusAsync(HttpMethod.Patch, $"/api/admin/users/{id}", new { disabled = true }));
        Assert.Equal(HttpStatusCode.Unauthorized, await ann.StatusAsync(HttpMethod.Get, "/api/session"));
        var (status, words) = await ann.RefusalAsync(HttpMethod.Post, "/api/signin", new { userName = "ann", password = Person.Password });
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("disabled", words, StringComparison.Ordinal);
        Assert.True((await admin.GetAsync("/api/admin/users")).EnumerateArray().Single(u => u.GetProperty("id").GetInt32() == id).GetProperty("disabled").GetBoolean());
    }

    [Fact]
    public async Task Workspaces_are_their_owners_alone()
    {
        await using var server = await StartAsync("open");
        var (ann, bob) = (await Person.SignedUpAsync(server, "ann"), await Person.SignedUpAsync(server, "bob"));
        var slug = (await ann.JsonAsync(HttpMethod.Post, "/api/workspaces", new { stack = "empty" })).GetProperty("slug").GetString();
        Assert.Single((await ann.GetAsync("/api/workspaces")).EnumerateArray());
        Assert.Empty((await bob.GetAsync("/api/workspaces")).EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound, await bob.StatusAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open"));
        Assert.Equal(HttpStatusCode.NotFound, await (await Person.AdminAsync(server)).StatusAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open"));
    }

    private Task<ServerRig> StartAsync(string accounts) => database.StartAsync(signIn: false, more: ["--accounts", accounts]);
}
