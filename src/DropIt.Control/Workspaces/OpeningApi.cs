using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using DropIt.Control.Answers;
using DropIt.Control.Database;
using DropIt.Control.Tickets;
using DropIt.Control.Users;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace DropIt.Control.Workspaces;

/// <summary>Entering workspaces: tickets, waking, stopping, and what happens meanwhile.</summary>
internal static class OpeningApi
{
    // The page asks for another ticket when it must connect again; it needs to outlive one attempt, not a session.
    private static readonly TimeSpan s_pageTicket = TimeSpan.FromMinutes(15);

    // A preview left open over a working day keeps working.
    private static readonly TimeSpan s_previewTicket = TimeSpan.FromHours(12);

    public static void MapOpening(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/workspaces/{slug}/open", OpenAsync);
        routes.MapPost("/api/workspaces/{slug}/stop", StopAsync);
        routes.MapPost("/api/workspaces/{slug}/preview", PreviewAsync);
        routes.MapGet("/api/workspaces/{slug}/events", EventsAsync);
        routes.MapGet("/enter", EnterAsync);
    }

    private static async Task<IResult> OpenAsync(
        string slug,
        CurrentUser user,
        ControlDatabase database,
        ControlOptions options,
        SigningKey key,
        WorkspaceWatch watch,
        TimeProvider time,
        CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var now = time.GetUtcNow();
        var found = await context.Workspaces.Of(user, slug).ExecuteUpdateAsync(
            s => s.SetProperty(w => w.Wanted, Wanted.Awake).SetProperty(w => w.UsedAt, now), cancel);
        if (found == 0 || !Slug.TryParse(slug, out var parsed))
        {
            return Problem.NoWorkspace(slug);
        }

        watch.Nudge();
        var (ticket, expires) = key.Sign(parsed, user.Name, Role.Owner, s_pageTicket);
        return TypedResults.Ok(new OpenAnswer(ticket, expires, options.OriginOf(new WorkspaceHost(parsed, null)), null));
    }

    private static async Task<IResult> StopAsync(
        string slug, CurrentUser user, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var found = await context.Workspaces.Of(user, slug).ExecuteUpdateAsync(
            s => s.SetProperty(w => w.Wanted, Wanted.Asleep).SetProperty(w => w.Message, "Asleep: you stopped it."), cancel);
        watch.Nudge();
        return found == 1 ? TypedResults.NoContent() : Problem.NoWorkspace(slug);
    }

    private static async Task<IResult> PreviewAsync(
        string slug, PreviewRequest request, CurrentUser user, ControlDatabase database, ControlOptions options, SigningKey key, CancellationToken cancel)
    {
        if (request.Port is not (>= 1 and <= 65535))
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"{request.Port} is not a port. A port is a number from 1 to 65535.");
        }

        await using var context = await database.OpenAsync(cancel);
        return await context.Workspaces.Of(user, slug).AnyAsync(cancel) && Slug.TryParse(slug, out var parsed)
            ? TypedResults.Ok(new PreviewAnswer(EnterAddress(new(parsed, request.Port), user, LocalPath.Of(request.To) ?? "/", options, key)))
            : Problem.NoWorkspace(slug);
    }

    /// <summary>A preview that has no cookie yet sends the browser here, and is sent back with a ticket.</summary>
    private static async Task<IResult> EnterAsync(
        HttpContext http,
        Sessions sessions,
        ControlDatabase database,
        ControlOptions options,
        SigningKey key,
        string? workspace,
        int? port,
        string? to,
        CancellationToken cancel)
    {
        if (await sessions.FindAsync(http.Request.Cookies[Sessions.Cookie], cancel) is not { } found)
        {
            return SentencePage.Answer(
                StatusCodes.Status401Unauthorized,
                "You are not signed in",
                "This preview is private. Sign in to drop.it in this browser first; for an address to do that, run this on the server's machine:",
                "./dropit signin");
        }

        var user = new CurrentUser(found.Id, found.Name);
        await using var context = await database.OpenAsync(cancel);
        if (port is < 1 or > 65535
            || !Slug.TryParse(workspace, out var slug)
            || !await context.Workspaces.Of(user, slug.Value).AnyAsync(cancel))
        {
            return SentencePage.Answer(
                StatusCodes.Status404NotFound,
                "There is no such workspace",
                "It may have been deleted, or belongs to someone else. The home page of drop.it lists yours.");
        }

        return TypedResults.Redirect(EnterAddress(new(slug, port), user, LocalPath.Of(to) ?? "/", options, key));
    }

    private static string EnterAddress(WorkspaceHost host, CurrentUser user, string to, ControlOptions options, SigningKey key)
    {
        var (ticket, _) = key.Sign(host.Slug, user.Name, Role.Owner, s_previewTicket);
        return $"{options.OriginOf(host)}/.dropit/enter?ticket={ticket}&to={Uri.EscapeDataString(to)}";
    }

    private static async Task<IResult> EventsAsync(
        string slug,
        CurrentUser user,
        ControlDatabase database,
        WorkspaceWatch watch,
        IHostApplicationLifetime lifetime,
        HttpContext http,
        CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        if (await context.Workspaces.AsNoTracking().Of(user, slug).FirstOrDefaultAsync(cancel) is not { } row)
        {
            return Problem.NoWorkspace(slug);
        }

        // An open stream must not hold up the end of the server.
        var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, lifetime.ApplicationStopping);
        http.Response.RegisterForDispose(both);
        return TypedResults.ServerSentEvents(StatusesAsync(watch, row, both.Token));
    }

    private static async IAsyncEnumerable<SseItem<string>> StatusesAsync(
        WorkspaceWatch watch, Workspace row, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var statuses = watch.WatchAsync(row.Slug, new(row.State, row.Message), cancel).GetAsyncEnumerator(cancel);
        while (await NextAsync())
        {
            var now = statuses.Current;
            var item = new StatusEvent(WorkspaceAnswer.NameOf(now.State), now.DoneBytes, now.TotalBytes, now.Message, now.Cause);
            yield return new SseItem<string>(JsonSerializer.Serialize(item, ControlJson.Default.StatusEvent));
        }

        // The browser has gone or the server ends: both are the stream's ordinary end.
        async ValueTask<bool> NextAsync()
        {
            try
            {
                return await statuses.MoveNextAsync();
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }
}
