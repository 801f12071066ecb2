using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace DropIt.Server.Tests.Harness;

/// <summary>Someone with a browser of their own at a server with accounts.</summary>
internal sealed class Person(ServerRig server)
{
    public const string Password = "correct horse battery";

    private readonly Dictionary<string, string> _cookies = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Whoever runs the server, signed in by the printed address.</summary>
    public static async Task<Person> AdminAsync(ServerRig server)
    {
        var admin = new Person(server);
        using var answer = await admin.SendAsync(HttpMethod.Get, server.SignInAddress);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        return admin;
    }

    /// <summary>Someone who has just signed up.</summary>
    public static async Task<Person> SignedUpAsync(ServerRig server, string userName, string? invitation = null)
    {
        var person = new Person(server);
        using var answer = await person.PostAsync("/api/signup", new { userName, password = Password, invitation });
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return person;
    }

    /// <summary>The same account in another browser.</summary>
    public async Task<Person> ElsewhereAsync(string userName)
    {
        var other = new Person(server);
        using var answer = await other.PostAsync("/api/signin", new { userName, password = Password });
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        return other;
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Origin", server.Origin);
        if (_cookies.Count > 0)
        {
            request.Headers.Add("Cookie", string.Join("; ", _cookies.Select(c => $"{c.Key}={c.Value}")));
        }

        request.Content = body is null ? null : JsonContent.Create(body);
        var answer = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        foreach (var cookie in answer.Headers.TryGetValues("Set-Cookie", out var set) ? set : [])
        {
            var (name, value) = cookie.Split(';')[0].Split('=', 2) is [var n, var v] ? (n, v) : (cookie, "");
            _cookies[name] = value;
        }

        return answer;
    }

    public Task<HttpResponseMessage> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public async Task<JsonElement> JsonAsync(HttpMethod method, string path, object? body = null)
    {
        using var answer = await SendAsync(method, path, body);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancel)}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    public Task<JsonElement> GetAsync(string path) => JsonAsync(HttpMethod.Get, path);

    public async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, object? body = null)
    {
        using var answer = await SendAsync(method, path, body);
        return answer.StatusCode;
    }

    /// <summary>What the server says to something that it refuses.</summary>
    public async Task<(HttpStatusCode Status, string Detail)> RefusalAsync(HttpMethod method, string path, object? body = null)
    {
        using var answer = await SendAsync(method, path, body);
        var said = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return (answer.StatusCode, said.GetProperty("detail").GetString()!);
    }
}
