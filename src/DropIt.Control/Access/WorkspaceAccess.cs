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
        var found = await context.Workspaces.Where(w => w.Slug == text && w.Wanted != Wanted.Gone)
            .Select(w => new
            {
                w.OwnerId,
                w.Access,
                Role = context.Members.Where(m => m.Slug == w.Slug && m.UserId == user.Id && (m.ExpiresAt == null || m.ExpiresAt > now))
                    .Select(m => (Role?)m.Role).FirstOrDefault(),
            })
            .FirstOrDefaultAsync(cancel);
        return found is not null && (found.OwnerId == user.Id ? Role.Owner : found.Role) is { } role
            ? new WorkspaceAccess(slug, role, found.Access)
            : null;
    }
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
}
