using DropIt.Control.Database;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Workspaces;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Gateway;

/// <summary>What came of asking for a workspace that had no route.</summary>
internal abstract record WakeResult
{
    /// <summary>It serves now.</summary>
    public sealed record Awake(HttpMessageInvoker Runner) : WakeResult;

    /// <summary>There is no such workspace.</summary>
    public sealed record Unknown : WakeResult;

    /// <summary>It stays asleep; <paramref name="Why"/> is for the user.</summary>
    public sealed record Refused(string Why) : WakeResult;

    /// <summary>It is on its way; ask again.</summary>
    public sealed record Coming(WorkspaceStatus Status) : WakeResult;
}

/// <summary>Wakes workspaces that requests come for, and holds the requests a moment.</summary>
internal sealed class Waking(WorkspaceRoutes routes, WorkspaceWaking workspaces, ControlDatabase database, WorkspaceWatch watch, TimeProvider time)
{
    // Most workspaces are up well before; a browser that waits longer without a word seems broken.
    private static readonly TimeSpan s_hold = TimeSpan.FromSeconds(5);

    // Each held request is a connection and a few KB. Past it a request gets its "come again" at once.
    private const int MaxHeld = 512;

    private int _held;

    /// <param name="slug">The workspace.</param>
    /// <param name="visit">It is for a port that others see, and not for someone of the workspace.</param>
    /// <param name="byItself">No person is behind it, and it does not wake who sleeps.</param>
    /// <param name="dead">The route that was tried and that nobody answered on, if there was one.</param>
    /// <param name="cancel">The browser has gone.</param>
    public async Task<WakeResult> WakeAsync(Slug slug, bool visit, bool byItself, HttpMessageInvoker? dead, CancellationToken cancel)
    {
        WorkspaceStatus known;
        await using (var context = await database.OpenAsync(cancel))
        {
            if (await context.Workspaces.AsNoTracking().FirstOrDefaultAsync(
                    w => w.Slug == slug.Value && w.Wanted != Wanted.Gone, cancel) is not { } row)
            {
                return new WakeResult.Unknown();
            }

            known = watch.Find(slug.Value) ?? new WorkspaceStatus(row.State, row.Message);
            if (row.Wanted != Wanted.Awake && byItself)
            {
                return new WakeResult.Refused("It wakes when somebody opens it or loads this page anew.");
            }

            if (row.Wanted != Wanted.Awake && await workspaces.WakeAsync(slug.Value, visit, cancel) is { } refusal)
            {
                return new WakeResult.Refused(refusal);
            }
        }

        if (known.State != WorkspaceState.Failed)
        {
            try
            {
                if (Interlocked.Increment(ref _held) <= MaxHeld && await routes.WaitAsync(slug, dead, s_hold, time, cancel) is { } route)
                {
                    return new WakeResult.Awake(route);
                }
            }
            finally
            {
                Interlocked.Decrement(ref _held);
            }
        }

        return new WakeResult.Coming(watch.Find(slug.Value) ?? known);
    }
}
