namespace DropIt.Runner.Search;

/// <summary>The rules of one <c>.gitignore</c> (or <c>.ignore</c>) and of those in the folders above it. Immutable.</summary>
internal sealed class GitIgnore
{
    /// <summary>Most bytes of one file that are read; a longer one is left out.</summary>
    public const int MaxLength = 256 * 1024;

    private readonly GitIgnore? _above;
    private readonly string _folder;
    private readonly List<Rule> _rules = [];

    private GitIgnore(GitIgnore? above, string folder, string text)
    {
        _above = above;
        _folder = folder;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (Parse(line) is { } rule)
            {
                _rules.Add(rule);
            }
        }
    }

    /// <summary>The rules of a text in a folder, after those above it.</summary>
    /// <param name="above">Of the folders above; null when they have none.</param>
    /// <param name="folder">Relative path of the folder; <c>""</c> is the root.</param>
    /// <param name="text">The file's.</param>
    public static GitIgnore Of(GitIgnore? above, string folder, string text) => new(above, folder, text);

    /// <summary>
    /// Whether a path is ignored by its own name: the last rule of the deepest file that fits decides. The caller does not go into ignored folders.
    /// </summary>
    public bool Ignores(ReadOnlySpan<char> path, bool folder)
    {
        for (var rules = this; rules is not null; rules = rules._above)
        {
            if (rules.Decides(path, folder) is { } ignored)
            {
                return ignored;
            }
        }

        return false;
    }

    private bool? Decides(ReadOnlySpan<char> path, bool folder)
    {
        var below = _folder.Length == 0 ? path : path[(_folder.Length + 1)..];
        var name = path[(path.LastIndexOf('/') + 1)..];
        for (var i = _rules.Count - 1; i >= 0; i--)
        {
            var rule = _rules[i];
            if ((folder || !rule.FoldersOnly) && rule.Glob.Fits(rule.Anchored ? below : name))
            {
                return !rule.Keeps;
            }
        }

        return null;
    }

    private static Rule? Parse(ReadOnlySpan<char> line)
    {
        var text = line.TrimEnd();

        // A space at the end counts when it is escaped.
        if (text.EndsWith("\\") && text.Length < line.Length)
        {
            text = line[..(text.Length + 1)];
        }

        if (text.IsEmpty || text[0] == '#' || text.Length > Glob.MaxLength)
        {
            return null;
        }

        var keeps = text[0] == '!';
        text = keeps ? text[1..] : text;
        var foldersOnly = text.EndsWith('/');
        text = text.TrimEnd('/');
        var anchored = text.Contains('/');
        text = text.TrimStart('/');
        return text.IsEmpty ? null : new Rule(keeps, foldersOnly, anchored, new Glob(text.ToString()));
    }

    private sealed record Rule(bool Keeps, bool FoldersOnly, bool Anchored, Glob Glob);
}
