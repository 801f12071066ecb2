using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;

namespace DropIt.Control.Accounts;

/// <summary>What a browser answers with: the JSON of a <c>PublicKeyCredential</c>, and what to call a new one.</summary>
internal sealed record PasskeyRequest(JsonElement Credential, string? Name);

/// <summary>A passkey as its user sees it.</summary>
internal sealed record PasskeyAnswer(string Id, string Name, DateTimeOffset CreatedAt);

/// <summary>Signing in by passkey, and keeping passkeys.</summary>
internal static class PasskeysApi
{
    // More than a person has devices.
    private const int MaxPerUser = 20;

    public static void MapPasskeys(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/signin/passkey/options", AskAsync);
        routes.MapPost("/api/signin/passkey", SignInAsync);
        routes.MapPost("/api/account/passkeys/options", OfferAsync);
        routes.MapPost("/api/account/passkeys", AddAsync);
        routes.MapDelete("/api/account/passkeys/{id}", RemoveAsync);
    }

    public static PasskeyAnswer Of(UserPasskeyInfo passkey) =>
        new(Base64Url.EncodeToString(passkey.CredentialId), passkey.Name ?? "Passkey", passkey.CreatedAt);

    private static async Task<IResult> AskAsync(HttpContext http, IPasskeyHandler<User> passkeys, PasskeyState state)
    {
        // Without a user: the browser offers the passkeys it has for this server, so no name is told and none can be tried out.
        var options = await passkeys.MakeRequestOptionsAsync(null, http);
        state.Keep(http, options.AssertionState ?? "");
        return TypedResults.Text(options.RequestOptionsJson, "application/json", Encoding.UTF8);
    }

    private static async Task<IResult> SignInAsync(
        PasskeyRequest request,
        HttpContext http,
        Actor actor,
        IPasskeyHandler<User> passkeys,
        PasskeyState state,
        UserManager<User> users,
        Sessions sessions,
        ControlDatabase database)
    {
        if (state.Take(http) is not { } kept)
        {
            return TooLate();
        }

        var result = await passkeys.PerformAssertionAsync(
            new() { HttpContext = http, CredentialJson = request.Credential.GetRawText(), AssertionState = kept });
        if (!result.Succeeded)
        {
            await database.NoteAsync(actor.Did(Act.SignInFailed, about: "passkey"), http.RequestAborted);
            return Problem.Of(StatusCodes.Status401Unauthorized, "This passkey is not known here. Sign in another way, then add it on your account's page.");
        }

        if (result.User.Disabled)
        {
            await database.NoteAsync(actor.As(result.User).Did(Act.SignInFailed, about: "disabled"), http.RequestAborted);
            return SigningInApi.Disabled();
        }

        await users.AddOrUpdatePasskeyAsync(result.User, result.Passkey);
        await sessions.StartAsync(http, result.User.Id, "passkey");
        return TypedResults.NoContent();
    }

    private static async Task<IResult> OfferAsync(
        HttpContext http, CurrentUser current, UserManager<User> users, IPasskeyHandler<User> passkeys, PasskeyState state)
    {
        var user = await users.FindAsync(current);
        if ((await users.GetPasskeysAsync(user)).Count >= MaxPerUser)
        {
            return Problem.Of(StatusCodes.Status409Conflict, $"An account has at most {MaxPerUser} passkeys. Remove one that is no longer used.");
        }

        var options = await passkeys.MakeCreationOptionsAsync(
            new() { Id = (await users.GetUserIdAsync(user)), Name = user.UserName ?? user.Name, DisplayName = user.Name }, http);
        state.Keep(http, options.AttestationState ?? "");
        return TypedResults.Text(options.CreationOptionsJson, "application/json", Encoding.UTF8);
    }

    private static async Task<IResult> AddAsync(
        PasskeyRequest request,
        HttpContext http,
        CurrentUser current,
        Actor actor,
        UserManager<User> users,
        ControlContext context,
        IPasskeyHandler<User> passkeys,
        PasskeyState state)
    {
        if (state.Take(http) is not { } kept)
        {
            return TooLate();
        }

        var user = await users.FindAsync(current);
        var result = await passkeys.PerformAttestationAsync(
            new() { HttpContext = http, CredentialJson = request.Credential.GetRawText(), AttestationState = kept });
        if (!result.Succeeded || result.UserEntity.Id != await users.GetUserIdAsync(user))
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"The passkey was not taken: {result.Failure?.Message ?? "it was made for someone else"}. Try again.");
        }

        result.Passkey.Name = Workspaces.WorkspaceRegister.NameOf(request.Name) ?? "Passkey";
        context.AuditEntries.Add(actor.Did(Act.PasskeyAdded, about: result.Passkey.Name));
        return await users.AddOrUpdatePasskeyAsync(user, result.Passkey) is { Succeeded: false } failed
            ? SigningInApi.Of(failed)
            : TypedResults.Ok(Of(result.Passkey));
    }

    private static async Task<IResult> RemoveAsync(string id, CurrentUser current, Actor actor, UserManager<User> users, ControlContext context)
    {
        var user = await users.FindAsync(current);
        var passkey = (await users.GetPasskeysAsync(user)).FirstOrDefault(p => Of(p).Id == id);
        if (passkey is null)
        {
            return Problem.Of(StatusCodes.Status404NotFound, "There is no such passkey (any more). Load the page again.");
        }

        context.AuditEntries.Add(actor.Did(Act.PasskeyRemoved, about: passkey.Name));
        await users.RemovePasskeyAsync(user, passkey.CredentialId);
        return TypedResults.NoContent();
    }

    private static IResult TooLate() =>
        Problem.Of(StatusCodes.Status400BadRequest, "That took longer than ten minutes, or was begun in another window. Begin again.");
}

/// <summary>
/// What was asked of a browser, until it answers: in a protected cookie of that browser, so that any server can take the answer.
/// </summary>
internal sealed class PasskeyState(IDataProtectionProvider protection, ControlOptions options)
{
    private const string Cookie = "dropit_passkey";
    private static readonly TimeSpan s_lifetime = TimeSpan.FromMinutes(10);
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("passkeys").ToTimeLimitedDataProtector();

    /// <summary>Keeps it for the next request.</summary>
    public void Keep(HttpContext http, string state) =>
        http.Response.Cookies.Append(Cookie, _protector.Protect(state, s_lifetime), CookieOptions());

    /// <summary>Takes it back, once; null when there is none or its time is over.</summary>
    public string? Take(HttpContext http)
    {
        http.Response.Cookies.Delete(Cookie, CookieOptions());
        try
        {
            return http.Request.Cookies[Cookie] is { Length: > 0 } text ? _protector.Unprotect(text) : null;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }

    private CookieOptions CookieOptions() => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = options.Scheme == "https",
        Path = "/api",
    };
}
