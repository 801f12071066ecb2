using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace DropIt.Runner.Search;

/// <summary>A place in a line: units from its beginning, and how many.</summary>
internal readonly record struct Span(int At, int Length);

/// <summary>
/// Finds a query in text, line by line as ripgrep does: no match spans a line break. Not for several threads at once: each worker makes its own, as an
/// expression keeps its state between calls.
/// </summary>
internal sealed class LineMatcher
{
    /// <summary>
    /// Longest that one line may take, for expressions with look-around or back-references, which only a backtracking matcher can do. All others
    /// are matched in time proportional to the line.
    /// </summary>
    public static readonly TimeSpan LineTime = TimeSpan.FromMilliseconds(100);

    private readonly SearchQuery _query;
    private readonly SearchValues<string>? _literal;
    private readonly Regex? _regex;
    private readonly string? _replacement;

    private LineMatcher(SearchQuery query, SearchValues<string>? literal, Regex? regex)
    {
        (_query, _literal, _regex) = (query, literal, regex);
        _replacement = query.Replacement is { } text && query.Regex ? Unescape(text) : query.Replacement;
    }

    /// <summary>Null, and a sentence for the user, when the expression is not one.</summary>
    public static LineMatcher? Of(SearchQuery query, out string problem)
    {
        problem = "";
        var ignoreCase = query.Case == CaseRule.Insensitive || (query.Case == CaseRule.Smart && !HasUpper(query.Text, query.Regex));
        if (!query.Regex)
        {
            var comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
            return new LineMatcher(query, SearchValues.Create([query.Text], comparison), null);
        }

        var pattern = query.Word ? $@"\b(?:{query.Text})\b" : query.Text;
        var options = RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        try
        {
            // Parsed alone first: what is wrong is told about what the user wrote.
            var alone = new Regex(query.Text, options, LineTime);
            return new LineMatcher(query, null, Linear(pattern, options) ?? (query.Word ? new Regex(pattern, options, LineTime) : alone));
        }
        catch (RegexParseException e)
        {
            var cause = e.Message;
            var at = cause.LastIndexOf(". ", StringComparison.Ordinal);
            problem = $"The expression is not valid at its character {e.Offset}: {(at < 0 ? cause : cause[(at + 2)..]).TrimEnd('.')}. "
                + "Mend it, or switch off regular expressions to look for it as it stands.";
            return null;
        }
    }

    /// <summary>Every match in a text, in order.</summary>
    /// <param name="text">Lines end at <c>\n</c>; a <c>\r</c> before it belongs to no match.</param>
    /// <param name="visit">Called with the line's number from 0, the line and where in it; false stops.</param>
    /// <exception cref="RegexMatchTimeoutException">A line took longer than <see cref="LineTime"/>.</exception>
    public void Find(ReadOnlySpan<char> text, LineVisitor visit)
    {
        if (_literal is not null)
        {
            FindLiteral(text, visit);
            return;
        }

        var number = 0;
        var start = 0;
        while (start <= text.Length)
        {
            var line = LineAt(text, start, out var next);
            foreach (var match in _regex!.EnumerateMatches(line))
            {
                if (match.Length > 0 && !visit(number, start, line, new Span(match.Index, match.Length)))
                {
                    return;
                }
            }

            number++;
            start = next;
        }
    }

    /// <summary>What comes instead of a match; null when the query replaces nothing.</summary>
    public string? ReplacementOf(ReadOnlySpan<char> line, Span match)
    {
        if (_replacement is null || _regex is null)
        {
            return _replacement;
        }

        // Found again from its beginning, so that what stands before it (a look-behind, a \b) is seen.
        var found = _regex.Match(line.ToString(), match.At);
        return found.Success && found.Index == match.At && found.Length == match.Length ? found.Result(_replacement) : null;
    }

    private void FindLiteral(ReadOnlySpan<char> text, LineVisitor visit)
    {
        var number = 0;
        var start = 0;
        var at = 0;
        while (text[at..].IndexOfAny(_literal!) is >= 0 and var step)
        {
            at += step;
            var length = _query.Text.Length;
            if (_query.Word && !IsWord(text, at, length))
            {
                at++;
                continue;
            }

            // Lines are only counted up to where something is found.
            var passed = text[start..at];
            var last = passed.LastIndexOf('\n');
            if (last >= 0)
            {
                number += passed.Count('\n');
                start += last + 1;
            }

            if (!visit(number, start, LineAt(text, start, out _), new Span(at - start, length)))
            {
                return;
            }

            at += length;
        }
    }

    private static ReadOnlySpan<char> LineAt(ReadOnlySpan<char> text, int start, out int next)
    {
        var length = text[start..].IndexOf('\n');
        next = length < 0 ? text.Length + 1 : start + length + 1;
        var line = length < 0 ? text[start..] : text.Slice(start, length);
        return line.EndsWith('\r') ? line[..^1] : line;
    }

    private static bool IsWord(ReadOnlySpan<char> text, int at, int length) =>
        (at == 0 || !IsWordPart(text[at - 1])) && (at + length == text.Length || !IsWordPart(text[at + length]));

    private static bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c == '_';

    private static Regex? Linear(string pattern, RegexOptions options)
    {
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Whether case counts in a smart search; <c>\S</c> and its like are no letters.</summary>
    private static bool HasUpper(string text, bool regex)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (regex && text[i] == '\\')
            {
                i++;
            }
            else if (char.IsUpper(text[i]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>\n</c>, <c>\t</c> and <c>\\</c> in the replacement of an expression.</summary>
    private static string Unescape(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length || text[i + 1] is not ('n' or 't' or '\\'))
            {
                result.Append(text[i]);
                continue;
            }

            result.Append(text[++i] switch { 'n' => '\n', 't' => '\t', _ => '\\' });
        }

        return result.ToString();
    }

    /// <summary>Takes a match.</summary>
    /// <param name="number">The line's, from 0.</param>
    /// <param name="start">Where the line begins in the text.</param>
    /// <param name="line">Without its end.</param>
    /// <param name="match">Where in the line.</param>
    /// <returns>False to stop.</returns>
    internal delegate bool LineVisitor(int number, int start, ReadOnlySpan<char> line, Span match);
}
