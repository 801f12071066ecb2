using DropIt.Storage.Objects;

namespace DropIt.Bench;

/// <summary>Counts requests on their way to a store. Everything here is small: one put is one request.</summary>
internal sealed class CountedObjects(IObjectStore inner) : IObjectStore
{
    private int _writes;
    private int _reads;
    private long _bytes;

    /// <summary>Puts and deletes.</summary>
    public int Writes => _writes;

    /// <summary>Gets, heads and listings.</summary>
    public int Reads => _reads;

    /// <summary>Bytes put.</summary>
    public long Bytes => _bytes;

    public Task<ObjectInfo?> StatAsync(string key, CancellationToken cancel)
    {
        Interlocked.Increment(ref _reads);
        return inner.StatAsync(key, cancel);
    }

    public Task<ObjectContent?> GetAsync(string key, ByteRange? range, CancellationToken cancel)
    {
        Interlocked.Increment(ref _reads);
        return inner.GetAsync(key, range, cancel);
    }

    public Task<PutResult> PutAsync(string key, Stream content, long length, PutCondition condition, CancellationToken cancel)
    {
        Interlocked.Increment(ref _writes);
        Interlocked.Add(ref _bytes, length);
        return inner.PutAsync(key, content, length, condition, cancel);
    }

    public Task DeleteAsync(string key, CancellationToken cancel)
    {
        Interlocked.Increment(ref _writes);
        return inner.DeleteAsync(key, cancel);
    }

    public Task<ObjectPage> ListAsync(string prefix, string? after, int limit, CancellationToken cancel)
    {
        Interlocked.Increment(ref _reads);
        return inner.ListAsync(prefix, after, limit, cancel);
    }
}
