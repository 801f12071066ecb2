using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Journal;
using DropIt.Storage.Objects;

namespace DropIt.Storage.Kept;

/// <summary>
/// What a runner keeps beside its workspace's files, one object a name: lost without harm, replaced as a whole, and gone with the workspace.
/// </summary>
internal sealed class KeptShelf(IObjectStore store, StorageFolders folders, StorageOptions options)
{
    /// <summary>What terminals showed: 32 of them fit.</summary>
    public const long MaxTerminals = 8 * 1024 * 1024;

    /// <summary>Most bytes of what is kept under that name; null when nothing is.</summary>
    public long? LimitOf(string? name) => name switch
    {
        "terminals" => MaxTerminals,
        "cache" => options.MaxCacheBytes,
        _ => null,
    };

    /// <summary>Replaces what is kept under a name that has a limit.</summary>
    /// <param name="slug">The workspace, which exists.</param>
    /// <param name="name">The name.</param>
    /// <param name="content">To its end.</param>
    /// <param name="still">Asked when all has come: whether the sender may still write.</param>
    /// <param name="cancel">Leaves what was kept before.</param>
    public async Task<IntakeAnswer> PutAsync(
        Slug slug, string name, Stream content, Func<CancellationToken, Task<IntakeAnswer>> still, CancellationToken cancel)
    {
        // Its length is not known ahead, and what is cut off must leave the old one as it is.
        await using var spool = new FileStream(
            Path.Combine(folders.Spool, Guid.NewGuid().ToString("n")),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose,
                BufferSize = 0,
            });
        var limit = LimitOf(name) ?? 0;
        var buffer = new byte[128 * 1024];
        try
        {
            int read;
            while ((read = await content.ReadAsync(buffer, cancel)) > 0)
            {
                if (spool.Position + read > limit)
                {
                    return new IntakeAnswer(
                        IntakeOutcome.TooLarge, $"More than {limit / 1024 / 1024:n0} MiB are not kept of a workspace's {name}.");
                }

                await spool.WriteAsync(buffer.AsMemory(0, read), cancel);
            }
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return new IntakeAnswer(IntakeOutcome.Full, StorageResult.FullMessage);
        }

        if (await still(cancel) is { Outcome: not IntakeOutcome.Accepted } refused)
        {
            return refused;
        }

        var length = spool.Position;
        spool.Position = 0;
        var result = await store.PutAsync(Keys.Kept(slug, name), spool, length, PutCondition.None, cancel);
        return result.Outcome == PutOutcome.Stored
            ? new IntakeAnswer(IntakeOutcome.Accepted)
            : new IntakeAnswer(IntakeOutcome.Full, StorageResult.FullMessage);
    }

    /// <summary>Opens what is kept under a name; null when there is nothing.</summary>
    public Task<ObjectContent?> OpenAsync(Slug slug, string name, CancellationToken cancel) =>
        store.GetAsync(Keys.Kept(slug, name), null, cancel);
}
