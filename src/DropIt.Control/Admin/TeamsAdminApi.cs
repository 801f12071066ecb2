using System.Globalization;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Teams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Admin;

/// <summary>A team as admins of the server see it; <paramref name="Set"/>: what they have set for it.</summary>
internal sealed record AdminTeamAnswer(int Id, string Name, IReadOnlyList<string> Admins, int Members, TeamQuotaAnswer Quota, TeamQuotaRequest Set);

/// <summary>
/// <c>PUT /api/admin/teams/{team}/quota</c>: null is what one person may have for the first two, and no bound for the others. <paramref name="Cores"/>: to
/// thousandths.
/// </summary>
internal sealed record TeamQuotaRequest(int? Workspaces, int? Awake, decimal? Cores, int? MemoryMegabytes, int? StorageMegabytes);

/// <summary>Everyone's teams, for admins of the server: what they may have, not what is in them.</summary>
internal static class TeamsAdminApi
{
    // As many as a server may hold; more than any machine has.
    private const int MaxWorkspaces = 1000;
    private const int MaxCores = 10_000;
    private const int MaxMegabytes = 1024 * 1024 * 1024;

    public static void MapTeamsAdmin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/admin/teams", ListAsync);
        routes.MapPut("/api/admin/teams/{id}/quota", SetAsync);
    }

    private static async Task<IResult> ListAsync(ControlDatabase database, TeamQuota quota, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var teams = await context.Teams.AsNoTracking().OrderBy(t => t.Name).ThenBy(t => t.Id).ToListAsync(cancel);
        var members = (await context.TeamMembers.Join(context.Users, m => m.UserId, u => u.Id, (m, u) => new { m.TeamId, m.Admin, Name = u.UserName ?? u.Name })
            .OrderBy(m => m.Name).ToListAsync(cancel)).ToLookup(m => m.TeamId);
        var looked = await quota.LookAsync(context, teams, cancel);
        return TypedResults.Ok<IReadOnlyList<AdminTeamAnswer>>(
        [
            .. teams.Select(t => new AdminTeamAnswer(
                t.Id, t.Name, [.. members[t.Id].Where(m => m.Admin).Select(m => m.Name)], members[t.Id].Count(), looked[t.Id], SetOf(t))),
        ]);
    }

    private static async Task<IResult> SetAsync(int id, TeamQuotaRequest request, Actor actor, ControlDatabase database, CancellationToken cancel)
    {
        if (request.Workspaces is < 0 or > MaxWorkspaces || request.Awake is < 0 or > MaxWorkspaces)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"A team may have 0 to {MaxWorkspaces} workspaces. Leave it empty for as many as one person.");
        }

        if (request.Cores is < 0 or > MaxCores || request.MemoryMegabytes is < 0 or > MaxMegabytes || request.StorageMegabytes is < 0 or > MaxMegabytes)
        {
            return Problem.Of(
                StatusCodes.Status400BadRequest, $"A team may have 0 to {MaxCores} cores, and 0 to {MaxMegabytes} MiB of memory and of storage. Leave it empty for no bound.");
        }

        await using var context = await database.OpenAsync(cancel);
        if (await context.Teams.FirstOrDefaultAsync(t => t.Id == id, cancel) is not { } team)
        {
            return Problem.Of(StatusCodes.Status404NotFound, "There is no such team (any more). Load the page again.");
        }

        (team.MaxWorkspaces, team.MaxAwake) = (request.Workspaces, request.Awake);
        (team.MaxMillicores, team.MaxMemoryMegabytes, team.MaxStorageMegabytes) = ((int?)(request.Cores * 1000), request.MemoryMegabytes, request.StorageMegabytes);
        context.AuditEntries.Add(actor.Did(Act.TeamQuotaSet, about: $"{team.Name}: {Words(SetOf(team))}"));
        await context.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    private static TeamQuotaRequest SetOf(Team team) => new(
        team.MaxWorkspaces, team.MaxAwake, team.MaxMillicores / 1000m, team.MaxMemoryMegabytes, team.MaxStorageMegabytes);

    private static string Words(TeamQuotaRequest set)
    {
        string[] words =
        [
            .. Word(set.Workspaces, "workspaces"), .. Word(set.Awake, "awake"), .. Word(set.Cores, "cores"), .. Word(set.MemoryMegabytes, "MiB memory"),
            .. Word(set.StorageMegabytes, "MiB storage"),
        ];
        return words.Length == 0 ? "the usual" : string.Join(", ", words);

        static string[] Word(decimal? number, string what) =>
            number is { } n ? [string.Create(CultureInfo.InvariantCulture, $"{n:0.###} {what}")] : [];
    }
}
