using DropIt.Control.Answers;
using DropIt.Server.Observing;
using DropIt.Server.Options;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace DropIt.Server;

/// <summary>Through which door a connection came.</summary>
internal enum Door
{
    /// <summary>The port that browsers use.</summary>
    Public,

    /// <summary>The socket that runners use.</summary>
    Storage,

    /// <summary>The socket that <c>dropit-server signin</c> uses.</summary>
    Admin,

    /// <summary>The port that Prometheus and probes use.</summary>
    Metrics,
}

/// <summary>What the server listens on, and which door leads to which routes.</summary>
internal static class Listeners
{
    private const string AdminPath = "/admin";
    private const string StoragePath = "/storage";

    // Said to anyone, under any name, and to probes: that the server lives, and whether it can work.
    private static readonly HashSet<string> s_health = ["/healthz", "/readyz"];

    /// <summary>
    /// Opens the port and both sockets; who may connect to these is decided by the data folder's mode. What comes over the storage service's own address
    /// is judged by its ticket alone, as everything there is.
    /// </summary>
    public static void Listen(this KestrelServerOptions kestrel, ServerOptions options, WildcardCertificate? certificate)
    {
        kestrel.AddServerHeader = false;
        if (options.Roles.HasFlag(Roles.Control))
        {
            kestrel.Listen(options.Bind, options.Port, listen =>
            {
                listen.Come(Door.Public);
                if (certificate is not null)
                {
                    listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificateSelector = (_, _) => certificate.Now() });
                }
            });
        }

        if (options.Roles.HasFlag(Roles.Storage))
        {
            Socket(DataFolder.StorageSocket(options.Data), Door.Storage);
            if (options.StorageListen is { } storage)
            {
                kestrel.Listen(storage, listen => listen.Come(Door.Storage));
            }
        }

        if (options.MetricsListen is { } metrics)
        {
            kestrel.Listen(metrics, listen => listen.Come(Door.Metrics));
        }

        Socket(DataFolder.AdminSocket(options.Data), Door.Admin);

        void Socket(string path, Door door)
        {
            File.Delete(path); // left by a server that was killed; the lock says that it is gone
            kestrel.ListenUnixSocket(path, listen => listen.Come(door));
        }
    }

    /// <summary>The door of this request.</summary>
    public static Door CameThrough(HttpContext http) => http.Features.Get<DoorFeature>()!.Door;

    /// <summary>Answers 404 to requests for another door's routes.</summary>
    public static void UseDoors(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var path = http.Request.Path;
        var came = CameThrough(http);
        if (came != Door.Public)
        {
            // For programs: a browser that is led here shows, runs and keeps nothing of it.
            http.Response.Headers.XContentTypeOptions = "nosniff";
            http.Response.Headers.CacheControl = "no-store";
            http.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'; frame-ancestors 'none'";
        }

        var wanted = path.StartsWithSegments(AdminPath, out var rest) && rest.HasValue ? Door.Admin
            : path.StartsWithSegments(StoragePath) ? Door.Storage
            : path.StartsWithSegments(Telemetry.MetricsPath) ? Door.Metrics
            : Door.Public;
        if (wanted == came || (came == Door.Metrics && s_health.Contains(path.Value ?? "")))
        {
            return next(http);
        }

        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });

    /// <summary>Believes those proxies who and by which scheme came to them; without any, whoever connects is who asks.</summary>
    public static void UseTrustedProxies(this IApplicationBuilder app, ServerOptions options)
    {
        if (options.TrustedProxies.Count == 0)
        {
            return;
        }

        // Each trusted proxy on the way wrote the one before it; what comes before the first untrusted one is anyone's word.
        var believed = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        believed.KnownProxies.Clear();
        believed.KnownIPNetworks.Clear();
        foreach (var network in options.TrustedProxies)
        {
            believed.KnownIPNetworks.Add(network);
        }

        app.UseForwardedHeaders(believed);
    }

    /// <summary>
    /// Refuses every host but the page's: a name that an attacker's page resolves to this machine must not reach it (DNS rebinding).
    /// </summary>
    public static void UseHostCheck(this IApplicationBuilder app, ServerOptions options)
    {
        var expected = new Uri(options.Origin).Authority;
        app.Use((http, next) =>
            http.Request.Host.Value == expected || s_health.Contains(http.Request.Path.Value ?? "")
                ? next(http)
                : SentencePage.Answer(
                    StatusCodes.Status421MisdirectedRequest,
                    "drop.it is not at this address",
                    $"This server answers to {options.Origin} and to workspaces below {options.Domain}. "
                        + "To use another address, start it with --origin and --domain.").ExecuteAsync(http));
    }

    private static void Come(this ListenOptions listen, Door door)
    {
        listen.Protocols = HttpProtocols.Http1;
        var feature = new DoorFeature(door);
        listen.Use(next => connection =>
        {
            connection.Features.Set(feature);
            return next(connection);
        });
    }

    private sealed record DoorFeature(Door Door);
}
