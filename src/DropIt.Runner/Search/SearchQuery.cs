using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Search;

/// <summary>How upper and lower case count.</summary>
internal enum CaseRule
{
    /// <summary>Only when the text that is looked for has an upper-case letter.</summary>
    Smart,

    /// <summary>They differ.</summary>
    Sensitive,

    /// <summary>They are the same.</summary>
    Insensitive,
}

/// <summary>What is looked for and where; docs/protocol.md, "Search".</summary>
/// <param name="Text">On one line; an expression with <paramref name="Regex"/>.</param>
/// <param name="Regex">Whether <paramref name="Text"/> is a regular expression.</param>
/// <param name="Case">How case counts.</param>
/// <param name="Word">Only whole words.</param>
/// <param name="Include">Only files that fit one of these; none means all.</param>
/// <param name="Exclude">Not those that fit one of these.</param>
/// <param name="All">Also what the project or git ignores.</param>
/// <param name="Replacement">What comes instead of each match; null when nothing is to be replaced.</param>
internal sealed record SearchQuery(
    string Text,
    bool Regex,
    CaseRule Case,
    bool Word,
    IReadOnlyList<Glob> Include,
    IReadOnlyList<Glob> Exclude,
    bool All,
    string? Replacement)
{
    /// <summary>Longest text or replacement in UTF-16 units.</summary>
    public const int MaxText = 4_000;

    /// <summary>Most globs of each kind.</summary>
    public const int MaxGlobs = 100;

    /// <summary>Reads the fields of a request; the refusal says in words what is wrong.</summary>
    public static bool TryRead(JsonElement request, [NotNullWhen(true)] out SearchQuery? query, out Reply refusal)
    {
        query = null;
        refusal = default;
        if (!request.TryText("text", out var text) || text.Length == 0)
        {
            refusal = Bad("The request lacks the text to look for.");
        }
        else if (text.Length > MaxText || (request.TryText("replacement", out var by) && by.Length > MaxText))
        {
            refusal = Bad($"The text to look for and its replacement have at most {MaxText} characters. Shorten it.");
        }
        else if (text.AsSpan().IndexOfAny('\r', '\n') >= 0)
        {
            refusal = Bad("A match is within one line, so the text to look for cannot hold a line break.");
        }
        else if (!TryGlobs(request, "include", out var include) || !TryGlobs(request, "exclude", out var exclude))
        {
            refusal = Bad($"Include and exclude are lists of at most {MaxGlobs} patterns of {Glob.MaxLength} characters.");
        }
        else
        {
            query = new SearchQuery(
                text,
                Flag(request, "regex"),
                request.TryText("case", out var rule)
                    ? rule switch { "sensitive" => CaseRule.Sensitive, "insensitive" => CaseRule.Insensitive, _ => CaseRule.Smart }
                    : CaseRule.Smart,
                Flag(request, "word"),
                include,
                exclude,
                Flag(request, "all"),
                request.TryText("replacement", out var replacement) ? replacement : null);
        }

        return query is not null;
    }

    /// <summary>Whether a file is among those that are looked at.</summary>
    public bool Admits(string path)
    {
        foreach (var glob in Exclude)
        {
            if (glob.Fits(path))
            {
                return false;
            }
        }

        if (Include.Count == 0)
        {
            return true;
        }

        foreach (var glob in Include)
        {
            if (glob.Fits(path))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Flag(JsonElement request, string name) =>
        request.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.True;

    private static bool TryGlobs(JsonElement request, string name, out IReadOnlyList<Glob> globs)
    {
        var read = new List<Glob>();
        globs = read;
        if (!request.TryGetProperty(name, out var list))
        {
            return true;
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MaxGlobs)
        {
            return false;
        }

        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String || item.GetString() is not { Length: <= Glob.MaxLength } pattern)
            {
                return false;
            }

            read.AddRange(Glob.OfUser(pattern));
        }

        return true;
    }

    private static Reply Bad(string message) => Reply.Failed(ErrorCode.BadRequest, message);
}
