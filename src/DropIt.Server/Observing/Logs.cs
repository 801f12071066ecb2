using System.Collections;
using System.Diagnostics;
using DropIt.Control.Users;
using DropIt.Server.Options;

namespace DropIt.Server.Observing;

/// <summary>
/// What the server says while it works: lines for people, or with <c>--logs json</c> an object a line, which also has what users asked for. Names of
/// workspaces and users may stand there; contents, tickets and addresses to sign in at never.
/// </summary>
internal static class Logs
{
    /// <summary>Adds the form that was asked for.</summary>
    public static void AddLogs(this ILoggingBuilder logging, ServerOptions options)
    {
        logging.SetMinimumLevel(LogLevel.Warning);
        if (options.JsonLogs)
        {
            logging.AddFilter("DropIt", LogLevel.Information);
            logging.AddJsonConsole(json =>
            {
                json.IncludeScopes = true;
                json.UseUtcTimestamp = true;
                json.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            logging.AddSimpleConsole(console => console.SingleLine = true);
        }
    }

    /// <summary>
    /// After routing: says of whom and which workspace everything is that is logged on the way, and notes what changes something, or was refused, by its
    /// route: an address can hold a secret.
    /// </summary>
    public static void UseLogs(this IApplicationBuilder app)
    {
        var log = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("DropIt.Requests");
        if (!log.IsEnabled(LogLevel.Information))
        {
            return;
        }

        app.Use(async (http, next) =>
        {
            var start = Stopwatch.GetTimestamp();
            var subject = new RequestSubject { Slug = http.GetRouteValue("slug") as string };
            http.Features.Set(subject);
            using var scope = log.BeginScope(subject);
            await next(http);
            var reads = HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);
            var internals = Listeners.CameThrough(http) != Door.Public;
            if (http.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route } && (http.Response.StatusCode >= 400 || !(reads || internals)))
            {
                log.LogInformation(
                    "{Method} {Route}: {Status} in {Milliseconds} ms",
                    http.Request.Method,
                    route,
                    http.Response.StatusCode,
                    (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        });
    }

    /// <summary>After it is known who asks: what is logged from there on says it.</summary>
    public static void UseUserInLogs(this IApplicationBuilder app) =>
        app.Use((http, next) =>
        {
            http.Features.Get<RequestSubject>()?.User = http.Features.Get<CurrentUser>()?.Name;
            return next(http);
        });

    /// <summary>Whom and what a request is about, as the properties of what is logged meanwhile. Outlives the request where what it began goes on.</summary>
    private sealed class RequestSubject : IEnumerable<KeyValuePair<string, object>>
    {
        /// <summary>The workspace; null when it is about none.</summary>
        public string? Slug { get; init; }

        /// <summary>Who asks; null while that is not known.</summary>
        public string? User { get; set; }

        /// <inheritdoc/>
        public IEnumerator<KeyValuePair<string, object>> GetEnumerator()
        {
            if (Slug is { } slug)
            {
                yield return new("Slug", slug);
            }

            if (User is { } user)
            {
                yield return new("User", user);
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
