namespace DropIt.Runner.Screens;

/// <summary>What characters, controls and sequences do to a screen. Named as in the manual of xterm (ctlseqs).</summary>
internal sealed partial class ScreenCommands(Screen screen)
{
    /// <summary>What the line-drawing set shows for 0x60 to 0x7e.</summary>
    private const string Lines = "◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·";

    /// <summary>Width of the character printed last, for marks that join it; 0 when something else came since.</summary>
    private int _joinable;

    private ScreenBuffer Buffer => screen.Active;

    private bool Origin => screen.Origin;

    private Pen Ground => screen.Pen.Erased;

    /// <summary>Prints characters from space to tilde.</summary>
    public void PrintPlain(ReadOnlySpan<byte> text)
    {
        if (screen.DrawsLines || screen.Inserts)
        {
            foreach (var b in text)
            {
                Print(b);
            }

            return;
        }

        while (!text.IsEmpty)
        {
            var buffer = Buffer;
            if (buffer.X >= buffer.Columns)
            {
                Print(text[0]);
                text = text[1..];
                continue;
            }

            var count = Math.Min(text.Length, buffer.Columns - buffer.X);
            var cells = buffer.Row.Cells;
            FreeLeft(buffer);
            var pen = screen.Pen;
            for (var i = 0; i < count; i++)
            {
                cells[buffer.X + i] = new ScreenCell(text[i], 1, pen);
            }

            buffer.X += count;
            FreeRight(buffer);
            text = text[count..];
        }

        _joinable = 1;
    }

    /// <summary>Prints a character.</summary>
    public void Print(int character)
    {
        if (screen.DrawsLines && character is >= 0x60 and <= 0x7e)
        {
            character = Lines[character - 0x60];
        }

        var width = CharacterWidth.Of(character);
        var buffer = Buffer;
        FreeLeft(buffer);
        if (width == 0 && _joinable > 0)
        {
            Join(buffer, character);
            return;
        }

        _joinable = width;
        if (buffer.X + width > buffer.Columns)
        {
            if (screen.Wraps)
            {
                Wrap(buffer);
            }
            else
            {
                buffer.X = buffer.Columns - 1;
                if (width == 2)
                {
                    return;
                }
            }
        }

        if (screen.Inserts && width > 0)
        {
            buffer.Row.Insert(buffer.X, width, ScreenCell.Empty(screen.Pen));
        }

        buffer.Row.Cells[Math.Min(buffer.X++, buffer.Columns - 1)] = new ScreenCell(character, (byte)width, screen.Pen);
        if (width == 2)
        {
            buffer.Row.Cells[buffer.X++] = new ScreenCell(0, 0, screen.Pen);
        }

        FreeRight(buffer);
    }

    /// <summary>Something that draws nothing came: what follows joins no character before it.</summary>
    public void Break() => _joinable = 0;

    /// <summary>Does what a control character says.</summary>
    public void Control(byte control)
    {
        _joinable = 0;
        var buffer = Buffer;
        switch (control)
        {
            case 0x08:
                Backspace(buffer);
                break;
            case 0x09 when buffer.X < buffer.Columns:
                buffer.X = buffer.NextTab();
                break;
            case 0x0a or 0x0b or 0x0c:
                buffer.Feed(Ground, wrapped: false);
                buffer.X = Math.Min(buffer.X, buffer.Columns - 1);
                break;
            case 0x0d:
                buffer.X = 0;
                break;
            case 0x0e or 0x0f:
                UseSet(control == 0x0e ? 1 : 0);
                break;
        }
    }

    /// <summary>Does what an escape sequence says.</summary>
    /// <param name="intermediate">The byte ahead of the last; 0 when there is none.</param>
    public void Escape(byte intermediate, byte final)
    {
        _joinable = 0;
        var buffer = Buffer;
        switch (intermediate, (char)final)
        {
            case (0, '7'):
                SaveCursor();
                break;
            case (0, '8'):
                RestoreCursor();
                break;
            case (0, 'D'):
                Restrict(buffer);
                Index(buffer);
                break;
            case (0, 'E'):
                buffer.X = 0;
                Index(buffer);
                break;
            case (0, 'H') when buffer.X < buffer.Columns:
                buffer.SetTab(buffer.X);
                break;
            case (0, 'M'):
                ReverseIndex(buffer);
                break;
            case (0, 'c'):
                Reset();
                break;
            case (0, 'n' or '}'):
                UseSet(2);
                break;
            case (0, 'o' or '|'):
                UseSet(3);
                break;
            case (0, '~'):
                UseSet(1);
                break;
            case ((byte)'%', '@' or 'G'):
                Array.Clear(screen.LineDrawing);
                UseSet(0);
                break;
            case ((byte)'(' or (byte)')' or (byte)'*' or (byte)'+', _):
                ChooseSet(intermediate - '(', final);
                break;
            case ((byte)'-' or (byte)'.' or (byte)'/', _):
                ChooseSet(intermediate - ',', final);
                break;
            case ((byte)'#', '8'):
                FillWithE(buffer);
                break;
        }
    }

    /// <summary>The first half of a wide character whose second half is about to be drawn over goes.</summary>
    private void FreeLeft(ScreenBuffer buffer)
    {
        if (buffer.X > 0 && buffer.X <= buffer.Columns && buffer.Row.Cells[buffer.X - 1].Width == 2)
        {
            buffer.Row.Cells[buffer.X - 1] = ScreenCell.Empty(screen.Pen);
        }
    }

    /// <summary>The second half of a wide character whose first half was drawn over goes.</summary>
    private void FreeRight(ScreenBuffer buffer)
    {
        if (buffer.X < buffer.Columns && buffer.Row.Cells[buffer.X] is { Width: 0, Character: 0 })
        {
            buffer.Row.Cells[buffer.X] = ScreenCell.Empty(screen.Pen);
        }
    }

    private void Wrap(ScreenBuffer buffer)
    {
        var row = buffer.Row;
        var left = buffer.X;
        buffer.X = 0;
        buffer.Feed(Ground, wrapped: true);
        if (left < buffer.Columns)
        {
            row.Cells.AsSpan(left).Fill(ScreenCell.Empty(screen.Pen));
        }
    }

    private void Join(ScreenBuffer buffer, int mark)
    {
        if (buffer.X == 0)
        {
            return;
        }

        var at = buffer.X - (buffer.Row.Cells[buffer.X - 1].Width > 0 || buffer.X == 1 ? 1 : 2);
        var cell = buffer.Row.Cells[at];
        buffer.Row.Cells[at] = cell with { Character = screen.Joined.Join(cell.Character, mark) };
    }

    private void Backspace(ScreenBuffer buffer)
    {
        if (!screen.WrapsBack)
        {
            Restrict(buffer);
            buffer.X = Math.Max(0, buffer.X - 1);
            return;
        }

        buffer.X = Math.Min(buffer.X, buffer.Columns);
        if (buffer.X > 0)
        {
            buffer.X--;
        }
        else if (buffer.Y > buffer.Top && buffer.Y <= buffer.Bottom && buffer.Row.Wrapped)
        {
            buffer.Row.Wrapped = false;
            buffer.Y--;
            buffer.X = buffer.Columns - 1;
            if (buffer.Row.Cells[buffer.X] is { Width: > 0, Character: 0 })
            {
                buffer.X--;
            }
        }

        Restrict(buffer);
    }

    private void Index(ScreenBuffer buffer)
    {
        buffer.Y++;
        if (buffer.Y == buffer.Bottom + 1)
        {
            buffer.Y--;
            buffer.Scroll(Ground, wrapped: false);
        }

        Restrict(buffer);
    }

    private void ReverseIndex(ScreenBuffer buffer)
    {
        Restrict(buffer);
        if (buffer.Y == buffer.Top)
        {
            buffer.Rotate(buffer.Bottom, buffer.Top, Ground);
        }
        else
        {
            buffer.Y--;
            Restrict(buffer);
        }
    }

    private void ChooseSet(int set, byte final)
    {
        screen.LineDrawing[set] = final == '0';
        if (set == screen.CharacterSet)
        {
            screen.DrawsLines = screen.LineDrawing[set];
        }
    }

    private void UseSet(int set)
    {
        screen.CharacterSet = set;
        screen.DrawsLines = screen.LineDrawing[set];
    }

    private void FillWithE(ScreenBuffer buffer)
    {
        // xterm.js fills from where the cursor lands, which is below the top in origin mode.
        var cell = new ScreenCell('E', 1, screen.Pen);
        MoveTo(buffer, 0, 0);
        foreach (var row in buffer.Rows[buffer.Y..])
        {
            row.Cells.AsSpan().Fill(cell);
            row.Wrapped = false;
        }

        MoveTo(buffer, 0, 0);
    }

    private void SaveCursor() => Buffer.Saved = new SavedCursor(Buffer.X, Buffer.Y, screen.Pen, screen.DrawsLines);

    private void RestoreCursor()
    {
        var buffer = Buffer;
        var saved = buffer.Saved;
        (buffer.X, buffer.Y) = (saved.Column, Math.Max(saved.Row, 0));
        // xterm.js leaves the shape and colour of the underline as they are.
        screen.Pen = saved.Pen;
        screen.DrawsLines = saved.LineDrawing;
        Restrict(buffer);
    }

    private void Reset()
    {
        screen.Alternate = null;
        screen.Main.Reset(screen.Main.Columns, screen.Main.RowCount, default);
        ResetModes();
    }

    private void ResetModes()
    {
        screen.Pen = default;
        Array.Clear(screen.LineDrawing);
        UseSet(0);
        (screen.Origin, screen.Wraps, screen.WrapsBack, screen.Inserts) = (false, true, false, false);
    }

    private void MoveTo(ScreenBuffer buffer, int x, int y)
    {
        (buffer.X, buffer.Y) = (x, Origin ? buffer.Top + y : y);
        Restrict(buffer);
    }

    private void Restrict(ScreenBuffer buffer, bool behindLast = false)
    {
        buffer.X = Math.Clamp(buffer.X, 0, behindLast ? buffer.Columns : buffer.Columns - 1);
        buffer.Y = Origin ? Math.Clamp(buffer.Y, buffer.Top, buffer.Bottom) : Math.Clamp(buffer.Y, 0, buffer.RowCount - 1);
    }
}
