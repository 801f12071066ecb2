using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace DropIt.Control.Answers;

/// <summary>A page that says one thing: why something is not there and what to do. Needs no script and no other file.</summary>
public static class SentencePage
{
    private const string Style =
        "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:18vh auto;padding:0 1.5rem;color:#1c1c1f;background:#fafafa}"
        + "h1{font-size:1.25rem}p{white-space:pre-line;overflow-wrap:anywhere}"
        + "code{display:block;padding:.6rem .8rem;border-radius:.4rem;background:#ececef}"
        + "@media(prefers-color-scheme:dark){body{color:#e6e6ea;background:#161618}code{background:#26262a}}";

    /// <summary>The HTML. <paramref name="refreshSeconds"/>: the page loads itself again after that long.</summary>
    public static string Html(string title, string sentence, string? command = null, int? refreshSeconds = null) =>
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">"
        + (refreshSeconds is { } n ? string.Create(CultureInfo.InvariantCulture, $"<meta http-equiv=refresh content={n}>") : "")
        + $"<title>{Text(title)}</title><style>{Style}</style><main><h1>{Text(title)}</h1><p>{Text(sentence)}</p>"
        + (command is null ? "" : $"<code>{Text(command)}</code>")
        + "</main>";

    /// <summary>The same as an answer.</summary>
    public static IResult Answer(int status, string title, string sentence, string? command = null) =>
        new Said(Html(title, sentence, command), status);

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private sealed record Said(string Html, int Status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.XContentTypeOptions = "nosniff"; // also on the origins of workspaces, whose other answers are not control's
            httpContext.Response.Headers.CacheControl = "no-store"; // it says how something is now
            return TypedResults.Content(Html, "text/html; charset=utf-8", statusCode: Status).ExecuteAsync(httpContext);
        }
    }
}
