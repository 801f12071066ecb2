using System.Buffers;

namespace DropIt.Protocol.Frames;

/// <summary>Unsigned LEB128 of at most 32 bits: seven bits a byte, least first, the high bit says that more follow.</summary>
public static class Varint
{
    /// <summary>Most bytes that one takes.</summary>
    public const int MaxLength = 5;

    /// <summary>Writes <paramref name="value"/> and returns the number of bytes written.</summary>
    public static int Write(Span<byte> to, uint value)
    {
        var i = 0;
        for (; value >= 0x80; value >>= 7)
        {
            to[i++] = (byte)(value | 0x80);
        }

        to[i++] = (byte)value;
        return i;
    }

    /// <summary>Writes <paramref name="value"/>.</summary>
    public static void Write(IBufferWriter<byte> to, uint value) => to.Advance(Write(to.GetSpan(MaxLength), value));

    /// <summary>Takes one from the front of <paramref name="from"/>.</summary>
    /// <returns>False, and <paramref name="from"/> unchanged, when it is cut short or over 32 bits.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> from, out uint value)
    {
        value = 0;
        for (var i = 0; i < from.Length && i < MaxLength; i++)
        {
            var b = from[i];
            if (i == MaxLength - 1 && b > 0x0f)
            {
                return false;
            }

            value |= (uint)(b & 0x7f) << (7 * i);
            if (b < 0x80)
            {
                from = from[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
