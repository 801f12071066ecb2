namespace DropIt.Protocol.Editing;

/// <summary>A stretch of the old text and what became of it. Lengths are in UTF-16 units.</summary>
/// <param name="Length">Of the old text.</param>
/// <param name="Insert">Length of what replaces it, or <see cref="Kept"/>.</param>
/// <param name="Text">What replaces it; empty in a <see cref="ChangeDesc"/>, which knows lengths only.</param>
internal readonly record struct Section(int Length, int Insert, string Text)
{
    /// <summary>The value of <see cref="Insert"/> for a stretch that stays.</summary>
    public const int Kept = -1;

    /// <summary>Length in the new text.</summary>
    public int NewLength => Insert == Kept ? Length : Insert;
}

/// <summary>Collects sections in the normal form of <c>@codemirror/state</c>, so that both sides keep equal change sets.</summary>
/// <param name="keepsText">False: only lengths are wanted, no text is joined.</param>
internal sealed class SectionList(bool keepsText)
{
    private readonly List<Section> _sections = [];

    public int Count => _sections.Count;

    public Section[] ToArray() => [.. _sections];

    public void Keep(int length) => Add(length, Section.Kept, "");

    public void Replace(int length, int insert, string text, bool join = false) => Add(length, insert, text, join);

    /// <summary>
    /// Neighbours that both stay, both go or both only insert become one. <paramref name="join"/> asks the same of a section
    /// that belongs to the one before because a single change of the other set covers both.
    /// </summary>
    private void Add(int length, int insert, string text, bool join = false)
    {
        if (length == 0 && insert <= 0)
        {
            return;
        }

        if (_sections.Count > 0)
        {
            var last = _sections[^1];
            var sameKind = insert <= 0 && insert == last.Insert;
            var bothInsert = length == 0 && last.Length == 0;
            if (sameKind || bothInsert || join)
            {
                _sections[^1] = new Section(
                    last.Length + length,
                    sameKind ? insert : last.Insert + insert,
                    keepsText ? last.Text + text : "");
                return;
            }
        }

        _sections.Add(new Section(length, insert, keepsText ? text : ""));
    }
}

/// <summary>Walks over sections, a piece at a time, along the old or along the new text.</summary>
internal struct SectionCursor
{
    private readonly Section[] _sections;
    private int _next;
    private string _text;
    private int _taken;

    public SectionCursor(Section[] sections)
    {
        _sections = sections;
        _text = "";
        Next();
    }

    /// <summary>No section is left.</summary>
    public bool Done { get; private set; }

    /// <summary>What is left of the section in the old text.</summary>
    public int Length { get; private set; }

    /// <summary>What is left of its insertion along the new text, or <see cref="Section.Kept"/>.</summary>
    public int Insert { get; private set; }

    /// <summary>Set by who walks, once the section's insertion is in the result; cleared by the next section.</summary>
    public bool Written { get; set; }

    public readonly bool Keeps => !Done && Insert == Section.Kept;

    public readonly bool Changes => !Done && Insert >= 0;

    /// <summary>Nothing of the section was taken.</summary>
    public readonly bool Whole => _taken == 0;

    /// <summary>What is left of it in the new text.</summary>
    public readonly int NewLength => Insert == Section.Kept ? Length : Insert;

    /// <summary>All that the section inserts.</summary>
    public readonly string Text => _text;

    /// <summary>The next <paramref name="length"/> units of what it inserts; empty where only lengths are known.</summary>
    public readonly string TextPiece(int length) =>
        _text.Length == 0 ? "" : length == _text.Length ? _text : _text.Substring(_taken, length);

    public void Next()
    {
        Done = _next == _sections.Length;
        (Length, Insert, _text) = Done ? new Section(0, 0, "") : _sections[_next++];
        _taken = 0;
        Written = false;
    }

    /// <summary>Steps over a piece of the old text.</summary>
    public void TakeOld(int length)
    {
        if (length == Length)
        {
            Next();
            return;
        }

        Length -= length;
        _taken += length;
    }

    /// <summary>Steps over a piece of the new text.</summary>
    public void TakeNew(int length)
    {
        if (Insert == Section.Kept)
        {
            TakeOld(length);
        }
        else if (length == Insert)
        {
            Next();
        }
        else
        {
            Insert -= length;
            _taken += length;
        }
    }
}
