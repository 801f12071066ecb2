namespace DropIt.Runner.Search;

/// <summary>
/// A pattern of paths as in <c>.gitignore</c>: <c>*</c> and <c>?</c> within a name, <c>[a-z]</c>, <c>**</c> for any folders. Matching takes time
/// in proportion to pattern times path, whatever the two are.
/// </summary>
internal sealed class Glob
{
    /// <summary>Longest pattern in UTF-16 units.</summary>
    public const int MaxLength = 1_000;

    /// <summary>Patterns that braces may unfold to.</summary>
    public const int MaxUnfolded = 64;

    private const string AnyFolders = "**";

    private readonly string[] _names;

    /// <summary>Of a pattern without leading or trailing <c>/</c>.</summary>
    public Glob(string pattern) => _names = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// What a user means by a list of globs such as <c>src, *.ts</c>: a pattern without <c>/</c> stands at any depth, and whatever is in a folder that fits
    /// fits too. Braces are unfolded: <c>*.{ts,tsx}</c>.
    /// </summary>
    public static IReadOnlyList<Glob> OfUser(string pattern)
    {
        var globs = new List<Glob>();
        foreach (var one in Unfold(pattern.Trim()))
        {
            var anchored = one.StartsWith('/') || one.TrimEnd('/').Contains('/');
            var text = one.StartsWith("./", StringComparison.Ordinal) ? one[2..] : one;
            text = text.Trim('/');
            if (text.Length == 0)
            {
                continue;
            }

            var from = anchored ? text : $"{AnyFolders}/{text}";
            globs.Add(new Glob(from));
            globs.Add(new Glob($"{from}/{AnyFolders}"));
        }

        return globs;
    }

    /// <summary>Whether the whole of a path fits.</summary>
    public bool Fits(ReadOnlySpan<char> path)
    {
        // One row of a table: which of the pattern's names are reached after so many names of the path.
        Span<bool> now = stackalloc bool[_names.Length + 1];
        Span<bool> next = stackalloc bool[_names.Length + 1];
        now[0] = true;
        Skip(now);
        while (true)
        {
            var slash = path.IndexOf('/');
            var name = slash < 0 ? path : path[..slash];
            next.Clear();
            var any = false;
            for (var i = 0; i < _names.Length; i++)
            {
                if (!now[i])
                {
                    continue;
                }

                if (_names[i] == AnyFolders)
                {
                    next[i] = any = true;
                    next[i + 1] |= i == _names.Length - 1;
                }
                else if (NameFits(_names[i], name))
                {
                    next[i + 1] = any = true;
                }
            }

            if (!any)
            {
                return false;
            }

            Skip(next);
            if (slash < 0)
            {
                return next[^1];
            }

            next.CopyTo(now);
            path = path[(slash + 1)..];
        }
    }

    /// <summary><c>**</c> also stands for no folder at all, except at the end, where something must follow.</summary>
    private void Skip(Span<bool> reached)
    {
        for (var i = 0; i < _names.Length - 1; i++)
        {
            reached[i + 1] |= reached[i] && _names[i] == AnyFolders;
        }
    }

    private static bool NameFits(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (p, n) = (0, 0);
        var (star, from) = (-1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, from) = (p++, n);
            }
            else if (p < pattern.Length && OneFits(pattern, p, name[n], out var after))
            {
                p = after;
                n++;
            }
            else if (star >= 0)
            {
                // The last star takes one more; earlier ones need never change.
                p = star + 1;
                n = ++from;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }

    private static bool OneFits(ReadOnlySpan<char> pattern, int at, char c, out int after)
    {
        after = at + 1;
        switch (pattern[at])
        {
            case '?':
                return true;
            case '\\' when at + 1 < pattern.Length:
                after = at + 2;
                return pattern[at + 1] == c;
            case '[':
                return ClassFits(pattern, at, c, ref after);
            default:
                return pattern[at] == c;
        }
    }

    private static bool ClassFits(ReadOnlySpan<char> pattern, int at, char c, ref int after)
    {
        var i = at + 1;
        var not = i < pattern.Length && pattern[i] is '!' or '^';
        i += not ? 1 : 0;
        var first = i;
        var found = false;
        for (; i < pattern.Length && (pattern[i] != ']' || i == first); i++)
        {
            if (i + 2 < pattern.Length && pattern[i + 1] == '-' && pattern[i + 2] != ']')
            {
                found |= c >= pattern[i] && c <= pattern[i + 2];
                i += 2;
            }
            else
            {
                found |= c == pattern[i];
            }
        }

        if (i >= pattern.Length)
        {
            // No end: the bracket means itself.
            return c == '[';
        }

        after = i + 1;
        return found != not;
    }

    private static IReadOnlyList<string> Unfold(string pattern)
    {
        var done = new List<string>();
        var left = new Queue<string>([pattern]);
        while (left.TryDequeue(out var one))
        {
            var open = one.IndexOf('{', StringComparison.Ordinal);
            var close = open < 0 ? -1 : one.IndexOf('}', open);
            if (close < 0 || done.Count + left.Count >= MaxUnfolded)
            {
                done.Add(one);
                continue;
            }

            foreach (var part in one[(open + 1)..close].Split(','))
            {
                left.Enqueue(one[..open] + part + one[(close + 1)..]);
            }
        }

        return done;
    }
}
