using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using DropIt.Protocol.Frames;

namespace DropIt.Protocol.Editing;

/// <content>The form of docs/protocol.md, "Documents".</content>
public sealed partial class ChangeSet
{
    private const uint KindKeep = 0;
    private const uint KindUtf8 = 1;
    private const uint KindUtf16 = 2;

    private static readonly UTF8Encoding Utf8Bytes = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Reads the sections that <paramref name="from"/> is made of, to its end. Never throws.</summary>
    /// <param name="from">One update, without its length.</param>
    /// <param name="length">Of the text that it must apply to.</param>
    /// <param name="changes">In normal form when the answer is true.</param>
    /// <returns>False when it is malformed or the lengths do not add up.</returns>
    public static bool TryRead(ReadOnlySpan<byte> from, int length, out ChangeSet changes)
    {
        changes = Empty(0);
        var sections = new SectionList(keepsText: true);
        long total = 0;
        long newTotal = 0;
        while (!from.IsEmpty)
        {
            if (!Varint.TryRead(ref from, out var head))
            {
                return false;
            }

            var sectionLength = (int)(head >> 2);
            total += sectionLength;
            if (total > length)
            {
                return false;
            }

            if ((head & 3) == KindKeep)
            {
                sections.Keep(sectionLength);
                newTotal += sectionLength;
            }
            else if (TryReadText(ref from, head & 3, out var text))
            {
                sections.Replace(sectionLength, text.Length, text);
                newTotal += text.Length;
            }
            else
            {
                return false;
            }
        }

        if (total != length || newTotal > int.MaxValue)
        {
            return false;
        }

        changes = new ChangeSet(sections.ToArray());
        return true;
    }

    /// <summary>Writes the sections.</summary>
    public void Write(IBufferWriter<byte> to)
    {
        foreach (var section in Sections)
        {
            var length = (uint)section.Length << 2;
            if (section.Insert == Section.Kept)
            {
                Varint.Write(to, length | KindKeep);
            }
            else if (IsWellFormed(section.Text))
            {
                Varint.Write(to, length | KindUtf8);
                Varint.Write(to, (uint)Utf8Bytes.GetByteCount(section.Text));
                Encoding.UTF8.GetBytes(section.Text, to);
            }
            else
            {
                Varint.Write(to, length | KindUtf16);
                Varint.Write(to, (uint)section.Text.Length);
                var span = to.GetSpan(section.Text.Length * 2);
                for (var i = 0; i < section.Text.Length; i++)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(span[(2 * i)..], section.Text[i]);
                }

                to.Advance(section.Text.Length * 2);
            }
        }
    }

    /// <summary>About as many bytes as the wire form has: what bounds of memory are reckoned with.</summary>
    public int WireLength => Sections.Sum(section => 4 + Utf8Bytes.GetByteCount(section.Text));

    /// <summary>The wire form as bytes of its own.</summary>
    public byte[] ToBytes()
    {
        var to = new ArrayBufferWriter<byte>(32);
        Write(to);
        return to.WrittenSpan.ToArray();
    }

    private static bool TryReadText(ref ReadOnlySpan<byte> from, uint kind, out string text)
    {
        text = "";
        if (kind > KindUtf16 || !Varint.TryRead(ref from, out var count))
        {
            return false;
        }

        var bytes = kind == KindUtf8 ? count : (ulong)count * 2;
        if (bytes > (ulong)from.Length)
        {
            return false;
        }

        var source = from[..(int)bytes];
        from = from[(int)bytes..];
        if (kind == KindUtf8)
        {
            if (!Utf8.IsValid(source))
            {
                return false;
            }

            text = Encoding.UTF8.GetString(source);
            return true;
        }

        var units = new char[count];
        for (var i = 0; i < units.Length; i++)
        {
            units[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(source[(2 * i)..]);
        }

        text = new string(units);
        return true;
    }

    /// <summary>Whether every surrogate is half of a pair.</summary>
    private static bool IsWellFormed(string text)
    {
        for (var i = text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff'); i >= 0 && i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                {
                    return false;
                }

                i++;
            }
        }

        return true;
    }
}
