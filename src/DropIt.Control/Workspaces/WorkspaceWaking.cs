using DropIt.Control.Database;
using DropIt.Control.Users;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Workspaces;

/// <summary>Wakes a workspace that a request came for, where its owner may have one more awake.</summary>
public sealed class WorkspaceWaking
{
    private readonly PersonalQuota _quota;
    private readonly ControlDatabase _database;
    private readonly WorkspaceWatch _watch;
    private readonly TimeProvider _time;

    internal WorkspaceWaking(PersonalQuota quota, ControlDatabase database, WorkspaceWatch watch, TimeProvider time) =>
        (_quota, _database, _watch, _time) = (quota, database, watch, time);

    /// <summary>Wants it awake.</summary>
    /// <returns>Null; or why not, for the user.</returns>
    public async Task<string?> WakeAsync(string slug, CancellationToken cancel)
    {
        var now = _time.GetUtcNow();
        await using var context = await _database.OpenAsync(cancel);
        await using var all = await context.Database.BeginTransactionAsync(cancel);
        if (await _quota.AwakeRefusalAsync(context, slug, cancel) is { } refusal)
        {
            return refusal;
        }

        await context.Workspaces.Where(w => w.Slug == slug && w.Wanted == Wanted.Asleep).ExecuteUpdateAsync(
            s => s.SetProperty(w => w.Wanted, Wanted.Awake).SetProperty(w => w.UsedAt, now), cancel);
        await all.CommitAsync(cancel);
        _watch.Nudge();
        return null;
    }
}
