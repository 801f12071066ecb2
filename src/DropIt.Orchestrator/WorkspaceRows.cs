using System.Linq.Expressions;
using DropIt.Control.Database;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Workspaces;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Orchestrator;

/// <summary>A row as the orchestrator sees it.</summary>
internal sealed record WantedWorkspace(Slug Slug, Wanted Wanted, long Epoch, int Port, string Stack, string? Message, long Access, long Variables);

/// <summary>The orchestrator's side of the workspace rows: it reads what is wanted and writes what is.</summary>
internal sealed class WorkspaceRows(ControlDatabase database, WorkspaceWatch watch)
{
    /// <summary>Every workspace that is not simply asleep.</summary>
    public async Task<IReadOnlyList<WantedWorkspace>> ListAsync(CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        return [.. (await context.Workspaces.AsNoTracking()
                .Where(w => w.Wanted != Wanted.Asleep || w.State != WorkspaceState.Asleep)
                .Select(w => new { w.Slug, w.Wanted, w.Epoch, w.Port, w.Stack, w.Message, w.Access, w.Variables })
                .ToListAsync(cancel))
            .Select(w => new WantedWorkspace(Parse(w.Slug), w.Wanted, w.Epoch, w.Port, w.Stack, w.Message, w.Access, w.Variables))];
    }

    /// <summary>What was chosen for those that are to be awake, by slug.</summary>
    public async Task<Dictionary<string, SleepPolicy>> SleepPoliciesAsync(CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        return await context.Workspaces.AsNoTracking().Where(w => w.Wanted == Wanted.Awake).ToDictionaryAsync(w => w.Slug, w => w.Sleeps, cancel);
    }

    /// <summary>The epoch of the workspace's newest start; null when there is no such workspace.</summary>
    public async Task<long?> EpochAsync(Slug slug, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        return await context.Workspaces.Where(w => w.Slug == slug.Value).Select(w => (long?)w.Epoch).FirstOrDefaultAsync(cancel);
    }

    /// <summary>Takes the next epoch for a start; null when another server took it.</summary>
    public async Task<RunnerStart?> NextStartAsync(WantedWorkspace workspace, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var epoch = workspace.Epoch + 1;
        var taken = await context.Workspaces.Where(w => w.Slug == workspace.Slug.Value && w.Epoch == workspace.Epoch).ExecuteUpdateAsync(
            s => s.SetProperty(w => w.Epoch, epoch).SetProperty(w => w.State, WorkspaceState.Starting), cancel);
        return taken == 1 ? new RunnerStart(workspace.Slug, epoch, workspace.Port, workspace.Stack) : null;
    }

    /// <summary>
    /// Writes what a workspace is, and tells whoever watches. A server that leads no longer and does not know it yet changes nothing: there is a newer
    /// start then.
    /// </summary>
    /// <param name="slug">The workspace.</param>
    /// <param name="epoch">The newest start that the caller knows of.</param>
    /// <param name="status">What it is.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>False when there is a newer start, or no such workspace.</returns>
    public async Task<bool> WriteAsync(Slug slug, long epoch, WorkspaceStatus status, CancellationToken cancel = default)
    {
        // A program's last words may hold anything; PostgreSQL keeps no NUL.
        var message = status.Message?.Replace('\0', ' ');
        await using var context = await database.OpenAsync(cancel);
        var written = await context.Workspaces.Where(w => w.Slug == slug.Value && w.Epoch <= epoch).ExecuteUpdateAsync(
            s => s.SetProperty(w => w.State, status.State).SetProperty(w => w.Message, message), cancel);
        if (written > 0)
        {
            watch.Set(slug.Value, status);
        }

        return written > 0;
    }

    /// <summary>Writes what a workspace holds, for what its team may.</summary>
    public async Task WriteBytesAsync(Slug slug, long bytes, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        await context.Workspaces.Where(w => w.Slug == slug.Value && w.Bytes != bytes).ExecuteUpdateAsync(s => s.SetProperty(w => w.Bytes, bytes), cancel);
    }

    /// <summary>Puts to sleep what matches and is wanted awake; <paramref name="why"/> is for the user.</summary>
    public async Task PutToSleepAsync(Expression<Func<Workspace, bool>> which, string? why, CancellationToken cancel = default)
    {
        await using var context = await database.OpenAsync(cancel);
        await context.Workspaces.Where(which).Where(w => w.Wanted == Wanted.Awake).ExecuteUpdateAsync(
            s => s.SetProperty(w => w.Wanted, Wanted.Asleep).SetProperty(w => w.Message, why), cancel);
        watch.Nudge();
    }

    /// <summary>Removes the row: the workspace is no more.</summary>
    public async Task RemoveAsync(Slug slug, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        await context.Workspaces.Where(w => w.Slug == slug.Value && w.Wanted == Wanted.Gone).ExecuteDeleteAsync(cancel);
        watch.Set(slug.Value, null);
    }

    private static Slug Parse(string text) => Slug.TryParse(text, out var slug) ? slug : throw new InvalidDataException($"'{text}' is no slug.");
}
