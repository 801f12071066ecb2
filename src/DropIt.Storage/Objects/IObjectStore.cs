namespace DropIt.Storage.Objects;

/// <summary>
/// Named byte strings with the semantics of S3: whole objects replaced atomically, conditional puts, ranged reads,
/// listing in key order.
/// A key is 1 to 512 characters of <c>a-z 0-9 . _ - /</c> with no empty, <c>.</c> or <c>..</c> segment; another one
/// is a bug
/// and throws <see cref="ArgumentException"/>. Trouble with the medium throws <see cref="IOException"/>; a full one
/// is a value.
/// </summary>
public interface IObjectStore
{
    /// <summary>What is known of an object without reading it; null when there is none.</summary>
    Task<ObjectInfo?> StatAsync(string key, CancellationToken cancel);

    /// <summary>
    /// Opens an object, or the part of it in <paramref name="range"/> (cut to the object's end); null when there is
    /// none.
    /// The caller disposes the answer. What it reads is one version of the object, whatever is put meanwhile.
    /// </summary>
    Task<ObjectContent?> GetAsync(string key, ByteRange? range, CancellationToken cancel);

    /// <summary>
    /// Stores <paramref name="content"/>, which ends after <paramref name="length"/> bytes; a shorter stream throws
    /// <see cref="EndOfStreamException"/> and stores nothing. It can seek, so that a put that failed on the way is tried
    /// again without a copy in memory.
    /// </summary>
    Task<PutResult> PutAsync(string key, Stream content, long length, PutCondition condition, CancellationToken cancel);

    /// <summary>Removes an object; one that is not there is fine.</summary>
    Task DeleteAsync(string key, CancellationToken cancel);

    /// <summary>
    /// Objects whose key starts with <paramref name="prefix"/> and comes after <paramref name="after"/>, in ordinal
    /// order of keys,
    /// at most <paramref name="limit"/> (1 to 1,000).
    /// </summary>
    Task<ObjectPage> ListAsync(string prefix, string? after, int limit, CancellationToken cancel);
}

/// <summary>A part of an object.</summary>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Number of bytes.</param>
public readonly record struct ByteRange(long Offset, long Length);

/// <summary>What is known of an object.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Length">In bytes.</param>
/// <param name="ETag">Changes with the content.</param>
/// <param name="Modified">When it was put.</param>
public sealed record ObjectInfo(string Key, long Length, string ETag, DateTimeOffset Modified);

/// <summary>An object open for reading, once, forward.</summary>
public sealed class ObjectContent(ObjectInfo info, Stream stream) : IAsyncDisposable
{
    /// <summary>Of the whole object, also when a part is read.</summary>
    public ObjectInfo Info { get; } = info;

    /// <summary>The bytes asked for.</summary>
    public Stream Stream { get; } = stream;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}

/// <summary>What must hold for a put to happen.</summary>
/// <param name="IfAbsent">There is no such object (<c>If-None-Match: *</c>).</param>
/// <param name="IfMatch">The object has this etag (<c>If-Match</c>).</param>
public readonly record struct PutCondition(bool IfAbsent, string? IfMatch)
{
    /// <summary>Put in any case.</summary>
    public static PutCondition None => default;

    /// <summary>Put only where nothing is.</summary>
    public static PutCondition Absent => new(true, null);

    /// <summary>Put only over the version with this etag.</summary>
    public static PutCondition Match(string etag) => new(false, etag);
}

/// <summary>How a put ended.</summary>
public enum PutOutcome
{
    /// <summary>The object is stored and survives a power failure.</summary>
    Stored,

    /// <summary>The condition did not hold; nothing changed.</summary>
    Conflict,

    /// <summary>No room; nothing changed.</summary>
    Full,
}

/// <summary>The answer to a put.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="ETag">Of the stored object; empty when it was not.</param>
public sealed record PutResult(PutOutcome Outcome, string ETag);

/// <summary>A page of a listing.</summary>
/// <param name="Objects">In ordinal order of keys.</param>
/// <param name="Next">The <c>after</c> of the next page; null on the last.</param>
public sealed record ObjectPage(IReadOnlyList<ObjectInfo> Objects, string? Next);
