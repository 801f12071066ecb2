using DropIt.Control.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace DropIt.Control.Workspaces;

/// <summary>
/// Where another server's orchestrator leads, statuses follow from the rows that it writes: at once when it says something, and every 2 s whatever was
/// said. Routes need no following: the gateway learns them from the cluster.
/// </summary>
public sealed class WorkspaceFollowing(ControlDatabase database, WorkspaceWatch watch, TimeProvider time, ILogger<WorkspaceFollowing> log)
{
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(2);

    // A hundred workspaces that restore say something ten times a second each; the rows need not be read for every word.
    private static readonly TimeSpan s_leastPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Follows until cancelled; never throws.</summary>
    public async Task FollowAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await LookAsync(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (DatabaseTrouble.CauseOf(e) is not null)
            {
                // The next look tells what this one did not.
            }
            catch (Exception e)
            {
                log.LogError(e, "What another server wrote of the workspaces cannot be followed");
            }

            await Task.Delay(s_leastPause, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            pause.CancelAfter(s_betweenLooks);
            try
            {
                await watch.Nudges.ReadAsync(pause.Token);
            }
            catch (OperationCanceledException)
            {
                // Time for the periodic look, or the end.
            }
        }
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        var lively = watch.Lively;
        await using var context = await database.OpenAsync(cancel);
        var rows = await context.Workspaces.AsNoTracking()
            .Where(w => w.State != WorkspaceState.Asleep || lively.Contains(w.Slug))
            .Select(w => new { w.Slug, w.State, w.Message })
            .ToListAsync(cancel);
        watch.Follow(lively, rows.ToDictionary(w => w.Slug, w => new WorkspaceStatus(w.State, w.Message)));
    }
}
