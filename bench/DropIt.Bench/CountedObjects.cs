using DropIt.Storage.Objects;

namespace DropIt.Bench;

/// <summary>Adds up the bytes that are put on their way to a store.</summary>
internal sealed class CountedObjects(IObjectStore inner) : IObjectStore
{
    private long _bytes;

    /// <summary>Bytes put.</summary>
    public long Bytes => _bytes;

    public Task<ObjectInfo?> StatAsync(string key, CancellationToken cancel) => inner.StatAsync(key, cancel);

    public Task<ObjectContent?> GetAsync(string key, ByteRange? range, CancellationToken cancel) => inner.GetAsync(key, range, cancel);

    public Task<PutResult> PutAsync(string key, Stream content, long length, PutCondition condition, CancellationToken cancel)
    {
        Interlocked.Add(ref _bytes, length);
        return inner.PutAsync(key, content, length, condition, cancel);
    }

    public Task DeleteAsync(string key, CancellationToken cancel) => inner.DeleteAsync(key, cancel);

    public Task<ObjectPage> ListAsync(string prefix, string? after, int limit, CancellationToken cancel) => inner.ListAsync(prefix, after, limit, cancel);
}
