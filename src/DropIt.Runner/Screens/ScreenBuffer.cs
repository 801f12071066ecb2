namespace DropIt.Runner.Screens;

/// <summary>What DECSC keeps. Of a position: the row may lie above the screen when it scrolled since.</summary>
internal record struct SavedCursor(int Column, int Row, Pen Pen, bool LineDrawing);

/// <summary>The rows of the main or the alternate screen, with the cursor and what belongs to them.</summary>
internal sealed class ScreenBuffer
{
    private const int TabWidth = 8;

    private readonly bool _scrollsAway;
    private readonly HashSet<int> _tabs = [];
    private ScreenRow[] _rows = [];
    private int _scrolled;

    /// <summary>An empty one.</summary>
    /// <param name="scrollsAway">What leaves at the top goes into the scrollback, and takes the saved cursor's row along.</param>
    public ScreenBuffer(int columns, int rows, bool scrollsAway, Pen ground = default)
    {
        _scrollsAway = scrollsAway;
        Columns = columns;
        Reset(columns, rows, ground);
    }

    public int Columns { get; private set; }

    public int RowCount => _rows.Length;

    /// <summary>Of the cursor; equal to <see cref="Columns"/> behind the last cell, where the next character wraps.</summary>
    public int X { get; set; }

    public int Y { get; set; }

    /// <summary>First row of the scroll region.</summary>
    public int Top { get; set; }

    /// <summary>Last row of the scroll region.</summary>
    public int Bottom { get; set; }

    public SavedCursor Saved { get; set; }

    /// <summary>The rows from the top.</summary>
    public ReadOnlySpan<ScreenRow> Rows => _rows;

    /// <summary>Columns with a tab stop.</summary>
    public IReadOnlySet<int> Tabs => _tabs;

    /// <summary>The tab stops are every eight columns.</summary>
    public bool TabsAreUsual =>
        Enumerable.Range(0, Columns).All(x => _tabs.Contains(x) == (x % TabWidth == 0));

    public ScreenRow Row => _rows[Y];

    /// <summary>All anew.</summary>
    public void Reset(int columns, int rows, Pen ground)
    {
        Columns = columns;
        _rows = new ScreenRow[rows];
        for (var i = 0; i < rows; i++)
        {
            _rows[i] = new ScreenRow(columns);
            _rows[i].Clear(ground);
        }

        (X, Y, Top, Bottom, Saved, _scrolled) = (0, 0, 0, rows - 1, default, 0);
        _tabs.Clear();
        AddTabs(0);
    }

    /// <summary>The next line, at the bottom of the region a fresh one.</summary>
    public void Feed(Pen ground, bool wrapped)
    {
        Y++;
        if (Y == Bottom + 1)
        {
            Y--;
            Scroll(ground, wrapped);
        }
        else if (Y < _rows.Length)
        {
            Row.Wrapped = wrapped;
        }
        else
        {
            Y = _rows.Length - 1;
            Row.Wrapped |= wrapped;
        }
    }

    /// <summary>A fresh line at the bottom of the region, what is above it moves up.</summary>
    public void Scroll(Pen ground, bool wrapped)
    {
        Rotate(Top, Bottom, ground);
        _rows[Bottom].Wrapped = wrapped;
        if (Top == 0 && _scrollsAway && _scrolled < Screen.Scrollback)
        {
            _scrolled++;
            Saved = Saved with { Row = Saved.Row - 1 };
        }
    }

    /// <summary>The scrollback is let go of: as in xterm.js the saved cursor's row counts from its first line, so it moves down.</summary>
    public void ForgetScrolled()
    {
        Saved = Saved with { Row = Saved.Row + _scrolled };
        _scrolled = 0;
    }

    /// <summary>Takes row <paramref name="from"/> out and puts a fresh one in at <paramref name="to"/>.</summary>
    public void Rotate(int from, int to, Pen ground)
    {
        var row = _rows[from];
        if (from < to)
        {
            Array.Copy(_rows, from + 1, _rows, from, to - from);
        }
        else
        {
            Array.Copy(_rows, to, _rows, to + 1, from - to);
        }

        _rows[to] = row;
        row.Clear(ground);
    }

    /// <summary>The column of the next tab stop, or the last.</summary>
    public int NextTab()
    {
        var x = X + 1;
        while (x < Columns - 1 && !_tabs.Contains(x))
        {
            x++;
        }

        return Math.Min(x, Columns - 1);
    }

    /// <summary>The column of the tab stop before the cursor, or the first.</summary>
    public int PreviousTab()
    {
        var x = X - 1;
        while (x > 0 && !_tabs.Contains(x))
        {
            x--;
        }

        return Math.Max(0, x);
    }

    public void SetTab(int x) => _tabs.Add(x);

    public void ClearTab(int x) => _tabs.Remove(x);

    public void ClearTabs() => _tabs.Clear();

    /// <summary>As xterm.js does, but for lines that it wraps anew: those keep their rows here.</summary>
    public void Resize(int columns, int rows)
    {
        if (columns != Columns)
        {
            foreach (var row in _rows)
            {
                row.Resize(columns);
            }
        }

        var kept = new List<ScreenRow>(_rows);
        while (kept.Count > rows)
        {
            if (kept.Count > Y + 1)
            {
                kept.RemoveAt(kept.Count - 1);
            }
            else
            {
                kept.RemoveAt(0);
                Y--;
            }
        }

        while (kept.Count < rows)
        {
            kept.Add(new ScreenRow(columns));
        }

        var before = Columns;
        (_rows, Columns) = ([.. kept], columns);
        X = Math.Min(X, columns - 1);
        Y = Math.Clamp(Y, 0, rows - 1);
        Saved = Saved with { Column = Math.Min(Saved.Column, columns - 1) };
        (Top, Bottom) = (0, rows - 1);
        AddTabs(before);
    }

    private void AddTabs(int from)
    {
        for (var x = (from + TabWidth - 1) / TabWidth * TabWidth; x < Columns; x += TabWidth)
        {
            _tabs.Add(x);
        }
    }
}
