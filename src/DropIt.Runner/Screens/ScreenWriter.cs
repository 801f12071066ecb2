using System.Globalization;
using System.Text;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Screens;

/// <summary>Writes what brings a terminal of the same size, reset and empty, into the state of a screen. Pure.</summary>
internal sealed class ScreenWriter
{
    private readonly Screen _screen;
    private readonly StringBuilder _text = new();
    private Pen _pen;

    private ScreenWriter(Screen screen) => _screen = screen;

    /// <summary>Both screens, for a terminal that was reset.</summary>
    public static byte[] All(Screen screen)
    {
        var writer = new ScreenWriter(screen);
        writer.WriteBuffer(screen.Main);
        if (screen.Alternate is { } alternate)
        {
            writer._text.Append("\e[?1047h");
            writer.WriteBuffer(alternate);
        }

        writer.WriteState(new TerminalModes());
        return Encoding.UTF8.GetBytes(writer._text.ToString());
    }

    /// <summary>The alternate screen alone, for a terminal that has just switched to it.</summary>
    /// <param name="modes">Those of that terminal.</param>
    public static byte[] AlternateOnly(Screen screen, TerminalModes modes)
    {
        var writer = new ScreenWriter(screen);
        writer._text.Append("\e[m\e(B\x0f");
        writer.WriteBuffer(screen.Active);
        writer.WriteState(modes);
        return Encoding.UTF8.GetBytes(writer._text.ToString());
    }

    private void WriteBuffer(ScreenBuffer buffer)
    {
        // 1. Rows that go on from the one above: only printing past the end of a row makes them so.
        for (var y = 1; y < buffer.RowCount; y++)
        {
            if (buffer.Rows[y].Wrapped)
            {
                MoveTo(buffer.Columns - 1, y - 1);
                _text.Append("  ");
            }
        }

        // 2. The cells.
        for (var y = 0; y < buffer.RowCount; y++)
        {
            WriteRow(buffer, y);
        }

        // 3. What belongs to these rows: tab stops, the saved cursor, the region.
        if (!buffer.TabsAreUsual)
        {
            _text.Append("\e[3g");
            foreach (var x in buffer.Tabs.Where(x => x < buffer.Columns).Order())
            {
                MoveTo(x, 0);
                _text.Append("\eH");
            }
        }

        var saved = buffer.Saved with { Row = Math.Max(0, buffer.Saved.Row) };
        if (saved != default)
        {
            MoveTo(Math.Min(saved.Column, buffer.Columns - 1), saved.Row);
            Use(saved.Pen);
            _text.Append(saved.LineDrawing ? "\e(0\e7\e(B" : "\e7");
        }

        Use(default);
        if (buffer.Top > 0 || buffer.Bottom < buffer.RowCount - 1)
        {
            _text.Append(CultureInfo.InvariantCulture, $"\e[{buffer.Top + 1};{buffer.Bottom + 1}r");
        }
    }

    private void WriteRow(ScreenBuffer buffer, int y)
    {
        var cells = buffer.Rows[y].Cells;
        var wrapsHere = buffer.Rows[y].Wrapped;
        var wrapsNext = y + 1 < buffer.RowCount && buffer.Rows[y + 1].Wrapped;
        var at = -1;
        for (var x = 0; x < cells.Length;)
        {
            var cell = cells[x];
            if (cell.Character == 0 && cell.Width > 0 && cell.Pen.IsGround)
            {
                var end = x + 1;
                while (end < cells.Length && cells[end] == cell)
                {
                    end++;
                }

                // Step 1 left something in the corners of wrapped rows.
                var dirty = (x == 0 && wrapsHere) || (end == cells.Length && wrapsNext);
                if (cell.Pen != default || dirty)
                {
                    Reach(x, y, ref at);
                    Use(cell.Pen);
                    _text.Append(CultureInfo.InvariantCulture, $"\e[{end - x}X");
                }

                x = end;
                continue;
            }

            Reach(x, y, ref at);
            Use(cell.Pen);
            // An empty cell that is drawn in some way looks like a space.
            _text.Append(cell.Character == 0 ? " " : _screen.Joined.TextOf(cell.Character));
            x += Math.Max(1, (int)cell.Width);
            at = x;
        }
    }

    private void WriteState(TerminalModes modes)
    {
        var buffer = _screen.Active;
        _text.Append(_screen.Modes.Difference(modes));
        var y = buffer.Y - (_screen.Origin ? buffer.Top : 0);
        if (buffer.X < buffer.Columns)
        {
            MoveTo(buffer.X, y);
        }
        else
        {
            // Behind the last cell: only printing into it gets there.
            var last = buffer.Row.Cells[^1];
            var wide = last.Width == 0 && buffer.Columns > 1;
            var cell = wide ? buffer.Row.Cells[^2] : last;
            MoveTo(buffer.Columns - (wide ? 2 : 1), y);
            Use(cell.Pen);
            _text.Append(cell.Character == 0 ? " " : _screen.Joined.TextOf(cell.Character));
        }

        for (var set = 0; set < 4; set++)
        {
            if (_screen.LineDrawing[set])
            {
                _text.Append('\e').Append("()*+"[set]).Append('0');
            }
        }

        _text.Append(_screen.CharacterSet switch { 1 => "\x0e", 2 => "\en", 3 => "\eo", _ => "" });
        Use(_screen.Pen);
    }

    private void Reach(int x, int y, ref int at)
    {
        if (at != x)
        {
            MoveTo(x, y);
        }
    }

    private void MoveTo(int x, int y) => _text.Append(CultureInfo.InvariantCulture, $"\e[{y + 1};{x + 1}H");

    private void Use(Pen pen)
    {
        if (pen == _pen)
        {
            return;
        }

        if (_pen != default)
        {
            _text.Append("\e[m");
        }

        pen.Write(_text);
        _pen = pen;
    }
}
