using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Json;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Users;
using DropIt.Control.Workspaces;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OAuth;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DropIt.Control.Accounts;

/// <summary>
/// Signing in with OpenID Connect or GitHub. The provider says who someone is; from there on it is a session like any other. An account is found by the
/// provider's own number for the person, never by an e-mail address.
/// </summary>
internal static class Providers
{
    private const string Invitation = "invitation";
    private const string Connect = "connect";

    public static void AddProviders(this IServiceCollection services, ControlOptions options, AccountOptions accounts)
    {
        if (accounts.Providers.Count == 0)
        {
            return;
        }

        // ASP.NET takes the only scheme for everyone's: one provider alone would be asked about each request, which it cannot answer.
        AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", true);
        var authentication = services.AddAuthentication();
        if (accounts.OpenId is { } openId)
        {
            authentication.AddOpenIdConnect(Provider.OpenId, o => Configure(o, openId, options));
        }

        if (accounts.GitHub is { } gitHub)
        {
            authentication.AddOAuth(Provider.GitHub, o => Configure(o, gitHub, options));
        }
    }

    /// <summary>Takes what providers send browsers back with. Before the routes.</summary>
    public static void UseProviders(this IApplicationBuilder app, ControlOptions options)
    {
        if (options.Accounts is not { Providers.Count: > 0 })
        {
            return;
        }

        // What stands before this server may speak https for it; addresses that providers send back to are as the browser sees them.
        app.Use((http, next) =>
        {
            http.Request.Scheme = options.Scheme;
            return next(http);
        });
        app.UseAuthentication();
    }

    public static void MapProviders(this IEndpointRouteBuilder routes) => routes.MapGet("/signin/{provider}", Begin);

    private static IResult Begin(string provider, string? to, string? invitation, string? connect, HttpContext http, AccountOptions accounts)
    {
        if (accounts.Providers.All(p => p.Id != provider))
        {
            return SentencePage.Answer(StatusCodes.Status404NotFound, "There is no such way to sign in", "This server does not use that provider.");
        }

        var properties = new AuthenticationProperties { RedirectUri = LocalPath.Of(to) ?? "/" };
        properties.Items[Invitation] = invitation;

        // Connecting is asked for by the account's own page, not by a link that someone sent.
        properties.Items[Connect] = connect is not null && http.Request.Headers["Sec-Fetch-Site"] == "same-origin" ? "yes" : null;
        return TypedResults.Challenge(properties, [provider]);
    }

    private static void Configure(OpenIdConnectOptions o, OpenIdOptions openId, ControlOptions options)
    {
        Common(o, options, Provider.OpenId);
        o.Authority = openId.Authority.ToString();
        o.RequireHttpsMetadata = openId.Authority.Scheme == "https";
        (o.ClientId, o.ClientSecret) = (openId.ClientId, openId.ClientSecret);
        o.ResponseType = "code";
        o.ResponseMode = "query";
        o.UsePkce = true;
        o.MapInboundClaims = false;
        o.Scope.Clear();
        o.Scope.Add("openid");
        o.Scope.Add("profile");
        o.GetClaimsFromUserInfoEndpoint = false;
        o.NonceCookie.SameSite = SameSiteMode.Lax;
        o.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        o.Events.OnTicketReceived = received => FinishAsync(
            received,
            Provider.OpenId,
            received.Principal?.FindFirstValue("sub"),
            received.Principal?.FindFirstValue("preferred_username"),
            received.Principal?.FindFirstValue("name"));
    }

    private static void Configure(OAuthOptions o, GitHubOptions gitHub, ControlOptions options)
    {
        Common(o, options, Provider.GitHub);
        (o.ClientId, o.ClientSecret) = (gitHub.ClientId, gitHub.ClientSecret);
        o.AuthorizationEndpoint = new Uri(gitHub.Address, "login/oauth/authorize").ToString();
        o.TokenEndpoint = new Uri(gitHub.Address, "login/oauth/access_token").ToString();
        o.UserInformationEndpoint = new Uri(gitHub.Api, "user").ToString();
        o.UsePkce = true;
        o.Events.OnCreatingTicket = async creating =>
        {
            using var ask = new HttpRequestMessage(HttpMethod.Get, o.UserInformationEndpoint);
            ask.Headers.Authorization = new AuthenticationHeaderValue("Bearer", creating.AccessToken);
            ask.Headers.Accept.ParseAdd("application/vnd.github+json");
            ask.Headers.UserAgent.ParseAdd("drop.it");
            using var answer = await creating.Backchannel.SendAsync(ask, creating.HttpContext.RequestAborted);
            answer.EnsureSuccessStatusCode();
            using var said = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync(creating.HttpContext.RequestAborted));
            foreach (var member in (string[])["id", "login", "name"])
            {
                if (said.RootElement.TryGetProperty(member, out var value) && value.ToString() is { Length: > 0 } text)
                {
                    creating.Identity!.AddClaim(new Claim(member, text));
                }
            }
        };
        o.Events.OnTicketReceived = received => FinishAsync(
            received,
            Provider.GitHub,
            received.Principal?.FindFirstValue("id"),
            received.Principal?.FindFirstValue("login"),
            received.Principal?.FindFirstValue("name"));
    }

    private static void Common(RemoteAuthenticationOptions o, ControlOptions options, string id)
    {
        o.SignInScheme = "sessions"; // never asked for: FinishAsync starts one
        o.CallbackPath = "/signin/back/" + id;
        o.CorrelationCookie.SameSite = SameSiteMode.Lax;
        o.CorrelationCookie.SecurePolicy = options.Scheme == "https" ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        o.SaveTokens = false;
        o.Events.OnRemoteFailure = async failure =>
        {
            failure.HandleResponse();
            await FailedAsync(failure.HttpContext, null, id);
            await AnswerAsync(
                failure.HttpContext,
                StatusCodes.Status401Unauthorized,
                "You are not signed in",
                $"Signing in there did not work: {failure.Failure?.Message ?? "no reason was given"}. Go back and try again.");
        };
    }

    /// <summary>The person is known to the provider: signs in, connects, or signs up.</summary>
    private static async Task FinishAsync(TicketReceivedContext received, string provider, string? key, string? userName, string? name)
    {
        received.HandleResponse();
        var http = received.HttpContext;
        var services = http.RequestServices;
        var (users, sessions) = (services.GetRequiredService<UserManager<User>>(), services.GetRequiredService<Sessions>());
        var items = received.Properties?.Items;
        if (key is null)
        {
            await AnswerAsync(http, StatusCodes.Status401Unauthorized, "You are not signed in", "The provider did not say who you are.");
            return;
        }

        var user = await users.FindByLoginAsync(provider, key);
        if (items?[Connect] is not null && await sessions.FindAsync(http) is { } current)
        {
            if (user is null)
            {
                http.Features.Set(current);
                services.GetRequiredService<ControlContext>().AuditEntries.Add(Actor.Of(http).Did(Act.ProviderConnected, about: provider));
                await users.AddLoginAsync(await users.FindAsync(current), new UserLoginInfo(provider, key, provider));
            }
            else if (user.Id != current.Id)
            {
                await AnswerAsync(http, StatusCodes.Status409Conflict, "Not connected", "Someone else here is connected to that account already.");
                return;
            }

            http.Response.Redirect(received.ReturnUri ?? "/");
            return;
        }

        var (status, sentence) = (0, "");
        if (user is null)
        {
            (user, status, sentence) = await SignUpAsync(http, users, provider, key, userName, name, items?[Invitation]);
        }

        if (user is null or { Disabled: true })
        {
            await FailedAsync(http, user, provider);
            await AnswerAsync(
                http,
                user is null ? status : StatusCodes.Status403Forbidden,
                "You are not signed in",
                user is null ? sentence : "This account is disabled. Ask an admin of this server.");
            return;
        }

        await sessions.StartAsync(http, user.Id, provider);
        http.Response.Redirect(LocalPath.Of(received.ReturnUri) ?? "/");
    }

    private static async Task<(User? User, int Status, string Sentence)> SignUpAsync(
        HttpContext http,
        UserManager<User> users,
        string provider,
        string key,
        string? wish,
        string? name,
        string? invitation)
    {
        var services = http.RequestServices;
        var accounts = services.GetRequiredService<AccountOptions>();
        if (accounts.SignUp == SignUp.Closed
            || (accounts.SignUp == SignUp.Invitation && !await services.GetRequiredService<Invitations>().UseAsync(invitation, http.RequestAborted)))
        {
            return (null, StatusCodes.Status403Forbidden, accounts.SignUp == SignUp.Closed
                ? "You have no account here yet, and nobody can sign up by themselves. Ask an admin of this server for one; then connect it on your account's page."
                : "You have no account here yet, and making one takes an invitation. Ask an admin of this server, and begin with the address they send.");
        }

        // The provider's user name where it can be had, else with a number.
        var letters = new string([.. (wish ?? name ?? provider).ToLowerInvariant().Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')]);
        var stem = letters.Length == 0 ? provider : letters[..Math.Min(letters.Length, SigningInApi.MaxUserName - 4)];
        var userName = stem;
        for (var i = 2; await users.FindByNameAsync(userName) is not null; i++)
        {
            userName = i < 100 ? $"{stem}-{i}" : $"{stem[..Math.Min(stem.Length, 20)]}-{Guid.NewGuid().ToString("n")[..12]}";
        }

        var user = new User
        {
            UserName = userName,
            Name = WorkspaceRegister.NameOf(name) ?? userName,
            CreatedAt = services.GetRequiredService<TimeProvider>().GetUtcNow(),
        };
        services.GetRequiredService<ControlContext>().AuditEntries.Add((Actor.Of(http) with { Who = userName }).Did(Act.AccountMade, about: userName));
        var made = await users.CreateAsync(user);
        made = made.Succeeded ? await users.AddLoginAsync(user, new UserLoginInfo(provider, key, provider)) : made;
        return made.Succeeded ? (user, 0, "") : (null, StatusCodes.Status409Conflict, string.Join(' ', made.Errors.Select(e => e.Description)));
    }

    private static Task FailedAsync(HttpContext http, User? user, string provider)
    {
        var actor = user is null ? Actor.Of(http) : Actor.Of(http).As(user);
        return http.RequestServices.GetRequiredService<ControlDatabase>().NoteAsync(actor.Did(Act.SignInFailed, about: provider), http.RequestAborted);
    }

    private static Task AnswerAsync(HttpContext http, int status, string title, string sentence) =>
        SentencePage.Answer(status, title, sentence).ExecuteAsync(http);
}
