using System.Globalization;
using DropIt.Control.Answers;
using DropIt.Control.Database;
using DropIt.Control.Sharing;
using DropIt.Control.Tokens;
using DropIt.Control.Users;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace DropIt.Control.Access;

/// <summary>
/// Stands before every route and asks <see cref="RouteRules"/>: is it the page that asks, how often, who, and what are they in the workspace. What it found
/// is what handlers get as <see cref="CurrentUser"/> and <see cref="WorkspaceAccess"/>.
/// </summary>
internal sealed class RouteGuard(ControlOptions options, ControlDatabase database, Sessions sessions, ApiTokens tokens, Rates rates, Upgrades upgrades, PublishedPorts published, TimeProvider time)
{
    // Bodies of the API are small JSON objects; a name has 100 characters.
    private const long MaxBody = 64 * 1024;

    /// <summary>Lets the request through, or answers it.</summary>
    public async Task AnswerAsync(HttpContext http, Func<HttpContext, Task> next)
    {
        if (http.GetEndpoint() is not { } endpoint)
        {
            await next(http);
            return;
        }

        if (RouteRules.Find(endpoint) is not { } rule)
        {
            await RefuseAsync(http, StatusCodes.Status403Forbidden, "Nobody may use this", "It has not been said who may use this address, so nobody may.");
            return;
        }

        if (rule.Right == Right.Machine)
        {
            await next(http);
            return;
        }

        if (IsApi(http))
        {
            http.Response.Headers.CacheControl = "no-store";
            http.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = MaxBody;
        }

        // The cookie alone proves nothing for an unsafe method: workspaces are same-site with the page when both are below localhost, so the browser sends it
        // along. It never sends a token along: who has one knows it.
        var token = rule.Scope == Scope.None && rule.Right == Right.Anyone ? null : ApiTokens.Of(http.Request);
        if (token is null && !IsSafe(http.Request.Method) && !IsOfThePage(http.Request, options.Origin))
        {
            await RefuseAsync(
                http,
                StatusCodes.Status403Forbidden,
                "This does not come from drop.it",
                "The request does not come from drop.it's own page. A program that calls this API sends an API token, made on the account's page.");
            return;
        }

        if (rule.Right == Right.Anyone)
        {
            await (await IsTooOftenAsync(http, rule.Rate, http.Connection.RemoteIpAddress?.ToString() ?? "") ? Task.CompletedTask : next(http));
            return;
        }

        var found = token is null ? await sessions.FindAsync(http) : await tokens.FindAsync(token, http.RequestAborted);
        if (token is not null && RefusalOf(found, rule.Scope) is var (status, sentence))
        {
            http.Response.Headers.WWWAuthenticate = status == StatusCodes.Status401Unauthorized ? "Bearer error=\"invalid_token\"" : "Bearer error=\"insufficient_scope\"";
            await RefuseAsync(http, status, "Not with this API token", sentence);
            return;
        }

        if (found is not { } user)
        {
            await RefuseAsync(http, StatusCodes.Status401Unauthorized, "You are not signed in", Cure, options.Accounts is null ? "./dropit signin" : null);
            return;
        }

        if (await IsTooOftenAsync(http, rule.Rate, string.Create(CultureInfo.InvariantCulture, $"user {user.Id}"))
            || await LacksRightAsync(http, rule.Right, user))
        {
            return;
        }

        http.Features.Set(user);
        await next(http);
    }

    private string Cure => options.Accounts is null
        ? "You are not signed in, or your session has ended. Run ./dropit signin on the server's machine and open the address it prints."
        : $"You are not signed in, or your session has ended. Sign in at {options.Origin} in this browser.";

    /// <summary>Why a token is no good here; null when it is.</summary>
    private static (int Status, string Sentence)? RefusalOf(CurrentUser? found, Scope needed) =>
        found is null ? (
            StatusCodes.Status401Unauthorized,
            "This API token is not good (any more): its time is over, it was revoked, its account is disabled, or it was not copied whole. Make another on the account's page.")
        : needed == Scope.None ? (
            StatusCodes.Status403Forbidden, "No API token may do that. Sign in with a browser.")
        : found.Scope < needed ? (
            StatusCodes.Status403Forbidden,
            $"This API token may {NameOf(found.Scope!.Value)}; that takes one that may {NameOf(needed)}. Make another on the account's page.")
        : null;

    private static string NameOf(Scope scope) => scope.ToString().ToLowerInvariant();

    private async Task<bool> LacksRightAsync(HttpContext http, Right right, CurrentUser user)
    {
        if (right is Right.SignedIn or Right.Person)
        {
            return false;
        }

        if (right == Right.Admin)
        {
            return !user.Admin && await RefuseAsync(
                http, StatusCodes.Status403Forbidden, "Only for admins", "Only admins of this server may do that. Ask one of them.");
        }

        if (right is Right.Team or Right.TeamAdmin)
        {
            return await LacksTeamAsync(http, right, user);
        }

        var slug = http.Request.RouteValues["slug"] as string ?? http.Request.Query["workspace"].ToString();
        if (await WorkspaceAccess.FindAsync(database, slug, user, time.GetUtcNow(), http.RequestAborted) is not { } access)
        {
            if (right == Right.Preview && await IsShownAsync(http, slug))
            {
                return false;
            }

            return IsApi(http)
                ? await RefuseAsync(http, Problem.NoWorkspace(slug))
                : await RefuseAsync(
                    http,
                    StatusCodes.Status404NotFound,
                    "There is no such workspace",
                    "It may have been deleted, or belongs to someone else. The home page of drop.it lists yours.");
        }

        var (least, sentence) = right switch
        {
            Right.View or Right.Preview => (Role.Viewer, ""),
            Right.Edit => (Role.Editor, "You may look at this workspace but not change it. Ask its owner for the role of an editor."),
            _ => (Role.Owner, "Only the owner of this workspace may do that, or an admin of its team. Ask them."),
        };
        if (access.Role < least)
        {
            return await RefuseAsync(http, StatusCodes.Status403Forbidden, "Not with your role", sentence);
        }

        http.Features.Set(access);
        return false;
    }

    private async Task<bool> LacksTeamAsync(HttpContext http, Right right, CurrentUser user)
    {
        if (await TeamAccess.FindAsync(database, TeamAccess.Parse(http.Request.RouteValues["team"]), user, http.RequestAborted) is not { } access)
        {
            return await RefuseAsync(http, Problem.NoTeam());
        }

        if (right == Right.TeamAdmin && !access.Admin)
        {
            return await RefuseAsync(http, StatusCodes.Status403Forbidden, "Not with your role", "Only admins of this team may do that. Ask one of them.");
        }

        http.Features.Set(access);
        return false;
    }

    private async Task<bool> IsShownAsync(HttpContext http, string slug) =>
        Slug.TryParse(slug, out var workspace)
        && int.TryParse(http.Request.Query["port"], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        && await published.FindAsync(workspace, port, http.RequestAborted) != PortVisibility.Private;

    private async Task<bool> IsTooOftenAsync(HttpContext http, Rate rate, string caller)
    {
        if (rate == Rate.Ticket && upgrades.IsSpent(http))
        {
            http.Response.Headers.RetryAfter = "1";
            return await RefuseAsync(http, StatusCodes.Status429TooManyRequests, "Too often", Upgrades.TooMany);
        }

        if (rates.Take(rate, caller) is not { } wait)
        {
            return false;
        }

        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return await RefuseAsync(
            http, StatusCodes.Status429TooManyRequests, "Too often", "That was asked too often from here in a short time. Wait a moment, then try again.");
    }

    /// <summary>For a program below <c>/api</c> a problem, for anyone else a page. Always true, for the caller to return.</summary>
    private static Task<bool> RefuseAsync(HttpContext http, int status, string title, string sentence, string? command = null) =>
        RefuseAsync(http, IsApi(http) ? Problem.Of(status, sentence) : SentencePage.Answer(status, title, sentence, command));

    private static async Task<bool> RefuseAsync(HttpContext http, IResult answer)
    {
        await answer.ExecuteAsync(http);
        return true;
    }

    private static bool IsApi(HttpContext http) => http.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal);

    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    private static bool IsOfThePage(HttpRequest request, string origin) =>
        request.Headers.Origin is { Count: > 0 } sent
            ? sent == origin
            : request.Headers["Sec-Fetch-Site"] == "same-origin";
}
