using System.Buffers.Text;
using System.Security.Cryptography;
using DropIt.Control.Access;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Users;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Tickets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Sharing;

/// <summary><c>GET /api/workspaces/{slug}/people</c>: those besides the team, if it belongs to one.</summary>
internal sealed record PeopleAnswer(IReadOnlyList<MemberAnswer> People, IReadOnlyList<ShareLinkAnswer> Links, WorkspaceTeam? Team);

/// <summary>Someone in a workspace.</summary>
internal sealed record MemberAnswer(int Id, string? UserName, string Name, string Role, bool ByLink, DateTimeOffset? ExpiresAt);

/// <summary>A link; <paramref name="Address"/> only when it was just made.</summary>
internal sealed record ShareLinkAnswer(string Id, string Role, DateTimeOffset ExpiresAt, string? Address);

/// <summary><c>POST /api/workspaces/{slug}/people</c>.</summary>
internal sealed record MemberRequest(string? UserName, string? Role);

/// <summary><c>PATCH /api/workspaces/{slug}/people/{user}</c>.</summary>
internal sealed record MemberRoleRequest(string? Role);

/// <summary><c>POST /api/workspaces/{slug}/links</c>.</summary>
internal sealed record ShareLinkRequest(string? Role, int? Days);

/// <summary><c>POST /api/workspaces/{slug}/owner</c>.</summary>
internal sealed record OwnerRequest(string? UserName);

/// <summary>What joining by a link came to.</summary>
internal sealed record JoinedAnswer(string Slug);

/// <summary>Who else may use a workspace.</summary>
internal static class SharingApi
{
    // As many as a page can show and a person look after.
    private const int MaxMembers = 200;
    private const int MaxLinks = 20;
    private const int MaxDays = 365;

    public static void MapSharing(this IEndpointRouteBuilder routes)
    {
        var workspace = routes.MapGroup("/api/workspaces/{slug}");
        workspace.MapGet("/people", ListAsync);
        workspace.MapPost("/people", AddAsync);
        workspace.MapPatch("/people/{user:int}", ChangeAsync);
        workspace.MapDelete("/people/{user:int}", RemoveAsync);
        workspace.MapDelete("/membership", LeaveAsync);
        workspace.MapPost("/links", LinkAsync);
        workspace.MapDelete("/links/{id}", UnlinkAsync);
        workspace.MapPost("/owner", TransferAsync);
        routes.MapPost("/api/links/{token}", JoinAsync);
    }

    private static async Task<IResult> ListAsync(WorkspaceAccess access, ControlDatabase database, TimeProvider time, CancellationToken cancel)
    {
        var (slug, now) = (access.Slug.Value, time.GetUtcNow());
        await using var context = await database.OpenAsync(cancel);
        var owner = await context.Workspaces.Of(access).Where(w => w.TeamId == null).Join(context.Users, w => w.OwnerId, u => u.Id, (_, u) => u).ToListAsync(cancel);
        var team = await context.Workspaces.Of(access).Join(context.Teams, w => w.TeamId, t => t.Id, (_, t) => new WorkspaceTeam(t.Id, t.Name)).FirstOrDefaultAsync(cancel);
        var members = await context.Members
            .Where(m => m.Slug == slug && (m.ExpiresAt == null || m.ExpiresAt > now))
            .Join(context.Users, m => m.UserId, u => u.Id, (m, u) => new { m.Role, m.LinkId, m.ExpiresAt, u.Id, u.UserName, u.Name })
            .OrderBy(m => m.Id).ToListAsync(cancel);
        var links = await context.ShareLinks.AsNoTracking().Where(l => l.Slug == slug && l.ExpiresAt > now).OrderBy(l => l.ExpiresAt).ToListAsync(cancel);
        return TypedResults.Ok(new PeopleAnswer(
            [
                .. owner.Select(u => new MemberAnswer(u.Id, u.UserName, u.Name, NameOf(Role.Owner), false, null)),
                .. members.Select(m => new MemberAnswer(m.Id, m.UserName, m.Name, NameOf(m.Role), m.LinkId is not null, m.ExpiresAt)),
            ],
            [.. links.Select(l => new ShareLinkAnswer(l.Id, NameOf(l.Role), l.ExpiresAt, null))],
            team));
    }

    /// <summary>Makes someone a member, or changes what they are.</summary>
    private static async Task<IResult> AddAsync(
        MemberRequest request, WorkspaceAccess access, CurrentUser owner, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        if (RoleOf(request.Role) is not { } role)
        {
            return NoRole();
        }

        var slug = access.Slug.Value;
        await using var context = await database.OpenAsync(cancel);
        if (await context.NamedAsync(request.UserName, cancel) is not { Id: var user })
        {
            return UserRows.Nobody(request.UserName);
        }

        if (user == owner.Id)
        {
            return Problem.Of(StatusCodes.Status409Conflict, "The workspace is yours already.");
        }

        context.AuditEntries.Add(actor.Did(Act.Shared, slug, $"{request.UserName!.Trim().ToLowerInvariant()} as {NameOf(role)}"));
        if (await context.Members.FirstOrDefaultAsync(m => m.Slug == slug && m.UserId == user, cancel) is { } member)
        {
            var less = role < member.Role;
            (member.Role, member.LinkId, member.ExpiresAt) = (role, null, null);
            await context.SaveChangesAsync(cancel);
            if (less)
            {
                await context.RevokeAsync(watch, slug, cancel);
            }

            return TypedResults.NoContent();
        }

        if (await context.Members.CountAsync(m => m.Slug == slug, cancel) >= MaxMembers)
        {
            return Problem.Of(StatusCodes.Status409Conflict, $"A workspace has at most {MaxMembers} members. Remove some, or fork it.");
        }

        context.Members.Add(new Member { Slug = slug, UserId = user, Role = role });
        await context.SaveChangesAsync(cancel);
        return TypedResults.NoContent();
    }

    /// <summary>
    /// By number: a member may have no user name yet, and another person may have taken the one that a page still shows. Whoever came by a link stays as long
    /// as the link lets them.
    /// </summary>
    private static async Task<IResult> ChangeAsync(
        int user, MemberRoleRequest request, WorkspaceAccess access, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        if (RoleOf(request.Role) is not { } role)
        {
            return NoRole();
        }

        var slug = access.Slug.Value;
        await using var context = await database.OpenAsync(cancel);
        var who = await context.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == user, cancel);
        var was = await context.Members.Where(m => m.Slug == slug && m.UserId == user).Select(m => (Role?)m.Role).FirstOrDefaultAsync(cancel);
        if (await context.NotedAsync(
                actor.Did(Act.Shared, slug, $"{who?.Account} as {NameOf(role)}"),
                () => context.Members.Where(m => m.Slug == slug && m.UserId == user).ExecuteUpdateAsync(s => s.SetProperty(m => m.Role, role), cancel),
                cancel) == 0)
        {
            return NoMember();
        }

        if (role < was)
        {
            await context.RevokeAsync(watch, slug, cancel);
        }

        return TypedResults.NoContent();
    }

    private static Task<IResult> RemoveAsync(
        int user, WorkspaceAccess access, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel) =>
        EndAsync(user, access, actor, database, watch, cancel);

    private static Task<IResult> LeaveAsync(
        WorkspaceAccess access, CurrentUser user, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel) =>
        EndAsync(user.Id, access, actor, database, watch, cancel);

    private static async Task<IResult> EndAsync(
        int user, WorkspaceAccess access, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        var slug = access.Slug.Value;
        await using var context = await database.OpenAsync(cancel);
        var who = await context.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == user, cancel);
        if (await context.NotedAsync(
                user == actor.UserId ? actor.Did(Act.Left, slug) : actor.Did(Act.Unshared, slug, who?.Account),
                () => context.Members.Where(m => m.Slug == slug && m.UserId == user).ExecuteDeleteAsync(cancel),
                cancel) == 0)
        {
            return NoMember();
        }

        await context.RevokeAsync(watch, slug, cancel);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> LinkAsync(
        ShareLinkRequest request,
        WorkspaceAccess access,
        Actor actor,
        ControlDatabase database,
        ControlOptions options,
        TimeProvider time,
        CancellationToken cancel)
    {
        if (RoleOf(request.Role) is not { } role)
        {
            return NoRole();
        }

        if (request.Days is not (>= 1 and <= MaxDays))
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"A link is good for 1 to {MaxDays} days.");
        }

        var (slug, now, token) = (access.Slug.Value, time.GetUtcNow(), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)));
        await using var context = await database.OpenAsync(cancel);
        await context.ShareLinks.Where(l => l.ExpiresAt < now).ExecuteDeleteAsync(cancel);
        if (await context.ShareLinks.CountAsync(l => l.Slug == slug, cancel) >= MaxLinks)
        {
            return Problem.Of(StatusCodes.Status409Conflict, $"A workspace has at most {MaxLinks} links. Remove one that is no longer needed.");
        }

        var link = new ShareLink
        {
            Id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(9)),
            Hash = Sessions.Hash(token),
            Slug = slug,
            Role = role,
            ExpiresAt = now.AddDays(request.Days.Value),
        };
        context.ShareLinks.Add(link);
        context.AuditEntries.Add(actor.Did(Act.LinkMade, slug, NameOf(role)));
        await context.SaveChangesAsync(cancel);
        return TypedResults.Ok(new ShareLinkAnswer(link.Id, NameOf(role), link.ExpiresAt, $"{options.Origin}/join/{token}"));
    }

    /// <summary>Ends a link; whoever came by it goes.</summary>
    private static async Task<IResult> UnlinkAsync(
        string id, WorkspaceAccess access, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        var slug = access.Slug.Value;
        await using var context = await database.OpenAsync(cancel);
        if (await context.NotedAsync(
                actor.Did(Act.LinkEnded, slug),
                () => context.ShareLinks.Where(l => l.Slug == slug && l.Id == id).ExecuteDeleteAsync(cancel),
                cancel) == 0)
        {
            return Problem.Of(StatusCodes.Status404NotFound, "There is no such link (any more).");
        }

        if (await context.Members.Where(m => m.Slug == slug && m.LinkId == id).ExecuteDeleteAsync(cancel) > 0)
        {
            await context.RevokeAsync(watch, slug, cancel);
        }

        return TypedResults.NoContent();
    }

    /// <summary>Whoever has the token becomes a member, unless they are more already.</summary>
    private static async Task<IResult> JoinAsync(
        string token, CurrentUser user, Actor actor, ControlDatabase database, TimeProvider time, CancellationToken cancel)
    {
        var (hash, now) = (Sessions.Hash(token), time.GetUtcNow());
        await using var context = await database.OpenAsync(cancel);
        var link = await context.ShareLinks.AsNoTracking().FirstOrDefaultAsync(l => l.Hash == hash && l.ExpiresAt > now, cancel);
        if (link is null || !await context.Workspaces.AnyAsync(w => w.Slug == link.Slug && w.Wanted != Wanted.Gone, cancel))
        {
            return Problem.Of(StatusCodes.Status404NotFound, "This link leads nowhere (any more): its time is over, or it was taken back. Ask for another.");
        }

        var member = await context.Members.FirstOrDefaultAsync(m => m.Slug == link.Slug && m.UserId == user.Id, cancel);
        if (member?.LinkId == link.Id)
        {
            return TypedResults.Ok(new JoinedAnswer(link.Slug)); // made less by the owner since, they do not make themselves more again
        }

        var seen = await context.SeenBy(user.Id, now).FirstOrDefaultAsync(s => s.Row.Slug == link.Slug, cancel);
        if (seen is not null && seen.Role >= link.Role && (seen.Role != seen.Shared || member?.ExpiresAt is null || member.ExpiresAt >= link.ExpiresAt))
        {
            return TypedResults.Ok(new JoinedAnswer(link.Slug));
        }

        if (member is null)
        {
            if (await context.Members.CountAsync(m => m.Slug == link.Slug, cancel) >= MaxMembers)
            {
                return Problem.Of(StatusCodes.Status409Conflict, $"The workspace has its {MaxMembers} members already. Ask its owner.");
            }

            context.Members.Add(member = new Member { Slug = link.Slug, UserId = user.Id, Role = link.Role });
        }

        (member.Role, member.LinkId, member.ExpiresAt) = (link.Role, link.Id, link.ExpiresAt);
        context.AuditEntries.Add((actor with { Way = Way.Link }).Did(Act.LinkUsed, link.Slug, NameOf(link.Role)));
        await context.SaveChangesAsync(cancel);
        return TypedResults.Ok(new JoinedAnswer(link.Slug));
    }

    /// <summary>The workspace is someone else's from now on; who owned it stays as an editor.</summary>
    private static async Task<IResult> TransferAsync(
        OwnerRequest request,
        WorkspaceAccess access,
        CurrentUser owner,
        Actor actor,
        PersonalQuota quota,
        ControlDatabase database,
        WorkspaceWatch watch,
        CancellationToken cancel)
    {
        var slug = access.Slug.Value;
        await using var context = await database.OpenAsync(cancel);
        if (await context.NamedAsync(request.UserName, cancel) is not { Id: var user })
        {
            return UserRows.Nobody(request.UserName);
        }

        if (user == owner.Id)
        {
            return Problem.Of(StatusCodes.Status409Conflict, "The workspace is yours already.");
        }

        await using var all = await context.Database.BeginTransactionAsync(cancel);
        if (await context.Workspaces.Of(access).AnyAsync(w => w.TeamId != null, cancel))
        {
            return Problem.Of(StatusCodes.Status409Conflict, "The workspace belongs to a team. An admin of the team takes it out of the team first.");
        }

        if (await quota.RefusalAsync(context, user, cancel) is not null)
        {
            return Problem.Of(StatusCodes.Status409Conflict, "They have as many workspaces as they may. They delete one, or an admin of this server allows them more.");
        }

        await context.Members.Where(m => m.Slug == slug && m.UserId == user).ExecuteDeleteAsync(cancel);
        await context.Workspaces.Of(access).ExecuteUpdateAsync(s => s.SetProperty(w => w.OwnerId, user), cancel);
        context.Members.Add(new Member { Slug = slug, UserId = owner.Id, Role = Role.Editor });
        context.AuditEntries.Add(actor.Did(Act.OwnerChanged, slug, request.UserName!.Trim().ToLowerInvariant()));
        await context.SaveChangesAsync(cancel);
        await all.CommitAsync(cancel);
        await context.RevokeAsync(watch, slug, cancel);
        return TypedResults.NoContent();
    }

    private static Role? RoleOf(string? name) => name switch
    {
        "viewer" => Role.Viewer,
        "editor" => Role.Editor,
        _ => null,
    };

    private static string NameOf(Role role) => role.ToString().ToLowerInvariant();

    private static IResult NoMember() => Problem.Of(
        StatusCodes.Status404NotFound, "They are no member of this workspace. An owner hands it over or deletes it; who is in its team leaves the team.");

    private static IResult NoRole() => Problem.Of(StatusCodes.Status400BadRequest, "Others are viewer or editor. Choose one of these.");
}
