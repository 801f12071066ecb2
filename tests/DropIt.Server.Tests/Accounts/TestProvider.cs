using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DropIt.Server.Tests.Accounts;

/// <summary>An OpenID Connect provider and a GitHub on this machine, at which everyone is signed in as the same person.</summary>
internal sealed class TestProvider : IAsyncDisposable
{
    private readonly RSA _key = RSA.Create(2048);
    private readonly WebApplication _app;
    private string? _nonce;

    private TestProvider()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapGet("/.well-known/openid-configuration", () => Results.Json(new Dictionary<string, object>
        {
            ["issuer"] = Address,
            ["authorization_endpoint"] = Address + "/authorize",
            ["token_endpoint"] = Address + "/token",
            ["jwks_uri"] = Address + "/keys",
        }));
        _app.MapGet("/keys", () =>
        {
            var key = _key.ExportParameters(false);
            return Results.Json(new { keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = "1", n = Text(key.Modulus!), e = Text(key.Exponent!) } } });
        });
        _app.MapGet("/authorize", (HttpContext http) => Back(http));
        _app.MapPost("/token", () => Results.Json(new { access_token = "a", token_type = "Bearer", expires_in = 60, id_token = IdToken() }));
        _app.MapGet("/login/oauth/authorize", (HttpContext http) => Back(http));
        _app.MapPost("/login/oauth/access_token", () => Results.Json(new { access_token = "a", token_type = "bearer", scope = "" }));
        _app.MapGet("/api/v3/user", () => Results.Json(new { id = 42, login = "Octo-Cat", name = "Octo Cat" }));
    }

    public string Address => _app.Urls.Single();

    public static async Task<TestProvider> StartAsync()
    {
        var provider = new TestProvider();
        await provider._app.StartAsync(TestContext.Current.CancellationToken);
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _key.Dispose();
    }

    private IResult Back(HttpContext http)
    {
        var query = http.Request.Query;
        _nonce = query["nonce"];
        return Results.Redirect($"{query["redirect_uri"]}?code=c&state={Uri.EscapeDataString(query["state"].ToString())}");
    }

    private string IdToken()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var head = Text(JsonSerializer.SerializeToUtf8Bytes(new { alg = "RS256", kid = "1", typ = "JWT" }));
        var body = Text(JsonSerializer.SerializeToUtf8Bytes(new
        {
            iss = Address,
            aud = "client",
            sub = "person-1",
            iat = now,
            exp = now + 60,
            nonce = _nonce,
            preferred_username = "carla",
            name = "Carla C",
        }));
        var signed = _key.SignData(Encoding.ASCII.GetBytes($"{head}.{body}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{head}.{body}.{Text(signed)}";
    }

    private static string Text(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
