using DropIt.Control.Access;
using DropIt.Control.Accounts;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Sharing;
using DropIt.Control.Users;
using DropIt.Control.Workspaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Teams;

/// <summary>A team of <c>GET /api/teams</c>; <paramref name="Role"/>: <c>admin</c> or <c>member</c>.</summary>
internal sealed record TeamAnswer(int Id, string Name, string Role, int Members, int Workspaces);

/// <summary>Someone in a team.</summary>
internal sealed record TeamMemberAnswer(int Id, string? UserName, string Name, string Role);

/// <summary><c>GET /api/teams/{team}</c>.</summary>
internal sealed record TeamPageAnswer(int Id, string Name, string Role, IReadOnlyList<TeamMemberAnswer> Members, TeamQuotaAnswer Quota, IReadOnlyList<TeamTemplateAnswer> Templates);

/// <summary><c>POST /api/teams</c> and <c>PATCH /api/teams/{team}</c>.</summary>
internal sealed record TeamRequest(string? Name);

/// <summary><c>POST /api/teams/{team}/members</c>; the role is <c>admin</c> or <c>member</c>.</summary>
internal sealed record TeamMemberRequest(string? UserName, string? Role);

/// <summary><c>PATCH /api/teams/{team}/members/{user}</c>; the role is <c>admin</c> or <c>member</c>.</summary>
internal sealed record TeamRoleRequest(string? Role);

/// <summary>Teams and who is in them.</summary>
internal static class TeamsApi
{
    // As many as a page can show and a person look after.
    private const int MaxMembers = 200;

    // More than anyone looks after; each may have what a person may, so this bounds what one person gets by making teams.
    private const int MaxAdministered = 10;

    // What the admin page shows.
    private const int MaxTeams = 1000;

    public static void MapTeams(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/teams", ListAsync);
        routes.MapPost("/api/teams", MakeAsync);
        routes.MapGet("/api/teams/{team}", GetAsync);
        routes.MapPatch("/api/teams/{team}", RenameAsync);
        routes.MapDelete("/api/teams/{team}", DeleteAsync);
        var team = routes.MapGroup("/api/teams/{team}");
        team.MapPost("/members", AddAsync);
        team.MapPatch("/members/{user:int}", ChangeAsync);
        team.MapDelete("/members/{user:int}", RemoveAsync);
        team.MapDelete("/membership", LeaveAsync);
    }

    /// <summary>A name as it is kept; null when it is none.</summary>
    public static string? NameOf(string? name) =>
        name?.Trim() is { Length: > 0 and <= Team.MaxNameLength } text && !text.Any(char.IsControl) ? text : null;

    /// <summary>Whether a user may make teams.</summary>
    public static bool MayMake(CurrentUser user, ControlOptions options) =>
        options.Accounts is { } accounts && (user.Admin || accounts.Teams == TeamMakers.Everyone);

    /// <summary>Whoever else counts for the same team waits until the transaction ends: its row is written as it is. False when there is none any more.</summary>
    public static async Task<bool> HoldAsync(this ControlContext context, int team, CancellationToken cancel) =>
        await context.Teams.Where(t => t.Id == team).ExecuteUpdateAsync(s => s.SetProperty(t => t.Name, t => t.Name), cancel) == 1;

    private static async Task<IResult> ListAsync(CurrentUser user, ControlDatabase database, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var teams = await context.TeamMembers.Where(m => m.UserId == user.Id)
            .Join(context.Teams, m => m.TeamId, t => t.Id, (m, t) => new
            {
                t.Id,
                t.Name,
                m.Admin,
                Members = context.TeamMembers.Count(o => o.TeamId == t.Id),
                Workspaces = context.Workspaces.Count(w => w.TeamId == t.Id && w.Wanted != Wanted.Gone),
            })
            .OrderBy(t => t.Name).ThenBy(t => t.Id).ToListAsync(cancel);
        return TypedResults.Ok<IReadOnlyList<TeamAnswer>>([.. teams.Select(t => new TeamAnswer(t.Id, t.Name, RoleName(t.Admin), t.Members, t.Workspaces))]);
    }

    private static async Task<IResult> MakeAsync(
        TeamRequest request, CurrentUser user, Actor actor, ControlDatabase database, ControlOptions options, TimeProvider time, CancellationToken cancel)
    {
        if (!MayMake(user, options))
        {
            return Problem.Of(StatusCodes.Status403Forbidden, "Only admins of this server make teams here. Ask one of them.");
        }

        if (NameOf(request.Name) is not { } name)
        {
            return BadName();
        }

        await using var context = await database.OpenAsync(cancel);
        await using var all = await context.Database.BeginTransactionAsync(cancel);
        await context.HoldUserAsync(user.Id, cancel);
        if (await context.TeamMembers.CountAsync(m => m.UserId == user.Id && m.Admin, cancel) >= MaxAdministered)
        {
            return Problem.Of(StatusCodes.Status409Conflict, $"A person looks after at most {MaxAdministered} teams. Delete one, or let someone else be its admin.");
        }

        if (await context.Teams.CountAsync(cancel) >= MaxTeams)
        {
            return Problem.Of(StatusCodes.Status409Conflict, $"This server already has {MaxTeams} teams, the most it takes.");
        }

        var team = new Team { Name = name, CreatedAt = time.GetUtcNow() };
        context.Teams.Add(team);
        await context.SaveChangesAsync(cancel);
        context.TeamMembers.Add(new TeamMember { TeamId = team.Id, UserId = user.Id, Admin = true });
        context.AuditEntries.Add(actor.Did(Act.TeamMade, about: name));
        await context.SaveChangesAsync(cancel);
        await all.CommitAsync(cancel);
        return TypedResults.Created($"/api/teams/{team.Id}", new TeamAnswer(team.Id, name, RoleName(true), 1, 0));
    }

    private static async Task<IResult> GetAsync(TeamAccess access, ControlDatabase database, TeamQuota quota, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var members = await context.TeamMembers.Where(m => m.TeamId == access.Id)
            .Join(context.Users, m => m.UserId, u => u.Id, (m, u) => new { u.Id, u.UserName, u.Name, m.Admin })
            .OrderBy(m => m.Id).ToListAsync(cancel);
        var team = await context.Teams.AsNoTracking().Where(t => t.Id == access.Id).ToListAsync(cancel);
        return (await quota.LookAsync(context, team, cancel)).TryGetValue(access.Id, out var looked)
            ? TypedResults.Ok(new TeamPageAnswer(
                access.Id,
                access.Name,
                RoleName(access.Admin),
                [.. members.Select(m => new TeamMemberAnswer(m.Id, m.UserName, m.Name, RoleName(m.Admin)))],
                looked,
                await TeamTemplates.ListAsync(context, access.Id, cancel)))
            : Problem.NoTeam();
    }

    private static async Task<IResult> RenameAsync(TeamRequest request, TeamAccess access, Actor actor, ControlDatabase database, CancellationToken cancel)
    {
        if (NameOf(request.Name) is not { } name)
        {
            return BadName();
        }

        await using var context = await database.OpenAsync(cancel);
        return await context.NotedAsync(
            actor.Did(Act.TeamRenamed, about: $"{access.Name} to {name}"),
            () => context.Teams.Where(t => t.Id == access.Id).ExecuteUpdateAsync(s => s.SetProperty(t => t.Name, name), cancel),
            cancel) == 1 ? TypedResults.NoContent() : Problem.NoTeam();
    }

    /// <summary>What belongs to it goes first, one by one: nobody loses workspaces by one press.</summary>
    private static async Task<IResult> DeleteAsync(TeamAccess access, Actor actor, ControlDatabase database, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        await using var all = await context.Database.BeginTransactionAsync(cancel);
        if (!await context.HoldAsync(access.Id, cancel))
        {
            return Problem.NoTeam();
        }

        var left = await context.Workspaces.CountAsync(w => w.TeamId == access.Id && w.Wanted != Wanted.Gone, cancel)
            + await context.TeamTemplates.CountAsync(t => t.TeamId == access.Id, cancel);
        if (left > 0)
        {
            return Problem.Of(StatusCodes.Status409Conflict, $"The team still has workspaces or templates ({left}). Delete them, or move the workspaces out of it first.");
        }

        await context.NotedAsync(
            actor.Did(Act.TeamDeleted, about: access.Name), () => context.Teams.Where(t => t.Id == access.Id).ExecuteDeleteAsync(cancel), cancel);
        await all.CommitAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>Makes someone a member, or changes what they are.</summary>
    private static async Task<IResult> AddAsync(
        TeamMemberRequest request, TeamAccess access, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        return await context.NamedAsync(request.UserName, cancel) is { } user
            ? await SetAsync(context, user, request.Role, mayAdd: true, access, actor, watch, cancel)
            : UserRows.Nobody(request.UserName);
    }

    /// <summary>By number: a member may have no user name yet, and another person may have taken the one that a page still shows.</summary>
    private static async Task<IResult> ChangeAsync(
        int user, TeamRoleRequest request, TeamAccess access, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        return await context.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == user, cancel) is { } who
            ? await SetAsync(context, who, request.Role, mayAdd: false, access, actor, watch, cancel)
            : NotIn();
    }

    private static async Task<IResult> SetAsync(
        ControlContext context, User user, string? role, bool mayAdd, TeamAccess access, Actor actor, WorkspaceWatch watch, CancellationToken cancel)
    {
        if (role is not ("admin" or "member"))
        {
            return Problem.Of(StatusCodes.Status400BadRequest, "People of a team are admin or member. Choose one of these.");
        }

        var admin = role == "admin";
        await using var all = await context.Database.BeginTransactionAsync(cancel);
        if (!await context.HoldAsync(access.Id, cancel))
        {
            return Problem.NoTeam();
        }

        var member = await context.TeamMembers.FirstOrDefaultAsync(m => m.TeamId == access.Id && m.UserId == user.Id, cancel);
        if (member is null && !mayAdd)
        {
            return NotIn();
        }

        if (member is { Admin: true } && !admin && await IsLastAdminAsync(context, access.Id, user.Id, cancel))
        {
            return LastAdmin();
        }

        if (member is null && await context.TeamMembers.CountAsync(m => m.TeamId == access.Id, cancel) >= MaxMembers)
        {
            return Problem.Of(StatusCodes.Status409Conflict, $"A team has at most {MaxMembers} members. Remove some first.");
        }

        var less = member is { Admin: true } && !admin;
        if (member is null)
        {
            context.TeamMembers.Add(new TeamMember { TeamId = access.Id, UserId = user.Id, Admin = admin });
        }
        else
        {
            member.Admin = admin;
        }

        context.AuditEntries.Add(actor.Did(Act.TeamMemberSet, about: $"{user.Account} as {role} of {access.Name}"));
        await context.SaveChangesAsync(cancel);
        if (less)
        {
            await context.RevokeTeamAsync(watch, access.Id, cancel);
        }

        await all.CommitAsync(cancel);
        watch.Nudge();
        return TypedResults.NoContent();
    }

    private static Task<IResult> RemoveAsync(
        int user, TeamAccess access, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel) =>
        EndAsync(user, access, actor, database, watch, cancel);

    private static Task<IResult> LeaveAsync(
        TeamAccess access, CurrentUser user, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel) =>
        EndAsync(user.Id, access, actor, database, watch, cancel);

    /// <summary>They lose all of the team's workspaces, those that they made and those that were shared with them besides.</summary>
    private static async Task<IResult> EndAsync(
        int user, TeamAccess access, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        await using var all = await context.Database.BeginTransactionAsync(cancel);
        if (!await context.HoldAsync(access.Id, cancel))
        {
            return Problem.NoTeam();
        }

        var who = await context.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == user, cancel);
        var member = await context.TeamMembers.AsNoTracking().FirstOrDefaultAsync(m => m.TeamId == access.Id && m.UserId == user, cancel);
        if (who is null || member is null)
        {
            return NotIn();
        }

        if (member.Admin && await IsLastAdminAsync(context, access.Id, user, cancel))
        {
            return LastAdmin();
        }

        await context.TeamMembers.Where(m => m.TeamId == access.Id && m.UserId == user).ExecuteDeleteAsync(cancel);
        await context.Members.Where(m => m.UserId == user && context.Workspaces.Any(w => w.Slug == m.Slug && w.TeamId == access.Id)).ExecuteDeleteAsync(cancel);
        context.AuditEntries.Add(user == actor.UserId
            ? actor.Did(Act.TeamLeft, about: access.Name)
            : actor.Did(Act.TeamMemberRemoved, about: $"{who.Account} from {access.Name}"));
        await context.SaveChangesAsync(cancel);
        await context.RevokeTeamAsync(watch, access.Id, cancel);
        await all.CommitAsync(cancel);
        watch.Nudge();
        return TypedResults.NoContent();
    }

    /// <summary>Whether nobody else could look after the team; an account that is disabled cannot.</summary>
    private static async Task<bool> IsLastAdminAsync(ControlContext context, int team, int user, CancellationToken cancel) =>
        !await context.TeamMembers.AnyAsync(m => m.TeamId == team && m.Admin && m.UserId != user && context.Users.Any(u => u.Id == m.UserId && !u.Disabled), cancel);

    private static IResult NotIn() => Problem.Of(StatusCodes.Status404NotFound, "They are not in this team (any more).");

    private static string RoleName(bool admin) => admin ? "admin" : "member";

    private static IResult LastAdmin() => Problem.Of(
        StatusCodes.Status409Conflict, "A team has at least one admin. Make someone else an admin first, or delete the team.");

    private static IResult BadName() => Problem.Of(
        StatusCodes.Status400BadRequest, $"A team's name has 1 to {Team.MaxNameLength} characters on one line. Choose another name.");
}
