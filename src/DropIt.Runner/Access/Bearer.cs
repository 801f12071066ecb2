using System.Text.Json;

namespace DropIt.Runner.Access;

/// <summary>The ticket of an HTTP request.</summary>
internal static class Bearer
{
    private const string Prefix = "Bearer ";

    /// <summary>What stands in <c>Authorization: Bearer ..</c>; null without.</summary>
    public static string? Of(HttpRequest request) =>
        request.Headers.Authorization.ToString() is { } text && text.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            ? text[Prefix.Length..].Trim()
            : null;
}

/// <summary>Failures over HTTP: <c>{"error":{"code","message"}}</c>, as in a reply frame.</summary>
internal static class HttpError
{
    /// <summary>For programs and the page's own requests: a browser that is led to one of these answers shows, runs and keeps nothing of it.</summary>
    public static void Guard(IHeaderDictionary headers)
    {
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'; frame-ancestors 'none'";
    }

    /// <summary>Answers with <paramref name="status"/>, unless the answer has begun: then the connection is cut.</summary>
    public static async Task WriteAsync(HttpContext context, int status, string code, string message)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        Guard(context.Response.Headers);
        await using var writer = new Utf8JsonWriter(context.Response.Body);
        writer.WriteStartObject();
        writer.WriteStartObject("error");
        writer.WriteString("code", code);
        writer.WriteString("message", message);
        writer.WriteEndObject();
        writer.WriteEndObject();
        await writer.FlushAsync(context.RequestAborted);
    }
}

/// <summary>Cross-origin reading for the control origin and no other.</summary>
internal static class Cors
{
    /// <summary>Sets the headers; true when the request was a preflight and is answered.</summary>
    public static bool Answer(HttpContext context, Gate gate)
    {
        var headers = context.Response.Headers;
        headers.Vary = "Origin";
        if (context.Request.Headers.Origin != gate.ControlOrigin)
        {
            return false;
        }

        headers.AccessControlAllowOrigin = gate.ControlOrigin;
        headers.AccessControlExposeHeaders = "Content-Length, Content-Range, Content-Disposition, ETag";
        if (!HttpMethods.IsOptions(context.Request.Method))
        {
            return false;
        }

        headers.AccessControlAllowMethods = "GET, PUT";
        headers.AccessControlAllowHeaders = "Authorization, Content-Type, Range";
        headers.AccessControlMaxAge = "600";
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }
}
