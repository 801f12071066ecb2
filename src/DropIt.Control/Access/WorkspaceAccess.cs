using DropIt.Control.Database;
using DropIt.Control.Users;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Access;

/// <summary>
/// That the caller may use the workspace of the request, as <see cref="RouteGuard"/> found. Queries for one workspace ask for this, so none can be written
/// without the check.
/// </summary>
/// <param name="Slug">The workspace.</param>
/// <param name="Role">What the caller is in it.</param>
/// <param name="AsOf">The workspace's <see cref="Workspace.Access"/> when that was found: a ticket says no more than was true then.</param>
internal sealed record WorkspaceAccess(Slug Slug, Role Role, long AsOf)
{
    /// <summary>Called by the framework for a parameter of this type.</summary>
    public static ValueTask<WorkspaceAccess?> BindAsync(HttpContext http) => new(http.Features.Get<WorkspaceAccess>());

    /// <summary>What <paramref name="user"/> may do in the workspace; null when it is not there for them.</summary>
    public static async Task<WorkspaceAccess?> FindAsync(
        ControlDatabase database, string? text, CurrentUser user, DateTimeOffset now, CancellationToken cancel)
    {
        if (!Slug.TryParse(text, out var slug))
        {
            return null;
        }

        await using var context = await database.OpenAsync(cancel);
        return await context.SeenBy(user.Id, now).FirstOrDefaultAsync(s => s.Row.Slug == text, cancel) is { } seen
            ? new WorkspaceAccess(slug, seen.Role, seen.Row.Access)
            : null;
    }
}

/// <summary>A workspace as one user sees it.</summary>
internal sealed class SeenWorkspace
{
    /// <summary>The workspace.</summary>
    public required Workspace Row { get; init; }

    /// <summary>It is theirs; of a team's: they made it.</summary>
    public required bool Made { get; init; }

    /// <summary>Whether they are an admin of its team; null when it has none, or they are not in it.</summary>
    public required bool? TeamAdmin { get; init; }

    /// <summary>Name of that team; null when it has none, or they are not in it.</summary>
    public required string? Team { get; init; }

    /// <summary>What it was shared with them as; null when it was not.</summary>
    public required Role? Shared { get; init; }

    /// <summary>
    /// What they are in it. One that belongs to a team is its members' to edit, and its admins' and whoever made it to own, while they are in the team.
    /// </summary>
    public Role Role => (Row.TeamId, TeamAdmin) switch
    {
        (null, _) => Made ? Role.Owner : Shared!.Value,
        (_, true) => Role.Owner,
        (_, false) => Made ? Role.Owner : Role.Editor,
        _ => Shared!.Value,
    };
}

/// <summary>Rows that a caller may see.</summary>
internal static class WorkspaceRowsOf
{
    /// <summary>The workspace that is not being deleted.</summary>
    public static IQueryable<Workspace> Of(this IQueryable<Workspace> all, WorkspaceAccess access)
    {
        var slug = access.Slug.Value;
        return all.Where(w => w.Slug == slug && w.Wanted != Wanted.Gone);
    }

    /// <summary>Every workspace that is there for a user.</summary>
    public static IQueryable<SeenWorkspace> SeenBy(this ControlContext context, int user, DateTimeOffset now) => context.Workspaces.AsNoTracking()
        .Where(w => w.Wanted != Wanted.Gone)
        .Select(w => new SeenWorkspace
        {
            Row = w,
            Made = w.OwnerId == user,
            TeamAdmin = context.TeamMembers.Where(m => m.TeamId == w.TeamId && m.UserId == user).Select(m => (bool?)m.Admin).FirstOrDefault(),
            Team = context.TeamMembers.Where(m => m.TeamId == w.TeamId && m.UserId == user)
                .Join(context.Teams, m => m.TeamId, t => t.Id, (_, t) => t.Name).FirstOrDefault(),
            Shared = context.Members.Where(m => m.Slug == w.Slug && m.UserId == user && (m.ExpiresAt == null || m.ExpiresAt > now))
                .Select(m => (Role?)m.Role).FirstOrDefault(),
        })
        .Where(s => (s.Row.TeamId == null && s.Made) || s.TeamAdmin != null || s.Shared != null);
}
