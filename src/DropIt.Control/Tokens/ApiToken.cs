using System.Buffers.Text;
using System.Security.Cryptography;
using DropIt.Control.Access;
using DropIt.Control.Database;
using DropIt.Control.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Tokens;

/// <summary>Lets a program do in someone's name what its scope allows.</summary>
public sealed class ApiToken
{
    /// <summary>Longest <see cref="Name"/>.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Names it towards its user.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of its text in hex: who reads the database cannot use it.</summary>
    public required string Hash { get; init; }

    /// <summary>Whose it is.</summary>
    public required int UserId { get; init; }

    /// <summary>What it is for, as its user wrote.</summary>
    public required string Name { get; init; }

    /// <summary>What it may do; never <see cref="Scope.None"/>.</summary>
    public required Scope Scope { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it is no longer good.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it was last used, to a few minutes; null: never.</summary>
    public DateTimeOffset? UsedAt { get; set; }
}

/// <summary>Finds whom a program acts for.</summary>
internal sealed class ApiTokens(ControlDatabase database, TimeProvider time)
{
    // Scanners of leaked secrets find it by this.
    private const string Prefix = "dropit_";
    private const string Scheme = "Bearer ";

    // Noting a use costs a write, so it happens this often at most.
    private static readonly TimeSpan s_noteAfter = TimeSpan.FromMinutes(10);

    /// <summary>A fresh one.</summary>
    public static string Fresh() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What the request gives as a token; null when it gives none, and comes from a browser.</summary>
    public static string? Of(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { } text && text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..].Trim() : null;

    /// <summary>The user in whose name it acts; null when it is not good (any more).</summary>
    public async Task<CurrentUser?> FindAsync(string text, CancellationToken cancel)
    {
        var (hash, now) = (Sessions.Hash(text), time.GetUtcNow());
        await using var context = await database.OpenAsync(cancel);
        var found = await (
            from token in context.ApiTokens
            where token.Hash == hash && token.ExpiresAt > now
            join user in context.Users on token.UserId equals user.Id
            where !user.Disabled
            select new { token.Id, token.UsedAt, token.Scope, token.UserId, user.Name, user.UserName, user.Admin }).FirstOrDefaultAsync(cancel);
        if (found is null)
        {
            return null;
        }

        if (found.UsedAt is null || now - found.UsedAt > s_noteAfter)
        {
            await context.ApiTokens.Where(t => t.Id == found.Id).ExecuteUpdateAsync(s => s.SetProperty(t => t.UsedAt, now), cancel);
        }

        return new CurrentUser(found.UserId, found.Name, found.UserName ?? found.Name, found.Admin && found.Scope == Scope.Admin, "", found.Scope);
    }
}
