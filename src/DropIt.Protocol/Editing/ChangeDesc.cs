namespace DropIt.Protocol.Editing;

/// <summary>
/// The shape of a change to a text, without what is inserted: enough to move positions and other changes over it.
/// Immutable; the twin of <c>ChangeDesc</c> of <c>@codemirror/state</c>. All lengths and positions are UTF-16 units.
/// </summary>
public class ChangeDesc
{
    private protected ChangeDesc(Section[] sections)
    {
        Sections = sections;
        foreach (var section in sections)
        {
            Length = checked(Length + section.Length);
            NewLength = checked(NewLength + section.NewLength);
        }
    }

    /// <summary>Length of the text that it applies to.</summary>
    public int Length { get; }

    /// <summary>Length of the text that it makes.</summary>
    public int NewLength { get; }

    /// <summary>True when it changes nothing.</summary>
    public bool IsEmpty => Sections.Length == 0 || (Sections.Length == 1 && Sections[0].Insert == Section.Kept);

    internal Section[] Sections { get; }

    /// <summary>The shape of this change, then <paramref name="next"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="next"/> starts at a text of another length.</exception>
    public ChangeDesc ComposeDesc(ChangeDesc next)
    {
        RequireAfter(next);
        return IsEmpty ? next.Desc()
            : next.IsEmpty ? Desc()
            : new ChangeDesc(SectionAlgebra.Compose(Sections, next.Sections, keepsText: false));
    }

    /// <summary>The shape of this change moved over <paramref name="other"/>; see <see cref="ChangeSet.Map"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="other"/> starts at a text of another length.</exception>
    public ChangeDesc MapDesc(ChangeDesc other, bool before = false)
    {
        RequireBeside(other);
        return other.IsEmpty ? Desc() : new ChangeDesc(SectionAlgebra.Map(Sections, other.Sections, before, keepsText: false));
    }

    /// <summary>Where a position of the old text is in the new one.</summary>
    /// <param name="position">0 to <see cref="Length"/>.</param>
    /// <param name="stickRight">Whether it goes behind what is inserted right at it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The position is outside the old text.</exception>
    public int MapPosition(int position, bool stickRight = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, Length);
        int old = 0, now = 0;
        foreach (var section in Sections)
        {
            var end = old + section.Length;
            if (section.Insert == Section.Kept)
            {
                if (end > position)
                {
                    return now + position - old;
                }
            }
            else if (end > position || (end == position && !stickRight && section.Length == 0))
            {
                return position == old || !stickRight ? now : now + section.Insert;
            }

            now += section.NewLength;
            old = end;
        }

        return now;
    }

    /// <summary>This without its text.</summary>
    public ChangeDesc Desc() =>
        GetType() == typeof(ChangeDesc) ? this : new ChangeDesc([.. Sections.Select(s => s with { Text = "" })]);

    /// <summary>As CodeMirror prints one: lengths that stay, <c>old:new</c> for what is replaced.</summary>
    public override string ToString() => string.Join(
        ' ',
        Sections.Select(s => s.Insert == Section.Kept ? $"{s.Length}" : $"{s.Length}:{s.Insert}"));

    private protected void RequireAfter(ChangeDesc next)
    {
        if (next.Length != NewLength)
        {
            throw new ArgumentException($"A change of a text of {next.Length} cannot follow one that makes {NewLength}.");
        }
    }

    private protected void RequireBeside(ChangeDesc other)
    {
        if (other.Length != Length)
        {
            throw new ArgumentException($"Changes of texts of {Length} and {other.Length} cannot be moved over each other.");
        }
    }
}
