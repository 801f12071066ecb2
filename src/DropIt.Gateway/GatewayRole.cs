using System.Globalization;
using DropIt.Control;
using DropIt.Control.Access;
using DropIt.Control.Answers;
using DropIt.Control.Database;
using DropIt.Control.Sharing;
using DropIt.Control.Tickets;
using DropIt.Control.Workspaces;
using DropIt.Gateway.Cluster;
using DropIt.Gateway.Ingresses;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;

namespace DropIt.Gateway;

/// <summary>The gateway role: hosts below the workspace domain lead to runners.</summary>
public static class GatewayRole
{
    /// <summary>What the gateway needs besides what <see cref="ControlRole"/> adds.</summary>
    public static void AddGateway(this IServiceCollection services)
    {
        services.AddSingleton<WorkspaceRoutes>();
        services.AddSingleton<Waking>();
        services.AddSingleton<WakingPage>();
        services.AddHttpForwarder();
    }

    /// <summary>Makes it an ingress controller too: it serves the Ingress objects of its class, and learns from them where workspaces are.</summary>
    public static void AddIngresses(this IServiceCollection services, IngressOptions options)
    {
        services.AddSingleton(options);
        services.AddCluster();
        services.AddMirror(cluster => Kinds.Ingresses(cluster, options.Namespace));
        services.AddMirror(cluster => Kinds.Services(cluster, options.Namespace));
        services.AddMirror(cluster => Kinds.Endpoints(cluster, options.Namespace));
        services.AddSingleton<ReadyRunners>();
        services.AddSingleton<IngressTable>();
        services.AddHostedService(provider => provider.GetRequiredService<ReadyRunners>());
    }

    /// <summary>Forwards requests for workspace hosts; any other goes on to what comes after.</summary>
    public static void UseGateway(this IApplicationBuilder app)
    {
        var services = app.ApplicationServices;
        var options = services.GetRequiredService<ControlOptions>();
        var origin = new Uri(options.Origin);
        var forwarding = new Forwarding(services.GetRequiredService<IHttpForwarder>(), origin.Scheme);
        var site = new WorkspaceSite(
            services.GetRequiredService<WorkspaceRoutes>(),
            services.GetRequiredService<Waking>(),
            services.GetRequiredService<WakingPage>(),
            services.GetRequiredService<PublishedPorts>(),
            services.GetRequiredService<SigningKey>(),
            forwarding,
            origin);
        var upgrades = services.GetRequiredService<Upgrades>();
        var ingresses = services.GetService<IngressTable>();
        app.UseProbe(options.Domain);
        app.Use(async (http, next) =>
        {
            var name = http.Request.Host.Host;
            if (!WorkspaceHost.TryParse(name, options.Domain, out var host))
            {
                var other = name == origin.Host ? null : ingresses?.Find(name.ToLowerInvariant(), http.Request.Path.Value ?? "/");
                await (other is null ? next(http) : forwarding.ToAsync(http, other));
                return;
            }

            if (http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true } && upgrades.Take(http) is { } wait)
            {
                http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                http.Response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
                http.Response.ContentType = "text/plain; charset=utf-8";
                await http.Response.WriteAsync(Upgrades.TooMany + "\n", http.RequestAborted);
                return;
            }

            try
            {
                await site.AnswerAsync(http, host.Slug, host.Port);
            }
            catch (Exception e) when (!http.Response.HasStarted && DatabaseTrouble.CauseOf(e) is { } cause)
            {
                await Unavailable.Answer(http, cause).ExecuteAsync(http);
            }
        });
    }
}

/// <summary>Answers requests for workspace hosts.</summary>
internal sealed class WorkspaceSite(
    WorkspaceRoutes routes, Waking waking, WakingPage page, PublishedPorts published, SigningKey key, Forwarding forwarding, Uri origin)
{
    public async Task AnswerAsync(HttpContext http, Slug slug, int? port)
    {
        // The runner bounds uploads itself and says so in words.
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        if (IsForTheOrchestrator(http.Request.Path))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        // Whoever asks for a public port is shown it, and nothing else: by a ticket that only the gateway adds. What is private or for those who are signed in
        // is left to the runner, which sends whoever has no ticket to the page to get one.
        http.Request.Headers.Remove(Ticket.VisitorHeader);
        var visibility = port is { } asked ? await published.FindAsync(slug, asked, http.RequestAborted) : PortVisibility.Private;
        if (visibility == PortVisibility.Public && await published.PublicTicketAsync(slug, port!.Value, http.RequestAborted) is { } ticket)
        {
            http.Request.Headers[Ticket.VisitorHeader] = ticket;
        }

        if (http.Request.Path == WakingPage.EventsPath)
        {
            await page.StreamAsync(http, slug);
            return;
        }

        var open = routes.Find(slug);
        if (open is not null && await forwarding.TryAsync(http, open))
        {
            return;
        }

        var visit = visibility != PortVisibility.Private && !IsOfThePeople(http.Request, slug);
        switch (await waking.WakeAsync(slug, visit, IsByItself(http), open, http.RequestAborted))
        {
            case WakeResult.Awake awake:
                if (!await forwarding.TryAsync(http, awake.Runner))
                {
                    await WakingPage.AnswerAsync(http, new WorkspaceStatus(WorkspaceState.Starting));
                }

                break;
            case WakeResult.Coming coming:
                await WakingPage.AnswerAsync(http, coming.Status);
                break;
            case WakeResult.Refused refused:
                await SentencePage.Answer(StatusCodes.Status409Conflict, "The workspace sleeps", refused.Why).ExecuteAsync(http);
                break;
            default:
                await SentencePage.Answer(
                    StatusCodes.Status404NotFound,
                    "There is no such workspace",
                    $"No workspace has the address {http.Request.Host}. It may have been deleted; {origin.GetLeftPart(UriPartial.Authority)} lists yours.")
                    .ExecuteAsync(http);
                break;
        }
    }

    /// <summary>It comes with a ticket of someone of the workspace: in the preview's cookie, to get that cookie, or as a program sends it.</summary>
    private bool IsOfThePeople(HttpRequest request, Slug slug) =>
        key.IsMembers(request.Cookies[Ticket.PreviewCookie], slug)
        || (request.Path == "/.dropit/enter" && key.IsMembers(request.Query["ticket"], slug))
        || (request.Headers.Authorization.ToString() is { Length: > 7 } header && key.IsMembers(header[7..].Trim(), slug));

    /// <summary>The user's page asks, not the user. What it asks of the runner itself is of the product's own pages and programs.</summary>
    private static bool IsByItself(HttpContext http) =>
        !http.Request.Path.StartsWithSegments("/.dropit")
        && Reconnection.IsMeantBy(
            http.Request.Headers.UserAgent.ToString(),
            http.Request.Headers.Accept.ToString(),
            http.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true });

    /// <summary>These routes of a runner are for the orchestrator and for probes.</summary>
    private static bool IsForTheOrchestrator(PathString path) =>
        path.StartsWithSegments("/.dropit/health") || path.StartsWithSegments("/.dropit/activity") || path.StartsWithSegments("/.dropit/sleep")
        || path.StartsWithSegments("/.dropit/variables") || path.StartsWithSegments("/.dropit/ready") || path.StartsWithSegments("/.dropit/live") || path.StartsWithSegments("/.dropit/assignment")
        || path.StartsWithSegments("/.dropit/machine");
}

/// <summary>Sends requests on.</summary>
internal sealed class Forwarding(IHttpForwarder forwarder, string scheme)
{
    // Event streams and sockets of the user's program may be silent for hours; who closes them is the program, the browser or the runner.
    private static readonly ForwarderRequestConfig s_config = new() { ActivityTimeout = TimeSpan.FromDays(1) };

    private readonly ForwardedHeaders _headers = new(scheme);

    /// <summary>False when nobody listens at the route any more and nothing of the request is used up: it can be held instead.</summary>
    public async Task<bool> TryAsync(HttpContext http, HttpMessageInvoker runner)
    {
        var error = await forwarder.SendAsync(http, "http://runner", runner, s_config, _headers, http.RequestAborted);
        if (error == ForwarderError.None || http.Response.HasStarted || http.RequestAborted.IsCancellationRequested)
        {
            return true;
        }

        if (error == ForwarderError.Request && http.Request.ContentLength is null or 0)
        {
            http.Features.Set<IForwarderErrorFeature>(null);
            http.Response.Clear();
            return false;
        }

        await SentencePage.Answer(
            StatusCodes.Status502BadGateway,
            "The workspace did not answer",
            "Its runner ended while it worked on this request. It is being started again; try once more in a moment.").ExecuteAsync(http);
        return true;
    }

    /// <summary>The same for what is no workspace: when nobody listens there, that is the answer.</summary>
    public async Task ToAsync(HttpContext http, HttpMessageInvoker destination)
    {
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        if (!await TryAsync(http, destination))
        {
            http.Response.StatusCode = StatusCodes.Status502BadGateway;
        }
    }
}

/// <summary>Keeps the host, which names the port, and says where the request came from; what the client claims about that is dropped.</summary>
internal sealed class ForwardedHeaders(string scheme) : HttpTransformer
{
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var headers = proxyRequest.Headers;
        headers.Remove("Forwarded");
        headers.Remove("X-Forwarded-For");
        headers.Remove("X-Forwarded-Host");
        headers.Remove("X-Forwarded-Proto");
        headers.Remove("X-Forwarded-Port");
        headers.TryAddWithoutValidation("X-Forwarded-For", httpContext.Connection.RemoteIpAddress?.ToString());
        headers.TryAddWithoutValidation("X-Forwarded-Host", httpContext.Request.Host.Value);
        headers.TryAddWithoutValidation("X-Forwarded-Proto", scheme);
    }
}
