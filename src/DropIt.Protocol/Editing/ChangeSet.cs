using System.Text;

namespace DropIt.Protocol.Editing;

/// <summary>
/// A change from one text to another. Immutable; the twin of <c>ChangeSet</c> of <c>@codemirror/state</c>: what the two
/// compute from the same input is equal section for section.
/// </summary>
public sealed partial class ChangeSet : ChangeDesc
{
    internal ChangeSet(Section[] sections)
        : base(sections)
    {
    }

    /// <summary>The change of nothing in a text of <paramref name="length"/>.</summary>
    public static ChangeSet Empty(int length) =>
        new(length == 0 ? [] : [new Section(length, Section.Kept, "")]);

    /// <summary>
    /// Replaces the text between <paramref name="from"/> and <paramref name="to"/> in one of <paramref name="length"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the text.</exception>
    public static ChangeSet Replace(int length, int from, int to, string insert)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfLessThan(to, from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, length);
        var sections = new SectionList(keepsText: true);
        sections.Keep(from);
        sections.Replace(to - from, insert.Length, insert);
        sections.Keep(length - to);
        return new ChangeSet(sections.ToArray());
    }

    /// <summary>Replaces several ranges of a text of <paramref name="length"/>.</summary>
    /// <param name="length">Of the text.</param>
    /// <param name="edits">In order, without overlaps: where from, how many units, what comes instead.</param>
    /// <exception cref="ArgumentOutOfRangeException">A range is not inside the text or not behind the one before it.</exception>
    public static ChangeSet Replace(int length, IEnumerable<(int At, int Removed, string Insert)> edits)
    {
        var sections = new SectionList(keepsText: true);
        var end = 0;
        foreach (var (at, removed, insert) in edits)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(at, end);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(at + removed, length);
            sections.Keep(at - end);
            sections.Replace(removed, insert.Length, insert);
            end = at + removed;
        }

        sections.Keep(length - end);
        return new ChangeSet(sections.ToArray());
    }

    /// <summary>This change, then <paramref name="next"/>, as one.</summary>
    /// <exception cref="ArgumentException"><paramref name="next"/> starts at a text of another length.</exception>
    public ChangeSet Compose(ChangeSet next)
    {
        RequireAfter(next);
        return IsEmpty ? next
            : next.IsEmpty ? this
            : new ChangeSet(SectionAlgebra.Compose(Sections, next.Sections, keepsText: true));
    }

    /// <summary>
    /// This change as it reads after <paramref name="other"/>, which starts at the same text:
    /// <c>a.Compose(b.Map(a))</c> and <c>b.Compose(a.Map(b, before: true))</c> make the same text.
    /// </summary>
    /// <param name="other">What happened meanwhile.</param>
    /// <param name="before">Whether this one's insertions go before those of <paramref name="other"/> at the same place.</param>
    /// <exception cref="ArgumentException"><paramref name="other"/> starts at a text of another length.</exception>
    public ChangeSet Map(ChangeDesc other, bool before = false)
    {
        RequireBeside(other);
        return other.IsEmpty ? this : new ChangeSet(SectionAlgebra.Map(Sections, other.Sections, before, keepsText: true));
    }

    /// <summary>The change back.</summary>
    /// <param name="slice">Gives the old text's units from a position, so many.</param>
    public ChangeSet Invert(Func<int, int, string> slice)
    {
        var inverse = new Section[Sections.Length];
        var position = 0;
        for (var i = 0; i < inverse.Length; i++)
        {
            var section = Sections[i];
            inverse[i] = section.Insert == Section.Kept
                ? section
                : new Section(section.Insert, section.Length, section.Length == 0 ? "" : slice(position, section.Length));
            position += section.Length;
        }

        return new ChangeSet(inverse);
    }

    /// <summary>The new text.</summary>
    /// <exception cref="ArgumentException">The text is not of <see cref="ChangeDesc.Length"/>.</exception>
    public string Apply(string text)
    {
        if (text.Length != Length)
        {
            throw new ArgumentException($"A change of a text of {Length} cannot be applied to one of {text.Length}.", nameof(text));
        }

        var result = new StringBuilder(NewLength);
        var position = 0;
        foreach (var section in Sections)
        {
            if (section.Insert == Section.Kept)
            {
                result.Append(text, position, section.Length);
            }
            else
            {
                result.Append(section.Text);
            }

            position += section.Length;
        }

        return result.ToString();
    }

    /// <summary>
    /// Visits what is replaced, from the front: position in the text as changed so far, units removed there, what comes instead.
    /// </summary>
    public void ForEachChange(Action<int, int, string> visit)
    {
        var position = 0;
        foreach (var section in Sections)
        {
            if (section.Insert != Section.Kept)
            {
                visit(position, section.Length, section.Text);
            }

            position += section.NewLength;
        }
    }
}
