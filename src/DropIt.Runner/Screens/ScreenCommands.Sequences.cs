namespace DropIt.Runner.Screens;

/// <summary>The control sequences.</summary>
internal sealed partial class ScreenCommands
{
    /// <summary>Does what a control sequence says; those that change no cell and no cursor are nobody's here.</summary>
    public void Sequence(ControlSequence sequence, byte final)
    {
        switch (sequence.Prefix, sequence.Intermediate)
        {
            case (0, 0):
                Plain(sequence, (char)final);
                break;
            case ((byte)'?', 0):
                Private(sequence, (char)final);
                break;
            case (0, (byte)'!') when final == 'p':
                SoftReset();
                break;
        }

        _joinable = 0;
    }

    private void Plain(ControlSequence sequence, char final)
    {
        var buffer = Buffer;
        var count = sequence.Or(0, 1);
        switch (final)
        {
            case '@':
                Restrict(buffer);
                buffer.Row.Insert(buffer.X, count, ScreenCell.Empty(Ground));
                break;
            case 'A':
                MoveUp(buffer, count);
                break;
            case 'B':
                MoveDown(buffer, count);
                break;
            case 'C' or 'a':
                MoveBy(buffer, count, 0);
                break;
            case 'D':
                MoveBy(buffer, -count, 0);
                break;
            case 'E':
                MoveDown(buffer, count);
                buffer.X = 0;
                break;
            case 'F':
                MoveUp(buffer, count);
                buffer.X = 0;
                break;
            case 'G' or '`':
                MoveTo(buffer, count - 1, buffer.Y);
                break;
            case 'H' or 'f':
                MoveTo(buffer, sequence.Or(1, 1) - 1, count - 1);
                break;
            case 'I':
                for (var i = Math.Min(count, buffer.Columns); i > 0 && buffer.X < buffer.Columns; i--)
                {
                    buffer.X = buffer.NextTab();
                }

                break;
            case 'Z':
                for (var i = Math.Min(count, buffer.Columns); i > 0 && buffer.X < buffer.Columns; i--)
                {
                    buffer.X = buffer.PreviousTab();
                }

                break;
            case 'J':
                EraseScreen(buffer, sequence.At(0));
                break;
            case 'K':
                EraseLine(buffer, sequence.At(0));
                break;
            case 'L' or 'M':
                ShiftLines(buffer, Math.Min(count, buffer.RowCount), insert: final == 'L');
                break;
            case 'P':
                Restrict(buffer);
                buffer.Row.Delete(buffer.X, count, ScreenCell.Empty(Ground));
                break;
            case 'S':
                for (var i = Math.Min(count, buffer.RowCount); i > 0; i--)
                {
                    buffer.Rotate(buffer.Top, buffer.Bottom, Ground);
                }

                break;
            case 'T':
                for (var i = Math.Min(count, buffer.RowCount); i > 0; i--)
                {
                    buffer.Rotate(buffer.Bottom, buffer.Top, default);
                }

                break;
            case 'X':
                Restrict(buffer);
                buffer.Row.Erase(buffer.X, (int)Math.Min((long)buffer.X + count, buffer.Columns), Ground);
                break;
            case 'b':
                Repeat(buffer, count);
                break;
            case 'd':
                MoveTo(buffer, buffer.X, count - 1);
                break;
            case 'e':
                MoveBy(buffer, 0, count);
                break;
            case 'g':
                ClearTabs(buffer, sequence.At(0));
                break;
            case 'h' or 'l' when sequence.At(0) == 4:
                screen.Inserts = final == 'h';
                break;
            case 'm':
                screen.Pen = screen.Pen.After(sequence.Parameters);
                break;
            case 'r':
                SetRegion(buffer, sequence);
                break;
            case 's':
                SaveCursor();
                break;
            case 'u':
                RestoreCursor();
                break;
        }
    }

    private void Private(ControlSequence sequence, char final)
    {
        switch (final)
        {
            case 'J':
                EraseScreen(Buffer, sequence.At(0));
                break;
            case 'K':
                EraseLine(Buffer, sequence.At(0));
                break;
            case 'h' or 'l':
                foreach (var parameter in sequence.Parameters)
                {
                    SetMode(parameter.Value, final == 'h');
                }

                break;
        }
    }

    private void SetMode(int mode, bool on)
    {
        switch (mode)
        {
            case 2 when on:
                Array.Clear(screen.LineDrawing);
                UseSet(screen.CharacterSet);
                break;
            case 6:
                screen.Origin = on;
                MoveTo(Buffer, 0, 0);
                break;
            case 7:
                screen.Wraps = on;
                break;
            case 45:
                screen.WrapsBack = on;
                break;
            case 1048 when on:
                SaveCursor();
                break;
            case 1048:
                RestoreCursor();
                break;
            case 47 or 1047 or 1049 when on:
                if (mode == 1049)
                {
                    SaveCursor();
                }

                EnterAlternate();
                break;
            case 47 or 1047 or 1049:
                LeaveAlternate();
                if (mode == 1049)
                {
                    RestoreCursor();
                }

                break;
        }
    }

    private void EnterAlternate()
    {
        if (screen.Alternate is not null)
        {
            return;
        }

        var main = screen.Main;
        screen.Alternate = new ScreenBuffer(main.Columns, main.RowCount, scrollsAway: false, Ground) { X = main.X, Y = main.Y };
    }

    private void LeaveAlternate()
    {
        if (screen.Alternate is { } alternate)
        {
            (screen.Main.X, screen.Main.Y) = (alternate.X, alternate.Y);
            screen.Alternate = null;
        }
    }

    private void MoveBy(ScreenBuffer buffer, int x, int y)
    {
        Restrict(buffer);
        MoveTo(buffer, buffer.X + x, buffer.Y + y);
    }

    private void MoveUp(ScreenBuffer buffer, int count) =>
        MoveBy(buffer, 0, -(buffer.Y >= buffer.Top ? Math.Min(buffer.Y - buffer.Top, count) : count));

    private void MoveDown(ScreenBuffer buffer, int count) =>
        MoveBy(buffer, 0, buffer.Y <= buffer.Bottom ? Math.Min(buffer.Bottom - buffer.Y, count) : count);

    private void EraseScreen(ScreenBuffer buffer, int which)
    {
        Restrict(buffer, behindLast: true);
        var (from, to) = which switch { 0 => (buffer.Y + 1, buffer.RowCount), 1 => (0, buffer.Y), 2 => (0, buffer.RowCount), _ => (0, 0) };
        switch (which)
        {
            case 0:
                EraseLine(buffer, 0);
                break;
            case 1:
                buffer.Row.Erase(0, buffer.X + 1, Ground);
                buffer.Row.Wrapped = false;
                if (buffer.X + 1 >= buffer.Columns && buffer.Y + 1 < buffer.RowCount)
                {
                    buffer.Rows[buffer.Y + 1].Wrapped = false;
                }

                break;
            case 3:
                buffer.ForgetScrolled();
                break;
        }

        for (var y = from; y < to; y++)
        {
            buffer.Rows[y].Clear(Ground);
        }
    }

    private void EraseLine(ScreenBuffer buffer, int which)
    {
        Restrict(buffer, behindLast: true);
        switch (which)
        {
            case 0:
                buffer.Row.Erase(buffer.X, buffer.Columns, Ground);
                buffer.Row.Wrapped &= buffer.X > 0;
                break;
            case 1:
                buffer.Row.Erase(0, buffer.X + 1, Ground);
                break;
            case 2:
                buffer.Row.Clear(Ground);
                break;
        }
    }

    private void ShiftLines(ScreenBuffer buffer, int count, bool insert)
    {
        Restrict(buffer);
        if (buffer.Y > buffer.Bottom || buffer.Y < buffer.Top)
        {
            return;
        }

        for (; count > 0; count--)
        {
            buffer.Rotate(insert ? buffer.Bottom : buffer.Y, insert ? buffer.Y : buffer.Bottom, Ground);
        }

        buffer.X = 0;
    }

    private void Repeat(ScreenBuffer buffer, int count)
    {
        var at = buffer.X - _joinable;
        if (_joinable == 0 || at < 0 || at >= buffer.Columns)
        {
            return;
        }

        var character = buffer.Row.Cells[at].Character;
        for (var i = Math.Min(count, buffer.Columns * buffer.RowCount); i > 0 && character is not 0 and < ScreenCell.FirstJoined; i--)
        {
            Print(character);
        }
    }

    private static void ClearTabs(ScreenBuffer buffer, int which)
    {
        if (which == 3)
        {
            buffer.ClearTabs();
        }
        else if (which == 0)
        {
            buffer.ClearTab(buffer.X);
        }
    }

    private void SetRegion(ScreenBuffer buffer, ControlSequence sequence)
    {
        var top = sequence.Or(0, 1);
        var bottom = sequence.Or(1, buffer.RowCount);
        bottom = bottom > buffer.RowCount ? buffer.RowCount : bottom;
        if (bottom > top)
        {
            (buffer.Top, buffer.Bottom) = (top - 1, bottom - 1);
            MoveTo(buffer, 0, 0);
        }
    }

    private void SoftReset()
    {
        var buffer = Buffer;
        (buffer.Top, buffer.Bottom) = (0, buffer.RowCount - 1);
        ResetModes();
        buffer.Saved = default;
    }
}
