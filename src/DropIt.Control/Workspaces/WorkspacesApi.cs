using DropIt.Control.Answers;
using DropIt.Control.Database;
using DropIt.Control.Stacks;
using DropIt.Control.Users;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Workspaces;

/// <summary>Making, listing, naming and deleting workspaces. Every query asks for the user's own.</summary>
internal static class WorkspacesApi
{
    // Programs get PORT from here. Outside the ephemeral range of Linux (32768 up), above what services commonly take, and ten times the workspaces
    // a server may hold.
    private const int FirstPort = 20000;

    // Two creates at once must not choose one port.
    private static readonly SemaphoreSlim s_choosing = new(1, 1);

    public static void MapWorkspaces(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/workspaces", ListAsync);
        routes.MapPost("/api/workspaces", CreateAsync);
        routes.MapGet("/api/workspaces/{slug}", GetAsync);
        routes.MapPatch("/api/workspaces/{slug}", RenameAsync);
        routes.MapDelete("/api/workspaces/{slug}", DeleteAsync);
    }

    /// <summary>The user's workspace of that slug which is not being deleted.</summary>
    public static IQueryable<Workspace> Of(this IQueryable<Workspace> all, CurrentUser user, string slug) =>
        all.Where(w => w.Slug == slug && w.OwnerId == user.Id && w.Wanted != Wanted.Gone);

    private static async Task<IResult> ListAsync(
        CurrentUser user, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var rows = await context.Workspaces.AsNoTracking()
            .Where(w => w.OwnerId == user.Id && w.Wanted != Wanted.Gone)
            .OrderByDescending(w => w.UsedAt)
            .ToListAsync(cancel);
        IReadOnlyList<WorkspaceAnswer> answers = [.. rows.Select(row => WorkspaceAnswer.Of(row, watch.Find(row.Slug)))];
        return TypedResults.Ok(answers);
    }

    private static async Task<IResult> GetAsync(
        string slug, CurrentUser user, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        return await context.Workspaces.AsNoTracking().Of(user, slug).FirstOrDefaultAsync(cancel) is { } row
            ? TypedResults.Ok(WorkspaceAnswer.Of(row, watch.Find(slug)))
            : Problem.NoWorkspace(slug);
    }

    private static async Task<IResult> CreateAsync(
        CreateRequest request,
        CurrentUser user,
        StackGallery gallery,
        WorkspaceStore store,
        ControlDatabase database,
        ControlOptions options,
        TimeProvider time,
        CancellationToken cancel)
    {
        if (gallery.Find(request.Stack ?? "") is not { } found)
        {
            return Problem.Of(
                StatusCodes.Status400BadRequest, $"There is no stack '{request.Stack}'. GET /api/stacks lists those that exist.");
        }

        if (found.Stack.Error is { } error)
        {
            return Problem.Of(StatusCodes.Status409Conflict, error);
        }

        if (NameOf(request.Name ?? found.Stack.Name) is not { } name)
        {
            return BadName();
        }

        await using var context = await database.OpenAsync(cancel);
        if (await context.Workspaces.CountAsync(cancel) >= options.MaxWorkspaces)
        {
            return Problem.Of(
                StatusCodes.Status409Conflict,
                $"This server already holds {options.MaxWorkspaces} workspaces, the most it takes. Delete one that is no longer needed.");
        }

        var slug = Slug.Fresh();
        if (await store.CreateAsync(slug, found.Folder, cancel) is { Succeeded: false } failed)
        {
            return Problem.Of(WorkspaceFilesApi.StatusOf(failed.Error), failed.Message);
        }

        var now = time.GetUtcNow();
        var row = new Workspace
        {
            Slug = slug.Value,
            OwnerId = user.Id,
            Name = name,
            Stack = found.Stack.Id,
            CreatedAt = now,
            UsedAt = now,
            Port = 0,
        };
        await s_choosing.WaitAsync(cancel);
        try
        {
            row.Port = FirstFree(await context.Workspaces.Select(w => w.Port).ToHashSetAsync(cancel));
            context.Workspaces.Add(row);
            await context.SaveChangesAsync(cancel);
        }
        finally
        {
            s_choosing.Release();
        }

        return TypedResults.Created($"/api/workspaces/{slug}", WorkspaceAnswer.Of(row, null));
    }

    private static async Task<IResult> RenameAsync(
        string slug, RenameRequest request, CurrentUser user, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        if (NameOf(request.Name) is not { } name)
        {
            return BadName();
        }

        await using var context = await database.OpenAsync(cancel);
        if (await context.Workspaces.Of(user, slug).FirstOrDefaultAsync(cancel) is not { } row)
        {
            return Problem.NoWorkspace(slug);
        }

        row.Name = name;
        await context.SaveChangesAsync(cancel);
        return TypedResults.Ok(WorkspaceAnswer.Of(row, watch.Find(slug)));
    }

    /// <summary>Marks it deleted, which hides it; stopping the runner and removing files, store and row is the orchestrator's.</summary>
    private static async Task<IResult> DeleteAsync(
        string slug, CurrentUser user, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var marked = await context.Workspaces.Of(user, slug).ExecuteUpdateAsync(s => s.SetProperty(w => w.Wanted, Wanted.Gone), cancel);
        watch.Nudge();
        return marked == 1 ? TypedResults.NoContent() : Problem.NoWorkspace(slug);
    }

    private static int FirstFree(HashSet<int> taken)
    {
        var port = FirstPort;
        while (taken.Contains(port))
        {
            port++;
        }

        return port;
    }

    private static string? NameOf(string? name) =>
        name?.Trim() is { Length: > 0 and <= Workspace.MaxNameLength } text && !text.Any(char.IsControl) ? text : null;

    private static IResult BadName() => Problem.Of(
        StatusCodes.Status400BadRequest, $"A workspace's name has 1 to {Workspace.MaxNameLength} characters on one line. Choose another name.");
}
