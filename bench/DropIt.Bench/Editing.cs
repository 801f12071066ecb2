using System.Buffers;
using System.Diagnostics;
using System.Threading.Channels;
using DropIt.Protocol.Frames;

namespace DropIt.Bench;

/// <summary>A keystroke's way: to the ack, to the file on disk, and what it weighs on the wire in a file of 1 MB.</summary>
internal static class Editing
{
    private const int Keys = 500;
    private const int Saves = 60;
    private const uint Document = 1;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(Rig rig)
    {
        var slug = await rig.CreateAsync("node");
        await using var wire = await Wire.ConnectAsync(rig, slug);
        var path = Path.Combine(rig.Files(slug), "big.txt");
        var line = new string('x', 99) + "\n";
        var text = string.Concat(Enumerable.Repeat(line, 10_000));
        await File.WriteAllTextAsync(path, text);
        await wire.RequestAsync("document.open", $"\"channel\":{Document},\"path\":\"big.txt\",\"client\":\"benchbench1\"");
        var snapshot = await wire.NextAsync(Document, FrameType.Snapshot);
        var version = Version(snapshot);
        var length = (uint)text.Length;

        var acks = new List<double>();
        var watch = new Stopwatch();
        for (uint i = 1; i <= Keys; i++)
        {
            var push = Push(version, i, length / 2, length);
            watch.Restart();
            await wire.SendAsync(Document, FrameType.Push, push);
            version = Version(await wire.NextAsync(Document, FrameType.Confirm));
            acks.Add(watch.Elapsed.TotalMilliseconds);
            length++;
        }

        var saves = new List<double>();
        using var watcher = new FileSystemWatcher(rig.Files(slug));
        var written = Channel.CreateUnbounded<double>();
        watcher.Renamed += (_, e) =>
        {
            if (e.Name == "big.txt")
            {
                written.Writer.TryWrite(Stopwatch.GetTimestamp());
            }
        };
        watcher.EnableRaisingEvents = true;
        for (uint i = 1; i <= Saves; i++)
        {
            while (new FileInfo(path).Length != length)
            {
                await written.Reader.ReadAsync();
            }

            await wire.SendAsync(Document, FrameType.Push, Push(version, Keys + i, length / 2, length));
            version = Version(await wire.NextAsync(Document, FrameType.Confirm));
            length++;
            var sent = Stopwatch.GetTimestamp();
            while (new FileInfo(path).Length != length)
            {
                await written.Reader.ReadAsync();
            }

            saves.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
        }

        return
        [
            new("keystroke to ack, loopback, p99", Sample.Show(Sample.At(acks, 0.99), "ms"), "10 ms", "-"),
            new("last keystroke until the file on disk has it, p95", Sample.Show(Sample.At(saves, 0.95), "ms"), "100 ms",
                "1,048 | 1,047 ms | n/a"),
        ];
    }

    /// <summary>The version that a snapshot or a confirmation begins with.</summary>
    public static uint Version(byte[] payload)
    {
        ReadOnlySpan<byte> rest = payload;
        return Varint.TryRead(ref rest, out var version) ? version : throw new InvalidDataException("no version");
    }

    /// <summary>One letter put in at <paramref name="at"/>.</summary>
    public static byte[] Push(uint version, uint sequence, uint at, uint length)
    {
        var sections = new ArrayBufferWriter<byte>();
        Varint.Write(sections, at << 2);
        Varint.Write(sections, 1);
        Varint.Write(sections, 1);
        sections.Write("k"u8);
        Varint.Write(sections, (length - at) << 2);
        var push = new ArrayBufferWriter<byte>();
        Varint.Write(push, version);
        Varint.Write(push, sequence);
        Varint.Write(push, (uint)sections.WrittenCount);
        push.Write(sections.WrittenSpan);
        return push.WrittenSpan.ToArray();
    }
}
