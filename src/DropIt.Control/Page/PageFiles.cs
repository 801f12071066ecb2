using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using DropIt.Control.Answers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace DropIt.Control.Page;

/// <summary>One file of the built page with its packed twins.</summary>
internal sealed record PageFile(string Path, string ContentType, bool Hashed, string ETag, string? Brotli, string? Gzip);

/// <summary>
/// The built page, listed once when the server starts: a request can only name what was found then, so no path leads out of the folder.
/// </summary>
internal sealed partial class PageFiles
{
    private readonly FrozenDictionary<string, PageFile> _files;

    public PageFiles(ControlOptions options)
    {
        _files = Scan(options.Web).ToFrozenDictionary(f => f.Name, f => f.File);
        Index = _files.GetValueOrDefault("/index.html");
        ContentSecurityPolicy = Policy(options, Index);
    }

    /// <summary>The page itself; null when it has not been built.</summary>
    public PageFile? Index { get; }

    /// <summary>What the page may load and talk to: itself and the workspaces.</summary>
    public string ContentSecurityPolicy { get; }

    /// <summary>The file at that path of the origin.</summary>
    public PageFile? Find(string path) => _files.GetValueOrDefault(path);

    private static IEnumerable<(string Name, PageFile File)> Scan(string folder)
    {
        var types = new FileExtensionContentTypeProvider();
        if (!Directory.Exists(folder))
        {
            yield break;
        }

        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (path.EndsWith(".br", StringComparison.Ordinal) || path.EndsWith(".gz", StringComparison.Ordinal))
            {
                continue;
            }

            var name = "/" + System.IO.Path.GetRelativePath(folder, path).Replace('\\', '/');
            var type = types.TryGetContentType(path, out var known) ? known : "application/octet-stream";
            if (type.StartsWith("text/", StringComparison.Ordinal))
            {
                type += "; charset=utf-8";
            }

            var info = new FileInfo(path);
            yield return (name, new PageFile(
                path,
                type,
                name.StartsWith("/assets/", StringComparison.Ordinal), // Vite puts a hash into these names
                $"\"{info.LastWriteTimeUtc.Ticks:x}-{info.Length:x}\"",
                File.Exists(path + ".br") ? path + ".br" : null,
                File.Exists(path + ".gz") ? path + ".gz" : null));
        }
    }

    private static string Policy(ControlOptions options, PageFile? index)
    {
        var (http, ws) = options.Scheme == "https" ? ("https", "wss") : ("http", "ws");
        var workspaces = $"*.{options.PublicDomain}";

        // Scripts written into index.html (the theme before first paint) are allowed by their hashes, no others.
        var inline = index is null ? "" : string.Concat(InlineScript().Matches(File.ReadAllText(index.Path))
            .Select(m => $" 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(m.Groups[1].Value)))}'"));

        // Styles: the editor and the terminal write their own elements.
        return $"default-src 'self'; script-src 'self'{inline}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
            + $"connect-src 'self' {http}://{workspaces} {ws}://{workspaces}; frame-src {http}://{workspaces}; worker-src 'self' blob:; "
            + "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    }

    [GeneratedRegex("<script(?![^>]*\\bsrc=)[^>]*>(.*?)</script>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex InlineScript();
}

/// <summary>Serves the built page.</summary>
internal static class PageApi
{
    private const string NotBuilt = "The server found no index.html in the folder that --web names. Build the page and start again with:";

    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", IndexAsync);
        routes.MapGet("/w/{slug}", IndexAsync);
        routes.MapGet("/new/{stack}", IndexAsync);
        routes.MapGet("/signup", IndexAsync);
        routes.MapGet("/account", IndexAsync);
        routes.MapGet("/people", IndexAsync);
        routes.MapGet("/admin", IndexAsync);
        routes.MapGet("/audit", IndexAsync);
        routes.MapGet("/teams", IndexAsync);
        routes.MapGet("/teams/{team}", IndexAsync);
        routes.MapGet("/join/{token}", IndexAsync);
        routes.MapFallback("{**path}", FileAsync);
    }

    /// <summary>Headers of every answer of the control origin.</summary>
    public static void UsePageHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = http.RequestServices.GetRequiredService<PageFiles>().ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        if (http.RequestServices.GetRequiredService<ControlOptions>().Scheme == "https")
        {
            headers.StrictTransportSecurity = "max-age=15552000"; // half a year, of this host alone
        }

        return next(http);
    });

    private static async Task IndexAsync(HttpContext http)
    {
        var page = http.RequestServices.GetRequiredService<PageFiles>();
        if (page.Index is null)
        {
            await SentencePage.Answer(StatusCodes.Status404NotFound, "The page is not built", NotBuilt, "./dropit up").ExecuteAsync(http);
            return;
        }

        await SendAsync(http, page.Index);
    }

    private static async Task FileAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "/";
        if (http.RequestServices.GetRequiredService<PageFiles>().Find(path) is { } file)
        {
            await SendAsync(http, file);
            return;
        }

        var answer = path.StartsWith("/api/", StringComparison.Ordinal)
            ? Problem.Of(StatusCodes.Status404NotFound, $"{http.Request.Method} {path} is not part of the API; docs/api.md lists what is.")
            : SentencePage.Answer(StatusCodes.Status404NotFound, "There is nothing here", "Workspaces are listed on the home page of drop.it.");
        await answer.ExecuteAsync(http);
    }

    private static async Task SendAsync(HttpContext http, PageFile file)
    {
        var (request, response) = (http.Request, http.Response);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        response.Headers.CacheControl = file.Hashed ? "public, max-age=31536000, immutable" : "no-cache";
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        response.Headers.ETag = file.ETag;
        if (request.Headers.IfNoneMatch == file.ETag)
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        var (path, encoding) = Choose(file, request.Headers.AcceptEncoding.ToString());
        response.ContentType = file.ContentType;
        if (encoding is not null)
        {
            response.Headers.ContentEncoding = encoding;
        }

        response.ContentLength = new FileInfo(path).Length;
        if (HttpMethods.IsGet(request.Method))
        {
            await response.SendFileAsync(path, http.RequestAborted);
        }
    }

    private static (string Path, string? Encoding) Choose(PageFile file, string accepted) =>
        file.Brotli is { } br && Accepts(accepted, "br") ? (br, "br")
        : file.Gzip is { } gz && Accepts(accepted, "gzip") ? (gz, "gzip")
        : (file.Path, null);

    private static bool Accepts(string header, string encoding) =>
        header.Split(',', StringSplitOptions.TrimEntries)
            .Select(part => part.Split(';', StringSplitOptions.TrimEntries))
            .Any(part => part[0].Equals(encoding, StringComparison.OrdinalIgnoreCase) && !part.Skip(1).Any(q => q is "q=0" or "q=0.0"));
}
