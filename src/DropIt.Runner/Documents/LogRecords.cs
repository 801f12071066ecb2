using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;
using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;

namespace DropIt.Runner.Documents;

/// <summary>What is written to a document's log. Each is self-contained; the text's version follows from their order.</summary>
internal abstract record LogRecord
{
    /// <summary>First of a log: where things stood.</summary>
    /// <param name="Path">Of the file in the workspace, without links.</param>
    /// <param name="Incarnation">Of the document.</param>
    /// <param name="Version">Of the text.</param>
    /// <param name="Form">Of the file.</param>
    /// <param name="Hash">Of the file, whose text is this version's.</param>
    /// <param name="Sequences">Last sequence of each client.</param>
    /// <param name="Text">The text; null when the file alone has it and nothing can follow.</param>
    internal sealed record Base(
        string Path,
        string Incarnation,
        uint Version,
        FileForm Form,
        string Hash,
        IReadOnlyList<KeyValuePair<string, uint>> Sequences,
        string? Text) : LogRecord;

    /// <summary>An update was accepted.</summary>
    internal sealed record Accepted(string Client, uint Sequence, byte[] Changes) : LogRecord;

    /// <summary>The file is about to be replaced: once the temporary is gone, the file has this version.</summary>
    internal sealed record Saving(string Temporary, string Hash) : LogRecord;

    /// <summary>The file has this version.</summary>
    internal sealed record Saved(string Hash) : LogRecord;

    /// <summary>The replacement that was about to happen did not.</summary>
    internal sealed record Abandoned : LogRecord;

    /// <summary>The file was changed by someone else and merged.</summary>
    /// <param name="Form">Of the file now.</param>
    /// <param name="Hash">Of the file now.</param>
    /// <param name="Changes">The update by the disk; null when the text stayed.</param>
    /// <param name="ToDisk">From the text after that to the file's.</param>
    internal sealed record Merged(FileForm Form, string Hash, byte[]? Changes, byte[] ToDisk) : LogRecord;
}

/// <summary>
/// The bytes of log records: <c>length: u32 | crc32c of the body: u32 | body</c>, little endian. A log ends at the first record that is
/// cut short or whose sum is wrong: it was being written when the runner was killed, and was never acknowledged. Pure.
/// </summary>
internal static class LogRecords
{
    private const int Head = 8;

    /// <summary>Appends a record.</summary>
    public static void Write(ArrayBufferWriter<byte> to, LogRecord record)
    {
        var body = new ArrayBufferWriter<byte>(64);
        WriteBody(body, record);
        var head = to.GetSpan(Head);
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)body.WrittenCount);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Sum(body.WrittenSpan));
        to.Advance(Head);
        to.Write(body.WrittenSpan);
    }

    /// <summary>Reads records up to the first that is not whole.</summary>
    /// <param name="from">The log.</param>
    /// <param name="length">Bytes of the whole records.</param>
    public static List<LogRecord> Read(ReadOnlySpan<byte> from, out int length)
    {
        var records = new List<LogRecord>();
        length = 0;
        while (from.Length >= Head)
        {
            var bodyLength = BinaryPrimitives.ReadUInt32LittleEndian(from);
            if (bodyLength > from.Length - Head)
            {
                break;
            }

            var body = from.Slice(Head, (int)bodyLength);
            if (Sum(body) != BinaryPrimitives.ReadUInt32LittleEndian(from[4..]) || !TryReadBody(body, out var record))
            {
                break;
            }

            records.Add(record);
            length += Head + body.Length;
            from = from[(Head + body.Length)..];
        }

        return records;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
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

        return sum;
    }

    private static void WriteBody(ArrayBufferWriter<byte> to, LogRecord record)
    {
        switch (record)
        {
            case LogRecord.Base start:
                to.Write("B"u8);
                WriteText(to, start.Path);
                WriteText(to, start.Incarnation);
                Varint.Write(to, start.Version);
                WriteForm(to, start.Form);
                WriteText(to, start.Hash);
                Varint.Write(to, (uint)start.Sequences.Count);
                foreach (var (client, sequence) in start.Sequences)
                {
                    WriteText(to, client);
                    Varint.Write(to, sequence);
                }

                // A change set of an empty text says every text, lone surrogates too.
                WriteBytes(to, start.Text is null ? null : ChangeSet.Replace(0, 0, 0, start.Text).ToBytes());
                break;
            case LogRecord.Accepted update:
                to.Write("U"u8);
                WriteText(to, update.Client);
                Varint.Write(to, update.Sequence);
                WriteBytes(to, update.Changes);
                break;
            case LogRecord.Saving saving:
                to.Write("I"u8);
                WriteText(to, saving.Temporary);
                WriteText(to, saving.Hash);
                break;
            case LogRecord.Saved saved:
                to.Write("S"u8);
                WriteText(to, saved.Hash);
                break;
            case LogRecord.Abandoned:
                to.Write("A"u8);
                break;
            case LogRecord.Merged merged:
                to.Write("M"u8);
                WriteForm(to, merged.Form);
                WriteText(to, merged.Hash);
                WriteBytes(to, merged.Changes);
                WriteBytes(to, merged.ToDisk);
                break;
            default:
                throw new ArgumentException("not a record of the log", nameof(record));
        }
    }

    private static bool TryReadBody(ReadOnlySpan<byte> from, [NotNullWhen(true)] out LogRecord? record)
    {
        record = null;
        if (from.IsEmpty)
        {
            return false;
        }

        var kind = from[0];
        from = from[1..];
        record = kind switch
        {
            (byte)'B' => ReadBase(from),
            (byte)'U' when TryText(ref from, out var client) && Varint.TryRead(ref from, out var sequence) && TryBytes(ref from, out var changes)
                => new LogRecord.Accepted(client, sequence, changes ?? []),
            (byte)'I' when TryText(ref from, out var temporary) && TryText(ref from, out var hash) => new LogRecord.Saving(temporary, hash),
            (byte)'S' when TryText(ref from, out var hash) => new LogRecord.Saved(hash),
            (byte)'A' => new LogRecord.Abandoned(),
            (byte)'M' when TryForm(ref from, out var form) && TryText(ref from, out var hash)
                && TryBytes(ref from, out var changes) && TryBytes(ref from, out var toDisk)
                => new LogRecord.Merged(form, hash, changes, toDisk ?? []),
            _ => null,
        };
        return record is not null;
    }

    private static LogRecord.Base? ReadBase(ReadOnlySpan<byte> from)
    {
        if (!TryText(ref from, out var path) || !TryText(ref from, out var incarnation) || !Varint.TryRead(ref from, out var version)
            || !TryForm(ref from, out var form) || !TryText(ref from, out var hash) || !Varint.TryRead(ref from, out var clients))
        {
            return null;
        }

        var sequences = new List<KeyValuePair<string, uint>>();
        for (; clients > 0; clients--)
        {
            if (!TryText(ref from, out var client) || !Varint.TryRead(ref from, out var sequence))
            {
                return null;
            }

            sequences.Add(KeyValuePair.Create(client, sequence));
        }

        if (!TryBytes(ref from, out var bytes))
        {
            return null;
        }

        if (bytes is null)
        {
            return new LogRecord.Base(path, incarnation, version, form, hash, sequences, null);
        }

        return ChangeSet.TryRead(bytes, 0, out var text)
            ? new LogRecord.Base(path, incarnation, version, form, hash, sequences, text.Apply(""))
            : null;
    }

    private static void WriteForm(ArrayBufferWriter<byte> to, FileForm form) =>
        Varint.Write(to, (form.Bom ? 1u : 0) | (form.Crlf ? 2u : 0));

    private static bool TryForm(ref ReadOnlySpan<byte> from, out FileForm form)
    {
        var read = Varint.TryRead(ref from, out var bits);
        form = new FileForm((bits & 1) != 0, (bits & 2) != 0);
        return read;
    }

    private static void WriteText(ArrayBufferWriter<byte> to, string text) => WriteBytes(to, Encoding.UTF8.GetBytes(text));

    private static bool TryText(ref ReadOnlySpan<byte> from, out string text)
    {
        var read = TryBytes(ref from, out var bytes) && bytes is not null;
        text = read ? Encoding.UTF8.GetString(bytes!) : "";
        return read;
    }

    /// <summary>Length + 1, then the bytes; 0 is null.</summary>
    private static void WriteBytes(ArrayBufferWriter<byte> to, byte[]? bytes)
    {
        Varint.Write(to, bytes is null ? 0 : (uint)bytes.Length + 1);
        to.Write(bytes);
    }

    private static bool TryBytes(ref ReadOnlySpan<byte> from, out byte[]? bytes)
    {
        bytes = null;
        if (!Varint.TryRead(ref from, out var head))
        {
            return false;
        }

        if (head == 0)
        {
            return true;
        }

        if (head - 1 > from.Length)
        {
            return false;
        }

        bytes = from[..(int)(head - 1)].ToArray();
        from = from[(int)(head - 1)..];
        return true;
    }
}
