using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Runner.Files;
using DropIt.Runner.Journal;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.History;

/// <summary>The answer to <c>history.restore</c>.</summary>
/// <param name="Written">Files and links that are now as they were in the version.</param>
/// <param name="Deleted">Files and links that the version did not have.</param>
/// <param name="Before">The version with what was there before: restoring it undoes this.</param>
/// <param name="Failed">What could not be brought back and why, the first few.</param>
/// <param name="FailedCount">How many.</param>
internal sealed record RestoredVersion(int Written, int Deleted, string? Before, IReadOnlyList<FailedPath> Failed, int FailedCount);

/// <summary>A path that could not be brought back.</summary>
/// <param name="Path">Which.</param>
/// <param name="Message">Why, for the user.</param>
internal sealed record FailedPath(string Path, string Message);

/// <summary>
/// Brings files back from an earlier version of the workspace, as a new change: open documents take it in as a diff, what nobody journalled yet is journalled
/// first, and the versions in between stay.
/// </summary>
/// <param name="flush">Completes when all that was written before is safe.</param>
internal sealed class HistoryRequests(
    WorkspaceFiles files, VersionClient versions, VersionRestore restore, Func<CancellationToken, Task> flush, JournalWriter journal)
{
    private const int MaxPaths = 200;

    private int _busy;

    /// <summary>Registers the op.</summary>
    public void AddTo(RequestTable requests) => requests.Add("history.restore", RestoreAsync);

    private async ValueTask<Reply> RestoreAsync(Session session, JsonElement request, CancellationToken ct)
    {
        if (!request.TryText("version", out var version))
        {
            return Reply.Failed(ErrorCode.BadRequest, "The request lacks version.");
        }

        if (!TryPaths(request, out var paths, out var refusal))
        {
            return refusal;
        }

        if (Interlocked.Exchange(ref _busy, 1) == 1)
        {
            return Reply.Failed(ErrorCode.Busy, "Another version is being restored. Try it again when that is done.");
        }

        try
        {
            // 1. What is there now becomes a version first, so that this can be undone.
            await flush(ct);
            var before = await versions.NewestAsync(ct);

            // 2. What differs is fetched, then put in place.
            if (await versions.ReadAsync(version, ct) is not { } wanted)
            {
                return Reply.Failed(ErrorCode.NotFound, "This version does not exist, or is no longer kept. Reload the history and choose another one.");
            }

            journal.Restoring = version;
            var done = await restore.RunAsync(version, wanted, paths, session.Ticket.User, ct);

            // 3. It is shown as done when it is safe and a version of its own: what is written from now on is not part of it.
            await flush(ct);
            _ = await versions.NewestAsync(ct);
            return Reply.Of(done with { Before = before }, HistoryJson.Default.RestoredVersion);
        }
        catch (HttpRequestException e)
        {
            return Reply.Failed(ErrorCode.Failed, $"The history can not be reached ({e.Message}). What was brought back by now stays; try it again.");
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            return FileFailure.Of(e, "the workspace");
        }
        finally
        {
            journal.Restoring = null;
            Volatile.Write(ref _busy, 0);
        }
    }

    /// <summary>Null: the whole workspace.</summary>
    private bool TryPaths(JsonElement request, out IReadOnlyList<string>? paths, out Reply refusal)
    {
        (paths, refusal) = (null, default);
        if (!request.TryGetProperty("paths", out var list))
        {
            return true;
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is 0 or > MaxPaths
            || list.EnumerateArray().Any(path => path.ValueKind != JsonValueKind.String))
        {
            refusal = Reply.Failed(ErrorCode.BadRequest, $"\"paths\" is a list of 1 to {MaxPaths} paths; without it everything is restored.");
            return false;
        }

        paths = [.. list.EnumerateArray().Select(path => path.GetString()!)];
        foreach (var path in paths)
        {
            if (files.Resolve(path, follow: false) is { Error: not null } resolved)
            {
                refusal = resolved.Refusal;
                return false;
            }
        }

        return true;
    }
}

/// <summary>JSON of restoring, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RestoredVersion))]
internal sealed partial class HistoryJson : JsonSerializerContext;
