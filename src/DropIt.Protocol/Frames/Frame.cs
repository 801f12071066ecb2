using System.Buffers;

namespace DropIt.Protocol.Frames;

/// <summary>One message on the socket: <c>channel: varint | type: byte | payload</c>.</summary>
/// <param name="Channel">0 is the session.</param>
/// <param name="Type">What the payload is.</param>
/// <param name="Payload">The rest; a view of the receive buffer, valid until the handler returns.</param>
public readonly record struct Frame(uint Channel, FrameType Type, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Largest frame either way, in bytes: a change set that replaces a document of 5 MB fits.</summary>
    public const int MaxLength = 8 * 1024 * 1024;

    /// <summary>Most bytes that stand before the payload.</summary>
    public const int MaxHeaderLength = Varint.MaxLength + 1;

    /// <summary>Reads a message; false when it is too short to be a frame.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> message, out Frame frame)
    {
        frame = default;
        var rest = message.Span;
        if (!Varint.TryRead(ref rest, out var channel) || rest.IsEmpty)
        {
            return false;
        }

        frame = new Frame(channel, (FrameType)rest[0], message[(message.Length - rest.Length + 1)..]);
        return true;
    }

    /// <summary>Writes channel and type; the payload follows.</summary>
    public static void WriteHeader(IBufferWriter<byte> to, uint channel, FrameType type)
    {
        Varint.Write(to, channel);
        to.GetSpan(1)[0] = (byte)type;
        to.Advance(1);
    }
}
