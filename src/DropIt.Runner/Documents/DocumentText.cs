namespace DropIt.Runner.Documents;

/// <summary>
/// A text that is edited in place: chunks of UTF-16 units, so that a keystroke moves a few thousand units however long the text is.
/// Finding a place walks over the chunks' lengths: 1,700 numbers for 5 MB, about a microsecond.
/// </summary>
internal sealed class DocumentText
{
    private const int Capacity = 4096;
    private const int Fill = 3072;

    private readonly List<char[]> _chunks = [];
    private readonly List<int> _lengths = [];

    /// <summary>Holds <paramref name="text"/>.</summary>
    public DocumentText(ReadOnlySpan<char> text) => Insert(0, text);

    /// <summary>In UTF-16 units.</summary>
    public int Length { get; private set; }

    /// <summary>Calls <paramref name="visit"/> with the chunks in order.</summary>
    public void ForEachChunk(ReadOnlySpanAction visit)
    {
        for (var i = 0; i < _chunks.Count; i++)
        {
            visit(_chunks[i].AsSpan(0, _lengths[i]));
        }
    }

    /// <summary>Takes <paramref name="removed"/> units out at <paramref name="at"/> and puts <paramref name="text"/> there.</summary>
    public void Replace(int at, int removed, ReadOnlySpan<char> text)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(at + removed, Length);
        Remove(at, removed);
        Insert(at, text);
    }

    /// <summary>A copy of <paramref name="length"/> units from <paramref name="at"/> on.</summary>
    public string Slice(int at, int length) => string.Create(length, (this, at), static (to, state) =>
    {
        var (text, start) = state;
        var (chunk, offset) = text.Find(start);
        while (to.Length > 0)
        {
            var piece = text._chunks[chunk].AsSpan(offset, Math.Min(to.Length, text._lengths[chunk] - offset));
            piece.CopyTo(to);
            to = to[piece.Length..];
            chunk++;
            offset = 0;
        }
    });

    /// <summary>A copy of all of it.</summary>
    public override string ToString() => Slice(0, Length);

    private (int Chunk, int Offset) Find(int at)
    {
        for (var i = 0; i < _lengths.Count; i++)
        {
            if (at <= _lengths[i])
            {
                return (i, at);
            }

            at -= _lengths[i];
        }

        return (_lengths.Count, 0);
    }

    private void Remove(int at, int count)
    {
        if (count == 0)
        {
            return;
        }

        Length -= count;
        var (chunk, offset) = Find(at);
        var first = chunk;
        while (count > 0)
        {
            var piece = Math.Min(count, _lengths[chunk] - offset);
            var units = _chunks[chunk].AsSpan(0, _lengths[chunk]);
            units[(offset + piece)..].CopyTo(units[offset..]);
            _lengths[chunk] -= piece;
            count -= piece;
            chunk++;
            offset = 0;
        }

        DropSmall(first, chunk);
    }

    /// <summary>Drops emptied chunks and joins the two at the seam when they fit in one, so that chunks stay well filled.</summary>
    private void DropSmall(int first, int end)
    {
        var empty = first;
        while (empty < end && _lengths[empty] > 0)
        {
            empty++;
        }

        var after = empty;
        while (after < end && _lengths[after] == 0)
        {
            after++;
        }

        _chunks.RemoveRange(empty, after - empty);
        _lengths.RemoveRange(empty, after - empty);
        var seam = Math.Max(0, Math.Min(first, _lengths.Count - 2));
        if (seam + 1 < _lengths.Count && _lengths[seam] + _lengths[seam + 1] <= Fill)
        {
            _chunks[seam + 1].AsSpan(0, _lengths[seam + 1]).CopyTo(_chunks[seam].AsSpan(_lengths[seam]));
            _lengths[seam] += _lengths[seam + 1];
            _chunks.RemoveAt(seam + 1);
            _lengths.RemoveAt(seam + 1);
        }
    }

    private void Insert(int at, ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return;
        }

        Length += text.Length;
        var (chunk, offset) = Find(at);
        if (chunk == _chunks.Count)
        {
            InsertChunks(chunk, text);
            return;
        }

        var length = _lengths[chunk];
        var units = _chunks[chunk].AsSpan();
        if (length + text.Length <= Capacity)
        {
            units[offset..length].CopyTo(units[(offset + text.Length)..]);
            text.CopyTo(units[offset..]);
            _lengths[chunk] = length + text.Length;
            return;
        }

        // The chunk is cut in two and the text comes between; a chunk cut at its start stays behind the text.
        if (offset < length && offset > 0)
        {
            InsertChunks(chunk + 1, units[offset..length]);
            _lengths[chunk] = offset;
        }

        if (offset > 0 && offset + text.Length <= Capacity)
        {
            text.CopyTo(units[offset..]);
            _lengths[chunk] = offset + text.Length;
            return;
        }

        InsertChunks(offset > 0 ? chunk + 1 : chunk, text);
    }

    private void InsertChunks(int index, ReadOnlySpan<char> text)
    {
        var count = (text.Length + Fill - 1) / Fill;
        var chunks = new char[count][];
        var lengths = new int[count];
        for (var i = 0; i < count; i++)
        {
            var piece = text.Slice(i * Fill, Math.Min(Fill, text.Length - (i * Fill)));
            chunks[i] = new char[Capacity];
            piece.CopyTo(chunks[i]);
            lengths[i] = piece.Length;
        }

        _chunks.InsertRange(index, chunks);
        _lengths.InsertRange(index, lengths);
    }

    /// <summary>Takes a piece of the text, valid during the call.</summary>
    internal delegate void ReadOnlySpanAction(ReadOnlySpan<char> piece);
}
