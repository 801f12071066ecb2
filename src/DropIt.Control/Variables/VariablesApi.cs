using DropIt.Control.Access;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Workspaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Variables;

/// <summary><c>GET /api/workspaces/{slug}/variables</c>.</summary>
internal sealed record VariablesAnswer(long Version, IReadOnlyList<VariableAnswer> Variables);

/// <summary>A variable; <paramref name="Value"/> is null for a secret, and for one that is not <paramref name="Readable"/>: the key is gone, it is to be set again.</summary>
internal sealed record VariableAnswer(string Name, bool Secret, string? Value, bool Readable);

/// <summary><c>PUT /api/workspaces/{slug}/variables/{name}</c>.</summary>
internal sealed record VariableRequest(string? Value, bool Secret);

/// <summary>A change, by the number that the runner says when it has it.</summary>
internal sealed record VariablesChangedAnswer(long Version);

/// <summary>Environment variables and secrets of a workspace. No answer holds the value of a secret.</summary>
internal static class VariablesApi
{
    public static void MapVariables(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/workspaces/{slug}/variables", ListAsync);
        routes.MapPut("/api/workspaces/{slug}/variables/{name}", SetAsync);
        routes.MapDelete("/api/workspaces/{slug}/variables/{name}", RemoveAsync);
    }

    private static async Task<IResult> ListAsync(WorkspaceAccess access, ControlDatabase database, VariableSeal seal, CancellationToken cancel)
    {
        var slug = access.Slug.Value;
        await using var context = await database.OpenAsync(cancel);
        var version = await context.Workspaces.Of(access).Select(w => w.Variables).FirstOrDefaultAsync(cancel);
        var rows = await context.Variables.AsNoTracking().Where(v => v.Slug == slug).OrderBy(v => v.Name).ToListAsync(cancel);
        return TypedResults.Ok(new VariablesAnswer(
            version,
            [.. rows.Select(v => (Row: v, Value: seal.Open(v))).Select(v => new VariableAnswer(v.Row.Name, v.Row.Secret, v.Row.Secret ? null : v.Value, v.Value is not null))]));
    }

    private static async Task<IResult> SetAsync(
        string name,
        VariableRequest request,
        WorkspaceAccess access,
        Actor actor,
        ControlDatabase database,
        VariableSeal seal,
        WorkspaceWatch watch,
        CancellationToken cancel)
    {
        if (Variable.Refusal(name, request.Value) is { } refusal)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, refusal);
        }

        var fresh = seal.Close(access.Slug, name, request.Value!, request.Secret);
        await using var context = await database.OpenAsync(cancel);
        await using var all = await context.Database.BeginTransactionAsync(cancel);
        if (await CountUpAsync(context, access, cancel) is not { } version)
        {
            return Problem.NoWorkspace(fresh.Slug);
        }

        var rows = await context.Variables.Where(v => v.Slug == fresh.Slug).Select(v => new { v.Name, v.Length }).ToListAsync(cancel);
        var others = rows.Where(v => v.Name != name).ToList();
        if (others.Count >= VariablesNotice.MaxCount || others.Sum(v => v.Length) + fresh.Length > VariablesNotice.MaxBytes)
        {
            return Problem.Of(
                StatusCodes.Status409Conflict,
                $"A workspace has at most {VariablesNotice.MaxCount} variables and secrets, of {VariablesNotice.MaxBytes / 1024} KiB in all. Remove one that is no longer needed, or keep large things in a file.");
        }

        context.Entry(fresh).State = others.Count < rows.Count ? EntityState.Modified : EntityState.Added;
        context.AuditEntries.Add(actor.Did(request.Secret ? Act.SecretSet : Act.VariableSet, fresh.Slug, name));
        await context.SaveChangesAsync(cancel);
        await all.CommitAsync(cancel);
        watch.Nudge();
        return TypedResults.Ok(new VariablesChangedAnswer(version));
    }

    private static async Task<IResult> RemoveAsync(
        string name, WorkspaceAccess access, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        var slug = access.Slug.Value;
        await using var context = await database.OpenAsync(cancel);
        await using var all = await context.Database.BeginTransactionAsync(cancel);
        if (await CountUpAsync(context, access, cancel) is not { } version)
        {
            return Problem.NoWorkspace(slug);
        }

        if (await context.NotedAsync(
                actor.Did(Act.VariableRemoved, slug, name),
                () => context.Variables.Where(v => v.Slug == slug && v.Name == name).ExecuteDeleteAsync(cancel),
                cancel) == 0)
        {
            return Problem.Of(StatusCodes.Status404NotFound, "There is no such variable (any more).");
        }

        await all.CommitAsync(cancel);
        watch.Nudge();
        return TypedResults.Ok(new VariablesChangedAnswer(version));
    }

    /// <summary>The first thing in a change: the workspace's row is held from then on, so two changes at once are counted one after the other. Null: it is gone.</summary>
    private static async Task<long?> CountUpAsync(ControlContext context, WorkspaceAccess access, CancellationToken cancel)
    {
        await context.Workspaces.Of(access).ExecuteUpdateAsync(s => s.SetProperty(w => w.Variables, w => w.Variables + 1), cancel);
        return await context.Workspaces.Of(access).Select(w => (long?)w.Variables).FirstOrDefaultAsync(cancel);
    }
}
