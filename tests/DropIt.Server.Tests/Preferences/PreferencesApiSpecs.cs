using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Preferences;

public sealed class PreferencesApiOnSqliteSpecs() : PreferencesApiSpecs(TestDatabase.Sqlite);

public sealed class PreferencesApiOnPostgresSpecs(PostgresServer postgres) : PreferencesApiSpecs(TestDatabase.Postgres(postgres));

public abstract class PreferencesApiSpecs(TestDatabase database)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Settings_are_given_back_as_they_were_put()
    {
        await using var server = await database.StartAsync();
        Assert.Equal("{}", (await server.GetJsonAsync("/api/settings")).GetRawText());
        foreach (var size in (int[])[13, 15])
        {
            using var put = await server.SendAsync(HttpMethod.Put, "/api/settings", new { fontSize = size });
            Assert.Equal(HttpStatusCode.NoContent, put.StatusCode);
            Assert.Equal(size, (await server.GetJsonAsync("/api/settings")).GetProperty("fontSize").GetInt32());
        }
    }

    [Fact]
    public async Task A_view_belongs_to_its_workspace_and_goes_with_it()
    {
        await using var server = await database.StartAsync();
        var (slug, other) = (await server.CreateAsync("empty"), await server.CreateAsync("empty"));
        using var put = await server.SendAsync(HttpMethod.Put, $"/api/workspaces/{slug}/view", new { tabs = "a.txt" });
        Assert.Equal(HttpStatusCode.NoContent, put.StatusCode);
        Assert.Equal("a.txt", (await server.GetJsonAsync($"/api/workspaces/{slug}/view")).GetProperty("tabs").GetString());
        Assert.Equal("{}", (await server.GetJsonAsync($"/api/workspaces/{other}/view")).GetRawText());

        await server.SendAsync(HttpMethod.Delete, $"/api/workspaces/{slug}");
        using var gone = await server.GetAsync($"/api/workspaces/{slug}/view");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        using var late = await server.SendAsync(HttpMethod.Put, $"/api/workspaces/{slug}/view", new { });
        Assert.Equal(HttpStatusCode.NotFound, late.StatusCode);
    }

    [Fact]
    public async Task What_is_too_large_or_no_object_is_refused_in_words()
    {
        await using var server = await database.StartAsync();
        using var large = await server.SendAsync(HttpMethod.Put, "/api/settings", new { text = new string('x', 20_000) });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        Assert.Contains("16 KiB", await DetailAsync(large), StringComparison.Ordinal);
        using var list = await server.SendAsync(HttpMethod.Put, "/api/settings", 1);
        Assert.Equal(HttpStatusCode.BadRequest, list.StatusCode);
        Assert.Contains("JSON object", await DetailAsync(list), StringComparison.Ordinal);
    }

    private static async Task<string> DetailAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString()!;
}
