using DropIt.Control.Database;
using DropIt.Control.Teams;
using DropIt.Control.Users;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Workspaces;

/// <summary>
/// Asks whoever a workspace counts for, a person or a team, whether there may be one more. A refusal is a sentence for the user; inside a transaction the
/// answer holds until that ends.
/// </summary>
internal sealed class WorkspaceQuota(PersonalQuota people, TeamQuota teams)
{
    /// <summary>Why there can be no more workspaces; null when there can.</summary>
    /// <param name="context">With the transaction.</param>
    /// <param name="whose">Whose it is to be.</param>
    /// <param name="bytes">What its files have, as far as that is known.</param>
    /// <param name="cancel">Gives up.</param>
    public Task<string?> RefusalAsync(ControlContext context, Belonging whose, long bytes, CancellationToken cancel) =>
        whose.Team is { } team ? teams.RefusalAsync(context, team, bytes, cancel) : people.RefusalAsync(context, whose.Owner, cancel);

    /// <summary>Why a workspace cannot be woken; null when it can, or is wanted awake already.</summary>
    public async Task<string?> AwakeRefusalAsync(ControlContext context, string slug, CancellationToken cancel) =>
        await context.Workspaces.AsNoTracking().FirstOrDefaultAsync(w => w.Slug == slug && w.Wanted == Wanted.Asleep, cancel) is { } row
            ? await AwakeRefusalAsync(context, row, new Belonging(row.OwnerId, row.TeamId), cancel)
            : null;

    /// <summary>Why a workspace cannot be someone else's; null when it can.</summary>
    public async Task<string?> MoveRefusalAsync(ControlContext context, Workspace row, Belonging to, CancellationToken cancel)
    {
        if (to.Team is not null)
        {
            row.Bytes ??= await teams.SizeAsync(row.Slug, cancel);
        }

        return await RefusalAsync(context, to, row.Bytes ?? 0, cancel)
            ?? (row.Wanted == Wanted.Awake ? await AwakeRefusalAsync(context, row, to, cancel) : null);
    }

    private Task<string?> AwakeRefusalAsync(ControlContext context, Workspace row, Belonging whose, CancellationToken cancel) =>
        whose.Team is { } team ? teams.AwakeRefusalAsync(context, team, row, cancel) : people.AwakeRefusalAsync(context, whose.Owner, cancel);
}
