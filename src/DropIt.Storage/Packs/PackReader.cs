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

    /// <summary>
    /// Ranges are closed at this length and read whole, a few at once: the time until a store answers passes once for all of them, and a reader holds
    /// <see cref="Ahead"/> of them. A content that is longer by itself is streamed.
    /// </summary>
    private const long MaxRange = 4 * 1024 * 1024;

    /// <summary>Ranges that are read at once, the one in use included.</summary>
    private const int Ahead = 4;

    /// <summary>Sections that are read at once.</summary>
    private const int MaxReads = 8;

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

    /// <summary>Reads sections, several at once: those of a head lie in as many packs.</summary>
    public async Task<List<ManifestEntry>[]> ReadSectionsAsync(IReadOnlyList<Section> sections, CancellationToken cancel)
    {
        var read = new List<ManifestEntry>[sections.Count];
        await Parallel.ForAsync(
            0,
            sections.Count,
            new ParallelOptions { MaxDegreeOfParallelism = MaxReads, CancellationToken = cancel },
            async (i, stop) => read[i] = await ReadSectionAsync(sections[i], stop));
        return read;
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
        var ahead = new Queue<(int Start, int End, Task<Stream> Range)>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        try
        {
            for (var next = 0; next < ordered.Count || ahead.Count > 0;)
            {
                while (next < ordered.Count && ahead.Count < Ahead)
                {
                    var end = SpanEnd(ordered, next, out var length);
                    var first = ordered[next].Location!.Value;
                    ahead.Enqueue((next, end, FetchAsync(first.Pack, first.Offset, length, enough.Token)));
                    next = end;
                }

                var (start, stop, fetched) = ahead.Peek();
                await using var range = await fetched;
                await UseRangeAsync(ordered, start, stop, range, use, cancel);
                ahead.Dequeue();
            }
        }
        finally
        {
            await enough.CancelAsync();
            foreach (var (_, _, range) in ahead)
            {
                await CloseAsync(range);
            }
        }
    }

    private static async Task UseRangeAsync(
        List<ManifestEntry> ordered, int start, int end, Stream range, Func<List<ManifestEntry>, Stream, Task> use, CancellationToken cancel)
    {
        var position = ordered[start].Location!.Value.Offset;
        for (var i = start; i < end;)
        {
            var location = ordered[i].Location!.Value;
            await SkipAsync(range, location.Offset - position, cancel);
            var same = i + 1;
            while (same < end && ordered[same].Location == location)
            {
                same++;
            }

            await using (var compressed = new LimitedStream(range, location.Length, ownsInner: false))
            {
                await use(ordered.GetRange(i, same - i), compressed);
                await SkipAsync(compressed, location.Length - compressed.Position, cancel);
            }

            position = location.Offset + location.Length;
            i = same;
        }
    }

    private async Task<Stream> FetchAsync(string pack, long offset, long length, CancellationToken cancel)
    {
        var range = await OpenRangeAsync(pack, offset, length, cancel);
        if (length > MaxRange)
        {
            return range;
        }

        await using (range)
        {
            var bytes = new byte[length];
            await range.ReadExactlyAsync(bytes, cancel);
            return new MemoryStream(bytes, writable: false);
        }
    }

    /// <summary>What was fetched ahead and is not used any more; why it could not be fetched does not matter then.</summary>
    private static async Task CloseAsync(Task<Stream> range)
    {
        await ((Task)range).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (range.IsCompletedSuccessfully)
        {
            await (await range).DisposeAsync();
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
            var isSame = location == ordered[end - 1].Location;
            if (location.Pack != first.Pack || location.Offset - last > MaxGap || (!isSame && location.Offset + location.Length - first.Offset > MaxRange))
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
