using System.Collections.Frozen;
using DropIt.Control.Database;
using DropIt.Control.Tickets;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Workspaces;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Sharing;

/// <summary>
/// What the gateway must know of ports with every request, without asking the database for each: all that are not private, as the rows were at most
/// <see cref="s_fresh"/> ago, or since the database is away. A change by this server counts at once.
/// </summary>
public sealed class PublishedPorts(ControlDatabase database, SigningKey key, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(2);

    // The gateway adds it to a request, so it needs to outlive a request's way to the runner; renewed well before.
    private static readonly TimeSpan s_ticket = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private Snapshot _now = new(FrozenDictionary<(string, int), Shown>.Empty, default);

    /// <summary>Who sees a port.</summary>
    public async ValueTask<PortVisibility> FindAsync(Slug slug, int port, CancellationToken cancel) =>
        (await ReadAsync(cancel)).Ports.GetValueOrDefault((slug.Value, port))?.Visibility ?? PortVisibility.Private;

    /// <summary>A ticket that shows nothing but this port, to anyone; null when it is not public (any more), or there is no key yet.</summary>
    public async ValueTask<string?> PublicTicketAsync(Slug slug, int port, CancellationToken cancel)
    {
        if ((await ReadAsync(cancel)).Ports.GetValueOrDefault((slug.Value, port)) is not { Visibility: PortVisibility.Public } shown || key.PublicKeyIfThere is null)
        {
            return null;
        }

        var now = time.GetUtcNow();
        if (shown.Ticket is not { } ticket || ticket.Expires - now < s_ticket / 2)
        {
            shown.Ticket = ticket = key.SignVisitor(slug, port, shown.Access, user: null, s_ticket);
        }

        return ticket.Text;
    }

    /// <summary>How often someone has lost access to the workspace, for a visitor's ticket; null when the port is private.</summary>
    internal async ValueTask<long?> AccessAsync(Slug slug, int port, CancellationToken cancel) =>
        (await ReadAsync(cancel)).Ports.GetValueOrDefault((slug.Value, port))?.Access;

    /// <summary>Rows have changed.</summary>
    internal void Forget() => Volatile.Write(ref _now, Volatile.Read(ref _now) with { At = default });

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    private async ValueTask<Snapshot> ReadAsync(CancellationToken cancel)
    {
        if (IsFresh(out var fresh))
        {
            return fresh;
        }

        await _reading.WaitAsync(cancel);
        try
        {
            if (IsFresh(out fresh))
            {
                return fresh;
            }

            var began = time.GetUtcNow();
            FrozenDictionary<(string, int), Shown> ports;
            try
            {
                await using var context = await database.OpenAsync(cancel);
                var rows = await context.PublishedPorts
                    .Join(context.Workspaces.Where(w => w.Wanted != Wanted.Gone), p => p.Slug, w => w.Slug, (p, w) => new { p.Slug, p.Port, p.Visibility, w.Access })
                    .ToListAsync(cancel);
                ports = rows.ToFrozenDictionary(p => (p.Slug, p.Port), p => fresh.Ports.GetValueOrDefault((p.Slug, p.Port)) is { } same && same.Visibility == p.Visibility && same.Access == p.Access
                    ? same
                    : new Shown(p.Visibility, p.Access));
            }
            catch (Exception e) when (DatabaseTrouble.CauseOf(e) is not null)
            {
                ports = fresh.Ports; // nobody can have changed them meanwhile
            }

            // Whoever changes a row while it is read asks to forget, and must not be overwritten: what was read is as of its beginning.
            var read = new Snapshot(ports, began);
            Interlocked.CompareExchange(ref _now, read, fresh);
            return read;
        }
        finally
        {
            _reading.Release();
        }
    }

    private bool IsFresh(out Snapshot now)
    {
        now = Volatile.Read(ref _now);
        return time.GetUtcNow() - now.At < s_fresh;
    }

    private sealed record Snapshot(FrozenDictionary<(string, int), Shown> Ports, DateTimeOffset At);

    private sealed class Shown(PortVisibility visibility, long access)
    {
        public PortVisibility Visibility => visibility;

        public long Access => access;

        public (string Text, DateTimeOffset Expires)? Ticket { get; set; }
    }
}
