using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using DropIt.Control.Access;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Users;
using DropIt.Control.Workspaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace DropIt.Control.Importing;

/// <summary><c>POST /api/imports/git</c>. The token is used for this import and not kept.</summary>
internal sealed record GitImportRequest(string? Url, string? Token, bool History, string? Name, int? Team)
{
    /// <summary>Without the token: this may come into a log.</summary>
    public override string ToString() => nameof(GitImportRequest);
}

/// <summary>An import that has begun.</summary>
internal sealed record ImportAnswer(string Id, string Name);

/// <summary>One event of <c>GET /api/imports/{id}/events</c>.</summary>
internal sealed record ImportEvent(string State, string Message, double Share, string? Slug, IReadOnlyList<string> Notes);

/// <summary>Bringing code in, from a repository or a zip.</summary>
internal static class ImportApi
{
    // Longer than any host's tokens are.
    private const int MaxToken = 1000;

    public static void MapImports(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/imports/git", GitAsync);
        routes.MapPost("/api/imports/zip", ZipAsync);
        routes.MapGet("/api/imports/{id}/events", Events);
        routes.MapDelete("/api/imports/{id}", StopAsync);
    }

    private static async Task<IResult> GitAsync(
        GitImportRequest request, CurrentUser user, Actor actor, ControlDatabase database, ImportSet imports, CancellationToken cancel)
    {
        if (await TeamAccess.NamedAsync(database, request.Team, user, cancel) is { Problem: { } noTeam })
        {
            return noTeam;
        }

        var (address, error) = GitAddress.Of(request.Url);
        if (address is null)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, error!);
        }

        if (request.Token is { } token && (token.Length > MaxToken || token.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))))
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"That is no token: one has at most {MaxToken} characters and no spaces. Copy it again.");
        }

        if (WorkspaceRegister.NameOf(request.Name ?? address.Name) is not { } name)
        {
            return WorkspacesApi.BadName();
        }

        return Answer(imports.Git(actor, request.Team, address, request.Token is "" ? null : request.Token, request.History, name), name);
    }

    private static async Task<IResult> ZipAsync(
        HttpContext http, CurrentUser user, Actor actor, ControlDatabase database, ImportSet imports, ControlOptions options, string? name, int? team, CancellationToken cancel)
    {
        if (await TeamAccess.NamedAsync(database, team, user, cancel) is { Problem: { } noTeam })
        {
            return noTeam;
        }

        if (WorkspaceRegister.NameOf(name ?? "Imported") is not { } called)
        {
            return WorkspacesApi.BadName();
        }

        var limit = options.Imports.MaxUpload;
        if (http.Request.ContentLength > limit)
        {
            return TooLarge(limit);
        }

        http.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = limit;
        var file = imports.UploadFile();
        try
        {
            await using (var to = new FileStream(file, FileMode.CreateNew, FileAccess.Write))
            {
                await http.Request.Body.CopyToAsync(to, cancel);
            }

            return Answer(imports.Zip(actor, team, file, called), called);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(limit);
        }
        catch (Exception e) when (e is BadHttpRequestException or OperationCanceledException)
        {
            return TypedResults.Empty; // stopped while it was sent
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IResult Answer((Import? Import, string? Error) begun, string name) => begun.Import is { } import
        ? TypedResults.Accepted($"/api/imports/{import.Id}/events", new ImportAnswer(import.Id, name))
        : Problem.Of(StatusCodes.Status429TooManyRequests, begun.Error!);

    private static IResult Events(string id, CurrentUser user, ImportSet imports, IHostApplicationLifetime lifetime, HttpContext http, CancellationToken cancel)
    {
        if (imports.Find(id, user.Id) is not { } import)
        {
            return NoImport();
        }

        // An open stream must not hold up the end of the server.
        var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, lifetime.ApplicationStopping);
        http.Response.RegisterForDispose(both);
        return TypedResults.ServerSentEvents(EventsAsync(import, both.Token));
    }

    private static async IAsyncEnumerable<SseItem<string>> EventsAsync(Import import, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var status in import.WatchAsync(cancel))
        {
            var item = new ImportEvent(status.State.ToString().ToLowerInvariant(), status.Message, status.Share, status.Slug, status.Notes);
            yield return new SseItem<string>(JsonSerializer.Serialize(item, ControlJson.Default.ImportEvent));
        }
    }

    private static async Task<IResult> StopAsync(string id, CurrentUser user, ImportSet imports)
    {
        if (imports.Find(id, user.Id) is not { } import)
        {
            return NoImport();
        }

        await import.StopAsync();
        return TypedResults.NoContent();
    }

    private static IResult TooLarge(long limit) => Problem.Of(
        StatusCodes.Status413PayloadTooLarge,
        $"The zip is larger than {limit / 1024 / 1024} MiB, the most that is taken. Leave out what can be rebuilt, "
            + "such as node_modules.");

    private static IResult NoImport() => Problem.Of(StatusCodes.Status404NotFound, "There is no such import (any more). Begin it again.");
}
