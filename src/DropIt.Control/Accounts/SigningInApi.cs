using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;

namespace DropIt.Control.Accounts;

/// <summary><c>POST /api/signin</c>.</summary>
internal sealed record SignInRequest(string? UserName, string? Password)
{
    /// <summary>Without the password: this may come into a log.</summary>
    public override string ToString() => nameof(SignInRequest);
}

/// <summary><c>POST /api/signup</c>.</summary>
internal sealed record SignUpRequest(string? UserName, string? Password, string? Email, string? Invitation)
{
    /// <summary>Without password and code.</summary>
    public override string ToString() => nameof(SignUpRequest);
}

/// <summary>Signing in and up by password.</summary>
internal static class SigningInApi
{
    /// <summary>Longest user name; more does not fit where names are shown beside what people do.</summary>
    public const int MaxUserName = 39;

    /// <summary>Longest password: hashing reads all of it.</summary>
    public const int MaxPassword = 256;

    // What is compared with when there is no such user, so that the answer takes as long.
    private static readonly User s_nobody = new() { Id = 0, Name = "" };
    private static readonly Lazy<string> s_nobodysPassword = new(() => new PasswordHasher<User>().HashPassword(s_nobody, Guid.NewGuid().ToString()));

    public static void MapSigningIn(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/signin", SignInAsync);
        routes.MapPost("/api/signup", SignUpAsync);
    }

    /// <summary>What is wrong with an account that is to be made; null when nothing is.</summary>
    public static string? RefusalOf(string? userName, string? email) =>
        userName is not { Length: > 0 and <= MaxUserName } ? $"A user name has 1 to {MaxUserName} characters: a to z, digits, and - _ . between them."
        : !string.IsNullOrEmpty(email) && !IsAddress(email) ? "That is no e-mail address. Leave it out, or write it as name@example.org."
        : null;

    /// <summary>Whether it may be one; only a mail to it would tell.</summary>
    private static bool IsAddress(string text) =>
        text.Length <= 254 && !text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) && text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < text.Length - 1;

    /// <summary>What Identity says, for the user.</summary>
    public static IResult Of(IdentityResult result) => Problem.Of(
        result.Errors.Any(e => e.Code == nameof(IdentityErrorDescriber.DuplicateUserName)) ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest,
        string.Join(' ', result.Errors.Select(e => e.Code switch
        {
            nameof(IdentityErrorDescriber.DuplicateUserName) => "This user name is taken. Choose another.",
            nameof(IdentityErrorDescriber.InvalidUserName) => $"A user name has 1 to {MaxUserName} characters: a to z, digits, and - _ . between them.",
            nameof(IdentityErrorDescriber.PasswordMismatch) => "The present password is not right.",
            _ => e.Description,
        })));

    private static async Task<IResult> SignInAsync(
        SignInRequest request,
        HttpContext http,
        Actor actor,
        UserManager<User> users,
        ControlDatabase database,
        Sessions sessions,
        IPasswordHasher<User> hasher)
    {
        var password = request.Password is { Length: <= MaxPassword } text ? text : "";
        var user = await users.FindByNameAsync(request.UserName?.Trim() ?? "");
        if (user?.PasswordHash is null)
        {
            hasher.VerifyHashedPassword(s_nobody, s_nobodysPassword.Value, password);

            // What was typed is not kept: it may be a password in the wrong field.
            await FailedAsync(user, "no such account or password");
            return Wrong();
        }

        if (await users.IsLockedOutAsync(user))
        {
            await FailedAsync(user, "locked");
            return Problem.Of(
                StatusCodes.Status429TooManyRequests, "The password was wrong ten times, so this account is locked for five minutes. Wait, or use a passkey.");
        }

        if (!await users.CheckPasswordAsync(user, password))
        {
            await users.AccessFailedAsync(user);
            await FailedAsync(user, "wrong password");
            return Wrong();
        }

        if (user.Disabled)
        {
            await FailedAsync(user, "disabled");
            return Disabled();
        }

        await users.ResetAccessFailedCountAsync(user);
        await sessions.StartAsync(http, user.Id, "password");
        return TypedResults.NoContent();

        Task FailedAsync(User? known, string why) =>
            database.NoteAsync((known is null ? actor : actor.As(known)).Did(Act.SignInFailed, about: why), http.RequestAborted);
    }

    private static async Task<IResult> SignUpAsync(
        SignUpRequest request,
        HttpContext http,
        Actor actor,
        UserManager<User> users,
        ControlContext context,
        Sessions sessions,
        Invitations invitations,
        AccountOptions accounts,
        TimeProvider time,
        CancellationToken cancel)
    {
        if (accounts.SignUp == SignUp.Closed)
        {
            return Problem.Of(StatusCodes.Status403Forbidden, "Nobody can sign up here by themselves. Ask an admin of this server for an account.");
        }

        if (accounts.SignUp == SignUp.Invitation && !await invitations.IsGoodAsync(request.Invitation, cancel))
        {
            return NoInvitation();
        }

        var (userName, email) = (request.UserName?.Trim().ToLowerInvariant(), string.IsNullOrWhiteSpace(request.Email) ? null : request.Email.Trim());
        if (RefusalOf(userName, email) is { } refusal)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, refusal);
        }

        if (request.Password is not { Length: <= MaxPassword } password)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"A password has at most {MaxPassword} characters.");
        }

        // All that can be wrong is found before the invitation is used up.
        var user = new User { Name = userName!, UserName = userName, Email = email, CreatedAt = time.GetUtcNow() };
        foreach (var validator in users.PasswordValidators)
        {
            if (await validator.ValidateAsync(users, user, password) is { Succeeded: false } weak)
            {
                return Of(weak);
            }
        }

        if (await users.FindByNameAsync(userName!) is not null)
        {
            return Of(IdentityResult.Failed(users.ErrorDescriber.DuplicateUserName(userName!)));
        }

        if (accounts.SignUp == SignUp.Invitation && !await invitations.UseAsync(request.Invitation, cancel))
        {
            return NoInvitation();
        }

        context.AuditEntries.Add((actor with { Who = user.Account }).Did(Act.AccountMade, about: userName));
        if (await users.CreateAsync(user, password) is { Succeeded: false } failed)
        {
            return Of(failed);
        }

        await sessions.StartAsync(http, user.Id, "password");
        return TypedResults.NoContent();
    }

    /// <summary>The answer to whoever was shut out.</summary>
    public static IResult Disabled() =>
        Problem.Of(StatusCodes.Status403Forbidden, "This account is disabled. Ask an admin of this server.");

    private static IResult NoInvitation() => Problem.Of(
        StatusCodes.Status403Forbidden, "Signing up here takes an invitation, and this one is not good: it was used, or is older than seven days. Ask for another.");

    private static IResult Wrong() => Problem.Of(StatusCodes.Status401Unauthorized, "User name or password is not right.");
}
