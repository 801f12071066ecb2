using DropIt.Control;
using DropIt.Control.Answers;
using DropIt.Control.Workspaces;
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
        services.AddHttpForwarder();
    }

    /// <summary>Forwards requests for workspace hosts; any other goes on to what comes after.</summary>
    public static void UseGateway(this IApplicationBuilder app)
    {
        var options = app.ApplicationServices.GetRequiredService<ControlOptions>();
        var site = new WorkspaceSite(
            app.ApplicationServices.GetRequiredService<WorkspaceRoutes>(),
            app.ApplicationServices.GetRequiredService<Waking>(),
            app.ApplicationServices.GetRequiredService<IHttpForwarder>(),
            new Uri(options.Origin));
        app.UseProbe(options.Domain);
        app.Use((http, next) =>
            WorkspaceHost.TryParse(http.Request.Host.Host, options.Domain, out var host) ? site.AnswerAsync(http, host.Slug) : next(http));
    }
}

/// <summary>Answers requests for workspace hosts.</summary>
internal sealed class WorkspaceSite(WorkspaceRoutes routes, Waking waking, IHttpForwarder forwarder, Uri origin)
{
    // Event streams and sockets of the user's program may be silent for hours; who closes them is the program, the browser or the runner.
    private static readonly ForwarderRequestConfig s_config = new() { ActivityTimeout = TimeSpan.FromDays(1) };

    private readonly ForwardedHeaders _headers = new(origin.Scheme);

    public async Task AnswerAsync(HttpContext http, Slug slug)
    {
        // The runner bounds uploads itself and says so in words.
        http.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        if (IsForTheOrchestrator(http.Request.Path))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var open = routes.Find(slug);
        if (open is not null && await ForwardAsync(http, open))
        {
            return;
        }

        switch (await waking.WakeAsync(slug, open, http.RequestAborted))
        {
            case WakeResult.Awake awake:
                if (!await ForwardAsync(http, awake.Runner))
                {
                    await SayComingAsync(http, new WorkspaceStatus(WorkspaceState.Starting));
                }

                break;
            case WakeResult.Coming coming:
                await SayComingAsync(http, coming.Status);
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

    /// <summary>These routes of a runner are for the orchestrator and for probes.</summary>
    private static bool IsForTheOrchestrator(PathString path) =>
        path.StartsWithSegments("/.dropit/health") || path.StartsWithSegments("/.dropit/activity") || path.StartsWithSegments("/.dropit/sleep")
        || path.StartsWithSegments("/.dropit/ready") || path.StartsWithSegments("/.dropit/assignment");

    /// <summary>False when nobody listens at the route any more and nothing of the request is used up: it can be held instead.</summary>
    private async Task<bool> ForwardAsync(HttpContext http, HttpMessageInvoker runner)
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

    private static Task SayComingAsync(HttpContext http, WorkspaceStatus status)
    {
        var failed = status.State == WorkspaceState.Failed;
        var seconds = failed ? 5 : 1;
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        http.Response.Headers.CacheControl = "no-store";
        var (title, sentence) = failed
            ? ("The workspace cannot be started", status.Message ?? "It is tried again.")
            : ("The workspace is waking up", status switch
            {
                { State: WorkspaceState.Restoring, TotalBytes: > 0 } =>
                    string.Create(
                        System.Globalization.CultureInfo.InvariantCulture,
                        $"Its files are being fetched: {status.DoneBytes / 1e6:0.0} of {status.TotalBytes / 1e6:0.0} MB. This page loads by itself."),
                _ => "This page loads by itself as soon as it is up.",
            });
        if (!IsNavigation(http.Request))
        {
            http.Response.ContentType = "text/plain; charset=utf-8";
            return http.Response.WriteAsync($"{title}. {sentence}\n", http.RequestAborted);
        }

        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(SentencePage.Html(title, sentence, refreshSeconds: seconds), http.RequestAborted);
    }

    private static bool IsNavigation(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && (request.Headers["Sec-Fetch-Mode"] is { Count: > 0 } mode
            ? mode == "navigate"
            : request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal));
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
