using System.Diagnostics;
using DropIt.Storage.Objects;

namespace DropIt.Storage.Metrics;

/// <summary>Counts, times and traces requests on their way to a store. Tries again that the SDK makes are within one request.</summary>
internal sealed class MeteredObjectStore(IObjectStore inner, StorageMetrics metrics) : IObjectStore, IDisposable
{
    public Task<ObjectInfo?> StatAsync(string key, CancellationToken cancel) =>
        MeasureAsync("stat", key, () => inner.StatAsync(key, cancel));

    public Task<ObjectContent?> GetAsync(string key, ByteRange? range, CancellationToken cancel) =>
        MeasureAsync("get", key, () => inner.GetAsync(key, range, cancel));

    public Task<PutResult> PutAsync(string key, Stream content, long length, PutCondition condition, CancellationToken cancel) =>
        MeasureAsync("put", key, () => inner.PutAsync(key, content, length, condition, cancel), put => put.Outcome switch
        {
            PutOutcome.Stored => "ok",
            PutOutcome.Conflict => "conflict",
            _ => "full",
        });

    public Task DeleteAsync(string key, CancellationToken cancel) => MeasureAsync("delete", key, async () =>
    {
        await inner.DeleteAsync(key, cancel);
        return 0;
    });

    public Task<ObjectPage> ListAsync(string prefix, string? after, int limit, CancellationToken cancel) =>
        MeasureAsync("list", prefix, () => inner.ListAsync(prefix, after, limit, cancel));

    public void Dispose() => (inner as IDisposable)?.Dispose();

    private async Task<T> MeasureAsync<T>(string operation, string key, Func<Task<T>> request, Func<T, string>? outcomeOf = null)
    {
        using var span = StorageMetrics.Traces.StartActivity("object store " + operation, ActivityKind.Client);
        span?.SetTag("dropit.key", key);
        var start = Stopwatch.GetTimestamp();
        var outcome = "error";
        try
        {
            var answer = await request();
            outcome = outcomeOf?.Invoke(answer) ?? "ok";
            return answer;
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            throw;
        }
        catch (Exception e)
        {
            span?.SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
        finally
        {
            span?.SetTag("dropit.outcome", outcome);
            metrics.Requested(operation, outcome, Stopwatch.GetElapsedTime(start));
        }
    }
}
