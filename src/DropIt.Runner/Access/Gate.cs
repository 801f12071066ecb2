using System.Security.Cryptography;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;

namespace DropIt.Runner.Access;

/// <summary>Who may enter: tickets signed by control for this workspace, pages of control's origin.</summary>
internal sealed class Gate : IDisposable
{
    private readonly ECDsa _key;
    private readonly Slug _workspace;
    private long _access;
    private CancellationTokenSource _visits = new();

    /// <summary>Of one workspace.</summary>
    /// <param name="publicKey">Control's; SubjectPublicKeyInfo.</param>
    /// <param name="workspace">The only one whose tickets are accepted.</param>
    /// <param name="controlOrigin">Such as <c>http://localhost:7700</c>.</param>
    /// <param name="ownTicket">The runner's own, which tells how often someone has lost access before it was started.</param>
    public Gate(ReadOnlySpan<byte> publicKey, Slug workspace, string controlOrigin, string ownTicket)
    {
        _key = ECDsa.Create();
        _key.ImportSubjectPublicKeyInfo(publicKey, out _);
        _workspace = workspace;
        ControlOrigin = controlOrigin;
        Refusal(ownTicket, out _);
    }

    /// <summary>Called when someone has lost access: tickets of before the <see cref="Ticket.Access"/> it is given are no longer good.</summary>
    public Action<long>? Revoked { get; set; }

    /// <summary>Falls when someone loses access: whoever is no more than a visitor is cut off. Ask before the ticket is checked.</summary>
    public CancellationToken Visits => Volatile.Read(ref _visits).Token;

    /// <summary>The origin whose pages may open sockets and read answers.</summary>
    public string ControlOrigin { get; }

    /// <summary>Checks a ticket; the answer is null and <paramref name="ticket"/> set when it opens this workspace.</summary>
    /// <param name="text">What was presented.</param>
    /// <param name="ticket">What it says.</param>
    /// <param name="port">The port whose preview is asked for; a visitor's ticket opens no other, and nothing but a preview.</param>
    /// <param name="late">How long after its time it is still taken.</param>
    /// <returns>Else why it does not, as a sentence for the user.</returns>
    public string? Refusal(string? text, out Ticket? ticket, int? port = null, TimeSpan late = default)
    {
        ticket = null;
        if (string.IsNullOrEmpty(text))
        {
            return "There is no ticket. Open the workspace from its page.";
        }

        TicketError error;
        lock (_key)
        {
            error = Ticket.Check(text, _key, _workspace, DateTimeOffset.UtcNow - late, out ticket);
        }

        if (ticket is not null && Learn(ticket.Access) > ticket.Access)
        {
            (error, ticket) = (TicketError.Revoked, null);
        }

        if (ticket is { Role: Role.Visitor } && (port is null || ticket.Port != port))
        {
            (error, ticket) = (TicketError.OtherPort, null);
        }

        return error switch
        {
            TicketError.None => null,
            TicketError.Malformed => "This is not a ticket. Open the workspace from its page.",
            TicketError.BadSignature => "The ticket was not signed by this installation. Open the workspace from its page.",
            TicketError.Revoked => "Access to this workspace has changed. Reload the page.",
            TicketError.OtherPort => "The ticket shows another port, and nothing else of this workspace.",
            TicketError.Expired => "The ticket is too old. Reload the page.",
            _ => "The ticket is for another workspace. Open this one from its page.",
        };
    }

    /// <summary>The latest that is known, after a ticket said <paramref name="access"/>.</summary>
    private long Learn(long access)
    {
        long known;
        while ((known = Volatile.Read(ref _access)) < access)
        {
            if (Interlocked.CompareExchange(ref _access, access, known) == known)
            {
                Interlocked.Exchange(ref _visits, new CancellationTokenSource()).Cancel();
                Revoked?.Invoke(access);
                return access;
            }
        }

        return known;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _key.Dispose();
        _visits.Dispose();
    }
}
