using DropIt.Control.Answers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace DropIt.Control.Users;

/// <summary>The signed-in user of a request below <c>/api</c>.</summary>
/// <param name="Id">Their key.</param>
/// <param name="Name">As shown.</param>
internal sealed record CurrentUser(int Id, string Name)
{
    /// <summary>Called by the framework for a parameter of this type.</summary>
    public static ValueTask<CurrentUser?> BindAsync(HttpContext http) => new(http.Features.Get<CurrentUser>());
}

/// <summary>What stands before every route below <c>/api</c>.</summary>
internal static class ApiGuard
{
    // Bodies here are small JSON objects; a name has 100 characters.
    private const long MaxBody = 64 * 1024;

    /// <summary>
    /// Refuses requests of other sites (403) and of those not signed in (401), and bounds the body. The cookie alone proves nothing for an unsafe
    /// method: workspaces are same-site with the page when both are below <c>localhost</c>, so the browser sends it along.
    /// </summary>
    public static void UseApiGuard(this IApplicationBuilder app) => app.Use(async (http, next) =>
    {
        if (!http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
        {
            await next(http);
            return;
        }

        var services = http.RequestServices;
        http.Response.Headers.CacheControl = "no-store";
        if (!IsSafe(http.Request.Method) && !IsOfThePage(http.Request, services.GetRequiredService<ControlOptions>().Origin))
        {
            await Problem.Of(
                StatusCodes.Status403Forbidden,
                "The request does not come from drop.it's own page. A program that calls this API must send the page's address as Origin.")
                .ExecuteAsync(http);
            return;
        }

        var user = await services.GetRequiredService<Sessions>().FindAsync(http.Request.Cookies[Sessions.Cookie], http.RequestAborted);
        if (user is null)
        {
            await Problem.Of(
                StatusCodes.Status401Unauthorized,
                "You are not signed in, or your session has ended. Run ./dropit signin on the server's machine and open the address it prints.")
                .ExecuteAsync(http);
            return;
        }

        http.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = MaxBody;
        http.Features.Set(new CurrentUser(user.Id, user.Name));
        await next(http);
    });

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    private static bool IsOfThePage(HttpRequest request, string origin) =>
        request.Headers.Origin is { Count: > 0 } sent
            ? sent == origin
            : request.Headers["Sec-Fetch-Site"] == "same-origin";
}
