using System.Text;
using DropIt.Protocol.Frames;
using DropIt.Runner.Screens;

namespace DropIt.Runner.Terminals;

/// <summary>
/// The end of a terminal's output, and what redraws the screen from it. Held are at most 384 KiB of the main screen and
/// 128 KiB of the alternate one, which is forgotten when its program leaves it: 512 KiB a terminal.
/// </summary>
/// <remarks>
/// A page replays what was printed, each part in the size that it was printed for: so what it shows equals what a page shows that was
/// there all the time, whether the program draws itself again or not. Only what is older than the held bytes is drawn from a
/// <see cref="Screen"/>.
/// </remarks>
internal sealed class TerminalHistory
{
    /// <summary>Bytes held of the main screen: some 5,000 lines.</summary>
    public const int MaxMain = 384 * 1024;

    /// <summary>Bytes held of the alternate screen.</summary>
    public const int MaxAlternate = 128 * 1024;

    /// <summary>Bytes kept over a stop, of the main screen: some 1,000 lines, so that 32 terminals are 2 MiB.</summary>
    public const int MaxKept = 64 * 1024;

    /// <summary>An alternate screen that was left after so little is kept as it was printed; of a longer one only the modes.</summary>
    private const int ShortVisit = 32 * 1024;

    private readonly OutputTail _main = new(MaxMain);
    private readonly OutputTail _alternate = new(MaxAlternate);
    private readonly TerminalModes _now = new();
    private TerminalModes _beforeAlternate = new();
    private (ushort Columns, ushort Rows) _size;

    /// <summary>Of an empty terminal.</summary>
    public TerminalHistory((ushort Columns, ushort Rows) size)
    {
        _size = size;
        _main.Clear(size, _now, alternate: false);
    }

    /// <summary>Bells rung since the start.</summary>
    public int Bells => _now.Bells;

    /// <summary>What follows is printed for another size.</summary>
    public void Resize((ushort Columns, ushort Rows) size)
    {
        _size = size;
        _main.Resize(size);
        if (_now.Alternate)
        {
            _alternate.Resize(size);
        }
    }

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
                _alternate.Clear(_size, _now, alternate: true);
            }
            else
            {
                Leave(part);
            }
        }
    }

    /// <summary>The payload of a restore frame: parts, each to be drawn in its size, on an emulator that was reset.</summary>
    public byte[] Restore()
    {
        var parts = new List<OutputPart>();
        if (_main.Start is { } start)
        {
            parts.Add(new OutputPart(_main.FirstSize.Columns, _main.FirstSize.Rows, ScreenWriter.All(start)));
        }

        parts.AddRange(_main.Parts());
        if (_now.Alternate)
        {
            // The sizes of the visit stand behind the main screen's bytes too; its own parts have its output between them.
            var visit = _alternate.Parts().ToList();
            var twice = Math.Min(visit.Count, parts.Count) - 1;
            parts.RemoveRange(parts.Count - twice, twice);
            if (_alternate.Start is { } alternate)
            {
                parts.Add(new OutputPart(
                    _alternate.FirstSize.Columns,
                    _alternate.FirstSize.Rows,
                    ScreenWriter.AlternateOnly(alternate, _beforeAlternate)));
            }

            parts.AddRange(visit);
        }

        return Write(parts);
    }

    /// <summary>The last lines of the main screen, without escape sequences; for messages.</summary>
    /// <param name="lines">At most so many.</param>
    public string LastLines(int lines)
    {
        var tail = new byte[Math.Min(_main.Length, 16 * 1024)];
        _main.CopyLastTo(tail);
        return PlainText.LastLines(tail, lines);
    }

    /// <summary>The end of what was printed to the main screen, at most <see cref="MaxKept"/> bytes and what draws a screen.</summary>
    public List<OutputPart> Keep()
    {
        var kept = new OutputTail(MaxKept);
        kept.Clear(_main.FirstSize, new TerminalModes(), alternate: false);
        if (_main.Start is { } start)
        {
            kept.Append(ScreenWriter.All(start));
        }

        foreach (var part in _main.Parts())
        {
            kept.Resize((part.Columns, part.Rows));
            kept.Append(part.Bytes);
        }

        List<OutputPart> parts = kept.Start is { } first
            ? [new OutputPart(kept.FirstSize.Columns, kept.FirstSize.Rows, ScreenWriter.All(first))]
            : [];
        parts.AddRange(kept.Parts());
        return parts;
    }

    /// <summary>
    /// Takes in what was kept of an earlier terminal, whose programs are gone: the modes that they had set end, and what follows begins on a line of its own.
    /// </summary>
    public void Recall(IEnumerable<OutputPart> parts, (ushort Columns, ushort Rows) size)
    {
        foreach (var part in parts)
        {
            Resize((part.Columns, part.Rows));
            Append(part.Bytes);
        }

        Resize(size);
        if (_now.Alternate)
        {
            Append(Encoding.UTF8.GetBytes($"\e[?{_now.AlternateMode}l"));
        }

        // Also what modes do not say: region, colours, letters.
        Append(Encoding.UTF8.GetBytes("\e\\\e7\e[r\e8\e[m\e(B\x0f" + new TerminalModes().Difference(_now) + "\r\n"));
    }

    private static byte[] Write(List<OutputPart> parts)
    {
        var payload = new byte[parts.Sum(part => part.Bytes.Length + (3 * Varint.MaxLength))];
        var length = 0;
        foreach (var (columns, rows, bytes) in parts)
        {
            length += Varint.Write(payload.AsSpan(length), columns);
            length += Varint.Write(payload.AsSpan(length), rows);
            length += Varint.Write(payload.AsSpan(length), (uint)bytes.Length);
            bytes.CopyTo(payload, length);
            length += bytes.Length;
        }

        return payload[..length];
    }

    /// <summary>The alternate screen is left by the last bytes of <paramref name="part"/>.</summary>
    private void Leave(ReadOnlySpan<byte> part)
    {
        var visit = _alternate.Start is null && _alternate.Length + part.Length <= ShortVisit ? _alternate.Parts().ToList() : [];
        if (visit.Count > 0 && _main.TryTakeBack(visit.Count - 1, (visit[0].Columns, visit[0].Rows)))
        {
            foreach (var drawn in visit)
            {
                _main.Resize((drawn.Columns, drawn.Rows));
                _main.Append(drawn.Bytes);
            }

            _main.Append(part);
        }
        else if (part.EndsWith("\ec"u8))
        {
            _main.Append("\ec"u8);
        }
        else
        {
            _main.Append(Encoding.UTF8.GetBytes($"\e[?{_now.AlternateMode}l" + _now.Difference(_beforeAlternate)));
        }

        _alternate.Clear(_size, _now, alternate: true);
    }
}
