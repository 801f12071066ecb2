using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Threading.Channels;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Objects;
using Microsoft.Win32.SafeHandles;

namespace DropIt.Storage.Journal;

/// <summary>One log: segment files of records, each <c>length u32 | CRC-32C u32 | payload</c> (docs/storage.md,
/// "Journal").</summary>
internal sealed class FilePartition : IDisposable
{
    private const int HeaderLength = 8;

    /// <summary>Far above the largest entry; a length above it is a torn write.</summary>
    private const int MaxPayload = 8 * 1024 * 1024;

    /// <summary>An active segment that is fully acked is replaced once it is this long, so that a restart has little
    /// to read.</summary>
    private const long WorthDropping = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly string _folder;
    private readonly JournalBounds _bounds;
    private readonly bool _sync;
    private readonly Dictionary<Slug, Waiting> _waiting = [];

    /// <summary>Holds what <see cref="JournalBounds"/> lets through and one hurry per caller waiting, so it needs no
    /// bound of its own.</summary>
    private readonly Channel<JournalDelivery> _deliveries = Channel.CreateUnbounded<JournalDelivery>();

    private long _bytes;
    private int _entries;
    private Segment _active;

    /// <summary>Opens the log and makes what is in it deliverable again.</summary>
    public FilePartition(string folder, JournalBounds bounds, bool sync)
    {
        (_folder, _bounds, _sync) = (folder, bounds, sync);
        Directory.CreateDirectory(folder);
        var last = 0L;
        foreach (var path in Directory.GetFiles(folder, "*.log").Order(StringComparer.Ordinal))
        {
            last = long.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture);
            var segment = new Segment(path);
            Recover(segment);
            segment.Sealed = true;
            segment.DropWhenDone();
        }

        // Never written behind a torn end: a new file each time.
        _active = NewSegment(last + 1);
    }

    /// <summary>What is to be persisted.</summary>
    public ChannelReader<JournalDelivery> Deliveries => _deliveries.Reader;

    /// <summary>Appends a record.</summary>
    public PublishOutcome Publish(JournalRecord record)
    {
        var bytes = Serialize(record, out var header);
        lock (_gate)
        {
            var waiting = _waiting.GetValueOrDefault(record.Workspace);
            if (_entries >= _bounds.PartitionEntries
                || _bytes + bytes.Length > _bounds.PartitionBytes
                || (waiting?.Bytes ?? 0) + bytes.Length > _bounds.WorkspaceBytes)
            {
                return PublishOutcome.Busy;
            }

            try
            {
                if (_active.Length >= _bounds.SegmentBytes)
                {
                    Rotate();
                }

                RandomAccess.Write(_active.File, bytes, _active.Length);
                if (_sync)
                {
                    RandomAccess.FlushToDisk(_active.File);
                }
            }
            catch (IOException e) when (DiskFull.Is(e))
            {
                RandomAccess.SetLength(_active.File, _active.Length);
                return PublishOutcome.Full;
            }

            Enqueue(_active, record, _active.Length + HeaderLength + header, bytes.Length);
            _active.Length += bytes.Length;
            return PublishOutcome.Published;
        }
    }

    /// <summary>See <see cref="IJournalQueue.SettledAsync"/>.</summary>
    public Task SettledAsync(Slug workspace)
    {
        lock (_gate)
        {
            if (!_waiting.ContainsKey(workspace))
            {
                return Task.CompletedTask;
            }

            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _deliveries.Writer.TryWrite(new Wish(source)
            {
                Workspace = workspace,
                Position = default,
                Hurry = true,
                Length = 0,
                Accepted = DateTimeOffset.UtcNow,
            });
            return source.Task;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _deliveries.Writer.TryComplete();
            _active.File.Dispose();
        }
    }

    private static byte[] Serialize(JournalRecord record, out int headerLength)
    {
        using var memory = new MemoryStream(record.Entry.Length + 128);
        using var writer = new BinaryWriter(memory);
        writer.Write(0L);
        writer.Write(record.Workspace.Value);
        writer.Write(record.Position.Epoch);
        writer.Write(record.Position.Sequence);
        writer.Write(record.Hurry);
        headerLength = (int)memory.Length - HeaderLength;
        writer.Write(record.Entry.Span);
        var bytes = memory.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length - HeaderLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Checksum(bytes.AsSpan(HeaderLength)));
        return bytes;
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var b in bytes)
        {
            sum = BitOperations.Crc32C(sum, b);
        }

        return ~sum;
    }

    /// <summary>Reads up to the first record that is not whole: it was never acknowledged.</summary>
    private void Recover(Segment segment)
    {
        var end = RandomAccess.GetLength(segment.File);
        Span<byte> header = stackalloc byte[HeaderLength];
        while (RandomAccess.Read(segment.File, header, segment.Length) == HeaderLength)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(header);
            if (length is < 1 or > MaxPayload || segment.Length + HeaderLength + length > end)
            {
                return;
            }

            var payload = new byte[length];
            if (RandomAccess.Read(segment.File, payload, segment.Length + HeaderLength) != length
                || Checksum(payload) != BinaryPrimitives.ReadUInt32LittleEndian(header[4..]))
            {
                return;
            }

            using var reader = new BinaryReader(new MemoryStream(payload), Encoding.UTF8);
            if (Slug.TryParse(reader.ReadString(), out var slug))
            {
                var record = new JournalRecord(
                    slug, new JournalPosition(reader.ReadInt64(), reader.ReadInt64()), null, reader.ReadBoolean(), default);
                var start = (int)reader.BaseStream.Position;
                Enqueue(segment, record, segment.Length + HeaderLength + start, HeaderLength + length);
            }

            segment.Length += HeaderLength + length;
        }
    }

    /// <param name="offset">Of the entry's JSON in the segment.</param>
    /// <param name="bytes">Of the whole record.</param>
    private void Enqueue(Segment segment, JournalRecord record, long offset, int bytes)
    {
        if (!_waiting.TryGetValue(record.Workspace, out var waiting))
        {
            _waiting[record.Workspace] = waiting = new Waiting();
        }

        waiting.Bytes += bytes;
        waiting.Entries++;
        segment.Unacked++;
        _bytes += bytes;
        _entries++;
        _deliveries.Writer.TryWrite(new Stored(this, segment, offset, bytes)
        {
            Workspace = record.Workspace,
            Position = record.Position,
            Hurry = record.Hurry,
            Length = (int)(segment.Length + bytes - offset),
            Accepted = DateTimeOffset.UtcNow,
            Trace = record.Trace,
        });
    }

    private void Ack(Stored delivery, Segment segment, int bytes)
    {
        lock (_gate)
        {
            _bytes -= bytes;
            _entries--;
            segment.Unacked--;
            var waiting = _waiting[delivery.Workspace];
            waiting.Bytes -= bytes;
            if (--waiting.Entries == 0)
            {
                _waiting.Remove(delivery.Workspace);
            }

            if (segment == _active && segment.Unacked == 0 && segment.Length >= WorthDropping)
            {
                Rotate();
            }

            segment.DropWhenDone();
        }
    }

    private void Rotate()
    {
        var full = _active;
        _active = NewSegment(full.Number + 1);
        full.Sealed = true;
        full.DropWhenDone();
    }

    private Segment NewSegment(long number)
    {
        var segment = new Segment(Path.Combine(_folder, number.ToString("d12", CultureInfo.InvariantCulture) + ".log"));
        Libc.SyncFolder(_folder);
        return segment;
    }

    /// <summary>What one workspace has in the log.</summary>
    private sealed class Waiting
    {
        public long Bytes { get; set; }

        public int Entries { get; set; }
    }

    /// <summary>One file of the log.</summary>
    private sealed class Segment(string path)
    {
        public SafeFileHandle File { get; } =
            System.IO.File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);

        public long Number { get; } = long.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture);

        public long Length { get; set; }

        public int Unacked { get; set; }

        public bool Sealed { get; set; }

        public void DropWhenDone()
        {
            if (Sealed && Unacked == 0)
            {
                File.Dispose();
                System.IO.File.Delete(path);
            }
        }
    }

    private sealed class Stored(FilePartition partition, Segment segment, long offset, int bytes) : JournalDelivery
    {
        public override byte[] Read()
        {
            var body = new byte[Length];
            return RandomAccess.Read(segment.File, body, offset) == Length
                ? body
                : throw new InvalidDataException("The journal lost the end of a file while it was in use. Is "
                    + "the data folder shared?");
        }

        public override ValueTask AckAsync()
        {
            partition.Ack(this, segment, bytes);
            return default;
        }
    }

    private sealed class Wish(TaskCompletionSource settled) : JournalDelivery
    {
        public override byte[] Read() => [];

        public override ValueTask AckAsync()
        {
            settled.TrySetResult();
            return default;
        }
    }
}
