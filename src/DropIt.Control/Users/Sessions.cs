using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Users;

/// <summary>Starts, finds and ends the sessions of signed-in browsers.</summary>
internal sealed class Sessions(ControlDatabase database, ControlOptions options, TimeProvider time)
{
    /// <summary>The cookie's name.</summary>
    public const string Cookie = "dropit_session";

    /// <summary>A session ends this long after its last use.</summary>
    private static readonly TimeSpan s_lifetime = TimeSpan.FromDays(90);

    // Noting a use costs a write, so it happens this often at most.
    private static readonly TimeSpan s_noteAfter = TimeSpan.FromMinutes(10);

    // More browsers than a person uses; the one unused longest goes first.
    private const int MaxPerUser = 50;

    /// <summary>Signs the browser of this request in.</summary>
    /// <param name="http">Gets the cookie.</param>
    /// <param name="userId">As whom.</param>
    /// <param name="method">How, as in <see cref="Session.Method"/>.</param>
    public async Task StartAsync(HttpContext http, int userId, string method)
    {
        var value = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var (now, cancel) = (time.GetUtcNow(), http.RequestAborted);
        var agent = http.Request.Headers.UserAgent.ToString();
        await using var context = await database.OpenAsync(cancel);
        await context.Sessions.Where(s => s.ExpiresAt < now).ExecuteDeleteAsync(cancel);
        await context.Sessions.Where(s => s.UserId == userId)
            .OrderByDescending(s => s.UsedAt).Skip(MaxPerUser - 1).ExecuteDeleteAsync(cancel);
        context.Sessions.Add(new Session
        {
            Hash = Hash(value),
            Id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(9)),
            UserId = userId,
            CreatedAt = now,
            UsedAt = now,
            ExpiresAt = now + s_lifetime,
            Method = method,
            Address = http.Connection.RemoteIpAddress?.ToString() ?? "",
            Agent = agent[..Math.Min(agent.Length, Session.MaxAgentLength)],
        });
        var user = await context.Users.FirstAsync(u => u.Id == userId, cancel);
        var actor = Actor.Of(http).As(user) with { Way = method == "link" ? Way.Link : Way.Page };
        context.AuditEntries.Add(actor.Did(Act.SignedIn, about: method));
        await context.SaveChangesAsync(cancel);
        http.Response.Cookies.Append(Cookie, value, CookieOptions(s_lifetime));
    }

    /// <summary>The user whose live session the request's cookie names; null when there is none.</summary>
    public async Task<CurrentUser?> FindAsync(HttpContext http)
    {
        var (value, cancel) = (http.Request.Cookies[Cookie], http.RequestAborted);
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
            where !user.Disabled
            select new { session.Id, session.UsedAt, session.UserId, user.Name, user.UserName, user.Admin }).FirstOrDefaultAsync(cancel);
        if (found is null)
        {
            return null;
        }

        if (now - found.UsedAt > s_noteAfter)
        {
            await context.Sessions.Where(s => s.Hash == hash).ExecuteUpdateAsync(
                s => s.SetProperty(x => x.UsedAt, now).SetProperty(x => x.ExpiresAt, now + s_lifetime), cancel);
        }

        return new CurrentUser(found.UserId, found.Name, found.UserName ?? found.Name, found.Admin, found.Id);
    }

    /// <summary>Signs the browser of this request out.</summary>
    public async Task EndAsync(HttpContext http)
    {
        var hash = Hash(http.Request.Cookies[Cookie] ?? "");
        await using var context = await database.OpenAsync(http.RequestAborted);
        await context.NotedAsync(
            Actor.Of(http).Did(Act.SignedOut),
            () => context.Sessions.Where(s => s.Hash == hash).ExecuteDeleteAsync(http.RequestAborted),
            http.RequestAborted);
        http.Response.Cookies.Delete(Cookie, CookieOptions(null));
    }

    /// <summary>As tokens and sessions are kept: who reads the database can use neither.</summary>
    internal static string Hash(string value) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));

    private CookieOptions CookieOptions(TimeSpan? maxAge) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = options.Scheme == "https",
        Path = "/",
        MaxAge = maxAge,
    };
}
