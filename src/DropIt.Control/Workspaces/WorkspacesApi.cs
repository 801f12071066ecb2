using DropIt.Control.Access;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Stacks;
using DropIt.Control.Teams;
using DropIt.Control.Users;
using DropIt.Control.Variables;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Workspaces;

/// <summary>Making, listing, naming and deleting workspaces.</summary>
internal static class WorkspacesApi
{
    private const string ForkMark = " (fork)";

    public static void MapWorkspaces(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/workspaces", ListAsync);
        routes.MapPost("/api/workspaces", CreateAsync);
        routes.MapGet("/api/workspaces/{slug}", GetAsync);
        routes.MapPatch("/api/workspaces/{slug}", ChangeAsync);
        routes.MapDelete("/api/workspaces/{slug}", DeleteAsync);
        routes.MapPost("/api/workspaces/{slug}/fork", ForkAsync);
    }

    private static async Task<IResult> ListAsync(
        CurrentUser user, ControlDatabase database, WorkspaceWatch watch, TimeProvider time, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var seen = await context.SeenBy(user.Id, time.GetUtcNow()).OrderByDescending(s => s.Row.UsedAt).ToListAsync(cancel);
        IReadOnlyList<WorkspaceAnswer> answers = [.. seen.Select(s => WorkspaceAnswer.Of(s, watch.Find(s.Row.Slug)))];
        return TypedResults.Ok(answers);
    }

    private static async Task<IResult> GetAsync(
        WorkspaceAccess access, CurrentUser user, ControlDatabase database, WorkspaceWatch watch, TimeProvider time, CancellationToken cancel)
    {
        var slug = access.Slug.Value;
        await using var context = await database.OpenAsync(cancel);
        return await context.SeenBy(user.Id, time.GetUtcNow()).FirstOrDefaultAsync(s => s.Row.Slug == slug, cancel) is { } seen
            ? TypedResults.Ok(WorkspaceAnswer.Of(seen, watch.Find(slug)))
            : Problem.NoWorkspace(access.Slug.Value);
    }

    private static async Task<IResult> CreateAsync(
        CreateRequest request,
        CurrentUser user,
        Actor actor,
        StackGallery gallery,
        WorkspaceStore store,
        ControlDatabase database,
        WorkspaceRegister register,
        CancellationToken cancel)
    {
        var (team, noTeam) = await TeamAccess.NamedAsync(database, request.Team, user, cancel);
        if (noTeam is not null)
        {
            return noTeam;
        }

        var (origin, problem) = request.Template is null
            ? FromStack(request.Stack, gallery, store)
            : await FromTemplateAsync(request.Template, team, database, store, cancel);
        if (origin is null)
        {
            return problem!;
        }

        if (WorkspaceRegister.NameOf(request.Name ?? origin.Name) is not { } name)
        {
            return BadName();
        }

        var whose = new Belonging(user.Id, team?.Id);
        if (await register.RefusalAsync(whose, cancel) is { } refusal)
        {
            return Problem.Of(StatusCodes.Status409Conflict, refusal);
        }

        var slug = Slug.Fresh();
        if (await origin.MakeAsync(slug, cancel) is { Succeeded: false } failed)
        {
            return Problem.Of(WorkspaceFilesApi.StatusOf(failed.Error), failed.Message);
        }

        var (row, full) = await register.AddAsync(slug, whose, name, origin.Stack, actor.Did(Act.WorkspaceCreated, slug.Value, name), [], cancel);
        return row is null
            ? Problem.Of(StatusCodes.Status409Conflict, full!)
            : TypedResults.Created($"/api/workspaces/{slug}", WorkspaceAnswer.Of(row, null, team: team?.Name));
    }

    /// <summary>What a new workspace starts with.</summary>
    private sealed record Origin(string Stack, string Name, Func<Slug, CancellationToken, Task<StorageResult>> MakeAsync);

    private static (Origin? Origin, IResult? Problem) FromStack(string? stack, StackGallery gallery, WorkspaceStore store) => gallery.Find(stack ?? "") switch
    {
        null => (null, Problem.Of(StatusCodes.Status400BadRequest, $"There is no stack '{stack}'. GET /api/stacks lists those that exist.")),
        { Stack.Error: { } error } => (null, Problem.Of(StatusCodes.Status409Conflict, error)),
        var (found, folder) => (new Origin(found.Id, found.Name, (slug, cancel) => store.CreateAsync(slug, folder, cancel)), null),
    };

    private static async Task<(Origin? Origin, IResult? Problem)> FromTemplateAsync(
        string id, TeamAccess? team, ControlDatabase database, WorkspaceStore store, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        return team is not null
            && Slug.TryParse(id, out var template)
            && await context.TeamTemplates.AsNoTracking().FirstOrDefaultAsync(t => t.Slug == id && t.TeamId == team.Id, cancel) is { } row
            ? (new Origin(row.Stack, row.Name, (slug, stop) => store.CreateAsync(slug, template, stop)), null)
            : (null, TeamTemplates.NoTemplate());
    }

    /// <summary>A second workspace with what the first holds: one small write, since both read the same packs.</summary>
    private static async Task<IResult> ForkAsync(
        WorkspaceAccess access,
        ForkRequest request,
        CurrentUser user,
        Actor actor,
        WorkspaceStore store,
        ControlDatabase database,
        VariableSeal seal,
        WorkspaceRegister register,
        CancellationToken cancel)
    {
        var (team, noTeam) = await TeamAccess.NamedAsync(database, request.Team, user, cancel);
        if (noTeam is not null)
        {
            return noTeam;
        }

        await using var context = await database.OpenAsync(cancel);
        if (await context.Workspaces.AsNoTracking().Of(access).FirstOrDefaultAsync(cancel) is not { } source)
        {
            return Problem.NoWorkspace(access.Slug.Value);
        }

        if (WorkspaceRegister.NameOf(request.Name ?? ForkName(source.Name)) is not { } name)
        {
            return BadName();
        }

        var whose = new Belonging(user.Id, team?.Id);
        if (await register.RefusalAsync(whose, cancel) is { } refusal)
        {
            return Problem.Of(StatusCodes.Status409Conflict, refusal);
        }

        // Everything that was shown as safe belongs into the fork.
        try
        {
            await store.SettledAsync(access.Slug, cancel);
        }
        catch (TimeoutException e)
        {
            return Problem.Of(StatusCodes.Status503ServiceUnavailable, e.Message);
        }

        var to = Slug.Fresh();
        if (await store.ForkAsync(access.Slug, to, cancel) is { Succeeded: false } failed)
        {
            return Problem.Of(WorkspaceFilesApi.StatusOf(failed.Error), failed.Message);
        }

        // Whoever may not read the variables must not get to read them in a workspace of their own.
        var variables = access.Role >= Role.Editor ? await context.Variables.PlainAsync(seal, access.Slug, to, cancel) : [];
        var (row, full) = await register.AddAsync(to, whose, name, source.Stack, actor.Did(Act.WorkspaceForked, to.Value, source.Slug), variables, cancel);
        return row is null
            ? Problem.Of(StatusCodes.Status409Conflict, full!)
            : TypedResults.Created($"/api/workspaces/{to}", WorkspaceAnswer.Of(row, null, team: team?.Name));
    }

    private static async Task<IResult> ChangeAsync(
        WorkspaceAccess access,
        ChangeRequest request,
        CurrentUser user,
        Actor actor,
        ControlDatabase database,
        ControlOptions options,
        WorkspaceWatch watch,
        TimeProvider time,
        CancellationToken cancel)
    {
        var name = WorkspaceRegister.NameOf(request.Name);
        if (name is null && (request.Name is not null || request.Sleeps is null))
        {
            return BadName();
        }

        SleepPolicy? sleeps = request.Sleeps switch
        {
            "whenLeft" => SleepPolicy.WhenLeft,
            "whenNothingRuns" => SleepPolicy.WhenNothingRuns,
            "never" => SleepPolicy.Never,
            _ => null,
        };
        if (sleeps is null && request.Sleeps is not null)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, "A workspace sleeps whenLeft, whenNothingRuns or never. Choose one of these.");
        }

        if (sleeps == SleepPolicy.Never && !options.Sleep.MayNever)
        {
            return Problem.Of(
                StatusCodes.Status409Conflict,
                "This server lets no workspace stay awake for ever. Choose that it stays awake while a program runs, or ask whoever runs the server.");
        }

        await using var context = await database.OpenAsync(cancel);
        if (await context.Workspaces.Of(access).FirstOrDefaultAsync(cancel) is not { } row)
        {
            return Problem.NoWorkspace(access.Slug.Value);
        }

        if (name is not null && name != row.Name)
        {
            row.Name = name;
            context.AuditEntries.Add(actor.Did(Act.WorkspaceRenamed, row.Slug, name));
        }

        row.Sleeps = sleeps ?? row.Sleeps;
        await context.SaveChangesAsync(cancel);
        return await GetAsync(access, user, database, watch, time, cancel);
    }

    /// <summary>Marks it deleted, which hides it; stopping the runner and removing files, store and row is the orchestrator's.</summary>
    private static async Task<IResult> DeleteAsync(
        WorkspaceAccess access, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var marked = await context.NotedAsync(
            actor.Did(Act.WorkspaceDeleted, access.Slug.Value),
            () => context.Workspaces.Of(access).ExecuteUpdateAsync(s => s.SetProperty(w => w.Wanted, Wanted.Gone), cancel),
            cancel);
        watch.Nudge();
        return marked == 1 ? TypedResults.NoContent() : Problem.NoWorkspace(access.Slug.Value);
    }

    private static string ForkName(string name) =>
        name.Length + ForkMark.Length <= Workspace.MaxNameLength ? name + ForkMark : name;

    /// <summary>The answer to a name that cannot be kept.</summary>
    public static IResult BadName() => Problem.Of(
        StatusCodes.Status400BadRequest, $"A workspace's name has 1 to {Workspace.MaxNameLength} characters on one line. Choose another name.");
}
