using System.Buffers;
using System.Text;
using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;

namespace DropIt.Runner.Documents;

/// <summary>Payloads of document frames as the runner sends them; docs/protocol.md, "Frames". Pure.</summary>
internal static class DocumentFrames
{
    /// <summary>Number of the receiving client in <c>updates</c>.</summary>
    public const uint Own = 0;

    /// <summary>Number of the disk.</summary>
    public const uint Disk = 1;

    /// <summary>Number of the first other client.</summary>
    public const uint FirstOther = 2;

    /// <summary>Most bytes of updates collected in one frame, well under the largest frame.</summary>
    public const int MaxUpdates = 1024 * 1024;

    /// <summary>The whole text.</summary>
    /// <param name="version">Its version.</param>
    /// <param name="sequence">The receiver's last sequence in it.</param>
    /// <param name="text">The text; lone surrogates, which UTF-8 cannot say, become U+FFFD.</param>
    public static ReadOnlyMemory<byte> Snapshot(uint version, uint sequence, DocumentText text)
    {
        var to = new ArrayBufferWriter<byte>(text.Length + 16);
        Varint.Write(to, version);
        Varint.Write(to, sequence);
        var encoder = Encoding.UTF8.GetEncoder();
        text.ForEachChunk(chunk => encoder.Convert(chunk, to, flush: false, out _, out _));
        encoder.Convert(ReadOnlySpan<char>.Empty, to, flush: true, out _, out _);
        return to.WrittenMemory;
    }

    /// <summary>
    /// Updates from <paramref name="version"/> on, in as many frames as their size asks for.
    /// </summary>
    /// <param name="version">Version before the first.</param>
    /// <param name="updates">In order.</param>
    /// <param name="author">The number of a client id for this receiver.</param>
    public static IEnumerable<ReadOnlyMemory<byte>> Updates(uint version, IReadOnlyList<Update> updates, Func<string, uint> author)
    {
        var to = new ArrayBufferWriter<byte>(64);
        foreach (var update in updates)
        {
            if (to.WrittenCount == 0)
            {
                Varint.Write(to, version);
            }

            Varint.Write(to, author(update.Client));
            WriteUpdate(to, update.Changes);
            version++;
            if (to.WrittenCount >= MaxUpdates)
            {
                yield return to.WrittenMemory;
                to = new ArrayBufferWriter<byte>(64);
            }
        }

        if (to.WrittenCount > 0)
        {
            yield return to.WrittenMemory;
        }
    }

    /// <summary>Adds to a <c>cursors</c> frame, behind its version, where one client is; null: nowhere.</summary>
    public static void WriteCursor(IBufferWriter<byte> to, uint author, int person, DocumentCursor? cursor)
    {
        Varint.Write(to, author);
        Varint.Write(to, (uint)person);
        if (cursor is null)
        {
            Varint.Write(to, 0);
        }
        else
        {
            cursor.Write(to);
        }
    }

    /// <summary>A confirm, saved (without sequence) or safe.</summary>
    public static ReadOnlyMemory<byte> Numbers(params ReadOnlySpan<uint> numbers)
    {
        var to = new ArrayBufferWriter<byte>(2 * Varint.MaxLength);
        foreach (var number in numbers)
        {
            Varint.Write(to, number);
        }

        return to.WrittenMemory;
    }

    /// <summary>A push, as a page sends it.</summary>
    public static ReadOnlyMemory<byte> Push(uint version, uint first, IEnumerable<ChangeSet> updates)
    {
        var to = new ArrayBufferWriter<byte>(64);
        Varint.Write(to, version);
        Varint.Write(to, first);
        foreach (var changes in updates)
        {
            WriteUpdate(to, changes);
        }

        return to.WrittenMemory;
    }

    private static void WriteUpdate(ArrayBufferWriter<byte> to, ChangeSet changes)
    {
        var bytes = changes.ToBytes();
        Varint.Write(to, (uint)bytes.Length);
        to.Write(bytes);
    }
}
