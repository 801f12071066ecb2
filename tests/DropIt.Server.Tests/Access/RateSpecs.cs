using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Access;

/// <summary>How often one person may ask for what costs the server something: past it 429 with a sentence and when to come again, and nobody else is held up.</summary>
public sealed class RateSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/workspaces", 200)]
    [InlineData("/api/workspaces/abcdefghijklmn/open", 300)]
    public async Task Whoever_asks_too_often_is_told_to_wait_and_others_are_not(string path, int most)
    {
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--accounts", "open"]);
        var (ann, bob) = (await Person.SignedUpAsync(server, "ann"), await Person.SignedUpAsync(server, "bob"));

        // It is counted before it is looked at what is asked for, so nothing needs to be made. The bucket fills while this asks: a few more pass.
        var passed = 0;
        while (passed <= 2 * most)
        {
            using var answer = await ann.PostAsync(path, new { stack = "no-such-stack" });
            if (answer.StatusCode != HttpStatusCode.TooManyRequests)
            {
                passed++;
                continue;
            }

            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
            Assert.Contains("Wait a moment, then try again.", (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString(), StringComparison.Ordinal);
            break;
        }

        Assert.InRange(passed, most, 2 * most);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, await bob.StatusAsync(HttpMethod.Post, path, new { stack = "no-such-stack" }));
        Assert.Equal(HttpStatusCode.OK, await ann.StatusAsync(HttpMethod.Get, "/api/session"));
    }
}
