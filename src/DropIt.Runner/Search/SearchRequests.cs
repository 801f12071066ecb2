using System.Collections.Concurrent;
using System.Text.Json;
using DropIt.Protocol.Frames;
using DropIt.Runner.Documents;
using DropIt.Runner.Files;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Search;

/// <summary>The <c>search.*</c> requests. A page has one search at a time: another one ends it.</summary>
internal sealed class SearchRequests(WorkspaceFiles files, Func<IgnoreRules> rules, DocumentSet documents)
{
    private readonly ConcurrentDictionary<uint, CancellationTokenSource> _running = new();
    private readonly Replacing _replacing = new(files.Root, documents);

    /// <summary>Registers the ops.</summary>
    public void AddTo(RequestTable requests)
    {
        requests.Add("search.start", (session, request, ct) => ValueTask.FromResult(Start(session, request, ct)));
        requests.Add("search.stop", (session, _, _) => ValueTask.FromResult(Stop(session)));
        requests.Add("search.replace", (_, request, ct) => ValueTask.FromResult(Replace(request, ct)));
        requests.Add("search.undo", (_, request, _) => ValueTask.FromResult(Undo(request)));
    }

    private Reply Start(Session session, JsonElement request, CancellationToken ct)
    {
        if (!request.TryNumber("search", 1, uint.MaxValue, out var number))
        {
            return Reply.Failed(ErrorCode.BadRequest, "The request lacks search, a number from 1.");
        }

        if (!SearchQuery.TryRead(request, out var query, out var refusal))
        {
            return refusal;
        }

        if (LineMatcher.Of(query, out var problem) is null)
        {
            return Reply.Failed(ErrorCode.BadRequest, problem);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        CancellationTokenSource? before = null;
        _running.AddOrUpdate(session.Id, stop, (_, old) =>
        {
            before = old;
            return stop;
        });
        try
        {
            Cancel(before);
            var run = new SearchRun(files.Root, documents, found =>
            {
                // A page that does not read is closed by its queue's bound, and that ends this too.
                var payload = JsonSerializer.SerializeToUtf8Bytes(
                    new SearchEvent("search", number, found), SearchJson.Default.SearchEvent);
                session.Send(0, FrameType.Event, payload);
            });
            var paths = SourceFiles.Below(files.Root, query.All ? null : rules());
            return Reply.Of(run.Run(paths, query, stop.Token), SearchJson.Default.SearchSummary);
        }
        finally
        {
            _running.TryRemove(KeyValuePair.Create(session.Id, stop));
        }
    }

    private Reply Stop(Session session)
    {
        Cancel(_running.GetValueOrDefault(session.Id));
        return Reply.Done;
    }

    private static void Cancel(CancellationTokenSource? search)
    {
        try
        {
            search?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself at this moment.
        }
    }

    private Reply Replace(JsonElement request, CancellationToken ct)
    {
        if (!SearchQuery.TryRead(request, out var query, out var refusal))
        {
            return refusal;
        }

        if (query.Replacement is null)
        {
            return Reply.Failed(ErrorCode.BadRequest, "The request lacks the replacement.");
        }

        if (LineMatcher.Of(query, out var problem) is null)
        {
            return Reply.Failed(ErrorCode.BadRequest, problem);
        }

        if (!TryChosen(request, "in", out var meant) || !TryChosen(request, "except", out var left))
        {
            return Reply.Failed(ErrorCode.BadRequest, "\"in\" and \"except\" are lists of files: a path and, where not all of it is meant, places.");
        }

        var paths = meant is null
            ? SourceFiles.Below(files.Root, query.All ? null : rules()).Where(query.Admits)
            : meant.Keys.Where(IsDirect);
        return Reply.Of(
            _replacing.Replace(
                paths,
                query,
                path => meant is null ? new Chosen(null) : meant.GetValueOrDefault(path),
                (path, line, column) => left?.GetValueOrDefault(path) is { } chosen && chosen.At?.Contains((line, column)) != false,
                ct),
            SearchJson.Default.ReplaceResult);
    }

    /// <summary>Whether a path leads to a document without links, as those of a search do.</summary>
    private bool IsDirect(string path) =>
        files.Resolve(path) is { Error: null } resolved && Path.GetRelativePath(files.Root, resolved.Full) == path;

    private Reply Undo(JsonElement request) =>
        request.TryNumber("undo", 1, long.MaxValue, out var id) && _replacing.Undo(id) is { } result
            ? Reply.Of(result, SearchJson.Default.ReplaceResult)
            : Reply.Failed(ErrorCode.NotFound, "This replacement was taken back already, or is too long ago. Replace the other way round instead.");

    /// <summary>Null when the request does not have the list.</summary>
    private static bool TryChosen(JsonElement request, string name, out Dictionary<string, Chosen>? chosen)
    {
        chosen = null;
        if (!request.TryGetProperty(name, out var list))
        {
            return true;
        }

        chosen = new(StringComparer.Ordinal);
        if (list.ValueKind != JsonValueKind.Array)
        {
            return false;
        }

        foreach (var file in list.EnumerateArray())
        {
            if (file.ValueKind != JsonValueKind.Object || !file.TryText("path", out var path))
            {
                return false;
            }

            HashSet<(int, int)>? places = null;
            if (file.TryGetProperty("at", out var at))
            {
                if (at.ValueKind != JsonValueKind.Array)
                {
                    return false;
                }

                places = [];
                foreach (var place in at.EnumerateArray())
                {
                    if (place.ValueKind != JsonValueKind.Array || place.GetArrayLength() != 2
                        || !place[0].TryGetInt32(out var line) || !place[1].TryGetInt32(out var column))
                    {
                        return false;
                    }

                    places.Add((line, column));
                }
            }

            chosen[path] = new Chosen(places);
        }

        return true;
    }
}
