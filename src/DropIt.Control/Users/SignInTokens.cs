using System.Buffers.Text;
using System.Security.Cryptography;
using DropIt.Control.Database;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Users;

/// <summary>One-time tokens that sign a browser in, at whichever server it comes to.</summary>
/// <param name="database">Keeps their hashes.</param>
/// <param name="options">For the address to print.</param>
/// <param name="time">Ends them.</param>
public sealed class SignInTokens(ControlDatabase database, ControlOptions options, TimeProvider time)
{
    // More are not waiting to be used by one person; the oldest go first when someone asks for many.
    private const int MaxOpen = 100;

    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(1);

    /// <summary>A fresh address to open in a browser, good for one sign-in.</summary>
    /// <param name="userId">As whom.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<string> FreshAddressAsync(int userId, CancellationToken cancel)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        var now = time.GetUtcNow();
        await using var context = await database.OpenAsync(cancel);
        await context.SignInTokens.Where(t => t.ExpiresAt < now).ExecuteDeleteAsync(cancel);
        await context.SignInTokens.OrderByDescending(t => t.ExpiresAt).Skip(MaxOpen - 1).ExecuteDeleteAsync(cancel);
        context.SignInTokens.Add(new SignInToken { Hash = Sessions.Hash(token), UserId = userId, ExpiresAt = now + s_lifetime });
        await context.SaveChangesAsync(cancel);
        return $"{options.Origin}/signin?token={token}";
    }

    /// <summary>Whom the token signs in: once for each that was given out, else null.</summary>
    public async Task<int?> UseAsync(string? token, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        var (hash, now) = (Sessions.Hash(token), time.GetUtcNow());
        await using var context = await database.OpenAsync(cancel);
        var user = await context.SignInTokens
            .Where(t => t.Hash == hash && t.ExpiresAt > now && context.Users.Any(u => u.Id == t.UserId && !u.Disabled))
            .Select(t => (int?)t.UserId).FirstOrDefaultAsync(cancel);
        return await context.SignInTokens.Where(t => t.Hash == hash).ExecuteDeleteAsync(cancel) == 1 ? user : null;
    }
}
