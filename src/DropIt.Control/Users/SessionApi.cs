using DropIt.Control.Accounts;
using DropIt.Control.Answers;
using DropIt.Control.Teams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DropIt.Control.Users;

/// <summary><c>GET /api/session</c>.</summary>
internal sealed record SessionAnswer(SessionUser User, bool Accounts, bool MakesTeams, string Origin, string Domain, string Version, SessionSleep Sleep);

/// <summary>What the operator says about sleep: minutes, and whether a workspace may be kept awake for ever.</summary>
internal sealed record SessionSleep(double LeftMinutes, double UntouchedMinutes, bool MayNever);

/// <summary>The signed-in user as the page sees them.</summary>
internal sealed record SessionUser(int Id, string Name, bool Admin);

/// <summary><c>GET /api/signin</c>: how people come in here.</summary>
internal sealed record WaysAnswer(bool Accounts, string SignUp, IReadOnlyList<Provider> Providers);

/// <summary>Signing in with an address, and out.</summary>
internal static class SessionApi
{
    public static void MapSession(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/signin", SignInAsync);
        routes.MapGet("/api/session", (CurrentUser user, ControlOptions options) =>
            TypedResults.Ok(new SessionAnswer(
                new(user.Id, user.Name, user.Admin),
                options.Accounts is not null,
                TeamsApi.MayMake(user, options),
                options.Origin,
                options.PublicDomain,
                options.Version,
                new(options.Sleep.Left.TotalMinutes, options.Sleep.Untouched.TotalMinutes, options.Sleep.MayNever))));
        routes.MapDelete("/api/session", SignOutAsync);
        routes.MapGet("/api/signin", (ControlOptions options) => TypedResults.Ok(new WaysAnswer(
            options.Accounts is not null, options.Accounts?.SignUp.ToString().ToLowerInvariant() ?? "closed", options.Accounts?.Providers ?? [])));
    }

    private static async Task<IResult> SignInAsync(
        HttpContext http, SignInTokens tokens, Sessions sessions, ControlOptions options, string? token, string? to)
    {
        var home = LocalPath.Of(to) ?? "/";
        if (await tokens.UseAsync(token, http.RequestAborted) is { } user)
        {
            await sessions.StartAsync(http, user, "link");
            return TypedResults.Redirect(home);
        }

        // The address is often opened twice (history, a restored tab): who is signed in already needs no token.
        // With accounts every page shows how to sign in.
        if (await sessions.FindAsync(http) is not null || (options.Accounts is not null && string.IsNullOrEmpty(token)))
        {
            return TypedResults.Redirect(home);
        }

        return options.Accounts is null
            ? SentencePage.Answer(
                StatusCodes.Status401Unauthorized,
                "This sign-in address was used before",
                "Each address signs in one browser, once, within a day. For another, run this on the server's machine:",
                "./dropit signin")
            : SentencePage.Answer(
                StatusCodes.Status401Unauthorized,
                "This sign-in address was used before",
                "Each address signs in one browser, once, within a day. Ask an admin of this server for another, or sign in as you usually do.");
    }

    private static async Task<IResult> SignOutAsync(HttpContext http, Sessions sessions)
    {
        await sessions.EndAsync(http);
        return TypedResults.NoContent();
    }
}
