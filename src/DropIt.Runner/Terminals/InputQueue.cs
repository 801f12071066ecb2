namespace DropIt.Runner.Terminals;

/// <summary>Bytes that wait for a program to read them; the caller keeps to <paramref name="capacity"/>.</summary>
internal sealed class InputQueue(int capacity)
{
    private byte[] _bytes = [];
    private int _first;
    private int _end;

    /// <summary>Bytes waiting.</summary>
    public int Length => _end - _first;

    /// <summary>All of them.</summary>
    public ReadOnlySpan<byte> Front => _bytes.AsSpan(_first, Length);

    /// <summary>Adds to the end.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, capacity - Length);
        if (_end + bytes.Length > _bytes.Length)
        {
            var moved = Length + bytes.Length <= _bytes.Length / 2 ? _bytes : new byte[Math.Max(4096, 2 * (Length + bytes.Length))];
            Front.CopyTo(moved);
            (_bytes, _first, _end) = (moved, 0, Length);
        }

        bytes.CopyTo(_bytes.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Takes from the front.</summary>
    public void Drop(int count)
    {
        _first += count;
        if (_first == _end)
        {
            Clear();
        }
    }

    /// <summary>Drops all, and the memory.</summary>
    public void Clear() => (_bytes, _first, _end) = ([], 0, 0);
}
