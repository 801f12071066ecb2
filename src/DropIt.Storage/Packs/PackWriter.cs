using System.IO.Compression;
using System.Security.Cryptography;
using DropIt.Storage.Heads;
using DropIt.Storage.Manifests;
using DropIt.Storage.Objects;

namespace DropIt.Storage.Packs;

/// <summary>
/// Builds one pack in a spool file: contents first, then the section that names them. Its id is random, so that
/// putting it never
/// meets an older pack that is just being collected.
/// </summary>
internal sealed class PackWriter : IAsyncDisposable
{
    private readonly FileStream _spool;

    /// <summary>Starts a pack; <paramref name="spoolFolder"/> exists.</summary>
    public PackWriter(string spoolFolder)
    {
        Id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _spool = new FileStream(
            Path.Combine(spoolFolder, Id),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose,
                BufferSize = 64 * 1024,
            });
    }

    /// <summary>32 hex digits.</summary>
    public string Id { get; }

    /// <summary>Bytes so far.</summary>
    public long Length => _spool.Position;

    /// <summary>Adds a content as it lies in another pack, an upload or an entry: raw deflate.</summary>
    public async Task<PackLocation> AddCompressedAsync(Stream content, CancellationToken cancel)
    {
        var start = _spool.Position;
        await content.CopyToAsync(_spool, cancel);
        return new PackLocation(Id, start, _spool.Position - start);
    }

    /// <summary>Compresses and adds a content.</summary>
    public async Task<PackLocation> AddAsync(Stream content, CancellationToken cancel)
    {
        var start = _spool.Position;
        await using (var deflate = new DeflateStream(_spool, CompressionLevel.Optimal, leaveOpen: true))
        {
            await content.CopyToAsync(deflate, cancel);
        }

        return new PackLocation(Id, start, _spool.Position - start);
    }

    /// <summary>Adds a section.</summary>
    public Section AddSection(IReadOnlyList<ManifestEntry> entries)
    {
        var start = _spool.Position;
        ManifestCodec.Write(entries, _spool);
        return new Section(Id, start, _spool.Position - start, entries.Count);
    }

    /// <summary>Puts the pack into the store. False when there is no room.</summary>
    public async Task<bool> PutAsync(IObjectStore store, CancellationToken cancel)
    {
        var length = _spool.Position;
        _spool.Position = 0;
        var result = await store.PutAsync(Keys.Pack(Id), _spool, length, PutCondition.Absent, cancel);
        return result.Outcome switch
        {
            PutOutcome.Stored => true,
            PutOutcome.Full => false,
            _ => throw new IOException($"A pack with the random id {Id} exists already."),
        };
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _spool.DisposeAsync();
}
