using System.IO.Compression;
using System.Text;
using DropIt.Protocol.Journal;

namespace DropIt.Storage.Manifests;

/// <summary>Writes and reads a section of a pack: a base manifest or a delta (docs/storage.md, "Section").</summary>
internal static class ManifestCodec
{
    private const byte Version = 1;
    private const int PackIdBytes = 16;

    // Far more than WorkspacePath lets in: what is longer is no path and no link's target.
    private const int MaxTextBytes = 64 * 1024;

    /// <summary>Writes entries, compressed, to <paramref name="output"/>, which stays open.</summary>
    public static void Write(IReadOnlyList<ManifestEntry> entries, Stream output)
    {
        using var deflate = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true);
        using var buffered = new BufferedStream(deflate, 64 * 1024);
        using var writer = new BinaryWriter(buffered);
        var packs = new Dictionary<string, int>();
        foreach (var entry in entries)
        {
            if (entry.Location is { } location)
            {
                packs.TryAdd(location.Pack, packs.Count);
            }
        }

        writer.Write(Version);
        writer.Write7BitEncodedInt(packs.Count);
        foreach (var pack in packs.Keys)
        {
            writer.Write(Convert.FromHexString(pack));
        }

        writer.Write7BitEncodedInt(entries.Count);
        var previous = Array.Empty<byte>();
        Span<byte> hash = stackalloc byte[ContentHash.Length];
        foreach (var entry in entries)
        {
            var path = Encoding.UTF8.GetBytes(entry.Path);
            var shared = path.AsSpan().CommonPrefixLength(previous);
            writer.Write((byte)entry.Kind);
            writer.Write7BitEncodedInt(shared);
            writer.Write7BitEncodedInt(path.Length - shared);
            writer.Write(path.AsSpan(shared));
            previous = path;
            switch (entry.Kind)
            {
                case ChangeKind.File:
                    writer.Write7BitEncodedInt(entry.Mode);
                    writer.Write7BitEncodedInt64(entry.Size);
                    entry.Hash.CopyTo(hash);
                    writer.Write(hash);
                    if (entry.Size > 0)
                    {
                        var location = entry.Location
                            ?? throw new InvalidOperationException($"{entry.Path} has no location to write down.");
                        writer.Write7BitEncodedInt(packs[location.Pack]);
                        writer.Write7BitEncodedInt64(location.Offset);
                        writer.Write7BitEncodedInt64(location.Length);
                    }

                    break;
                case ChangeKind.Link:
                    writer.Write(entry.Target!);
                    break;
                case ChangeKind.Folder:
                    writer.Write7BitEncodedInt(entry.Mode);
                    break;
            }
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote; throws <see cref="InvalidDataException"/> when it is something
    /// else.</summary>
    public static List<ManifestEntry> Read(Stream input)
    {
        try
        {
            using var deflate = new DeflateStream(input, CompressionMode.Decompress, leaveOpen: true);
            using var buffered = new BufferedStream(deflate, 64 * 1024);
            using var reader = new BinaryReader(buffered);
            if (reader.ReadByte() != Version)
            {
                throw new InvalidDataException("A manifest was written by a newer version of the server. Update "
                    + "this one.");
            }

            // Memory is taken for what is there, not for what is said to be there.
            var packs = new List<string>();
            Span<byte> id = stackalloc byte[PackIdBytes];
            for (var i = reader.Read7BitEncodedInt(); i > 0; i--)
            {
                reader.BaseStream.ReadExactly(id);
                packs.Add(Convert.ToHexStringLower(id));
            }

            var entries = new List<ManifestEntry>();
            var path = Array.Empty<byte>();
            for (var i = reader.Read7BitEncodedInt(); i > 0; i--)
            {
                entries.Add(ReadEntry(reader, packs, ref path));
            }

            return entries;
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException or IndexOutOfRangeException)
        {
            throw new InvalidDataException("A manifest is damaged; take its pack from a backup.", e);
        }
    }

    private static ManifestEntry ReadEntry(BinaryReader reader, List<string> packs, ref byte[] path)
    {
        var kind = (ChangeKind)reader.ReadByte();
        var shared = reader.Read7BitEncodedInt();
        var rest = reader.Read7BitEncodedInt();
        if (shared < 0 || shared > path.Length || rest < 0 || shared + (long)rest > MaxTextBytes)
        {
            throw new FormatException("the length of a path");
        }

        var next = new byte[shared + rest];
        path.AsSpan(0, shared).CopyTo(next);
        reader.BaseStream.ReadExactly(next.AsSpan(shared));
        path = next;
        var name = Encoding.UTF8.GetString(path);
        switch (kind)
        {
            case ChangeKind.File:
                var mode = reader.Read7BitEncodedInt();
                var size = reader.Read7BitEncodedInt64();
                Span<byte> bytes = stackalloc byte[ContentHash.Length];
                reader.BaseStream.ReadExactly(bytes);
                PackLocation? location = size == 0
                    ? null
                    : new(packs[reader.Read7BitEncodedInt()], reader.Read7BitEncodedInt64(), reader.Read7BitEncodedInt64());
                return new ManifestEntry(name, kind, mode, size, ContentHash.From(bytes), location);
            case ChangeKind.Link:
                return new ManifestEntry(name, kind, 0, 0, default, null, ReadText(reader));
            case ChangeKind.Folder:
                return new ManifestEntry(name, kind, reader.Read7BitEncodedInt(), 0, default, null);
            case ChangeKind.Delete:
                return new ManifestEntry(name, kind, 0, 0, default, null);
            default:
                throw new InvalidDataException("A manifest is damaged; take its pack from a backup.");
        }
    }

    private static string ReadText(BinaryReader reader)
    {
        var length = reader.Read7BitEncodedInt();
        if (length is < 0 or > MaxTextBytes)
        {
            throw new FormatException("the length of a link's target");
        }

        var bytes = new byte[length];
        reader.BaseStream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }
}
