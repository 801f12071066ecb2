using System.IO.Compression;
using DropIt.Protocol.Access;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Tickets;
using DropIt.Runner.Access;
using DropIt.Runner.Journal;
using DropIt.Runner.Sessions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.StaticFiles;

namespace DropIt.Runner.Files;

/// <summary><c>/.dropit/files/..</c>: bytes in and out.</summary>
internal sealed class FileRoutes(WorkspaceFiles files, WorkspaceQuota quota, Gate gate, string state, Action<string, string> edited)
{
    private const string Prefix = "/.dropit/files";

    /// <summary>A file of the workspace is shown as from an origin of its own, without scripts: it can not act for the user.</summary>
    private const string Sandbox = "sandbox; default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'";

    private readonly FileExtensionContentTypeProvider _types = new();

    /// <summary>Maps the routes.</summary>
    public void Map(IEndpointRouteBuilder routes) =>
        routes.Map(Prefix + "/{**path}", async context =>
        {
            if (Cors.Answer(context, gate))
            {
                return;
            }

            var refusal = gate.Refusal(Bearer.Of(context.Request), out var ticket);
            if (refusal is not null || ticket!.Role == Role.Runner)
            {
                await HttpError.WriteAsync(
                    context, StatusCodes.Status401Unauthorized, "denied", refusal ?? "This ticket is for the storage service.");
                return;
            }

            await ServeAsync(context, ticket);
        });

    private async Task ServeAsync(HttpContext context, Ticket ticket)
    {
        var path = files.Resolve(context.Request.Path.Value![Prefix.Length..].TrimStart('/'));
        if (path.Error is { } code)
        {
            await FailAsync(context, code, path.Message);
            return;
        }

        try
        {
            if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            {
                await GetAsync(context, path);
            }
            else if (!HttpMethods.IsPut(context.Request.Method))
            {
                context.Response.Headers.Allow = "GET, HEAD, PUT";
                await HttpError.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "bad_request", "Only GET and PUT.");
            }
            else if (ticket.Role == Role.Viewer)
            {
                await FailAsync(context, ErrorCode.Denied, MessageRights.Refusal);
            }
            else if (context.Request.Query.ContainsKey("unpack"))
            {
                edited(ticket.User, path.Relative);
                await UnpackAsync(context, path);
            }
            else
            {
                edited(ticket.User, path.Relative);
                await PutAsync(context, path);
            }
        }
        catch (Exception e) when (FileFailure.Expected(e) && !context.RequestAborted.IsCancellationRequested)
        {
            await FailAsync(context, FileFailure.Code(e), FileFailure.Message(e, path.Relative));
        }
    }

    private async Task GetAsync(HttpContext context, WorkspacePath path)
    {
        if (FileStat.Of(path.Full) is not { } stat)
        {
            await FailAsync(context, ErrorCode.NotFound, $"\"{path.Relative}\" does not exist.");
            return;
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Sandbox;
        var name = path.Relative.Length == 0 ? "workspace" : path.Relative[(path.Relative.LastIndexOf('/') + 1)..];
        if (stat.Kind == FileKind.Folder)
        {
            headers.ContentType = "application/zip";
            headers.ContentDisposition = Attachment(name + ".zip");
            // ZipArchive writes headers of entries synchronously, also where its methods are asynchronous.
            context.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
            await ZipAsync(context.Response.Body, path.Full, context.RequestAborted);
            return;
        }

        var type = _types.TryGetContentType(name, out var known) ? known : "application/octet-stream";
        var download = context.Request.Query.ContainsKey("download") ? name : null;
        await TypedResults
            .PhysicalFile(path.Full, type, download, enableRangeProcessing: true)
            .ExecuteAsync(context);
    }

    private static string Attachment(string name)
    {
        var value = new Microsoft.Net.Http.Headers.ContentDispositionHeaderValue("attachment");
        value.SetHttpFileName(name);
        return value.ToString();
    }

    /// <summary>Writes the zip as it goes: nothing is collected. What vanishes or can not be read meanwhile is left out.</summary>
    private static async Task ZipAsync(Stream to, string folder, CancellationToken ct)
    {
        await using var zip = await ZipArchive.CreateAsync(to, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, ct);
        foreach (var (path, _) in TreeWalk.Below(folder, "", null))
        {
            var full = $"{folder}/{path}";
            if (FileStat.Of(full) is not { Kind: FileKind.File or FileKind.Folder } stat)
            {
                continue;
            }

            if (stat.Kind == FileKind.Folder)
            {
                zip.CreateEntry(path + "/").ExternalAttributes = (0x4000 | stat.Mode) << 16;
                continue;
            }

            Stream file;
            try
            {
                file = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            }
            catch (Exception e) when (FileFailure.Expected(e))
            {
                continue;
            }

            await using (file)
            {
                var entry = zip.CreateEntry(path, CompressionLevel.Fastest);
                entry.ExternalAttributes = (0x8000 | stat.Mode) << 16;
                await using var into = await entry.OpenAsync(ct);
                await file.CopyToAsync(into, ct);
            }
        }
    }

    private async Task PutAsync(HttpContext context, WorkspacePath path)
    {
        var kind = FileStat.Of(path.Full)?.Kind;
        if (path.Relative.Length == 0 || kind == FileKind.Folder)
        {
            await FailAsync(context, ErrorCode.NotAFile, $"\"{path.Relative}\" is a folder. Choose the name of a file.");
            return;
        }

        if (quota.Refusal(path.Relative, context.Request.ContentLength ?? 0) is { } refusal)
        {
            await FailAsync(context, ErrorCode.TooLarge, refusal);
            return;
        }

        var room = Math.Min(JournalEntry.MaxFileLength, quota.Room(path.Relative));
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = room;
        try
        {
            await AtomicFile.WriteAsync(path.Full, to => context.Request.Body.CopyToAsync(to, context.RequestAborted));
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await FailAsync(context, ErrorCode.TooLarge, quota.Refusal(path.Relative, room + 1) ?? "A file may have at most 512 MiB.");
        }
    }

    /// <summary>The body is a zip, kept outside the workspace until it has been unpacked.</summary>
    private async Task UnpackAsync(HttpContext context, WorkspacePath folder)
    {
        if (FileStat.Of(folder.Full) is { Kind: not FileKind.Folder })
        {
            await FailAsync(context, ErrorCode.NotAFolder, $"\"{folder.Relative}\" is not a folder.");
            return;
        }

        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = JournalEntry.MaxFileLength;
        await using var zip = new FileStream(
            Path.Combine(state, $"zip-{Guid.NewGuid():n}"),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose });
        try
        {
            await context.Request.Body.CopyToAsync(zip, context.RequestAborted);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await FailAsync(context, ErrorCode.TooLarge, "A zip may have at most 512 MiB.");
            return;
        }

        zip.Position = 0;
        Directory.CreateDirectory(folder.Full);
        var unpacked = await Unpacking.IntoAsync(zip, folder.Full, made => quota.Refusal(folder.Relative, quota.SizeOf(made)), context.RequestAborted);
        if (unpacked.Message is { } message)
        {
            await FailAsync(context, unpacked.Code, message);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Task FailAsync(HttpContext context, ErrorCode code, string message) =>
        HttpError.WriteAsync(context, Status(code), Reply.Text(code), message);

    private static int Status(ErrorCode code) => code switch
    {
        ErrorCode.BadRequest => StatusCodes.Status400BadRequest,
        ErrorCode.NotFound => StatusCodes.Status404NotFound,
        ErrorCode.Denied or ErrorCode.Outside => StatusCodes.Status403Forbidden,
        ErrorCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorCode.Full => StatusCodes.Status507InsufficientStorage,
        ErrorCode.Failed => StatusCodes.Status500InternalServerError,
        _ => StatusCodes.Status409Conflict,
    };
}
