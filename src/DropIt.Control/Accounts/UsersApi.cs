using System.Globalization;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Sharing;
using DropIt.Control.Users;
using DropIt.Control.Workspaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Accounts;

/// <summary>An account as admins see it.</summary>
internal sealed record UserAnswer(
    int Id, string? UserName, string Name, string? Email, bool Admin, bool Disabled, DateTimeOffset CreatedAt, int Workspaces, int Awake, int Browsers, int? MaxWorkspaces, int? MaxAwake);

/// <summary><c>POST /api/admin/users</c>.</summary>
internal sealed record NewUserRequest(string? UserName, string? Email);

/// <summary><c>PATCH /api/admin/users/{id}</c>: what is left out stays.</summary>
internal sealed record ChangeUserRequest(bool? Admin, bool? Disabled);

/// <summary><c>PUT /api/admin/users/{id}/quota</c>: null is what the operator says for everyone.</summary>
internal sealed record QuotaRequest(int? Workspaces, int? Awake);

/// <summary>An address that signs someone in once.</summary>
internal sealed record SignInAddressAnswer(string Address);

/// <summary><c>POST /api/admin/invitations</c>.</summary>
internal sealed record InvitationRequest(string? Note);

/// <summary>An open invitation; <paramref name="Address"/> only when it was just made.</summary>
internal sealed record InvitationAnswer(string Id, string Note, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, string? Address);

/// <summary>Everyone's accounts, for admins.</summary>
internal static class UsersApi
{
    // As many as a server may hold, and more than anyone needs.
    private const int MaxQuota = 1000;

    // What one page shows.
    private const int MaxListed = 1000;

    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/admin/users", ListAsync);
        routes.MapPost("/api/admin/users", AddAsync);
        routes.MapPatch("/api/admin/users/{id}", ChangeAsync);
        routes.MapPut("/api/admin/users/{id}/quota", SetQuotaAsync);
        routes.MapPost("/api/admin/users/{id}/signin", SignInAddressAsync);
        routes.MapGet("/api/admin/invitations", InvitationsAsync);
        routes.MapPost("/api/admin/invitations", InviteAsync);
        routes.MapDelete("/api/admin/invitations/{id}", UninviteAsync);
    }

    private static async Task<IResult> ListAsync(ControlDatabase database, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        IReadOnlyList<UserAnswer> users = await context.Users.AsNoTracking().OrderBy(u => u.Id).Take(MaxListed)
            .Select(u => new UserAnswer(
                u.Id,
                u.UserName,
                u.Name,
                u.Email,
                u.Admin,
                u.Disabled,
                u.CreatedAt,
                context.Workspaces.Count(w => w.OwnerId == u.Id && w.TeamId == null && w.Wanted != Wanted.Gone),
                context.Workspaces.Count(w => w.OwnerId == u.Id && w.TeamId == null && w.Wanted == Wanted.Awake),
                context.Sessions.Count(s => s.UserId == u.Id),
                u.MaxWorkspaces,
                u.MaxAwake))
            .ToListAsync(cancel);
        return TypedResults.Ok(users);
    }

    /// <summary>An account without a password: its user comes by the address, and sets one.</summary>
    private static async Task<IResult> AddAsync(
        NewUserRequest request, Actor actor, UserManager<User> users, ControlContext context, SignInTokens tokens, TimeProvider time, CancellationToken cancel)
    {
        var (userName, email) = (request.UserName?.Trim().ToLowerInvariant(), string.IsNullOrWhiteSpace(request.Email) ? null : request.Email.Trim());
        if (SigningInApi.RefusalOf(userName, email) is { } refusal)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, refusal);
        }

        var user = new User { Name = userName!, UserName = userName, Email = email, CreatedAt = time.GetUtcNow() };
        context.AuditEntries.Add(actor.Did(Act.AccountMade, about: userName));
        return await users.CreateAsync(user) is { Succeeded: false } failed
            ? SigningInApi.Of(failed)
            : TypedResults.Ok(new SignInAddressAnswer(await tokens.FreshAddressAsync(user.Id, cancel)));
    }

    private static async Task<IResult> ChangeAsync(
        int id, ChangeUserRequest request, CurrentUser current, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        if (id is User.LocalId || id == current.Id)
        {
            return Problem.Of(
                StatusCodes.Status409Conflict,
                id == current.Id ? "You cannot change that about your own account. Ask another admin." : "Whoever runs the server stays an admin.");
        }

        await using var context = await database.OpenAsync(cancel);
        if (await context.Users.FirstOrDefaultAsync(u => u.Id == id, cancel) is not { } user)
        {
            return NoUser();
        }

        if (request.Admin is { } admin && admin != user.Admin)
        {
            user.Admin = admin;
            context.AuditEntries.Add(actor.Did(admin ? Act.AdminMade : Act.AdminEnded, about: user.Account));
        }

        if (request.Disabled is { } disabled && disabled != user.Disabled)
        {
            user.Disabled = disabled;
            context.AuditEntries.Add(actor.Did(disabled ? Act.AccountDisabled : Act.AccountEnabled, about: user.Account));
        }

        await context.SaveChangesAsync(cancel);
        if (user.Disabled)
        {
            await context.Sessions.Where(s => s.UserId == id).ExecuteDeleteAsync(cancel);
            await context.RevokeAsync(watch, id, cancel);
        }

        return TypedResults.NoContent();
    }

    private static async Task<IResult> SetQuotaAsync(int id, QuotaRequest request, Actor actor, ControlDatabase database, CancellationToken cancel)
    {
        if (request.Workspaces is < 0 or > MaxQuota || request.Awake is < 0 or > MaxQuota)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"A person may have 0 to {MaxQuota} workspaces. Leave it empty for as many as everyone.");
        }

        await using var context = await database.OpenAsync(cancel);
        if (await context.Users.FirstOrDefaultAsync(u => u.Id == id, cancel) is not { } user)
        {
            return NoUser();
        }

        (user.MaxWorkspaces, user.MaxAwake) = (request.Workspaces, request.Awake);
        context.AuditEntries.Add(actor.Did(
            Act.QuotaSet, about: $"{user.Account}: {Words(request.Workspaces)} workspaces, {Words(request.Awake)} awake"));
        await context.SaveChangesAsync(cancel);
        return TypedResults.NoContent();

        static string Words(int? most) => most?.ToString(CultureInfo.InvariantCulture) ?? "the usual";
    }

    /// <summary>For whoever has forgotten a password, or lost a passkey.</summary>
    private static async Task<IResult> SignInAddressAsync(
        int id, Actor actor, ControlDatabase database, SignInTokens tokens, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        if (await context.Users.AsNoTracking().FirstOrDefaultAsync(u => u.Id == id && !u.Disabled, cancel) is not { } user)
        {
            return NoUser();
        }

        context.AuditEntries.Add(actor.Did(Act.SignInAddressMade, about: user.Account));
        await context.SaveChangesAsync(cancel);
        return TypedResults.Ok(new SignInAddressAnswer(await tokens.FreshAddressAsync(id, cancel)));
    }

    private static async Task<IResult> InvitationsAsync(Invitations invitations, CancellationToken cancel)
    {
        IReadOnlyList<InvitationAnswer> answers = [.. (await invitations.ListAsync(cancel)).Select(i => Of(i, null))];
        return TypedResults.Ok(answers);
    }

    private static async Task<IResult> InviteAsync(
        InvitationRequest request, Actor actor, Invitations invitations, ControlOptions options, AccountOptions accounts, CancellationToken cancel)
    {
        if (accounts.SignUp == SignUp.Closed)
        {
            return Problem.Of(StatusCodes.Status409Conflict, "Nobody can sign up here by themselves. Make the account, or start the server with --accounts invitation.");
        }

        var note = (request.Note ?? "").Trim();
        if (note.Length > Invitation.MaxNoteLength || note.Any(char.IsControl))
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"A note has at most {Invitation.MaxNoteLength} characters on one line.");
        }

        return await invitations.AddAsync(note, actor, cancel) is var (invitation, code)
            ? TypedResults.Ok(Of(invitation, $"{options.Origin}/signup?invitation={code}"))
            : Problem.Of(StatusCodes.Status409Conflict, "Too many invitations are open. Take back those that nobody will use.");
    }

    private static async Task<IResult> UninviteAsync(string id, Actor actor, Invitations invitations, CancellationToken cancel) =>
        await invitations.RemoveAsync(id, actor, cancel)
            ? TypedResults.NoContent()
            : Problem.Of(StatusCodes.Status404NotFound, "This invitation was used or taken back already.");

    private static InvitationAnswer Of(Invitation i, string? address) => new(i.Id, i.Note, i.CreatedAt, i.ExpiresAt, address);

    private static IResult NoUser() => Problem.Of(StatusCodes.Status404NotFound, "There is no such account, or it is disabled.");
}
