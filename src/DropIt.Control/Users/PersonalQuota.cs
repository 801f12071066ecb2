using DropIt.Control.Database;
using DropIt.Control.Workspaces;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Users;

/// <summary>
/// How many workspaces one person may have, and awake at once: what the operator says for everyone, unless an admin said something else for them. A workspace
/// counts for its owner, one of a team for the team.
/// </summary>
internal sealed class PersonalQuota(ControlOptions options)
{
    /// <summary>Why someone can have no more workspaces; null when they can. Inside a transaction it stays so until that ends.</summary>
    public async Task<string?> RefusalAsync(ControlContext context, int owner, CancellationToken cancel)
    {
        var own = await context.Users.Where(u => u.Id == owner).Select(u => u.MaxWorkspaces).FirstOrDefaultAsync(cancel);
        if ((own ?? options.WorkspacesEach) is not { } most)
        {
            return null;
        }

        await context.HoldUserAsync(owner, cancel);
        return await context.Workspaces.CountAsync(w => w.OwnerId == owner && w.TeamId == null && w.Wanted != Wanted.Gone, cancel) >= most
            ? $"A person may have {Count(most)} here, and that many are there. Delete one that is no longer needed, or ask an admin of this server for more."
            : null;
    }

    /// <summary>Why someone can have no more workspaces awake; null when they can. Inside a transaction it stays so until that ends.</summary>
    public async Task<string?> AwakeRefusalAsync(ControlContext context, int owner, CancellationToken cancel)
    {
        var own = await context.Users.Where(u => u.Id == owner).Select(u => u.MaxAwake).FirstOrDefaultAsync(cancel);
        if ((own ?? options.AwakeEach) is not { } most)
        {
            return null;
        }

        await context.HoldUserAsync(owner, cancel);
        return await context.Workspaces.CountAsync(w => w.OwnerId == owner && w.TeamId == null && w.Wanted == Wanted.Awake, cancel) >= most
            ? $"Its owner may have {Count(most)} awake at once, and that many are. Stop one of them, then open this one again, or ask an admin of this server for more."
            : null;
    }

    /// <summary>A number of workspaces in words.</summary>
    public static string Count(int most) => most == 1 ? "1 workspace" : $"{most} workspaces";
}
