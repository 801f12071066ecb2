namespace DropIt.Runner.Screens;

/// <summary>A place on the screen.</summary>
/// <param name="Character">Its character; 0: none was drawn here. From <see cref="FirstJoined"/>: one of <see cref="JoinedCharacters"/>.</param>
/// <param name="Width">Cells that the character takes; 0 for the second half of a wide one.</param>
/// <param name="Pen">How it is drawn.</param>
internal readonly record struct ScreenCell(int Character, byte Width, Pen Pen)
{
    /// <summary>Behind the last character of Unicode.</summary>
    public const int FirstJoined = 0x110000;

    /// <summary>Nothing was drawn here, on the ground of a pen.</summary>
    public static ScreenCell Empty(Pen pen) => new(0, 1, pen);
}

/// <summary>A row of the screen.</summary>
internal sealed class ScreenRow(int columns)
{
    /// <summary>Left to right.</summary>
    public ScreenCell[] Cells { get; private set; } = Blank(columns);

    /// <summary>It goes on where the row above ended, without a line feed.</summary>
    public bool Wrapped { get; set; }

    /// <summary>Empties it all.</summary>
    public void Clear(Pen ground)
    {
        Cells.AsSpan().Fill(ScreenCell.Empty(ground));
        Wrapped = false;
    }

    /// <summary>Empties cells; halves of wide characters at the ends are emptied too.</summary>
    public void Erase(int from, int to, Pen ground)
    {
        to = Math.Min(to, Cells.Length);
        if (from > 0 && from < Cells.Length && Cells[from - 1].Width == 2)
        {
            Cells[from - 1] = ScreenCell.Empty(ground);
        }

        if (to < Cells.Length && to > 0 && Cells[to - 1].Width == 2)
        {
            Cells[to] = ScreenCell.Empty(ground);
        }

        if (from < to)
        {
            Cells.AsSpan(from, to - from).Fill(ScreenCell.Empty(ground));
        }
    }

    /// <summary>Moves cells to the right, letting go of what leaves.</summary>
    public void Insert(int at, int count, ScreenCell filler)
    {
        if (at > 0 && Cells[at].Width == 0 && Cells[at - 1].Width == 2)
        {
            Cells[at - 1] = ScreenCell.Empty(filler.Pen);
        }

        count = Math.Min(count, Cells.Length - at);
        Cells.AsSpan(at, Cells.Length - at - count).CopyTo(Cells.AsSpan(at + count));
        Cells.AsSpan(at, count).Fill(filler);
        if (Cells[^1].Width == 2)
        {
            Cells[^1] = ScreenCell.Empty(filler.Pen);
        }
    }

    /// <summary>Takes cells out; what is to the right follows.</summary>
    public void Delete(int at, int count, ScreenCell filler)
    {
        count = Math.Min(count, Cells.Length - at);
        Cells.AsSpan(at + count).CopyTo(Cells.AsSpan(at));
        Cells.AsSpan(Cells.Length - count).Fill(filler);
        if (at > 0 && Cells[at - 1].Width == 2)
        {
            Cells[at - 1] = ScreenCell.Empty(filler.Pen);
        }

        if (Cells[at] is { Width: 0, Character: 0 })
        {
            Cells[at] = ScreenCell.Empty(filler.Pen);
        }
    }

    /// <summary>Cuts off, or adds empty cells.</summary>
    public void Resize(int columns)
    {
        var cells = Blank(columns);
        Cells.AsSpan(0, Math.Min(columns, Cells.Length)).CopyTo(cells);
        Cells = cells;
    }

    private static ScreenCell[] Blank(int columns)
    {
        var cells = new ScreenCell[columns];
        cells.AsSpan().Fill(ScreenCell.Empty(default));
        return cells;
    }
}
