using System.Net.WebSockets;
using System.Text;
using DropIt.Protocol.Workspaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace DropIt.Gateway;

/// <summary>
/// A WebSocket on any workspace's host that the gateway answers itself with one word, whether the workspace exists or not: it shows that names, certificate
/// and proxies let sockets through. It wakes nothing.
/// </summary>
public static class GatewayProbe
{
    /// <summary>Its path.</summary>
    public const string Path = "/.dropit/probe";

    /// <summary>The text that it sends before it closes.</summary>
    public const string Word = "drop.it gateway";

    internal static void UseProbe(this IApplicationBuilder app, string domain) => app.UseWhen(
        http => http.Request.Path == Path && WorkspaceHost.TryParse(http.Request.Host.Host, domain, out _),
        probe =>
        {
            probe.UseWebSockets();
            probe.Run(async http =>
            {
                if (!http.WebSockets.IsWebSocketRequest)
                {
                    http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
                    await http.Response.WriteAsync("This path is for a WebSocket; see dropit doctor.\n", http.RequestAborted);
                    return;
                }

                using var socket = await http.WebSockets.AcceptWebSocketAsync();
                await socket.SendAsync(Encoding.UTF8.GetBytes(Word), WebSocketMessageType.Text, endOfMessage: true, http.RequestAborted);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, http.RequestAborted);
            });
        });
}
