using System.Net;
using DropIt.Protocol.Workspaces;

namespace DropIt.Runner.Lifecycle;

/// <summary>The HTTP server, with no more than is used.</summary>
internal static class Server
{
    /// <summary>
    /// Connections that wait to be accepted. A Unix socket refuses at once what its backlog can not hold: 1,000 pages at once shall get an answer each.
    /// </summary>
    private const int Backlog = 2048;

    /// <summary>Builds a server that is not started yet.</summary>
    /// <param name="content">A folder that exists; nothing is read from it.</param>
    /// <param name="listen">Where to listen.</param>
    /// <param name="routes">What to answer.</param>
    public static WebApplication Build(string content, Address listen, Action<WebApplication> routes)
    {
        // The empty builder reads no configuration files and no environment: in a workspace they would be the user's.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = content });
        builder.WebHost.UseKestrelCore().UseSockets(sockets => sockets.Backlog = Backlog).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (listen.Socket is { } socket)
            {
                // Left behind by a runner that was killed.
                File.Delete(socket);
                kestrel.ListenUnixSocket(socket);
            }
            else
            {
                kestrel.Listen(IPEndPoint.Parse(listen.Http.Authority));
            }
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddHttpForwarder();
        var app = builder.Build();
        routes(app);
        return app;
    }
}
