using System.Text.Json;
using DropIt.Protocol.Frames;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Terminals;

/// <summary>Payloads of a terminal's frames (docs/protocol.md, "Frames"). Pure.</summary>
internal static class TerminalFrames
{
    /// <summary>Most columns and rows.</summary>
    public const int MaxSize = 1000;

    /// <summary>Reads an ack: bytes.</summary>
    /// <exception cref="ProtocolException">It is none.</exception>
    public static uint ReadAck(ReadOnlySpan<byte> payload) =>
        Varint.TryRead(ref payload, out var bytes) && payload.IsEmpty
            ? bytes
            : throw new ProtocolException("an ack is one number");

    /// <summary>Reads a size, 1 to <see cref="MaxSize"/> each.</summary>
    /// <exception cref="ProtocolException">It is none.</exception>
    public static (ushort Columns, ushort Rows) ReadSize(ReadOnlySpan<byte> payload) =>
        Varint.TryRead(ref payload, out var columns)
            && Varint.TryRead(ref payload, out var rows)
            && payload.IsEmpty
            && columns is >= 1 and <= MaxSize
            && rows is >= 1 and <= MaxSize
            ? ((ushort)columns, (ushort)rows)
            : throw new ProtocolException($"a size is columns and rows, 1 to {MaxSize} each");

    /// <summary>Writes the size that output is for.</summary>
    public static byte[] Size(ushort columns, ushort rows)
    {
        Span<byte> payload = stackalloc byte[2 * Varint.MaxLength];
        var length = Varint.Write(payload, columns);
        length += Varint.Write(payload[length..], rows);
        return payload[..length].ToArray();
    }

    /// <summary>Writes how a program ended.</summary>
    public static byte[] Exited(ExitStatus status) => JsonSerializer.SerializeToUtf8Bytes(
        new TerminalExit(status.Code, status.Signal), TerminalJson.Default.TerminalExit);
}
