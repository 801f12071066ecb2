using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Admin;

/// <summary>
/// A workspace as admins see it: how it is, not what is in it. <paramref name="Because"/>: why it is awake, where that is known; <paramref name="Use"/>: what
/// it uses now, where it is awake and says so.
/// </summary>
internal sealed record AdminWorkspaceAnswer(
    string Slug,
    string Name,
    string Stack,
    string Owner,
    string? Team,
    string State,
    string? Message,
    string? Cause,
    string? Because,
    MachineUse? Use,
    DateTimeOffset UsedAt);

/// <summary>A thing that was said of a workspace.</summary>
internal sealed record EventAnswer(DateTimeOffset At, string State, string? Message);

/// <summary>How much a workspace holds in storage.</summary>
internal sealed record SizeAnswer(long Bytes, int Files);

/// <summary>Everyone's workspaces, for admins.</summary>
internal static class AdminApi
{
    public static void MapAdmin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/admin/workspaces", ListAsync);
        routes.MapGet("/api/admin/workspaces/{slug}/size", SizeAsync);
        routes.MapGet("/api/admin/workspaces/{slug}/events", EventsAsync);
        routes.MapPost("/api/admin/workspaces/{slug}/stop", StopAsync);
    }

    private static async Task<IResult> ListAsync(
        ControlDatabase database, WorkspaceWatch watch, AwakeReasons reasons, IWorkspaceUses uses, CancellationToken cancel)
    {
        var used = await uses.AskAsync(cancel);
        await using var context = await database.OpenAsync(cancel);
        var rows = await context.Workspaces.AsNoTracking().Where(w => w.Wanted != Wanted.Gone)
            .Join(context.Users, w => w.OwnerId, u => u.Id, (w, u) => new { Row = w, u.UserName, u.Name, Team = context.Teams.Where(t => t.Id == w.TeamId).Select(t => t.Name).FirstOrDefault() })
            .OrderByDescending(w => w.Row.UsedAt).ToListAsync(cancel);
        IReadOnlyList<AdminWorkspaceAnswer> answers =
        [
            .. rows.Select(w =>
            {
                var now = watch.Find(w.Row.Slug) ?? new WorkspaceStatus(w.Row.State, w.Row.Message);
                return new AdminWorkspaceAnswer(
                    w.Row.Slug,
                    w.Row.Name,
                    w.Row.Stack,
                    w.UserName ?? w.Name,
                    w.Team,
                    WorkspaceAnswer.NameOf(now.State),
                    now.Message,
                    now.Cause,
                    now.State == WorkspaceState.Awake ? reasons.Find(w.Row.Slug) : null,
                    now.State == WorkspaceState.Awake ? used.GetValueOrDefault(w.Row.Slug) : null,
                    w.Row.UsedAt);
            }),
        ];
        return TypedResults.Ok(answers);
    }

    private static async Task<IResult> SizeAsync(string slug, WorkspaceStore store, CancellationToken cancel)
    {
        if (!Slug.TryParse(slug, out var named))
        {
            return NoWorkspace(slug);
        }

        var listing = await store.ListAsync(named, cancel);
        return listing.Value is { } held
            ? TypedResults.Ok(new SizeAnswer(held.Bytes, held.Paths.Count))
            : Problem.Of(WorkspaceFilesApi.StatusOf(listing.Error), listing.Message);
    }

    private static async Task<IResult> EventsAsync(string slug, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        IReadOnlyList<EventAnswer> said = [.. watch.EventsOf(slug).Select(e => new EventAnswer(e.At, WorkspaceAnswer.NameOf(e.State), e.Message))];
        return await context.Workspaces.AnyAsync(w => w.Slug == slug && w.Wanted != Wanted.Gone, cancel) ? TypedResults.Ok(said) : NoWorkspace(slug);
    }

    private static async Task<IResult> StopAsync(string slug, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var found = await context.NotedAsync(
            actor.Did(Act.WorkspaceStopped, slug),
            () => context.Workspaces.Where(w => w.Slug == slug && w.Wanted != Wanted.Gone).ExecuteUpdateAsync(
                s => s.SetProperty(w => w.Wanted, Wanted.Asleep).SetProperty(w => w.Message, "Asleep: an admin of this server stopped it."), cancel),
            cancel);
        watch.Nudge();
        return found == 1 ? TypedResults.NoContent() : NoWorkspace(slug);
    }

    private static IResult NoWorkspace(string slug) =>
        Problem.Of(StatusCodes.Status404NotFound, $"Nobody has the workspace '{slug}' (any more). Load the page again.");
}
