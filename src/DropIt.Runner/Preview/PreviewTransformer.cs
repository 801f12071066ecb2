using System.Net.Http.Headers;
using DropIt.Protocol.Tickets;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Forwarder;

namespace DropIt.Runner.Preview;

/// <summary>
/// Makes a program believe that it is visited on localhost, so that host and origin checks of development servers and their
/// reload sockets work without a change to the project; and takes the runner's own credentials out.
/// </summary>
/// <param name="address">Of the workspace.</param>
/// <param name="port">Where the program listens.</param>
/// <param name="ownTicket">The Authorization header is the runner's.</param>
internal sealed class PreviewTransformer(PreviewAddress address, int port, bool ownTicket) : HttpTransformer
{
    /// <inheritdoc/>
    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
        var request = httpContext.Request;
        var headers = proxyRequest.Headers;
        headers.Host = $"localhost:{port}";
        Set(headers, "X-Forwarded-Host", request.Host.Value);
        Set(headers, "X-Forwarded-Proto", address.Scheme);
        Set(headers, "X-Forwarded-For", request.Headers["X-Forwarded-For"] is [{ Length: > 0 } known, ..] ? known : "127.0.0.1");
        Rewrite(headers, HeaderNames.Origin, request.Headers.Origin);
        Rewrite(headers, HeaderNames.Referer, request.Headers.Referer);
        Set(headers, HeaderNames.Cookie, PreviewCookies.WithoutOwn(string.Join("; ", request.Headers.Cookie.AsEnumerable())));
        headers.Remove(Ticket.VisitorHeader);
        if (ownTicket)
        {
            headers.Remove(HeaderNames.Authorization);
        }

        if (PreviewConsole.Wants(request))
        {
            // What comes packed cannot be added to.
            headers.Remove(HeaderNames.AcceptEncoding);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<bool> TransformResponseAsync(
        HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
    {
        var forwarded = await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        var headers = httpContext.Response.Headers;
        if (headers.Location is [{ Length: > 0 } location])
        {
            headers.Location = address.ToPublic(location);
        }

        if (headers.AccessControlAllowOrigin is [{ Length: > 1 } allowed])
        {
            headers.AccessControlAllowOrigin = address.ToPublic(allowed);
        }

        if (headers.SetCookie.Count > 0)
        {
            headers.SetCookie = new StringValues([.. headers.SetCookie.OfType<string>().Select(PreviewCookies.Confine).OfType<string>()]);
        }

        if (proxyResponse is not null && PreviewConsole.TagFor(httpContext.Request, proxyResponse) is { } tag)
        {
            headers.ContentLength = null;
            proxyResponse.Content = new StreamContent(
                new InsertingStream(await proxyResponse.Content.ReadAsStreamAsync(cancellationToken), tag));
        }

        return forwarded;
    }

    private void Rewrite(HttpRequestHeaders headers, string name, StringValues value)
    {
        if (value is [{ Length: > 0 } url])
        {
            Set(headers, name, address.ToLocal(url));
        }
    }

    private static void Set(HttpRequestHeaders headers, string name, string? value)
    {
        headers.Remove(name);
        if (!string.IsNullOrEmpty(value))
        {
            headers.TryAddWithoutValidation(name, value);
        }
    }
}
