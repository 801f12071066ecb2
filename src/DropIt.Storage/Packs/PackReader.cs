using System.IO.Compression;
using DropIt.Storage.Heads;
using DropIt.Storage.Manifests;
using DropIt.Storage.Objects;

namespace DropIt.Storage.Packs;

/// <summary>Reads contents and sections out of packs by ranged gets.</summary>
internal sealed class PackReader(IObjectStore store)
{
    /// <summary>
    /// Contents that lie closer than this are fetched by one get: reading on costs less than another request.
    /// </summary>
    private const long MaxGap = 256 * 1024;

    /// <summary>A content that two paths share is kept in memory up to this size, and fetched again above
    /// it.</summary>
    private const long MaxKept = 1024 * 1024;

    /// <summary>Opens one file's content, decompressed. The stream fails rather than ending early.</summary>
    public async Task<Stream> OpenAsync(ManifestEntry entry, CancellationToken cancel)
    {
        if (entry.Size == 0)
        {
            return Stream.Null;
        }

        var location = entry.Location!.Value;
        var stream = await OpenRangeAsync(location.Pack, location.Offset, location.Length, cancel);
        return new LimitedStream(new DeflateStream(stream, CompressionMode.Decompress), entry.Size, ownsInner: true, mustBeWhole: true);
    }

    /// <summary>Reads a section.</summary>
    public async Task<List<ManifestEntry>> ReadSectionAsync(Section section, CancellationToken cancel)
    {
        await using var stream = await OpenRangeAsync(section.Pack, section.Offset, section.Length, cancel);
        var bytes = new byte[section.Length];
        await stream.ReadExactlyAsync(bytes, cancel);
        return ManifestCodec.Read(new MemoryStream(bytes));
    }

    /// <summary>
    /// Hands every file with content to <paramref name="use"/>, once, in the order in which packs hold them, so that
    /// the whole costs
    /// few gets. The stream gives the content decompressed, knows its length, and is good until the call returns.
    /// </summary>
    public Task ScanAsync(
        IEnumerable<ManifestEntry> files, Func<ManifestEntry, Stream, Task> use, CancellationToken cancel) =>
        ScanCompressedAsync(files, (sharers, compressed) => UseAsync(sharers, compressed, use, cancel), cancel);

    /// <summary>As <see cref="ScanAsync"/>, with the content as it is stored and all files that share it.</summary>
    public async Task ScanCompressedAsync(
        IEnumerable<ManifestEntry> files, Func<List<ManifestEntry>, Stream, Task> use, CancellationToken cancel)
    {
        var ordered = files
            .Where(entry => entry.Location is not null)
            .OrderBy(entry => entry.Location!.Value.Pack, StringComparer.Ordinal)
            .ThenBy(entry => entry.Location!.Value.Offset)
            .ToList();
        for (var start = 0; start < ordered.Count;)
        {
            var end = SpanEnd(ordered, start, out var length);
            var first = ordered[start].Location!.Value;
            await using var span = await OpenRangeAsync(first.Pack, first.Offset, length, cancel);
            var position = first.Offset;
            for (var i = start; i < end;)
            {
                var location = ordered[i].Location!.Value;
                await SkipAsync(span, location.Offset - position, cancel);
                var same = i + 1;
                while (same < end && ordered[same].Location == location)
                {
                    same++;
                }

                await using (var compressed = new LimitedStream(span, location.Length, ownsInner: false))
                {
                    await use(ordered.GetRange(i, same - i), compressed);
                    await SkipAsync(compressed, location.Length - compressed.Position, cancel);
                }

                position = location.Offset + location.Length;
                i = same;
            }

            start = end;
        }
    }

    private async Task UseAsync(
        List<ManifestEntry> sharers, Stream compressed, Func<ManifestEntry, Stream, Task> use, CancellationToken cancel)
    {
        var first = sharers[0];
        await using var content = new LimitedStream(
            new DeflateStream(compressed, CompressionMode.Decompress, leaveOpen: true), first.Size, true, mustBeWhole: true);
        if (sharers.Count == 1)
        {
            await use(first, content);
            return;
        }

        if (first.Size <= MaxKept)
        {
            var bytes = new byte[first.Size];
            await content.ReadExactlyAsync(bytes, cancel);
            foreach (var sharer in sharers)
            {
                await use(sharer, new MemoryStream(bytes, writable: false));
            }

            return;
        }

        await use(first, content);
        foreach (var sharer in sharers.Skip(1))
        {
            await using var again = await OpenAsync(sharer, cancel);
            await use(sharer, again);
        }
    }

    private static int SpanEnd(List<ManifestEntry> ordered, int start, out long length)
    {
        var first = ordered[start].Location!.Value;
        var last = first.Offset + first.Length;
        var end = start + 1;
        for (; end < ordered.Count; end++)
        {
            var location = ordered[end].Location!.Value;
            if (location.Pack != first.Pack || location.Offset - last > MaxGap)
            {
                break;
            }

            last = Math.Max(last, location.Offset + location.Length);
        }

        length = last - first.Offset;
        return end;
    }

    private static async Task SkipAsync(Stream stream, long count, CancellationToken cancel)
    {
        var buffer = count > 0 ? new byte[(int)Math.Min(count, 32 * 1024)] : [];
        while (count > 0)
        {
            var part = (int)Math.Min(count, buffer.Length);
            await stream.ReadExactlyAsync(buffer.AsMemory(0, part), cancel);
            count -= part;
        }
    }

    private async Task<Stream> OpenRangeAsync(string pack, long offset, long length, CancellationToken cancel)
    {
        var content = await store.GetAsync(Keys.Pack(pack), new ByteRange(offset, length), cancel)
            ?? throw new InvalidDataException($"The pack {pack} is missing from the object store; take it from "
                + $"a backup.");
        return content.Stream;
    }
}
