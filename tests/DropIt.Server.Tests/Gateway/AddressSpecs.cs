using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Gateway;

/// <summary>Who is counted, and how often they may open a socket.</summary>
public sealed class AddressSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.0/8,10.0.0.0/8", "203.0.113.9, 10.1.2.3", "203.0.113.9")]
    [InlineData("127.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9")] // the first is whatever the caller wrote
    [InlineData("10.0.0.0/8", "203.0.113.9", "127.0.0.1")]
    [InlineData(null, "203.0.113.9", "127.0.0.1")]
    public async Task Only_a_trusted_proxy_is_believed_where_a_request_came_from(string? trusted, string said, string due)
    {
        await using var server = await ServerRig.StartAsync(more: ["--accounts", "open", .. trusted is null ? [] : (string[])["--trusted-proxies", trusted]]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/signin") { Content = JsonContent.Create(new { userName = "x", password = "y" }) };
        request.Headers.Add("Origin", server.Origin);
        request.Headers.Add("X-Forwarded-For", said);
        using var answer = await server.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        var entry = (await server.GetJsonAsync("/api/audit?act=signInFailed")).GetProperty("entries")[0];
        Assert.Equal(due, entry.GetProperty("address").GetString());
    }

    [Fact]
    public async Task Whoever_opens_too_many_sockets_is_told_to_wait_and_the_page_in_words()
    {
        await using var server = await ServerRig.StartAsync(more: ["--upgrades-per-minute", "3"]);
        var slug = await server.CreateAsync("empty");
        var ticket = await server.OpenAsync(slug);
        for (var i = 0; i < 3; i++)
        {
            using var open = await server.SocketAsync(slug, ticket, Cancel);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{slug}.localhost:{server.Port}/.dropit/ws");
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        using var refused = await server.Client.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 20);
        Assert.Contains("too many connections", await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        using var told = await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open");
        Assert.Equal(HttpStatusCode.TooManyRequests, told.StatusCode);
        Assert.Contains(
            "too many connections", (await told.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("detail").GetString(), StringComparison.Ordinal);

        // What is no socket is not counted.
        using var plain = await server.GetAsync("/api/workspaces");
        Assert.Equal(HttpStatusCode.OK, plain.StatusCode);
    }
}
