namespace DropIt.Protocol.Editing;

/// <summary>
/// Finds a small change set between two texts: first by lines, then by words inside the lines that differ. Time is bounded:
/// texts that differ in too much are told apart by the lines that each has once, and what is left between those is replaced.
/// </summary>
public static class TextDiff
{
    /// <summary>Most lines that may differ before the search falls back to lines that stand out. Its time grows with the product.</summary>
    private const int MaxLineCost = 400;

    /// <summary>The same for words within one stretch of lines.</summary>
    private const int MaxWordCost = 200;

    /// <summary>Longest stretch, in units, that is looked at by words; a longer one is replaced.</summary>
    private const int MaxWordLength = 20_000;

    /// <summary>The change from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public static ChangeSet Compute(string from, string to)
    {
        var sections = new SectionList(keepsText: true);
        CompareLines(sections, new Stretch(from, 0, from.Length), new Stretch(to, 0, to.Length));
        return new ChangeSet(sections.ToArray());
    }

    private static void CompareLines(SectionList result, Stretch old, Stretch now) => Compare(
        result,
        old,
        now,
        (a, b) =>
        {
            var tokens = new Tokens();
            var (oldLines, nowLines) = (tokens.Lines(a), tokens.Lines(b));
            var matches = Myers.Matches(oldLines.Ids, nowLines.Ids, MaxLineCost)
                ?? Anchors.Matches(oldLines.Ids, nowLines.Ids, tokens.Count);
            Between(matches, oldLines, nowLines, result, CompareWords);
        });

    private static void CompareWords(SectionList result, Stretch old, Stretch now) => Compare(
        result,
        old,
        now,
        (a, b) =>
        {
            if (a.Length > MaxWordLength || b.Length > MaxWordLength)
            {
                Replace(result, a, b);
                return;
            }

            var tokens = new Tokens();
            var (oldWords, nowWords) = (tokens.Words(a), tokens.Words(b));
            Between(Myers.Matches(oldWords.Ids, nowWords.Ids, MaxWordCost) ?? [], oldWords, nowWords, result, Replace);
        });

    /// <summary>Keeps what both have at front and back; hands the middle on where something is left on both sides.</summary>
    private static void Compare(SectionList result, Stretch old, Stretch now, Action<Stretch, Stretch> middle)
    {
        var front = old.Span.CommonPrefixLength(now.Span);
        if (front > 0 && char.IsHighSurrogate(old.Span[front - 1]))
        {
            front--;
        }

        var back = 0;
        var most = Math.Min(old.Length, now.Length) - front;
        while (back < most && old.Span[^(back + 1)] == now.Span[^(back + 1)])
        {
            back++;
        }

        if (back > 0 && char.IsLowSurrogate(old.Span[^back]))
        {
            back--;
        }

        result.Keep(front);
        var (oldMiddle, nowMiddle) = (old.Trim(front, back), now.Trim(front, back));
        if (oldMiddle.Length == 0 || nowMiddle.Length == 0)
        {
            Replace(result, oldMiddle, nowMiddle);
        }
        else
        {
            middle(oldMiddle, nowMiddle);
        }

        result.Keep(back);
    }

    private static void Between(
        IReadOnlyList<Match> matches, TokenList old, TokenList now, SectionList result, Action<SectionList, Stretch, Stretch> gap)
    {
        int a = 0, b = 0;
        foreach (var match in matches)
        {
            gap(result, old.Stretch(a, match.Old), now.Stretch(b, match.New));
            result.Keep(old.Stretch(match.Old, match.Old + match.Count).Length);
            a = match.Old + match.Count;
            b = match.New + match.Count;
        }

        gap(result, old.Stretch(a, old.Ids.Length), now.Stretch(b, now.Ids.Length));
    }

    private static void Replace(SectionList result, Stretch old, Stretch now) =>
        result.Replace(old.Length, now.Length, now.Span.ToString());
}

/// <summary>Part of a text.</summary>
internal readonly record struct Stretch(string Text, int Start, int End)
{
    public int Length => End - Start;

    public ReadOnlySpan<char> Span => Text.AsSpan(Start, Length);

    public Stretch Trim(int front, int back) => new(Text, Start + front, End - back);
}

/// <summary>Count equal tokens from Old and New on.</summary>
internal readonly record struct Match(int Old, int New, int Count);

/// <summary>A stretch cut into tokens. Equal ids are equal tokens; token i reaches from Starts[i] to Starts[i + 1].</summary>
internal sealed record TokenList(string Text, int[] Ids, int[] Starts)
{
    public Stretch Stretch(int first, int end) => new(Text, Starts[first], Starts[end]);
}

/// <summary>Numbers tokens, so that two texts can be compared by numbers.</summary>
internal sealed class Tokens
{
    private readonly Dictionary<string, int> _ids = [];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public Tokens() => _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>How many different ones there are.</summary>
    public int Count => _ids.Count;

    public TokenList Lines(Stretch stretch) => Cut(stretch, static rest =>
    {
        var end = rest.IndexOf('\n');
        return end < 0 ? rest.Length : end + 1;
    });

    public TokenList Words(Stretch stretch) => Cut(stretch, static rest =>
    {
        var kind = Kind(rest[0]);
        var end = 1;
        while (end < rest.Length && kind != 0 && Kind(rest[end]) == kind)
        {
            end++;
        }

        return end;
    });

    /// <summary>Letters and spaces run together; surrogates too, so that no pair is cut. Anything else stands alone.</summary>
    private static int Kind(char c) =>
        char.IsLetterOrDigit(c) || c == '_' ? 1 : c is ' ' or '\t' ? 2 : char.IsSurrogate(c) ? 3 : 0;

    private TokenList Cut(Stretch stretch, Func<ReadOnlySpan<char>, int> length)
    {
        var numbers = new List<int>();
        var starts = new List<int>();
        var at = stretch.Start;
        while (at < stretch.End)
        {
            var rest = stretch.Text.AsSpan(at, stretch.End - at);
            var token = rest[..length(rest)];
            if (!_lookup.TryGetValue(token, out var id))
            {
                id = _ids.Count;
                _lookup[token] = id;
            }

            numbers.Add(id);
            starts.Add(at);
            at += token.Length;
        }

        starts.Add(stretch.End);
        return new TokenList(stretch.Text, [.. numbers], [.. starts]);
    }
}
