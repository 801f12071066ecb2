using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using DropIt.Control.Access;
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

namespace DropIt.Control.Tokens;

/// <summary><c>POST /api/account/tokens</c>: <paramref name="Scope"/> is <c>read</c>, <c>write</c> or <c>admin</c>.</summary>
internal sealed record TokenRequest(string? Name, string? Scope, int? Days);

/// <summary>A token as its user sees it; <paramref name="Text"/> only when it was just made.</summary>
internal sealed record TokenAnswer(
    string Id, string Name, string Scope, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt, string? Text);

/// <summary>Making and revoking API tokens.</summary>
internal static class TokensApi
{
    // More than a person has programs.
    private const int MaxPerUser = 50;
    private const int MaxDays = 366;

    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/account/tokens", ListAsync);
        routes.MapPost("/api/account/tokens", AddAsync);
        routes.MapDelete("/api/account/tokens/{id}", RevokeAsync);
    }

    private static async Task<IResult> ListAsync(CurrentUser current, ControlDatabase database, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var rows = await context.ApiTokens.AsNoTracking().Where(t => t.UserId == current.Id).OrderByDescending(t => t.CreatedAt).ToListAsync(cancel);
        IReadOnlyList<TokenAnswer> answers = [.. rows.Select(t => Of(t, null))];
        return TypedResults.Ok(answers);
    }

    private static async Task<IResult> AddAsync(
        TokenRequest request, CurrentUser current, Actor actor, ControlDatabase database, CancellationToken cancel)
    {
        if (WorkspaceRegister.NameOf(request.Name) is not { } name)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"Say what the token is for, in 1 to {ApiToken.MaxNameLength} characters on one line.");
        }

        Scope? scope = request.Scope switch
        {
            "read" => Scope.Read,
            "write" => Scope.Write,
            "admin" => Scope.Admin,
            _ => null,
        };
        if (scope is null)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, "A token may read, write or admin. Choose one of these.");
        }

        if (scope == Scope.Admin && !current.Admin)
        {
            return Problem.Of(StatusCodes.Status403Forbidden, "Only admins of this server can make a token that may do what admins do.");
        }

        if (request.Days is not (>= 1 and <= MaxDays))
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"A token is good for 1 to {MaxDays} days.");
        }

        await using var context = await database.OpenAsync(cancel);
        if (await context.ApiTokens.CountAsync(t => t.UserId == current.Id, cancel) >= MaxPerUser)
        {
            return Problem.Of(StatusCodes.Status409Conflict, $"An account has at most {MaxPerUser} tokens. Revoke one that is no longer used.");
        }

        var text = ApiTokens.Fresh();
        var token = new ApiToken
        {
            Id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(9)),
            Hash = Sessions.Hash(text),
            UserId = current.Id,
            Name = name,
            Scope = scope.Value,
            CreatedAt = actor.At,
            ExpiresAt = actor.At.AddDays(request.Days.Value),
        };
        context.ApiTokens.Add(token);
        context.AuditEntries.Add(actor.Did(Act.TokenMade, about: name));
        await context.SaveChangesAsync(cancel);
        return TypedResults.Ok(Of(token, text));
    }

    /// <summary>Ends it, and the tickets that were got with it.</summary>
    private static async Task<IResult> RevokeAsync(
        string id, CurrentUser current, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var name = await context.ApiTokens.Where(t => t.UserId == current.Id && t.Id == id).Select(t => t.Name).FirstOrDefaultAsync(cancel);
        if (await context.NotedAsync(
                actor.Did(Act.TokenRevoked, about: name),
                () => context.ApiTokens.Where(t => t.UserId == current.Id && t.Id == id).ExecuteDeleteAsync(cancel),
                cancel) == 0)
        {
            return Problem.Of(StatusCodes.Status404NotFound, "This token was revoked already.");
        }

        await context.RevokeAsync(watch, current.Id, cancel);
        return TypedResults.NoContent();
    }

    private static TokenAnswer Of(ApiToken t, string? text) =>
        new(t.Id, t.Name, JsonNamingPolicy.CamelCase.ConvertName(t.Scope.ToString()), t.CreatedAt, t.ExpiresAt, t.UsedAt, text);
}
