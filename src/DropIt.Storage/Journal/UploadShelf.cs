using System.IO.Compression;
using System.Security.Cryptography;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Manifests;
using DropIt.Storage.Objects;

namespace DropIt.Storage.Journal;

/// <summary>Contents that are too large for an entry, put ahead of it.</summary>
internal sealed class UploadShelf(IObjectStore store, StorageFolders folders, StorageOptions options)
{
    /// <summary>
    /// Stores a content under its hash, compressed as packs hold it. It is checked while it streams; a wrong one
    /// leaves nothing.
    /// </summary>
    public async Task<IntakeAnswer> PutAsync(Slug slug, ContentHash hash, Stream content, CancellationToken cancel)
    {
        if (await store.StatAsync(Keys.Head(slug), cancel) is null)
        {
            return new IntakeAnswer(IntakeOutcome.NoWorkspace, $"There is no workspace named {slug}.");
        }

        var waiting = await WaitingBytesAsync(slug, cancel);
        await using var spool = new FileStream(
            Path.Combine(folders.Spool, Guid.NewGuid().ToString("n")),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose,
                BufferSize = 64 * 1024,
            });
        long size;
        try
        {
            size = await SpoolAsync(content, spool, hash, cancel);
        }
        catch (IOException e) when (DiskFull.Is(e))
        {
            return new IntakeAnswer(IntakeOutcome.Full, StorageResult.FullMessage);
        }

        switch (size)
        {
            case > JournalEntry.MaxFileLength:
                return new IntakeAnswer(IntakeOutcome.TooLarge, $"A file of more than {JournalEntry.MaxFileLength / 1024 / 1024} MiB cannot be kept.");
            case < 0:
                return new IntakeAnswer(IntakeOutcome.Invalid, $"What was sent is not {hash}: it changed on the "
                    + $"way. Send it again.");
        }

        var length = spool.Position;
        if (waiting + length > options.Quota.Bytes)
        {
            return new IntakeAnswer(
                IntakeOutcome.TooLarge, $"More than {options.Quota.Bytes / 1024 / 1024:n0} MiB of contents wait "
                    + $"for the entries that name them.");
        }

        spool.Position = 0;
        var result = await store.PutAsync(Keys.Upload(slug, hash, size), spool, length, PutCondition.None, cancel);
        return result.Outcome == PutOutcome.Stored
            ? new IntakeAnswer(IntakeOutcome.Accepted)
            : new IntakeAnswer(IntakeOutcome.Full, StorageResult.FullMessage);
    }

    /// <summary>The content's size; -1 when its hash is another, more than the largest file as soon as it is too
    /// long.</summary>
    private static async Task<long> SpoolAsync(Stream content, FileStream spool, ContentHash hash, CancellationToken cancel)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var deflate = new DeflateStream(spool, CompressionLevel.Fastest, leaveOpen: true);
        var buffer = new byte[128 * 1024];
        var size = 0L;
        int read;
        while ((read = await content.ReadAsync(buffer, cancel)) > 0)
        {
            size += read;
            if (size > JournalEntry.MaxFileLength)
            {
                return size;
            }

            sum.AppendData(buffer, 0, read);
            await deflate.WriteAsync(buffer.AsMemory(0, read), cancel);
        }

        return ContentHash.From(sum.GetHashAndReset()) == hash ? size : -1;
    }

    private async Task<long> WaitingBytesAsync(Slug slug, CancellationToken cancel)
    {
        var sum = 0L;
        await foreach (var item in store.AllAsync(Keys.UploadsOf(slug), cancel))
        {
            sum += item.Length;
        }

        return sum;
    }
}
