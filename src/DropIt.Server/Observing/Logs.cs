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
            var said = new Dictionary<string, object?>
            {
                ["Slug"] = http.GetRouteValue("slug"),
                ["User"] = http.Features.Get<CurrentUser>()?.Name,
            };
            using var scope = log.BeginScope(said.Where(pair => pair.Value is not null).ToDictionary());
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
}
