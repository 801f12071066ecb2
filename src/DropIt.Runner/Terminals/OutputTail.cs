using DropIt.Runner.Screens;

namespace DropIt.Runner.Terminals;

/// <summary>A part of a terminal's output: what was printed while it had one size.</summary>
internal readonly record struct OutputPart(ushort Columns, ushort Rows, byte[] Bytes);

/// <summary>
/// The last bytes of an output with the sizes that they were printed for. What does not fit any more is let go of from the beginning, and
/// a <see cref="Screen"/> remembers what it had drawn.
/// </summary>
/// <param name="capacity">Most bytes held. Memory follows what is held, in doubling steps.</param>
internal sealed class OutputTail(int capacity)
{
    /// <summary>Most changes of size held: replaying one costs a page about a millisecond. Past it the oldest bytes go with it.</summary>
    public const int MaxSizes = 128;

    private const int Smallest = 4096;
    private const int LineSearch = 8 * 1024;

    private readonly List<(long At, ushort Columns, ushort Rows)> _sizes = [];
    private byte[] _ring = [];
    private int _first;
    private long _dropped;
    private (ushort Columns, ushort Rows) _size;
    private (ushort Columns, ushort Rows) _firstSize;
    private TerminalModes _modes = new();
    private bool _alternate;

    /// <summary>What the bytes that were let go of had drawn; null when none were.</summary>
    public Screen? Start { get; private set; }

    /// <summary>Bytes held.</summary>
    public int Length { get; private set; }

    /// <summary>Begins anew, empty.</summary>
    /// <param name="modes">Modes that hold already.</param>
    /// <param name="alternate">On the alternate screen.</param>
    public void Clear((ushort Columns, ushort Rows) size, TerminalModes modes, bool alternate)
    {
        (_size, _firstSize, _modes, _alternate) = (size, size, modes.Copy(), alternate);
        Start = null;
        Length = 0;
        _first = 0;
        _dropped = 0;
        _ring = [];
        _sizes.Clear();
    }

    /// <summary>What follows is printed for another size.</summary>
    public void Resize((ushort Columns, ushort Rows) size)
    {
        if (size == _size)
        {
            return;
        }

        _size = size;
        if (Length == 0 && Start is null && !_alternate)
        {
            _firstSize = size;
            return;
        }

        if (_sizes.Count == MaxSizes)
        {
            DropFirst((int)(_sizes[0].At - _dropped));
            ApplySizes();
        }

        _sizes.Add((_dropped + Length, size.Columns, size.Rows));
    }

    /// <summary>Takes back the last changes of size, behind which nothing was printed; false when they are not held any more.</summary>
    /// <param name="count">How many.</param>
    /// <param name="size">The size before them.</param>
    public bool TryTakeBack(int count, (ushort Columns, ushort Rows) size)
    {
        if (count > _sizes.Count || !_sizes.TakeLast(count).All(one => one.At == _dropped + Length))
        {
            return false;
        }

        _sizes.RemoveRange(_sizes.Count - count, count);
        _size = size;
        return true;
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

    /// <summary>All held bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyLastTo(bytes);
        return bytes;
    }

    /// <summary>The held bytes, parted by size; what <see cref="Start"/> had drawn is not among them.</summary>
    public IEnumerable<OutputPart> Parts()
    {
        var bytes = ToArray();
        var (columns, rows) = _firstSize;
        var from = 0;
        foreach (var size in _sizes)
        {
            var to = (int)(size.At - _dropped);
            yield return new OutputPart(columns, rows, bytes[from..to]);
            (columns, rows, from) = (size.Columns, size.Rows, to);
        }

        yield return new OutputPart(columns, rows, bytes[from..]);
    }

    /// <summary>The size that the held bytes begin with.</summary>
    public (ushort Columns, ushort Rows) FirstSize => _firstSize;

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
        CopyLastTo(ring.AsSpan(0, Length));
        (_ring, _first) = (ring, 0);
    }

    /// <summary>
    /// Lets go of at least <paramref name="count"/> bytes, and on to the next line, or (none near: a full-screen program)
    /// to where neither an escape sequence nor a character is cut.
    /// </summary>
    private void DropFirst(int count)
    {
        var start = Start ??= new Screen(_firstSize.Columns, _firstSize.Rows, _modes, _alternate);
        var dropped = 0;
        var lineEnd = false;
        while (Length > 0)
        {
            ApplySizes();
            if (dropped >= count && start.AtRest && (lineEnd || dropped >= count + LineSearch))
            {
                break;
            }

            // In one go up to the bound, then byte by byte in search of a place.
            var run = dropped < count ? Math.Min(count - dropped, _ring.Length - _first) : 1;
            if (_sizes.Count > 0)
            {
                run = (int)Math.Min(run, _sizes[0].At - _dropped);
            }

            var bytes = _ring.AsSpan(_first, run);
            lineEnd = bytes[^1] == '\n';
            start.Advance(bytes);
            _first = (_first + run) % _ring.Length;
            dropped += run;
            _dropped += run;
            Length -= run;
        }
    }

    /// <summary>Changes of size that are first in what is held.</summary>
    private void ApplySizes()
    {
        while (_sizes.Count > 0 && _sizes[0].At == _dropped && Start is { } start)
        {
            _firstSize = (_sizes[0].Columns, _sizes[0].Rows);
            start.Resize(_firstSize.Columns, _firstSize.Rows);
            _sizes.RemoveAt(0);
        }
    }
}
