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

/// <summary><c>GET /api/account</c>: one's own account.</summary>
internal sealed record AccountAnswer(
    string? UserName, string Name, string? Email, bool Password, IReadOnlyList<PasskeyAnswer> Passkeys, IReadOnlyList<string> Logins);

/// <summary><c>PATCH /api/account</c>: what is left out stays; an empty e-mail address removes it.</summary>
internal sealed record AccountRequest(string? UserName, string? Name, string? Email);

/// <summary><c>PUT /api/account/password</c>.</summary>
internal sealed record PasswordRequest(string? Current, string? Password)
{
    /// <summary>Without the passwords.</summary>
    public override string ToString() => nameof(PasswordRequest);
}

/// <summary>A signed-in browser, as its user sees it.</summary>
internal sealed record BrowserAnswer(string Id, string Agent, string Address, string Method, DateTimeOffset CreatedAt, DateTimeOffset UsedAt, bool Current);

/// <summary>One's own account: name, password, passkeys, signed-in browsers.</summary>
internal static class AccountApi
{
    public static void MapAccount(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/account", GetAsync);
        routes.MapPatch("/api/account", ChangeAsync);
        routes.MapPut("/api/account/password", SetPasswordAsync);
        routes.MapGet("/api/account/sessions", SessionsAsync);
        routes.MapDelete("/api/account/sessions", EndSessionsAsync);
        routes.MapDelete("/api/account/sessions/{id}", EndSessionAsync);
        routes.MapDelete("/api/account/logins/{provider}", RemoveLoginAsync);
    }

    /// <summary>The row of the user of this request.</summary>
    public static async Task<User> FindAsync(this UserManager<User> users, CurrentUser current) =>
        await users.FindByIdAsync(current.Id.ToString(System.Globalization.CultureInfo.InvariantCulture))
            ?? throw new BadHttpRequestException("The account is gone.", StatusCodes.Status401Unauthorized);

    private static async Task<IResult> GetAsync(CurrentUser current, UserManager<User> users) =>
        TypedResults.Ok(await AnswerAsync(await users.FindAsync(current), users));

    private static async Task<AccountAnswer> AnswerAsync(User user, UserManager<User> users) => new(
        user.UserName,
        user.Name,
        user.Email,
        user.PasswordHash is not null,
        [.. (await users.GetPasskeysAsync(user)).Select(PasskeysApi.Of)],
        [.. (await users.GetLoginsAsync(user)).Select(l => l.LoginProvider)]);

    private static async Task<IResult> ChangeAsync(
        AccountRequest request, CurrentUser current, Actor actor, UserManager<User> users, ControlContext context)
    {
        var user = await users.FindAsync(current);
        var (userName, email) = ((request.UserName ?? user.UserName)?.Trim().ToLowerInvariant(), (request.Email ?? user.Email)?.Trim());
        if (userName is null)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, "Choose a user name too: others find you by it.");
        }

        if (SigningInApi.RefusalOf(userName, email) is { } refusal)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, refusal);
        }

        if (WorkspaceRegister.NameOf(request.Name ?? user.Name) is not { } name)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"A name has 1 to {Workspace.MaxNameLength} characters on one line.");
        }

        (user.UserName, user.Name, user.Email) = (userName, name, string.IsNullOrEmpty(email) ? null : email);
        context.AuditEntries.Add(actor.Did(Act.AccountChanged, about: userName));
        return await users.UpdateAsync(user) is { Succeeded: false } failed
            ? SigningInApi.Of(failed)
            : TypedResults.Ok(await AnswerAsync(user, users));
    }

    private static async Task<IResult> SetPasswordAsync(
        PasswordRequest request,
        CurrentUser current,
        Actor actor,
        UserManager<User> users,
        ControlContext notes,
        ControlDatabase database,
        WorkspaceWatch watch,
        CancellationToken cancel)
    {
        var user = await users.FindAsync(current);
        if (user.UserName is null)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, "Choose a user name first: you sign in with both.");
        }

        if (request.Password is not { Length: <= SigningInApi.MaxPassword } password)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"A password has at most {SigningInApi.MaxPassword} characters.");
        }

        notes.AuditEntries.Add(actor.Did(Act.PasswordSet));
        var result = user.PasswordHash is null
            ? await users.AddPasswordAsync(user, password)
            : await users.ChangePasswordAsync(user, request.Current ?? "", password);
        if (!result.Succeeded)
        {
            return SigningInApi.Of(result);
        }

        // Whoever knew the old one is out.
        await using var context = await database.OpenAsync(cancel);
        await context.Sessions.Where(s => s.UserId == current.Id && s.Id != current.Session).ExecuteDeleteAsync(cancel);
        await context.RevokeAsync(watch, current.Id, cancel);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> SessionsAsync(CurrentUser current, ControlDatabase database, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        await using var context = await database.OpenAsync(cancel);
        var rows = await context.Sessions.AsNoTracking()
            .Where(s => s.UserId == current.Id && s.ExpiresAt > now).OrderByDescending(s => s.UsedAt).ToListAsync(cancel);
        IReadOnlyList<BrowserAnswer> answers =
            [.. rows.Select(s => new BrowserAnswer(s.Id, s.Agent, s.Address, s.Method, s.CreatedAt, s.UsedAt, s.Id == current.Session))];
        return TypedResults.Ok(answers);
    }

    /// <summary>Signs out everywhere, here too.</summary>
    private static async Task<IResult> EndSessionsAsync(
        HttpContext http, CurrentUser current, Actor actor, Sessions sessions, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        await context.NotedAsync(
            actor.Did(Act.SignedOutEverywhere), () => context.Sessions.Where(s => s.UserId == current.Id).ExecuteDeleteAsync(cancel), cancel);
        await context.RevokeAsync(watch, current.Id, cancel);
        await sessions.EndAsync(http);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> EndSessionAsync(
        string id, CurrentUser current, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        if (await context.NotedAsync(
                actor.Did(Act.BrowserSignedOut),
                () => context.Sessions.Where(s => s.UserId == current.Id && s.Id == id).ExecuteDeleteAsync(cancel),
                cancel) == 0)
        {
            return Problem.Of(StatusCodes.Status404NotFound, "This browser is signed out already.");
        }

        await context.RevokeAsync(watch, current.Id, cancel);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> RemoveLoginAsync(
        string provider, CurrentUser current, Actor actor, UserManager<User> users, ControlContext context)
    {
        var user = await users.FindAsync(current);
        var logins = await users.GetLoginsAsync(user);
        if (logins.FirstOrDefault(l => l.LoginProvider == provider) is not { } login)
        {
            return Problem.Of(StatusCodes.Status404NotFound, "Your account is not connected there.");
        }

        if (logins.Count == 1 && user.PasswordHash is null && (await users.GetPasskeysAsync(user)).Count == 0)
        {
            return Problem.Of(StatusCodes.Status409Conflict, "It is the only way you can sign in. Set a password or add a passkey first.");
        }

        context.AuditEntries.Add(actor.Did(Act.ProviderDisconnected, about: provider));
        await users.RemoveLoginAsync(user, login.LoginProvider, login.ProviderKey);
        return TypedResults.NoContent();
    }
}
