using DropIt.Control.Access;
using DropIt.Control.Database;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Workspaces;

/// <summary>Wakes a workspace that a request came for, where its owner may have one more awake.</summary>
public sealed class WorkspaceWaking
{
    private readonly Rates _rates;
    private readonly WorkspaceQuota _quota;
    private readonly ControlDatabase _database;
    private readonly WorkspaceWatch _watch;
    private readonly TimeProvider _time;

    internal WorkspaceWaking(Rates rates, WorkspaceQuota quota, ControlDatabase database, WorkspaceWatch watch, TimeProvider time) =>
        (_rates, _quota, _database, _watch, _time) = (rates, quota, database, watch, time);

    /// <summary>Wants it awake.</summary>
    /// <param name="slug">The workspace.</param>
    /// <param name="visit">It is for a port that others see, and perhaps for nobody of the workspace.</param>
    /// <param name="cancel">The browser has gone.</param>
    /// <returns>Null; or why not, for the user.</returns>
    public async Task<string?> WakeAsync(string slug, bool visit, CancellationToken cancel)
    {
        if (visit && _rates.Take(Rate.Visit, slug) is not null)
        {
            return "Visitors have woken this workspace often today. Come again in some hours, or when its people are there.";
        }

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
