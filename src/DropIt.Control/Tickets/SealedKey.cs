using DropIt.Control.Database;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Tickets;

/// <summary>
/// A key that all servers on one database share, sealed with a secret that is not in it: who reads the database, or a copy of it, cannot sign a ticket.
/// </summary>
public sealed class SealedKey
{
    private const string Tickets = "tickets";

    /// <summary>What it is for; the key.</summary>
    public required string Name { get; init; }

    /// <summary>The key, under a <see cref="Seal"/>.</summary>
    public required byte[] Sealed { get; set; }

    /// <summary>Hands the shared key to <paramref name="key"/>; makes one when there is none. The caller sees to it that no other server does the same.</summary>
    /// <exception cref="DatabaseException">It was sealed with another secret, or the file cannot be used.</exception>
    internal static async Task TakeAsync(PostgresContext context, string keyFile, SigningKey key, CancellationToken cancel)
    {
        using var seal = new Seal(keyFile, "drop.it signing key");
        if (await context.SealedKeys.AsNoTracking().FirstOrDefaultAsync(k => k.Name == Tickets, cancel) is { } row)
        {
            key.Take(seal.Open(row.Sealed));
            return;
        }

        var fresh = SigningKey.Fresh();
        context.SealedKeys.Add(new SealedKey { Name = Tickets, Sealed = seal.Close(fresh) });
        await context.SaveChangesAsync(cancel);
        key.Take(fresh);
    }
}
