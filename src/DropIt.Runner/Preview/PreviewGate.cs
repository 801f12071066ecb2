using DropIt.Protocol.Tickets;
using DropIt.Runner.Access;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Net.Http.Headers;

namespace DropIt.Runner.Preview;

/// <summary>
/// Everything on the workspace's own host names, ahead of the runner's routes:
/// <c>&lt;port&gt;--&lt;slug&gt;.&lt;domain&gt;</c> is forwarded to the program there, for those who may see it.
/// </summary>
internal sealed class PreviewGate(PreviewAddress address, Gate gate, PreviewForwarder forwarder)
{
    private const string Own = "/.dropit/";

    /// <summary>Answers the request, or passes it on to the runner's own routes.</summary>
    public Task ServeAsync(HttpContext context, RequestDelegate next)
    {
        switch (address.Reads(context.Request.Host.Host, out var port))
        {
            case null:
                return next(context);
            case false:
                return WriteAsync(context, StatusCodes.Status400BadRequest, "text/html; charset=utf-8", PreviewPage.BadPort());
        }

        if (context.Request.Path.Equals("/.dropit/enter", StringComparison.Ordinal))
        {
            return EnterAsync(context, port);
        }

        if (port is null)
        {
            return context.Request.Path.StartsWithSegments("/.dropit", StringComparison.Ordinal)
                ? next(context)
                : RedirectAsync(context, $"{address.ControlOrigin}/w/{address.Slug}");
        }

        return ServePortAsync(context, port.Value);
    }

    private Task ServePortAsync(HttpContext context, int port)
    {
        // 1. A preflight carries no cookie. It may pass between previews of one workspace: the request behind it is checked.
        var request = context.Request;
        if (HttpMethods.IsOptions(request.Method)
            && request.Headers.ContainsKey(HeaderNames.AccessControlRequestMethod)
            && address.IsPreview(request.Headers.Origin.ToString()))
        {
            return forwarder.ForwardAsync(context, port, ownTicket: false, visitor: true);
        }

        // 2. Who is it? The cookie of this origin, or a ticket in the header; else a visitor, of whom the gateway says so.
        var visits = gate.Visits;
        var late = PreviewForwarder.IsNavigation(request) ? TimeSpan.Zero : PreviewCookies.Late;
        var refusal = gate.Refusal(request.Cookies[PreviewCookies.Name], out var ticket, port, late);
        var ownTicket = false;
        if (request.Headers.Authorization.ToString() is ['B' or 'b', ..] header
            && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            && gate.Refusal(header["Bearer ".Length..].Trim(), out var bearer, port) is null)
        {
            (refusal, ticket, ownTicket) = (null, bearer, true);
        }

        // 3. The cookie is the browser's, which gives it to whatever page asks. To a port that is public such a page comes as anyone does.
        var foreign = refusal is null && !ownTicket && PreviewSource.IsForeign(request, address);
        if ((foreign || refusal is not null) && gate.Refusal(request.Headers[Ticket.VisitorHeader], out var anyone, port) is null)
        {
            (refusal, ticket, foreign) = (null, anyone, false);
        }

        if (refusal is not null || ticket!.Role == Role.Runner)
        {
            return RefuseAsync(context, port, refusal ?? "This ticket is for the storage service.");
        }

        if (foreign)
        {
            return WriteAsync(context, StatusCodes.Status403Forbidden, "text/plain; charset=utf-8", PreviewSource.Refusal + "\n");
        }

        var visitor = ticket.Role == Role.Visitor;
        if (visitor)
        {
            context.Response.RegisterForDispose(visits.Register(context.Abort));
        }

        // 4. The runner's own word on the port, for the pages that wait for it; nothing else of the runner lives on this origin.
        if (!visitor && request.Path.Equals("/.dropit/port", StringComparison.Ordinal))
        {
            return WriteAsync(context, StatusCodes.Status200OK, "text/plain; charset=utf-8", forwarder.StateOf(port).Key);
        }

        if (request.Path.Equals(PreviewConsole.Path, StringComparison.Ordinal))
        {
            return WriteAsync(
                context, StatusCodes.Status200OK, "text/javascript; charset=utf-8", PreviewConsole.Script(address.ControlOrigin));
        }

        if (request.Path.Value!.StartsWith(Own, StringComparison.Ordinal))
        {
            return WriteAsync(context, StatusCodes.Status404NotFound, "text/plain; charset=utf-8", "There is nothing here.\n");
        }

        // 5. Uploads, downloads and streams take what they take.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } upload)
        {
            upload.MinDataRate = null;
        }

        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } download)
        {
            download.MinDataRate = null;
        }

        return forwarder.ForwardAsync(context, port, ownTicket, visitor);
    }

    private Task EnterAsync(HttpContext context, int? port)
    {
        var query = context.Request.Query;
        var text = query["ticket"].ToString();
        var refusal = gate.Refusal(text, out var ticket, port);
        if (refusal is not null || ticket!.Role == Role.Runner)
        {
            return WriteAsync(
                context,
                StatusCodes.Status401Unauthorized,
                "text/plain; charset=utf-8",
                (refusal ?? "This ticket is for the storage service.") + "\n");
        }

        var to = query["to"].ToString();
        context.Response.Headers.Append(
            HeaderNames.SetCookie,
            PreviewCookies.Set(text, DateTimeOffset.FromUnixTimeSeconds(ticket.Expires), address.KeepsSecureCookies));
        return RedirectAsync(context, PreviewAddress.IsLocalPath(to) ? to : "/");
    }

    private Task RefuseAsync(HttpContext context, int port, string refusal)
    {
        var request = context.Request;
        if (!PreviewForwarder.IsNavigation(request))
        {
            return WriteAsync(context, StatusCodes.Status401Unauthorized, "text/plain; charset=utf-8", refusal + "\n");
        }

        var to = Uri.EscapeDataString(request.Path.ToUriComponent() + request.QueryString.ToUriComponent());
        return RedirectAsync(context, $"{address.ControlOrigin}/enter?workspace={address.Slug}&port={port}&to={to}");
    }

    private static Task RedirectAsync(HttpContext context, string to)
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = ToAscii(to);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        return Task.CompletedTask;
    }

    /// <summary>Header values are ASCII; a path given decoded is encoded again, and what is encoded stays.</summary>
    private static string ToAscii(string url) =>
        string.Concat(url.EnumerateRunes().Select(r => r.IsAscii && r.Value != ' ' ? r.ToString() : Uri.EscapeDataString(r.ToString())));

    private static Task WriteAsync(HttpContext context, int status, string type, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return context.Response.WriteAsync(body);
    }
}
