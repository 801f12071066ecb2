namespace DropIt.Protocol.Workspaces;

/// <summary>
/// Connections that a page of the user's program, still shown somewhere, opens again by itself when they are lost: those of development servers, every second. No person is
/// behind them: a workspace that they woke or kept awake would never sleep.
/// </summary>
public static class Reconnection
{
    /// <summary>Whether a request is one. What a program asks for, somebody had it ask for.</summary>
    /// <param name="userAgent">The request's header.</param>
    /// <param name="accept">The request's header.</param>
    /// <param name="upgrade">It asks for a WebSocket.</param>
    public static bool IsMeantBy(string userAgent, string accept, bool upgrade) =>
        userAgent.StartsWith("Mozilla/", StringComparison.Ordinal) // all browsers
        && (upgrade
            || accept.Contains("text/event-stream", StringComparison.Ordinal)
            || accept.Contains("text/x-vite-ping", StringComparison.Ordinal)); // of Vite up to 5; later ones ask for WebSockets
}
