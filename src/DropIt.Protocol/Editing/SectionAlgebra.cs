namespace DropIt.Protocol.Editing;

/// <summary>
/// Composition and mapping of change sets. Both give section for section what <c>@codemirror/state</c> gives: the page
/// and the runner rebase the same updates on their own and must come out at the same text.
/// </summary>
internal static class SectionAlgebra
{
    /// <summary>
    /// One change for <paramref name="first"/>, then <paramref name="second"/>. Walks along the text between the two: the new one of
    /// the first, the old one of the second.
    /// </summary>
    public static Section[] Compose(Section[] first, Section[] second, bool keepsText)
    {
        var result = new SectionList(keepsText);
        var a = new SectionCursor(first);
        var b = new SectionCursor(second);

        // True while a change of one set spans several of the other: they stay one change.
        var join = false;
        while (!(a.Done && b.Done))
        {
            if (a.Changes && a.Insert == 0)
            {
                result.Replace(a.Length, 0, "", join);
                a.Next();
                continue;
            }

            if (b.Changes && b.Length == 0)
            {
                result.Replace(0, b.Insert, b.Text, join);
                b.Next();
                continue;
            }

            var length = Math.Min(a.NewLength, b.Length);
            var before = result.Count;
            var oldLength = a.Keeps ? length : a.Whole ? a.Length : 0;
            if (a.Keeps && b.Keeps)
            {
                result.Keep(length);
            }
            else if (b.Keeps)
            {
                result.Replace(oldLength, length, a.TextPiece(length), join);
            }
            else
            {
                result.Replace(oldLength, b.Whole ? b.Insert : 0, b.Whole ? b.Text : "", join);
            }

            var continues = (a.Changes && a.Insert > length) || (b.Changes && b.Length > length);
            join = continues && (join || result.Count > before);
            a.TakeNew(length);
            b.TakeOld(length);
        }

        return result.ToArray();
    }

    /// <summary>
    /// <paramref name="set"/> as it reads after <paramref name="over"/>, which starts at the same text. Walks along that text;
    /// where both insert at one place, <paramref name="before"/> says that the mapped one's comes first.
    /// </summary>
    public static Section[] Map(Section[] set, Section[] over, bool before, bool keepsText)
    {
        var result = new SectionList(keepsText);
        var a = new SectionCursor(set);
        var b = new SectionCursor(over);
        while (!(a.Done && b.Done))
        {
            if (a.Keeps && b.Keeps)
            {
                var length = Math.Min(a.Length, b.Length);
                result.Keep(length);
                a.TakeOld(length);
                b.TakeOld(length);
            }
            else if (b.Changes && (!a.Changes || a.Written || (a.Whole && ComesFirst(b, a, before))))
            {
                PassOver(ref a, b, result);
                b.Next();
            }
            else
            {
                WriteUpToNext(ref a, ref b, result);
            }
        }

        return result.ToArray();
    }

    /// <summary>Of two changes at one place the shorter one comes first, then the one that is already applied.</summary>
    private static bool ComesFirst(in SectionCursor over, in SectionCursor set, bool before) =>
        over.Length < set.Length || (over.Length == set.Length && !before);

    /// <summary>What the other set inserted stays; insertions of ours inside what it removed are kept, right behind.</summary>
    private static void PassOver(ref SectionCursor a, in SectionCursor b, SectionList result)
    {
        result.Keep(b.Insert);
        for (var left = b.Length; left > 0;)
        {
            var piece = Math.Min(a.Length, left);
            if (a.Changes && !a.Written && a.Length <= piece)
            {
                result.Replace(0, a.Insert, a.Text);
                a.Written = true;
            }

            a.TakeOld(piece);
            left -= piece;
        }
    }

    /// <summary>
    /// Writes our change up to where the other set inserts inside it, less what the other set has removed already.
    /// </summary>
    private static void WriteUpToNext(ref SectionCursor a, ref SectionCursor b, SectionList result)
    {
        var length = 0;
        var left = a.Length;
        while (left > 0)
        {
            if (b.Keeps)
            {
                var piece = Math.Min(left, b.Length);
                length += piece;
                left -= piece;
                b.TakeOld(piece);
            }
            else if (b.Changes && b.Insert == 0 && b.Length < left)
            {
                left -= b.Length;
                b.Next();
            }
            else
            {
                break;
            }
        }

        result.Replace(length, a.Written ? 0 : a.Insert, a.Written ? "" : a.Text);
        a.Written = true;
        a.TakeOld(a.Length - left);
    }
}
