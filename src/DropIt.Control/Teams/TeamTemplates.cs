using DropIt.Control.Access;
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

namespace DropIt.Control.Teams;

/// <summary>A template of a team; <paramref name="LeftOut"/>: what of the workspace is not in it, when it was just made.</summary>
internal sealed record TeamTemplateAnswer(
    string Id, string Name, string Description, string Stack, long Bytes, DateTimeOffset CreatedAt, IReadOnlyList<string>? LeftOut = null)
{
    public static TeamTemplateAnswer Of(TeamTemplate row) => new(row.Slug, row.Name, row.Description, row.Stack, row.Bytes, row.CreatedAt);
}

/// <summary><c>POST /api/teams/{team}/templates</c>; <paramref name="Workspace"/> is a slug.</summary>
internal sealed record NewTemplateRequest(string? Workspace, string? Name, string? Description);

/// <summary><c>PATCH /api/teams/{team}/templates/{id}</c>: what is left out stays.</summary>
internal sealed record TemplateRequest(string? Name, string? Description);

/// <summary>What workspaces of a team can start with besides the stacks.</summary>
internal static class TeamTemplates
{
    // What a person finds something in.
    private const int MaxTemplates = 20;

    // A start, not an archive: creating from it makes each workspace of this size.
    private const long MaxBytes = 256L * 1024 * 1024;
    private const int MaxFiles = 20_000;

    // So many are named in the answer.
    private const int MaxNamed = 20;

    public static void MapTeamTemplates(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/teams/{team}/templates", MakeAsync);
        routes.MapPatch("/api/teams/{team}/templates/{id}", ChangeAsync);
        routes.MapDelete("/api/teams/{team}/templates/{id}", RemoveAsync);
    }

    /// <summary>
    /// Whether a path is not for others to start with: what is rebuilt, the history of git with its remotes, and files that by their name hold secrets.
    /// </summary>
    public static bool LeavesOut(string path)
    {
        var names = path.Split('/');
        var name = names[^1];
        return names.Any(folder => folder is ".git" or "node_modules" or ".venv" or "__pycache__" or ".cache")
            || name is ".npmrc" or ".netrc" or ".pypirc" or "id_rsa" or "id_ed25519"
            || name.EndsWith(".pem", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".pfx", StringComparison.OrdinalIgnoreCase)
            || (name is ".env" || name.StartsWith(".env.", StringComparison.Ordinal)) && name is not (".env.example" or ".env.sample" or ".env.template");
    }

    /// <summary>All of a team, as its page lists them.</summary>
    public static async Task<IReadOnlyList<TeamTemplateAnswer>> ListAsync(ControlContext context, int team, CancellationToken cancel) =>
        [.. (await context.TeamTemplates.AsNoTracking().Where(t => t.TeamId == team).OrderBy(t => t.Name).ToListAsync(cancel)).Select(TeamTemplateAnswer.Of)];

    private static async Task<IResult> MakeAsync(
        NewTemplateRequest request,
        TeamAccess access,
        Actor actor,
        WorkspaceStore store,
        ControlDatabase database,
        TimeProvider time,
        CancellationToken cancel)
    {
        var (name, description) = (TeamsApi.NameOf(request.Name), DescriptionOf(request.Description ?? ""));
        if (name is null || description is null)
        {
            return BadWords();
        }

        await using var context = await database.OpenAsync(cancel);
        var source = await context.Workspaces.AsNoTracking()
            .FirstOrDefaultAsync(w => w.Slug == request.Workspace && w.TeamId == access.Id && w.Wanted != Wanted.Gone, cancel);
        if (source is null || !Slug.TryParse(source.Slug, out var from))
        {
            return Problem.Of(StatusCodes.Status404NotFound, "A template is made of a workspace of the team, and this is none (any more). Move it into the team first.");
        }

        // Everything that was shown as safe belongs into it.
        try
        {
            await store.SettledAsync(from, cancel);
        }
        catch (TimeoutException e)
        {
            return Problem.Of(StatusCodes.Status503ServiceUnavailable, e.Message);
        }

        var listing = await store.ListAsync(from, cancel);
        if (listing.Value is not { } held)
        {
            return Problem.Of(WorkspaceFilesApi.StatusOf(listing.Error), listing.Message);
        }

        var taken = held.Paths.Where(path => !LeavesOut(path.Path)).ToList();
        var bytes = taken.Sum(path => path.Size);
        if (taken.Count > MaxFiles || bytes > MaxBytes)
        {
            return Problem.Of(
                StatusCodes.Status409Conflict,
                $"A template has at most {MaxFiles} files of {MaxBytes / 1024 / 1024} MiB together; this has {taken.Count} of {bytes / 1024 / 1024} MiB. Delete what others need not start with.");
        }

        var slug = Slug.Fresh();
        if (await store.CopyAsync(from, slug, LeavesOut, cancel) is { Succeeded: false } failed)
        {
            return Problem.Of(WorkspaceFilesApi.StatusOf(failed.Error), failed.Message);
        }

        var row = new TeamTemplate
        {
            Slug = slug.Value,
            TeamId = access.Id,
            Name = name,
            Description = description,
            Stack = source.Stack,
            Bytes = bytes,
            CreatedAt = time.GetUtcNow(),
        };
        var kept = false;
        try
        {
            await using var all = await context.Database.BeginTransactionAsync(cancel);
            var refusal = await TeamQuota.StorageRefusalAsync(context, access.Id, bytes, cancel)
                ?? (await context.TeamTemplates.CountAsync(t => t.TeamId == access.Id, cancel) >= MaxTemplates
                    ? $"A team has at most {MaxTemplates} templates. Remove one that nobody needs."
                    : null);
            if (refusal is not null)
            {
                return Problem.Of(StatusCodes.Status409Conflict, refusal);
            }

            context.TeamTemplates.Add(row);
            context.AuditEntries.Add(actor.Did(Act.TemplateMade, source.Slug, $"{name} of {access.Name}"));
            await context.SaveChangesAsync(cancel);
            kept = true; // a commit that is cut off may have been one
            await all.CommitAsync(CancellationToken.None);
        }
        finally
        {
            // Nobody would find them to remove them.
            if (!kept)
            {
                await store.DeleteAsync(slug, CancellationToken.None);
            }
        }

        return TypedResults.Created(
            $"/api/teams/{access.Id}/templates/{slug}",
            TeamTemplateAnswer.Of(row) with { LeftOut = [.. held.Paths.Where(path => LeavesOut(path.Path)).Select(path => path.Path).Take(MaxNamed)] });
    }

    private static async Task<IResult> ChangeAsync(
        string id, TemplateRequest request, TeamAccess access, Actor actor, ControlDatabase database, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        if (await context.TeamTemplates.AsNoTracking().FirstOrDefaultAsync(t => t.Slug == id && t.TeamId == access.Id, cancel) is not { } row)
        {
            return NoTemplate();
        }

        if (TeamsApi.NameOf(request.Name ?? row.Name) is not { } name || DescriptionOf(request.Description ?? row.Description) is not { } description)
        {
            return BadWords();
        }

        (row.Name, row.Description) = (name, description);
        return await context.NotedAsync(
            actor.Did(Act.TemplateChanged, about: $"{name} of {access.Name}"),
            () => context.TeamTemplates.Where(t => t.Slug == id)
                .ExecuteUpdateAsync(s => s.SetProperty(t => t.Name, name).SetProperty(t => t.Description, description), cancel),
            cancel) == 1 ? TypedResults.Ok(TeamTemplateAnswer.Of(row)) : NoTemplate();
    }

    /// <summary>Workspaces that started with it keep what they have.</summary>
    private static async Task<IResult> RemoveAsync(
        string id, TeamAccess access, Actor actor, WorkspaceStore store, ControlDatabase database, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        if (await context.TeamTemplates.AsNoTracking().FirstOrDefaultAsync(t => t.Slug == id && t.TeamId == access.Id, cancel) is not { } row || !Slug.TryParse(id, out var slug))
        {
            return NoTemplate();
        }

        // The files first: a row without them can be removed once more, files without a row by nobody.
        await store.DeleteAsync(slug, cancel);
        return await context.NotedAsync(
            actor.Did(Act.TemplateRemoved, about: $"{row.Name} of {access.Name}"),
            () => context.TeamTemplates.Where(t => t.Slug == id).ExecuteDeleteAsync(cancel),
            cancel) == 1 ? TypedResults.NoContent() : NoTemplate();
    }

    private static string? DescriptionOf(string text) =>
        text.Trim() is { Length: <= TeamTemplate.MaxDescriptionLength } line && !line.Any(char.IsControl) ? line : null;

    private static IResult BadWords() => Problem.Of(
        StatusCodes.Status400BadRequest,
        $"A template's name has 1 to {Team.MaxNameLength} characters on one line, its description at most {TeamTemplate.MaxDescriptionLength}. Choose other words.");

    /// <summary>The answer when a team has no such template.</summary>
    public static IResult NoTemplate() => Problem.Of(StatusCodes.Status404NotFound, "The team has no such template (any more). Load the page again.");
}
