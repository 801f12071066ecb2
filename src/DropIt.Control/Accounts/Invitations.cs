using System.Buffers.Text;
using System.Security.Cryptography;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Users;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Accounts;

/// <summary>Codes with which people sign up where not everyone may, one account each.</summary>
internal sealed class Invitations(ControlDatabase database, TimeProvider time)
{
    // As many as an admin can look through.
    private const int MaxOpen = 200;

    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(7);

    /// <summary>Those that can still be used, newest first.</summary>
    public async Task<List<Invitation>> ListAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var context = await database.OpenAsync(cancel);
        return await context.Invitations.AsNoTracking().Where(i => i.ExpiresAt > now).OrderByDescending(i => i.CreatedAt).ToListAsync(cancel);
    }

    /// <summary>A new one with its code, which is not kept; null when too many are open.</summary>
    public async Task<(Invitation Invitation, string Code)?> AddAsync(string note, Actor actor, CancellationToken cancel)
    {
        var (now, code) = (time.GetUtcNow(), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
        await using var context = await database.OpenAsync(cancel);
        await context.Invitations.Where(i => i.ExpiresAt < now).ExecuteDeleteAsync(cancel);
        if (await context.Invitations.CountAsync(cancel) >= MaxOpen)
        {
            return null;
        }

        var row = new Invitation
        {
            Id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(9)),
            Hash = Sessions.Hash(code),
            Note = note,
            CreatedAt = now,
            ExpiresAt = now + s_lifetime,
        };
        context.Invitations.Add(row);
        context.AuditEntries.Add(actor.Did(Act.Invited, about: note));
        await context.SaveChangesAsync(cancel);
        return (row, code);
    }

    /// <summary>True when the code can be used.</summary>
    public async Task<bool> IsGoodAsync(string? code, CancellationToken cancel)
    {
        var (hash, now) = (Sessions.Hash(code ?? ""), time.GetUtcNow());
        await using var context = await database.OpenAsync(cancel);
        return await context.Invitations.AnyAsync(i => i.Hash == hash && i.ExpiresAt > now, cancel);
    }

    /// <summary>Uses the code up: true once for each.</summary>
    public async Task<bool> UseAsync(string? code, CancellationToken cancel)
    {
        var (hash, now) = (Sessions.Hash(code ?? ""), time.GetUtcNow());
        await using var context = await database.OpenAsync(cancel);
        return await context.Invitations.Where(i => i.Hash == hash && i.ExpiresAt > now).ExecuteDeleteAsync(cancel) == 1;
    }

    /// <summary>Takes one back; false when there is none.</summary>
    public async Task<bool> RemoveAsync(string id, Actor actor, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        return await context.NotedAsync(
            actor.Did(Act.InvitationEnded), () => context.Invitations.Where(i => i.Id == id).ExecuteDeleteAsync(cancel), cancel) == 1;
    }
}
