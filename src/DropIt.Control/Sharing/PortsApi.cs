using DropIt.Control.Access;
using DropIt.Control.Answers;
using DropIt.Control.Audit;
using DropIt.Control.Database;
using DropIt.Control.Workspaces;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;

namespace DropIt.Control.Sharing;

/// <summary>A port of <c>GET /api/workspaces/{slug}/ports</c> that is not private.</summary>
internal sealed record PortAnswer(int Port, string Visibility);

/// <summary><c>PUT /api/workspaces/{slug}/ports/{port}</c>: <c>private</c>, <c>signedIn</c> or <c>public</c>.</summary>
internal sealed record PortRequest(string? Visibility);

/// <summary>Who sees what programs of a workspace serve.</summary>
internal static class PortsApi
{
    public static void MapPorts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/workspaces/{slug}/ports", ListAsync);
        routes.MapPut("/api/workspaces/{slug}/ports/{port:int}", ShowAsync);
    }

    private static async Task<IResult> ListAsync(WorkspaceAccess access, ControlDatabase database, CancellationToken cancel)
    {
        var slug = access.Slug.Value;
        await using var context = await database.OpenAsync(cancel);
        var rows = await context.PublishedPorts.AsNoTracking().Where(p => p.Slug == slug).OrderBy(p => p.Port).ToListAsync(cancel);
        return TypedResults.Ok<IReadOnlyList<PortAnswer>>([.. rows.Select(p => new PortAnswer(p.Port, NameOf(p.Visibility)))]);
    }

    private static async Task<IResult> ShowAsync(
        int port,
        PortRequest request,
        WorkspaceAccess access,
        Actor actor,
        ControlDatabase database,
        PublishedPorts published,
        WorkspaceWatch watch,
        CancellationToken cancel)
    {
        PortVisibility? wanted = request.Visibility switch
        {
            "private" => PortVisibility.Private,
            "signedIn" => PortVisibility.SignedIn,
            "public" => PortVisibility.Public,
            _ => null,
        };
        if (wanted is not { } visibility || port is < 1 or > 65535)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, "A port from 1 to 65535 is private, signedIn or public. Choose one of these.");
        }

        var slug = access.Slug.Value;
        await using var context = await database.OpenAsync(cancel);
        await using var all = await context.Database.BeginTransactionAsync(cancel);
        await context.Workspaces.Of(access).ExecuteUpdateAsync(s => s.SetProperty(w => w.Access, w => w.Access), cancel); // held: two at once are one after the other
        var rows = await context.PublishedPorts.Where(p => p.Slug == slug).ToListAsync(cancel);
        var row = rows.Find(p => p.Port == port);
        var before = row?.Visibility ?? PortVisibility.Private;
        if (visibility == before)
        {
            return TypedResults.NoContent();
        }

        if (row is null && rows.Count >= PublishedPort.Max)
        {
            return Problem.Of(StatusCodes.Status409Conflict, $"A workspace shows at most {PublishedPort.Max} ports to others. Make one private that is no longer needed.");
        }

        if (visibility == PortVisibility.Private)
        {
            context.PublishedPorts.Remove(row!);
        }
        else if (row is null)
        {
            context.PublishedPorts.Add(new PublishedPort { Slug = slug, Port = port, Visibility = visibility });
        }
        else
        {
            row.Visibility = visibility;
        }

        context.AuditEntries.Add(actor.Did(Act.PortShown, slug, $"{port} {NameOf(visibility)}"));
        await context.SaveChangesAsync(cancel);
        if (visibility < before)
        {
            // Who saw it so far holds a ticket, or a socket that one opened.
            await context.RevokeAsync(watch, slug, cancel);
        }

        await all.CommitAsync(cancel);
        published.Forget();
        watch.Nudge();
        return TypedResults.NoContent();
    }

    private static string NameOf(PortVisibility visibility) => visibility switch
    {
        PortVisibility.Public => "public",
        PortVisibility.SignedIn => "signedIn",
        _ => "private",
    };
}
