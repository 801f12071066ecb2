using System.Buffers;
using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Documents;

/// <summary>Where a page is in a document, in UTF-16 units of one version of its text. Immutable.</summary>
/// <param name="Version">The version that the positions are of.</param>
/// <param name="Top">What it sees begins here.</param>
/// <param name="Bottom">And ends here.</param>
/// <param name="Ranges">What is selected, the main range first; a caret is a range without length.</param>
internal sealed record DocumentCursor(uint Version, int Top, int Bottom, IReadOnlyList<(int Anchor, int Head)> Ranges)
{
    /// <summary>Ranges of one page: more than anyone can follow with their eyes. A page with more tells of the first ones.</summary>
    public const int MaxRanges = 16;

    /// <summary>Reads what a page sends; null when it says that it has left the document.</summary>
    /// <exception cref="ProtocolException">It is not what a page sends.</exception>
    public static DocumentCursor? Read(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
        {
            return null;
        }

        if (!Varint.TryRead(ref payload, out var version))
        {
            throw Malformed();
        }

        var (top, bottom) = (Position(ref payload), Position(ref payload));
        var ranges = new List<(int, int)>();
        while (!payload.IsEmpty)
        {
            if (ranges.Count == MaxRanges)
            {
                throw new ProtocolException($"a cursor has at most {MaxRanges} ranges");
            }

            ranges.Add((Position(ref payload), Position(ref payload)));
        }

        return ranges.Count > 0 ? new DocumentCursor(version, top, bottom, ranges) : throw Malformed();
    }

    /// <summary>True when every position is in a text of this length.</summary>
    public bool Fits(int length) => Top <= length && Bottom <= length && Ranges.All(range => range.Anchor <= length && range.Head <= length);

    /// <summary>The same place after a change that made the next version.</summary>
    /// <param name="changes">The change.</param>
    /// <param name="own">It was made here: the caret stands behind what was typed. What others insert at it comes behind it.</param>
    public DocumentCursor After(ChangeDesc changes, bool own) => new(
        Version + 1,
        changes.MapPosition(Top),
        changes.MapPosition(Bottom, stickRight: true),
        [.. Ranges.Select(range => After(range, changes, own))]);

    /// <summary>Writes it as a page is told: its number of ranges, what is seen, the ranges.</summary>
    public void Write(IBufferWriter<byte> to)
    {
        Varint.Write(to, (uint)Ranges.Count);
        Varint.Write(to, (uint)Top);
        Varint.Write(to, (uint)Bottom);
        foreach (var (anchor, head) in Ranges)
        {
            Varint.Write(to, (uint)anchor);
            Varint.Write(to, (uint)head);
        }
    }

    private static (int Anchor, int Head) After((int Anchor, int Head) range, ChangeDesc changes, bool own)
    {
        if (own || range.Anchor == range.Head)
        {
            return (changes.MapPosition(range.Anchor, own), changes.MapPosition(range.Head, own));
        }

        // What others insert at an end of a selection does not become part of it.
        var from = changes.MapPosition(Math.Min(range.Anchor, range.Head), stickRight: true);
        var to = Math.Max(from, changes.MapPosition(Math.Max(range.Anchor, range.Head)));
        return range.Anchor < range.Head ? (from, to) : (to, from);
    }

    private static int Position(ref ReadOnlySpan<byte> payload) =>
        Varint.TryRead(ref payload, out var position) && position <= int.MaxValue ? (int)position : throw Malformed();

    private static ProtocolException Malformed() => new("a cursor is a version, what is seen, and ranges");
}
