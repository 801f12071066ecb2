using DropIt.Protocol.Tickets;
using DropIt.Runner.Access;

namespace DropIt.Runner.Sessions;

/// <summary><c>GET /.dropit/ws</c>: the checks that stand before a session.</summary>
internal static class SessionRoute
{
    private const string Protocol = "dropit.1";
    private const string TicketPrefix = "ticket.";

    /// <summary>Maps the route; the WebSocket middleware stands before it.</summary>
    public static void MapSessions(this IEndpointRouteBuilder routes, OpenSessions sessions, Gate gate) =>
        routes.MapGet("/.dropit/ws", context => ServeAsync(context, sessions, gate));

    private static async Task ServeAsync(HttpContext context, OpenSessions sessions, Gate gate)
    {
        var offered = context.WebSockets.WebSocketRequestedProtocols;
        if (!context.WebSockets.IsWebSocketRequest || !offered.Contains(Protocol))
        {
            context.Response.Headers.Upgrade = "websocket";
            await RefuseAsync(context, StatusCodes.Status426UpgradeRequired, $"This address speaks WebSocket, subprotocol {Protocol}.");
            return;
        }

        if (context.Request.Headers.Origin != gate.ControlOrigin)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, $"Only pages of {gate.ControlOrigin} may connect.");
            return;
        }

        var text = offered.FirstOrDefault(p => p.StartsWith(TicketPrefix, StringComparison.Ordinal));
        var refusal = gate.Refusal(text?[TicketPrefix.Length..], out var ticket);
        if (refusal is null && ticket!.Role == Role.Runner)
        {
            refusal = "This ticket is for the storage service.";
        }

        if (refusal is not null)
        {
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, refusal);
            return;
        }

        var accept = new WebSocketAcceptContext { SubProtocol = Protocol, KeepAliveInterval = Timeout.InfiniteTimeSpan };
        if (!await sessions.TryServeAsync(ticket!, () => context.WebSockets.AcceptWebSocketAsync(accept)))
        {
            context.Response.Headers.RetryAfter = "2";
            await RefuseAsync(
                context,
                StatusCodes.Status503ServiceUnavailable,
                sessions.Stopping
                    ? "The workspace is stopping. Try again in a moment."
                    : $"{OpenSessions.Max} pages are open in this workspace already. Close one and try again.");
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message);
    }
}
