using DropIt.Control.Database;
using DropIt.Control.Workspaces;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Sharing;

/// <summary>
/// Makes tickets of before no longer good where someone has lost access: the orchestrator tells the runner at once, whose pages come again with fresh
/// tickets, but for those that get none.
/// </summary>
internal static class Revocation
{
    /// <summary>In one workspace.</summary>
    public static async Task RevokeAsync(this ControlContext context, WorkspaceWatch watch, string slug, CancellationToken cancel)
    {
        await context.Workspaces.Where(w => w.Slug == slug).ExecuteUpdateAsync(s => s.SetProperty(w => w.Access, w => w.Access + 1), cancel);
        watch.Nudge();
    }

    /// <summary>In every workspace of a team.</summary>
    public static async Task RevokeTeamAsync(this ControlContext context, WorkspaceWatch watch, int team, CancellationToken cancel)
    {
        await context.Workspaces.Where(w => w.TeamId == team).ExecuteUpdateAsync(s => s.SetProperty(w => w.Access, w => w.Access + 1), cancel);
        watch.Nudge();
    }

    /// <summary>Wherever a user is: a browser of theirs was signed out, or they were shut out.</summary>
    public static async Task RevokeAsync(this ControlContext context, WorkspaceWatch watch, int user, CancellationToken cancel)
    {
        await context.Workspaces
            .Where(w => w.OwnerId == user
                || context.Members.Any(m => m.Slug == w.Slug && m.UserId == user)
                || context.TeamMembers.Any(m => m.TeamId == w.TeamId && m.UserId == user))
            .ExecuteUpdateAsync(s => s.SetProperty(w => w.Access, w => w.Access + 1), cancel);
        watch.Nudge();
    }
}
