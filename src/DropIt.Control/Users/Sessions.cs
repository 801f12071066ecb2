using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using DropIt.Control.Database;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Users;

/// <summary>Starts, finds and ends the sessions of signed-in browsers.</summary>
public sealed class Sessions(ControlDatabase database, TimeProvider time)
{
    /// <summary>The cookie's name.</summary>
    public const string Cookie = "dropit_session";

    /// <summary>A session ends this long after its last use.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    // Sliding costs a write, so it happens at most once a day.
    private static readonly TimeSpan s_slideAfter = TimeSpan.FromDays(1);

    /// <summary>Starts a session; the answer is the cookie's value.</summary>
    public async Task<string> StartAsync(int userId, CancellationToken cancel)
    {
        var value = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        await using var context = await database.OpenAsync(cancel);
        await context.Sessions.Where(s => s.ExpiresAt < now).ExecuteDeleteAsync(cancel);
        context.Sessions.Add(new Session { Hash = Hash(value), UserId = userId, ExpiresAt = now + Lifetime });
        await context.SaveChangesAsync(cancel);
        return value;
    }

    /// <summary>The user whose live session <paramref name="value"/> names; null when there is none.</summary>
    public async Task<User?> FindAsync(string? value, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        var (hash, now) = (Hash(value), time.GetUtcNow());
        await using var context = await database.OpenAsync(cancel);
        var found = await (
            from session in context.Sessions
            where session.Hash == hash && session.ExpiresAt > now
            join user in context.Users on session.UserId equals user.Id
            select new { user, session.ExpiresAt }).FirstOrDefaultAsync(cancel);
        if (found is not null && found.ExpiresAt - now < Lifetime - s_slideAfter)
        {
            await context.Sessions.Where(s => s.Hash == hash)
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.ExpiresAt, now + Lifetime), cancel);
        }

        return found?.user;
    }

    /// <summary>Ends the session that <paramref name="value"/> names, if there is one.</summary>
    public async Task EndAsync(string? value, CancellationToken cancel)
    {
        var hash = Hash(value ?? "");
        await using var context = await database.OpenAsync(cancel);
        await context.Sessions.Where(s => s.Hash == hash).ExecuteDeleteAsync(cancel);
    }

    /// <summary>As tokens and sessions are kept: who reads the database can use neither.</summary>
    internal static string Hash(string value) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
}
