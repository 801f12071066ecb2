using System.Net;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Users;

public sealed class SignInOnSqliteSpecs() : SignInSpecs(TestDatabase.Sqlite);

public sealed class SignInOnPostgresSpecs(PostgresRig postgres) : SignInSpecs(TestDatabase.Postgres(postgres));

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
