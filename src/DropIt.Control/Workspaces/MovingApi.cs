using DropIt.Control.Access;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Sharing;
using DropIt.Control.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Workspaces;

/// <summary><c>PUT /api/workspaces/{slug}/team</c>; null: it is the caller's own.</summary>
internal sealed record MoveRequest(int? Team);

/// <summary>Workspaces into teams and out of them.</summary>
internal static class MovingApi
{
    public static void MapMoving(this IEndpointRouteBuilder routes) => routes.MapPut("/api/workspaces/{slug}/team", MoveAsync);

    private static async Task<IResult> MoveAsync(
        MoveRequest request,
        WorkspaceAccess access,
        CurrentUser user,
        Actor actor,
        WorkspaceQuota quota,
        ControlDatabase database,
        WorkspaceWatch watch,
        CancellationToken cancel)
    {
        var (to, noTeam) = await TeamAccess.NamedAsync(database, request.Team, user, cancel);
        if (noTeam is not null)
        {
            return noTeam;
        }

        await using var context = await database.OpenAsync(cancel);
        await using var all = await context.Database.BeginTransactionAsync(cancel);
        if (await context.Workspaces.Of(access).FirstOrDefaultAsync(cancel) is not { } row)
        {
            return Problem.NoWorkspace(access.Slug.Value);
        }

        if (row.TeamId == request.Team)
        {
            return TypedResults.NoContent();
        }

        // What a member made in a team is the team's: only its admins give it away.
        if (row.TeamId is { } from && await TeamAccess.FindAsync(database, from, user, cancel) is not { Admin: true })
        {
            return Problem.Of(StatusCodes.Status409Conflict, "Only admins of its team may take a workspace out of it. Ask one of them.");
        }

        if (await quota.MoveRefusalAsync(context, row, new Belonging(user.Id, request.Team), cancel) is { } refusal)
        {
            return Problem.Of(StatusCodes.Status409Conflict, refusal);
        }

        (row.TeamId, row.OwnerId) = (request.Team, user.Id);
        context.AuditEntries.Add(actor.Did(Act.WorkspaceMoved, row.Slug, to?.Name));
        await context.SaveChangesAsync(cancel);
        await context.RevokeAsync(watch, row.Slug, cancel);
        await all.CommitAsync(cancel);
        watch.Nudge();
        return TypedResults.NoContent();
    }
}
