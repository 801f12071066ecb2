using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using DropIt.Control.Access;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Sharing;
using DropIt.Control.Tickets;
using DropIt.Control.Users;
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
        routes.MapPost("/api/workspaces/{slug}/preview", Preview);
        routes.MapGet("/api/workspaces/{slug}/events", EventsAsync);
        routes.MapGet("/enter", EnterAsync);
    }

    private static async Task<IResult> OpenAsync(
        WorkspaceAccess access,
        CurrentUser user,
        Actor actor,
        WorkspaceQuota quota,
        ControlDatabase database,
        ControlOptions options,
        SigningKey key,
        WorkspaceWatch watch,
        TimeProvider time,
        CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var now = time.GetUtcNow();
        await using var all = await context.Database.BeginTransactionAsync(cancel);
        if (await quota.AwakeRefusalAsync(context, access.Slug.Value, cancel) is { } refusal)
        {
            return Problem.Of(StatusCodes.Status409Conflict, refusal);
        }

        var found = await NotedOnceAnHourAsync(
            context,
            actor.Did(Act.WorkspaceOpened, access.Slug.Value),
            () => context.Workspaces.Of(access).ExecuteUpdateAsync(
                s => s.SetProperty(w => w.Wanted, Wanted.Awake).SetProperty(w => w.UsedAt, now), cancel),
            cancel);
        if (found == 0)
        {
            return Problem.NoWorkspace(access.Slug.Value);
        }

        await all.CommitAsync(cancel);
        watch.Nudge();
        var (ticket, expires) = key.Sign(access, user, s_pageTicket);
        return TypedResults.Ok(new OpenAnswer(ticket, expires, options.OriginOf(new WorkspaceHost(access.Slug, null)), null));
    }

    /// <summary>A page opens its workspace again and again while it is there; that someone was there is said once.</summary>
    private static async Task<int> NotedOnceAnHourAsync(ControlContext context, AuditEntry entry, Func<Task<int>> change, CancellationToken cancel)
    {
        var hourAgo = entry.At - TimeSpan.FromHours(1);
        return await context.AuditEntries.AnyAsync(
            e => e.Workspace == entry.Workspace && e.UserId == entry.UserId && e.Act == entry.Act && e.At > hourAgo, cancel)
            ? await change()
            : await context.NotedAsync(entry, change, cancel);
    }

    private static async Task<IResult> StopAsync(
        WorkspaceAccess access, Actor actor, ControlDatabase database, WorkspaceWatch watch, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        var found = await context.NotedAsync(
            actor.Did(Act.WorkspaceStopped, access.Slug.Value),
            () => context.Workspaces.Of(access).ExecuteUpdateAsync(
                s => s.SetProperty(w => w.Wanted, Wanted.Asleep).SetProperty(w => w.Message, "Asleep: you stopped it."), cancel),
            cancel);
        watch.Nudge();
        return found == 1 ? TypedResults.NoContent() : Problem.NoWorkspace(access.Slug.Value);
    }

    private static IResult Preview(WorkspaceAccess access, PreviewRequest request, CurrentUser user, ControlOptions options, SigningKey key) =>
        request.Port is >= 1 and <= 65535
            ? TypedResults.Ok(new PreviewAnswer(EnterAddress(access, request.Port, user, request.To, options, key)))
            : Problem.Of(StatusCodes.Status400BadRequest, $"{request.Port} is not a port. A port is a number from 1 to 65535.");

    /// <summary>A preview that has no cookie yet sends the browser here, and is sent back with a ticket.</summary>
    private static async Task<IResult> EnterAsync(
        WorkspaceAccess? access,
        CurrentUser user,
        ControlOptions options,
        SigningKey key,
        PublishedPorts published,
        string workspace,
        int? port,
        string? to,
        CancellationToken cancel)
    {
        if (port is < 1 or > 65535)
        {
            return SentencePage.Answer(StatusCodes.Status400BadRequest, "There is no such preview", $"{port} is not a port. A port is a number from 1 to 65535.");
        }

        if (access is not null)
        {
            return TypedResults.Redirect(EnterAddress(access, port, user, to, options, key));
        }

        // Not of the workspace, and let through by the guard: the port is shown to everyone who is signed in, and nothing else is.
        return Slug.TryParse(workspace, out var slug) && port is { } shown && await published.AccessAsync(slug, shown, cancel) is { } asOf
            ? TypedResults.Redirect(EnterAddress(slug, shown, key.SignVisitor(slug, shown, asOf, user, s_previewTicket).Text, to, options))
            : Problem.NoWorkspace(workspace);
    }

    private static string EnterAddress(WorkspaceAccess access, int? port, CurrentUser user, string? to, ControlOptions options, SigningKey key) =>
        EnterAddress(access.Slug, port, key.Sign(access, user, s_previewTicket).Text, to, options);

    private static string EnterAddress(Slug slug, int? port, string ticket, string? to, ControlOptions options) =>
        $"{options.OriginOf(new(slug, port))}/.dropit/enter?ticket={ticket}&to={Uri.EscapeDataString(LocalPath.Of(to) ?? "/")}";

    private static async Task<IResult> EventsAsync(
        WorkspaceAccess access,
        ControlDatabase database,
        WorkspaceWatch watch,
        IHostApplicationLifetime lifetime,
        HttpContext http,
        CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        if (await context.Workspaces.AsNoTracking().Of(access).FirstOrDefaultAsync(cancel) is not { } row)
        {
            return Problem.NoWorkspace(access.Slug.Value);
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
