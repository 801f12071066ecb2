using DropIt.Control.Database;
using DropIt.Control.Users;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DropIt.Control.Audit;

/// <summary>Who asks, from where, how and when: what an entry says about the one who did it.</summary>
internal sealed record Actor(int? UserId, string Who, string Address, Way Way, DateTimeOffset At)
{
    /// <summary>Called by the framework for a parameter of this type.</summary>
    public static ValueTask<Actor?> BindAsync(HttpContext http) => new(Of(http));

    /// <summary>Whoever <see cref="Access.RouteGuard"/> found; nobody where it looked for none.</summary>
    public static Actor Of(HttpContext http)
    {
        var user = http.Features.Get<CurrentUser>();
        return new Actor(
            user?.Id,
            user?.Account ?? "",
            http.Connection.RemoteIpAddress?.ToString() ?? "",
            user?.Scope is null ? Way.Page : Way.Token,
            http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
    }

    /// <summary>Someone who is not signed in yet.</summary>
    public Actor As(User user) => this with { UserId = user.Id, Who = user.Account };

    /// <summary>An entry that says they did it.</summary>
    public AuditEntry Did(Act act, string? workspace = null, string? about = null) => new()
    {
        At = At,
        UserId = UserId,
        Who = Short(Who)!,
        Act = act,
        Workspace = workspace,
        About = Short(about),
        Address = Address,
        Way = Way,
    };

    private static string? Short(string? text) => text is { Length: > AuditEntry.MaxTextLength } ? text[..AuditEntry.MaxTextLength] : text;
}

/// <summary>Writing entries.</summary>
internal static class AuditWriting
{
    /// <summary>Changes rows and says so in one transaction (the one that is open, if one is); nothing is said when no row was changed.</summary>
    /// <returns>The number of rows.</returns>
    public static async Task<int> NotedAsync(this ControlContext context, AuditEntry entry, Func<Task<int>> change, CancellationToken cancel)
    {
        await using var all = context.Database.CurrentTransaction is null ? await context.Database.BeginTransactionAsync(cancel) : null;
        var changed = await change();
        if (changed > 0)
        {
            context.AuditEntries.Add(entry);
            await context.SaveChangesAsync(cancel);
        }

        if (all is not null)
        {
            await all.CommitAsync(cancel);
        }

        return changed;
    }

    /// <summary>Says what changed no row of this database, such as a wrong password.</summary>
    public static async Task NoteAsync(this ControlDatabase database, AuditEntry entry, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        context.AuditEntries.Add(entry);
        await context.SaveChangesAsync(cancel);
    }
}
