using DropIt.Protocol.Tickets;

namespace DropIt.Runner.Preview;

/// <summary>The preview's own cookie, and what keeps it and the programs' cookies apart. Pure.</summary>
internal static class PreviewCookies
{
    /// <summary>Holds the ticket.</summary>
    public const string Name = Ticket.PreviewCookie;

    /// <summary>
    /// How long after its time a ticket still opens what a page asks for that is open already. Only a navigation can fetch a new one, and a
    /// page that lives by requests of its own shall not fail overnight or over a weekend.
    /// </summary>
    public static readonly TimeSpan Late = TimeSpan.FromDays(3);

    /// <summary>
    /// The cookie that lets a browser see this origin's preview until <paramref name="expires"/>, and <see cref="Late"/> what is open then. Where
    /// browsers keep no secure cookies, it is seen only in frames of the same site, which the page's is.
    /// </summary>
    /// <param name="ticket">Its value.</param>
    /// <param name="expires">The ticket's.</param>
    /// <param name="secure">The browser keeps secure cookies for this origin (<see cref="PreviewAddress.KeepsSecureCookies"/>).</param>
    public static string Set(string ticket, DateTimeOffset expires, bool secure) =>
        $"{Name}={ticket}; Path=/; Expires={(expires + Late).UtcDateTime:R}; HttpOnly; {(secure ? "Secure; SameSite=None; Partitioned" : "SameSite=Lax")}";

    /// <summary>A Cookie header without the preview's own; empty when nothing is left.</summary>
    public static string WithoutOwn(string header) =>
        string.Join("; ", header
            .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(pair => !IsOwn(pair)));

    /// <summary>
    /// A program's Set-Cookie header without Domain, so that the cookie stays on this port's origin; null when it would
    /// replace the preview's own.
    /// </summary>
    public static string? Confine(string header)
    {
        if (IsOwn(header.TrimStart()))
        {
            return null;
        }

        return string.Join("; ", header
            .Split(';', StringSplitOptions.TrimEntries)
            .Where((part, i) => i == 0 || !part.Split('=')[0].Trim().Equals("domain", StringComparison.OrdinalIgnoreCase)));
    }

    private static bool IsOwn(string pair) => pair.Split('=', ';')[0].Trim().Equals(Name, StringComparison.Ordinal);
}
