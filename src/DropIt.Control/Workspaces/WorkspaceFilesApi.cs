using DropIt.Control.Access;
using DropIt.Control.Answers;
using DropIt.Control.Database;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;

namespace DropIt.Control.Workspaces;

/// <summary>A workspace's files as storage has them: also while no runner runs, and with every change that was shown as safe.</summary>
internal static class WorkspaceFilesApi
{
    /// <summary>What was typed a moment ago is in the answer, unless storing it takes longer than anyone looks: then the answer is what was stored before.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(5);

    public static void MapWorkspaceFiles(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/workspaces/{slug}/files", ListAsync);
        routes.MapGet("/api/workspaces/{slug}/files/{**path}", ReadAsync);
        routes.MapGet("/api/workspaces/{slug}/archive.zip", ArchiveAsync);
    }

    private static async Task<IResult> ListAsync(
        WorkspaceAccess access, WorkspaceStore store, TimeProvider time, CancellationToken cancel)
    {
        await SettleAsync(store, access.Slug, time, cancel);
        return Listed(await store.ListAsync(access.Slug, cancel));
    }

    private static async Task<IResult> ReadAsync(
        WorkspaceAccess access, string path, HttpContext http, WorkspaceStore store, TimeProvider time, CancellationToken cancel)
    {
        await SettleAsync(store, access.Slug, time, cancel);
        return Opened(http, path, await store.OpenFileAsync(access.Slug, path, cancel));
    }

    private static async Task<IResult> ArchiveAsync(
        WorkspaceAccess access, HttpContext http, ControlDatabase database, WorkspaceStore store, TimeProvider time, CancellationToken cancel)
    {
        await SettleAsync(store, access.Slug, time, cancel);
        return await ZippedAsync(http, await NameAsync(access, database, cancel) + ".zip", body => store.WriteZipAsync(access.Slug, body, cancel));
    }

    /// <summary>What a workspace, or a version of one, holds.</summary>
    public static IResult Listed(StorageResult<WorkspaceListing> listed)
    {
        if (listed.Error != StorageError.None)
        {
            return Of(listed.Error, listed.Message);
        }

        IReadOnlyList<FileAnswer> files =
            [.. listed.Value!.Paths.Select(p => new FileAnswer(p.Path, p.Kind.ToString().ToLowerInvariant(), p.Size))];
        return TypedResults.Ok(files);
    }

    /// <summary>One file, as an attachment.</summary>
    public static IResult Opened(HttpContext http, string path, StorageResult<WorkspaceFile> opened)
    {
        if (opened.Error != StorageError.None)
        {
            return Of(opened.Error, opened.Message);
        }

        // Never shown on this origin: a workspace's HTML would run with the page's rights.
        http.Response.ContentLength = opened.Value!.Size;
        return TypedResults.Stream(opened.Value.Content, "application/octet-stream", Path.GetFileName(path));
    }

    /// <summary>All files as a zip, written as it goes.</summary>
    public static async Task<IResult> ZippedAsync(HttpContext http, string name, Func<Stream, Task<StorageResult>> write)
    {
        // The zip's directory is written synchronously at its end; everything before it streams.
        http.Features.Get<IHttpBodyControlFeature>()!.AllowSynchronousIO = true;
        http.Response.ContentType = "application/zip";
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name);
        http.Response.Headers.ContentDisposition = disposition.ToString();
        var written = await write(http.Response.Body);
        if (written.Error == StorageError.None)
        {
            return TypedResults.Empty;
        }

        if (http.Response.HasStarted)
        {
            http.Abort(); // a broken download is seen as one; a short one would not be
            return TypedResults.Empty;
        }

        http.Response.Headers.Remove(HeaderNames.ContentDisposition);
        return Of(written.Error, written.Message);
    }

    /// <summary>Waits a while for what was acknowledged.</summary>
    public static async Task SettleAsync(WorkspaceStore store, Slug slug, TimeProvider time, CancellationToken cancel)
    {
        try
        {
            await store.SettledAsync(slug, cancel).WaitAsync(s_settling, time, cancel);
        }
        catch (TimeoutException)
        {
            return; // it is in the next answer
        }
    }

    /// <summary>What its owner calls it.</summary>
    public static async Task<string> NameAsync(WorkspaceAccess access, ControlDatabase database, CancellationToken cancel)
    {
        await using var context = await database.OpenAsync(cancel);
        return await context.Workspaces.Of(access).Select(w => w.Name).FirstOrDefaultAsync(cancel) ?? access.Slug.Value;
    }

    public static IResult Of(StorageError error, string? message) => Problem.Of(StatusOf(error), message ?? "The storage service failed.");

    public static int StatusOf(StorageError error) => error switch
    {
        StorageError.NotFound => StatusCodes.Status404NotFound,
        StorageError.Full => StatusCodes.Status507InsufficientStorage,
        _ => StatusCodes.Status400BadRequest,
    };
}
