using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.History;
using DropIt.Storage.Journal.Rabbit;
using DropIt.Storage.Objects;

namespace DropIt.Storage.Access;

/// <summary>How the storage service is set up.</summary>
public sealed record StorageOptions
{
    /// <summary>Folder of the object store, the journal and spool files; made when missing.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Where objects lie when not in the data folder; null: there.</summary>
    public S3Options? S3 { get; init; }

    /// <summary>Where the journal lies when not in the data folder; null: there.</summary>
    public RabbitOptions? Rabbit { get; init; }

    /// <summary>Control's public key, which tickets are checked with: base64 of SubjectPublicKeyInfo; null while it has not come yet.</summary>
    public required Func<string?> PublicKey { get; init; }

    /// <summary>
    /// How long changes are gathered into one write while typing goes on. Two requests of S3 each time: some 210 in an hour of typing without a pause,
    /// compactions included.
    /// </summary>
    public TimeSpan BatchDelay { get; init; } = TimeSpan.FromSeconds(35);

    /// <summary>What one workspace may hold.</summary>
    public Quota Quota { get; init; } = new(200_000, 4L * 1024 * 1024 * 1024, JournalEntry.MaxFileLength);

    /// <summary>Most bytes, compressed, that are kept of one workspace's caches (packages, build output).</summary>
    public long MaxCacheBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>
    /// Sync the journal to the disk with every entry: then an acknowledged one survives a power failure, at some
    /// milliseconds each. Without,
    /// it survives the death of every process, and reaches the disk when the kernel writes it back (half a minute by
    /// default).
    /// </summary>
    public bool SyncJournal { get; init; }

    /// <summary>How long something unreferenced is kept, for readers of an older state.</summary>
    public TimeSpan GarbageGrace { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Which versions of a workspace are kept.</summary>
    public Retention Retention { get; init; } = new();

    /// <summary>Deltas that are worth compacting: about half an hour of typing.</summary>
    internal int CompactAfter { get; init; } = 48;
}

/// <summary>The folders below <see cref="StorageOptions.DataFolder"/>.</summary>
internal sealed class StorageFolders
{
    /// <summary>Makes them; spool files of an earlier run are removed.</summary>
    public StorageFolders(StorageOptions options)
    {
        Store = Path.Combine(options.DataFolder, "store");
        Journal = Path.Combine(options.DataFolder, "journal");
        Spool = Path.Combine(options.DataFolder, "spool");
        if (Directory.Exists(Spool))
        {
            Directory.Delete(Spool, recursive: true);
        }

        Directory.CreateDirectory(Spool);
    }

    /// <summary>The object store.</summary>
    public string Store { get; }

    /// <summary>The queue's logs.</summary>
    public string Journal { get; }

    /// <summary>Packs and uploads under construction.</summary>
    public string Spool { get; }
}
