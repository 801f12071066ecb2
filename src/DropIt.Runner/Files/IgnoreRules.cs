namespace DropIt.Runner.Files;

/// <summary>
/// Which paths are rebuildable: not journalled, not watched, not searched. A rule is a name (<c>.venv</c>), a folder (<c>node_modules/</c>),
/// an ending (<c>*.pyc</c>) or a path from the root (<c>/build</c>, <c>/out/</c>); a leading <c>!</c> takes an earlier rule back. The last that fits decides.
/// </summary>
internal sealed class IgnoreRules
{
    private static readonly string[] Always =
        ["node_modules/", ".venv/", "__pycache__/", ".cache/", ".pytest_cache/", ".mypy_cache/", ".vite/", ".npm/"];

    private readonly List<Rule> _rules = [];

    /// <summary>The built-in rules and then those of <c>dropit.json</c>.</summary>
    public IgnoreRules(IReadOnlyList<string> more)
    {
        foreach (var text in Always.Concat(more))
        {
            if (Parse(text) is { } rule)
            {
                _rules.Add(rule);
            }
        }
    }

    /// <summary>
    /// Whether a path is ignored by its own name. The caller does not go into ignored folders, so what is above need not be looked at again.
    /// </summary>
    public bool Ignores(ReadOnlySpan<char> path, bool folder)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        if (WorkspaceFiles.IsTemporary(name))
        {
            return true;
        }

        for (var i = _rules.Count - 1; i >= 0; i--)
        {
            if (_rules[i].Fits(path, name, folder))
            {
                return !_rules[i].Keeps;
            }
        }

        return false;
    }

    /// <summary>Whether the path or any folder above it is ignored.</summary>
    public bool IgnoresAnyOf(ReadOnlySpan<char> path, bool folder)
    {
        for (var i = path.IndexOf('/'); i >= 0;)
        {
            if (Ignores(path[..i], folder: true))
            {
                return true;
            }

            var next = path[(i + 1)..].IndexOf('/');
            i = next < 0 ? -1 : i + 1 + next;
        }

        return Ignores(path, folder);
    }

    private static Rule? Parse(string text)
    {
        var keeps = text.StartsWith('!');
        var rest = keeps ? text[1..] : text;
        var foldersOnly = rest.EndsWith('/');
        rest = rest.TrimEnd('/');
        if (rest.StartsWith('*'))
        {
            return rest.Length > 1 ? new Rule(keeps, foldersOnly, RuleKind.Ending, rest[1..]) : null;
        }

        var kind = rest.Contains('/') ? RuleKind.Path : RuleKind.Name;
        rest = rest.TrimStart('/');
        return rest.Length > 0 ? new Rule(keeps, foldersOnly, kind, rest) : null;
    }

    private enum RuleKind
    {
        Name,
        Ending,
        Path,
    }

    private sealed record Rule(bool Keeps, bool FoldersOnly, RuleKind Kind, string Text)
    {
        public bool Fits(ReadOnlySpan<char> path, ReadOnlySpan<char> name, bool folder) =>
            (folder || !FoldersOnly) && Kind switch
            {
                RuleKind.Name => name.SequenceEqual(Text),
                RuleKind.Ending => name.EndsWith(Text, StringComparison.Ordinal),
                _ => path.SequenceEqual(Text),
            };
    }
}
