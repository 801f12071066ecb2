using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;
using DropIt.Storage.Persisting;

namespace DropIt.Storage.Upkeep;

/// <summary>
/// What operators do to a store, beside a running server or without one: everything here goes by the object store alone, touches neither journal nor spool,
/// and removes only what has been unreferenced for the grace period. Throws <see cref="IOException"/> when the store cannot be used.
/// </summary>
public sealed class StorageUpkeep : IDisposable
{
    private readonly IObjectStore _store;
    private readonly HeadBook _heads;
    private readonly PackReader _packs;
    private readonly StorageOptions _options;

    /// <summary>Opens the store; a folder without one is not made into one.</summary>
    public StorageUpkeep(StorageOptions options)
    {
        _options = options;
        var folder = Path.Combine(options.DataFolder, "store");
        if (options.S3 is null && !Directory.Exists(folder))
        {
            throw new IOException($"There are no workspaces in the data folder {options.DataFolder}. Name the server's with --data, or its bucket with --s3.");
        }

        _store = options.S3 is { } s3 ? new S3ObjectStore(s3) : new DiskObjectStore(folder);
        _packs = new PackReader(_store);
        _heads = new HeadBook(_store, _packs);
    }

    /// <summary>Reads and compares everything that <paramref name="only"/> names with its earlier states; null: that all workspaces and templates name.</summary>
    public Task<Verification> VerifyAsync(Slug? only, CancellationToken cancel) =>
        new Verifier(_store, _heads, _packs).RunAsync(KeysAsync(only, cancel), cancel);

    /// <summary>One pass of the collector; uploads are left to the server, which alone knows what its journal still needs.</summary>
    /// <param name="dry">Only says what would be removed.</param>
    /// <param name="cancel">May stop it at any point.</param>
    public Task<Sweep> CollectAsync(bool dry, CancellationToken cancel) =>
        new Collector(_store, _heads, queue: null, _options, TimeProvider.System).RunAsync(dry, cancel);

    /// <summary>Writes all files of a workspace, as far as they are settled, to a stream that need not seek and stays open.</summary>
    /// <returns>When it was last written; null when there is no such workspace.</returns>
    public async Task<DateTimeOffset?> ExportAsync(Slug slug, bool tar, Stream output, CancellationToken cancel)
    {
        if (await _heads.ReadAsync(slug, cancel) is not { } view)
        {
            return null;
        }

        await (tar
            ? WorkspaceTar.WriteAsync(view.Manifest, view.Head.Time, _packs, output, cancel)
            : WorkspaceZip.WriteAsync(view.Manifest, view.Head.Time, _packs, output, cancel));
        return view.Head.Time;
    }

    /// <inheritdoc/>
    public void Dispose() => (_store as IDisposable)?.Dispose();

    private async IAsyncEnumerable<string> KeysAsync(Slug? only, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        string[] prefixes = only is { } one ? [Keys.HistoryOf(one)] : [Keys.Templates, Keys.Heads, Keys.History];
        if (only is { } slug)
        {
            yield return Keys.Head(slug);
        }

        foreach (var prefix in prefixes)
        {
            await foreach (var item in _store.AllAsync(prefix, cancel))
            {
                yield return item.Key;
            }
        }
    }
}
