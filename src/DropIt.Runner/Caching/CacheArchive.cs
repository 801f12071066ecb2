using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Runner.Files;

namespace DropIt.Runner.Caching;

/// <summary>A folder of an archive.</summary>
/// <param name="Path">Relative to the workspace's root.</param>
/// <param name="Key">As of <see cref="CachedFolder"/>.</param>
/// <param name="Bytes">Of all its files.</param>
internal sealed record ArchivedFolder(string Path, string Key, long Bytes);

/// <summary>What an archive says of itself, first.</summary>
/// <param name="Folders">What it holds.</param>
/// <param name="LeftOut">What was not kept, a sentence each.</param>
/// <param name="Installed">The stamp of the last install, if there was one.</param>
internal sealed record CacheIndex(IReadOnlyList<ArchivedFolder> Folders, IReadOnlyList<string> LeftOut, IReadOnlyList<string> Installed);

/// <summary>
/// Folders that can be built again as one stream: deflate of a tar (GNU), whose first entry is the <see cref="CacheIndex"/> as JSON. It is written while it is
/// sent; nothing of it is held in memory or on this disk.
/// </summary>
internal sealed class CacheArchive(string root, CacheIndex index, IReadOnlyList<CachedFolder> folders) : HttpContent
{
    private const string IndexName = ".dropit-cache";

    /// <summary>An index names folders, not files.</summary>
    private const int MaxIndex = 1024 * 1024;

    /// <summary>Opens an archive and reads its index.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static async Task<(TarReader Tar, CacheIndex Index)> OpenAsync(Stream stream, CancellationToken ct)
    {
        var tar = new TarReader(new DeflateStream(stream, CompressionMode.Decompress));
        if (await tar.GetNextEntryAsync(copyData: false, ct) is { Name: IndexName, Length: <= MaxIndex, DataStream: { } data }
            && await JsonSerializer.DeserializeAsync(data, CacheJson.Default.CacheIndex, ct) is { } index)
        {
            return (tar, index);
        }

        await tar.DisposeAsync();
        throw new InvalidDataException("what is kept is no archive of packages");
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken ct)
    {
        await using var deflate = new DeflateStream(stream, CompressionLevel.Fastest, leaveOpen: true);
        await using var buffered = new BufferedStream(deflate, 256 * 1024);
        await using var tar = new TarWriter(buffered, TarEntryFormat.Gnu, leaveOpen: true);
        await tar.WriteEntryAsync(
            new GnuTarEntry(TarEntryType.RegularFile, IndexName)
            {
                DataStream = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(index, CacheJson.Default.CacheIndex)),
            },
            ct);
        foreach (var path in folders.SelectMany(folder => folder.Paths))
        {
            await WriteAsync(tar, path, ct);
        }
    }

    private async Task WriteAsync(TarWriter tar, CachedPath path, CancellationToken ct)
    {
        var full = $"{root}/{path.Path}";
        var entry = new GnuTarEntry(
            path.Stat.Kind switch
            {
                FileKind.Folder => TarEntryType.Directory,
                FileKind.Link => TarEntryType.SymbolicLink,
                _ => TarEntryType.RegularFile,
            },
            path.Path)
        {
            ModificationTime = DateTimeOffset.FromUnixTimeSeconds(path.Stat.Modified / 1_000_000_000),
            Mode = (UnixFileMode)path.Stat.Mode,
        };
        switch (path.Stat.Kind)
        {
            case FileKind.Link:
                entry.LinkName = new FileInfo(full).LinkTarget ?? throw new IOException($"{path.Path} changed while it was read");
                await tar.WriteEntryAsync(entry, ct);
                break;
            case FileKind.Folder:
                await tar.WriteEntryAsync(entry, ct);
                break;
            default:
                await using (var file = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0))
                {
                    entry.DataStream = file;
                    await tar.WriteEntryAsync(entry, ct);
                }

                break;
        }
    }
}

/// <summary>JSON of the cache, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CacheIndex))]
[JsonSerializable(typeof(CacheState))]
internal sealed partial class CacheJson : JsonSerializerContext;
