using DropIt.Control.Answers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DropIt.Control.Users;

/// <summary><c>GET /api/session</c>.</summary>
internal sealed record SessionAnswer(SessionUser User, string Origin, string Domain, string Version, SessionSleep Sleep);

/// <summary>What the operator says about sleep: minutes, and whether a workspace may be kept awake for ever.</summary>
internal sealed record SessionSleep(double LeftMinutes, double UntouchedMinutes, bool MayNever);

/// <summary>The signed-in user as the page sees them.</summary>
internal sealed record SessionUser(string Name);

/// <summary>Signing in and out.</summary>
internal static class SessionApi
{
    public static void MapSession(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/signin", SignInAsync);
        routes.MapGet("/api/session", (CurrentUser user, ControlOptions options) =>
            TypedResults.Ok(new SessionAnswer(
                new(user.Name),
                options.Origin,
                options.PublicDomain,
                options.Version,
                new(options.Sleep.Left.TotalMinutes, options.Sleep.Untouched.TotalMinutes, options.Sleep.MayNever))));
        routes.MapDelete("/api/session", SignOutAsync);
    }

    private static async Task<IResult> SignInAsync(
        HttpContext http, SignInTokens tokens, Sessions sessions, ControlOptions options, string? token, string? to)
    {
        var home = LocalPath.Of(to) ?? "/";
        if (await tokens.UseAsync(token, http.RequestAborted))
        {
            var value = await sessions.StartAsync(User.LocalId, http.RequestAborted);
            http.Response.Cookies.Append(Sessions.Cookie, value, CookieOptions(options, Sessions.Lifetime));
            return TypedResults.Redirect(home);
        }

        // The address is often opened twice (history, a restored tab): who is signed in already needs no token.
        return await sessions.FindAsync(http.Request.Cookies[Sessions.Cookie], http.RequestAborted) is not null
            ? TypedResults.Redirect(home)
            : SentencePage.Answer(
                StatusCodes.Status401Unauthorized,
                "This sign-in address was used before",
                "Each address signs in one browser, once, within a day. For another, run this on the server's machine:",
                "./dropit signin");
    }

    private static async Task<IResult> SignOutAsync(HttpContext http, Sessions sessions, ControlOptions options)
    {
        await sessions.EndAsync(http.Request.Cookies[Sessions.Cookie], http.RequestAborted);
        http.Response.Cookies.Delete(Sessions.Cookie, CookieOptions(options, null));
        return TypedResults.NoContent();
    }

    private static CookieOptions CookieOptions(ControlOptions options, TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = options.Scheme == "https",
        Path = "/",
        MaxAge = maxAge,
    };
}
