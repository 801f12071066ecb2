using System.Text;

namespace DropIt.Runner.Terminals;

/// <summary>
/// The end of a terminal's output, and what redraws the screen from it. Held are at most 384 KiB of the main screen and
/// 128 KiB of the alternate one, which is forgotten when its program leaves it: 512 KiB a terminal.
/// </summary>
internal sealed class TerminalHistory
{
    /// <summary>Bytes held of the main screen: some 5,000 lines.</summary>
    public const int MaxMain = 384 * 1024;

    /// <summary>Bytes held of the alternate screen; past it the program is asked to repaint.</summary>
    public const int MaxAlternate = 128 * 1024;

    private readonly OutputTail _main = new(MaxMain);
    private readonly OutputTail _alternate = new(MaxAlternate);
    private readonly TerminalModes _now = new();
    private TerminalModes _beforeAlternate = new();

    /// <summary>The alternate screen is shown, and its beginning is no longer held: only the program can draw it whole.</summary>
    public bool NeedsRepaint => _now.Alternate && _alternate.Cut;

    /// <summary>The alternate screen is shown.</summary>
    public bool Alternate => _now.Alternate;

    /// <summary>Takes output in.</summary>
    public void Append(ReadOnlySpan<byte> output)
    {
        while (!output.IsEmpty)
        {
            var before = _now.Alternate;
            var length = _now.Advance(output);
            var part = output[..length];
            output = output[length..];
            if (before == _now.Alternate)
            {
                (before ? _alternate : _main).Append(part);
            }
            else if (_now.Alternate)
            {
                _main.Append(part);
                _beforeAlternate = _now.Copy();
                _alternate.Clear(_now);
            }
            else
            {
                _alternate.Clear(_now);
                _main.Append(Encoding.UTF8.GetBytes($"\e[?{_now.AlternateMode}l" + _now.Difference(_beforeAlternate)));
            }
        }
    }

    /// <summary>Bytes that redraw the screen on an emulator that was reset.</summary>
    public byte[] Restore()
    {
        var start = Encoding.UTF8.GetBytes(_main.Start.Difference());
        var between = _now.Alternate && _alternate.Cut
            ? Encoding.UTF8.GetBytes(_alternate.Start.Difference(_beforeAlternate))
            : [];
        var bytes = new byte[start.Length + _main.Length + between.Length + _alternate.Length];
        start.CopyTo(bytes, 0);
        _main.CopyTo(bytes.AsSpan(start.Length));
        between.CopyTo(bytes, start.Length + _main.Length);
        _alternate.CopyTo(bytes.AsSpan(start.Length + _main.Length + between.Length));
        return bytes;
    }

    /// <summary>The last lines of the main screen, without escape sequences; for messages.</summary>
    /// <param name="lines">At most so many.</param>
    public string LastLines(int lines)
    {
        var tail = new byte[Math.Min(_main.Length, 16 * 1024)];
        _main.CopyLastTo(tail);
        return PlainText.LastLines(tail, lines);
    }
}

/// <summary>The last bytes of an output, cut where an emulator can begin.</summary>
/// <param name="capacity">Most bytes held. Memory follows what is held, in doubling steps.</param>
internal sealed class OutputTail(int capacity)
{
    private const int Smallest = 4096;
    private const int LineSearch = 8 * 1024;

    private byte[] _ring = [];
    private int _first;

    /// <summary>The state in which the held bytes begin.</summary>
    public TerminalModes Start { get; private set; } = new();

    /// <summary>Bytes held.</summary>
    public int Length { get; private set; }

    /// <summary>Something before the held bytes was let go.</summary>
    public bool Cut { get; private set; }

    /// <summary>Begins anew in the state <paramref name="start"/>.</summary>
    public void Clear(TerminalModes start)
    {
        Start = start.Copy();
        Cut = false;
        Length = 0;
        _first = 0;
        _ring = [];
    }

    /// <summary>Adds to the end, letting go of the beginning past the capacity.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > capacity / 2)
        {
            Append(bytes[..(capacity / 2)]);
            bytes = bytes[(capacity / 2)..];
        }

        if (Length + bytes.Length > capacity)
        {
            DropFirst(Length + bytes.Length - capacity);
        }

        Grow(Length + bytes.Length);
        var at = (_first + Length) % Math.Max(1, _ring.Length);
        var head = Math.Min(bytes.Length, _ring.Length - at);
        bytes[..head].CopyTo(_ring.AsSpan(at));
        bytes[head..].CopyTo(_ring);
        Length += bytes.Length;
    }

    /// <summary>Copies all held bytes to the front of <paramref name="to"/>.</summary>
    public void CopyTo(Span<byte> to) => CopyLastTo(to[..Length]);

    /// <summary>Fills <paramref name="to"/>, at most <see cref="Length"/> long, with the last bytes.</summary>
    public void CopyLastTo(Span<byte> to)
    {
        if (to.IsEmpty)
        {
            return;
        }

        var from = (_first + Length - to.Length) % _ring.Length;
        var head = Math.Min(to.Length, _ring.Length - from);
        _ring.AsSpan(from, head).CopyTo(to);
        _ring.AsSpan(0, to.Length - head).CopyTo(to[head..]);
    }

    private void Grow(int needed)
    {
        if (needed <= _ring.Length)
        {
            return;
        }

        var size = Math.Max(Smallest, _ring.Length);
        while (size < needed)
        {
            size = Math.Min(capacity, size * 2);
        }

        var ring = new byte[size];
        CopyTo(ring.AsSpan(0, Length));
        (_ring, _first) = (ring, 0);
    }

    /// <summary>
    /// Lets go of at least <paramref name="count"/> bytes, and on to the next line, or (none near: a full-screen program)
    /// to where neither an escape sequence nor a character is cut.
    /// </summary>
    private void DropFirst(int count)
    {
        Cut = true;
        var dropped = 0;
        var lineEnd = false;
        while (dropped < Length)
        {
            var whole = dropped >= count && Start.AtRest && (_ring[_first] & 0xc0) != 0x80;
            if (whole && (lineEnd || dropped >= count + LineSearch))
            {
                break;
            }

            // In one go up to the bound, then byte by byte in search of a place.
            var run = dropped < count ? Math.Min(count - dropped, _ring.Length - _first) : 1;
            var bytes = _ring.AsSpan(_first, run);
            lineEnd = bytes[^1] == '\n';
            for (var rest = bytes; !rest.IsEmpty;)
            {
                rest = rest[Start.Advance(rest)..];
            }

            _first = (_first + run) % _ring.Length;
            dropped += run;
        }

        Length -= dropped;
    }
}
