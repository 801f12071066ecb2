using DropIt.Control.Access;
using DropIt.Control.Answers;
using DropIt.Control.Database;
using DropIt.Storage.Access;
using DropIt.Storage.History;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DropIt.Control.Workspaces;

/// <summary>A workspace's earlier versions. Bringing one back is the runner's: open documents must take it in as a diff.</summary>
internal static class VersionsApi
{
    private const int UsualPage = 50;

    public static void MapVersions(this IEndpointRouteBuilder routes)
    {
        var versions = routes.MapGroup("/api/workspaces/{slug}/versions");
        routes.MapGet("/api/workspaces/{slug}/versions", ListAsync);
        versions.MapGet("/{id}/files", FilesAsync);
        versions.MapGet("/{id}/files/{**path}", ReadAsync);
        versions.MapGet("/{id}/changes", ChangesAsync);
        versions.MapGet("/{id}/archive.zip", ArchiveAsync);
    }

    private static async Task<IResult> ListAsync(
        WorkspaceAccess access,
        string? before,
        string? path,
        int? limit,
        WorkspaceStore store,
        WorkspaceHistory history,
        TimeProvider time,
        CancellationToken cancel)
    {
        VersionId? until = null;
        if (before is not null)
        {
            if (!VersionId.TryParse(before, out var id))
            {
                return NoName(before);
            }

            until = id;
        }

        if (limit is < 1 or > WorkspaceHistory.MaxPage)
        {
            return Problem.Of(StatusCodes.Status400BadRequest, $"The limit must be 1 to {WorkspaceHistory.MaxPage}; without one it is {UsualPage}.");
        }

        if (until is null)
        {
            await WorkspaceFilesApi.SettleAsync(store, access.Slug, time, cancel);
        }

        var page = await history.ListAsync(access.Slug, until, string.IsNullOrEmpty(path) ? null : path.Trim('/'), limit ?? UsualPage, cancel);
        return page.Value is null
            ? WorkspaceFilesApi.Of(page.Error, page.Message)
            : TypedResults.Ok(new VersionsAnswer([.. page.Value.Versions.Select(VersionAnswer.Of)], page.Value.Next?.ToString()));
    }

    private static async Task<IResult> FilesAsync(
        WorkspaceAccess access, string id, WorkspaceHistory history, CancellationToken cancel)
    {
        return VersionId.TryParse(id, out var version)
            ? WorkspaceFilesApi.Listed(await history.FilesAsync(access.Slug, version, cancel))
            : NoName(id);
    }

    private static async Task<IResult> ReadAsync(
        WorkspaceAccess access, string id, string path, HttpContext http, WorkspaceHistory history, CancellationToken cancel)
    {
        return VersionId.TryParse(id, out var version)
            ? WorkspaceFilesApi.Opened(http, path, await history.OpenFileAsync(access.Slug, version, path, cancel))
            : NoName(id);
    }

    private static async Task<IResult> ChangesAsync(
        WorkspaceAccess access, string id, string? since, WorkspaceHistory history, CancellationToken cancel)
    {
        if (!VersionId.TryParse(id, out var version))
        {
            return NoName(id);
        }

        VersionId? first = null;
        if (since is not null)
        {
            if (!VersionId.TryParse(since, out var other))
            {
                return NoName(since);
            }

            first = other;
        }

        var between = await history.DifferencesAsync(access.Slug, first, version, cancel);
        return between.Value is null
            ? WorkspaceFilesApi.Of(between.Error, between.Message)
            : TypedResults.Ok(new ChangesAnswer(
                between.Value.Since?.ToString(),
                [.. between.Value.Files.Select(file => new ChangedFileAnswer(
                    file.Path, NameOf(file.Change), NameOf(file.Kind), file.Before, file.After))],
                between.Value.Total));
    }

    private static async Task<IResult> ArchiveAsync(
        WorkspaceAccess access, string id, HttpContext http, ControlDatabase database, WorkspaceHistory history, CancellationToken cancel)
    {
        return VersionId.TryParse(id, out var version)
            ? await WorkspaceFilesApi.ZippedAsync(
                http, $"{await WorkspaceFilesApi.NameAsync(access, database, cancel)} {version}.zip", body => history.WriteZipAsync(access.Slug, version, body, cancel))
            : NoName(id);
    }

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult NoName(string text) => Problem.Of(
        StatusCodes.Status400BadRequest, $"'{(text.Length > 40 ? text[..40] : text)}' does not name a version. A version is named by two numbers, such as 3-41.");

    internal static string NameOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}

/// <summary><c>GET /api/workspaces/{slug}/versions</c>.</summary>
internal sealed record VersionsAnswer(IReadOnlyList<VersionAnswer> Versions, string? Next);

/// <summary>A version as the timeline shows it.</summary>
internal sealed record VersionAnswer(
    string Id,
    DateTimeOffset Time,
    string Cause,
    IReadOnlyList<string> Authors,
    bool Programs,
    string? Restored,
    int Added,
    int Changed,
    int Deleted,
    IReadOnlyList<ChangedPathAnswer> Files)
{
    public static VersionAnswer Of(WorkspaceVersion version) => new(
        version.Id.ToString(),
        version.Time,
        VersionsApi.NameOf(version.Cause),
        version.Authors,
        version.Programs,
        version.Restored,
        version.Added,
        version.Changed,
        version.Deleted,
        [.. version.Files.Select(file => new ChangedPathAnswer(file.Path, VersionsApi.NameOf(file.Change)))]);
}

/// <summary>A path that a version changed.</summary>
internal sealed record ChangedPathAnswer(string Path, string Change);

/// <summary><c>GET /api/workspaces/{slug}/versions/{id}/changes</c>.</summary>
internal sealed record ChangesAnswer(string? Since, IReadOnlyList<ChangedFileAnswer> Files, int Total);

/// <summary>A file that is not the same in two versions; sizes in bytes.</summary>
internal sealed record ChangedFileAnswer(string Path, string Change, string Kind, long? Before, long? After);
