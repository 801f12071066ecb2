using System.Diagnostics;
using DropIt.Runner.Files;

namespace DropIt.Runner.Search;

/// <summary>Finds files by what a user remembers of their path, best first. May be called from any thread.</summary>
internal sealed class FuzzyFind(string root, Func<IgnoreRules> rules)
{
    /// <summary>Files looked at: twice the largest workspace that is promised to stay usable.</summary>
    private const int MaxVisited = 100_000;

    /// <summary>Longest query and longest end of a path that are compared.</summary>
    private const int MaxQuery = 64;

    private const int MaxPath = 256;

    private const int AtStart = 8;
    private const int Consecutive = 6;
    private const int InName = 3;
    private const int SameCase = 1;
    private const int NameBegins = 12;
    private const int NameIs = 30;

    /// <summary>While someone types, the tree is walked once; a file made meanwhile is found when this has passed.</summary>
    private static readonly TimeSpan ListAge = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly WeakReference<string[]> _list = new([]);
    private long _listed;

    /// <summary>The best <paramref name="limit"/> paths; ignored ones are left out. Words stand for themselves, in any order.</summary>
    public IReadOnlyList<string> Best(string query, int limit, CancellationToken ct)
    {
        var best = new PriorityQueue<string, (int Score, int Shorter)>();
        var words = query.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var path in Paths())
        {
            ct.ThrowIfCancellationRequested();
            var total = 0;
            foreach (var word in words)
            {
                if (Score(path, word) is not { } score)
                {
                    total = -1;
                    break;
                }

                total += score;
            }

            if (total < 0)
            {
                continue;
            }

            best.Enqueue(path, (total, -path.Length));
            if (best.Count > limit)
            {
                best.Dequeue();
            }
        }

        var paths = new string[best.Count];
        for (var i = paths.Length - 1; i >= 0; i--)
        {
            paths[i] = best.Dequeue();
        }

        return paths;
    }

    /// <summary>
    /// Null when the letters of the word (any case) are not all there in order; else higher the more of them follow each other, begin a part of a name,
    /// or are in the file's own name. The best of all ways to place them counts.
    /// </summary>
    public static int? Score(string path, string word)
    {
        if (!HoldsInOrder(path, word))
        {
            return null;
        }

        var query = word.AsSpan(0, Math.Min(word.Length, MaxQuery));
        var text = path.AsSpan(Math.Max(0, path.Length - MaxPath));
        var name = text.LastIndexOf('/') + 1;
        if (!HoldsInOrder(text, query))
        {
            return 0;
        }

        // best[i]: the best way to place the letters so far with the last of them at i.
        Span<int> best = stackalloc int[MaxPath];
        Span<int> next = stackalloc int[MaxPath];
        const int Never = int.MinValue / 2;
        for (var q = 0; q < query.Length; q++)
        {
            var wanted = char.ToLowerInvariant(query[q]);
            var before = q == 0 ? 0 : Never;
            for (var i = 0; i < text.Length; i++)
            {
                var here = Never;
                if (char.ToLowerInvariant(text[i]) == wanted)
                {
                    var after = q > 0 && i > 0 ? best[i - 1] + Consecutive : Never;
                    here = Math.Max(before, after) + Letter(text, i, name) + (text[i] == query[q] ? SameCase : 0);
                }

                if (q > 0 && i > 0)
                {
                    before = Math.Max(before, best[i - 1]);
                }

                next[i] = here;
            }

            next[..text.Length].CopyTo(best);
        }

        var score = Never;
        foreach (var one in best[..text.Length])
        {
            score = Math.Max(score, one);
        }

        var own = text[name..];
        var stem = own.LastIndexOf('.') > 0 ? own[..own.LastIndexOf('.')] : own;
        return score
            + (own.StartsWith(query, StringComparison.OrdinalIgnoreCase) ? NameBegins : 0)
            + (own.Equals(query, StringComparison.OrdinalIgnoreCase) || stem.Equals(query, StringComparison.OrdinalIgnoreCase) ? NameIs : 0);
    }

    private static int Letter(ReadOnlySpan<char> text, int at, int name) =>
        (at >= name ? InName : 0)
        + (at == 0 || text[at - 1] is '/' or '.' or '-' or '_' or ' ' || (char.IsUpper(text[at]) && char.IsLower(text[at - 1]))
            ? AtStart
            : 0);

    private static bool HoldsInOrder(ReadOnlySpan<char> text, ReadOnlySpan<char> letters)
    {
        var at = 0;
        foreach (var letter in letters)
        {
            var wanted = char.ToLowerInvariant(letter);
            while (at < text.Length && char.ToLowerInvariant(text[at]) != wanted)
            {
                at++;
            }

            if (at++ >= text.Length)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Held weakly: an idle workspace pays nothing for it.</summary>
    private string[] Paths()
    {
        lock (_gate)
        {
            if (_listed != 0 && Stopwatch.GetElapsedTime(_listed) < ListAge && _list.TryGetTarget(out var known))
            {
                return known;
            }

            var paths = SourceFiles.Below(root, rules()).Take(MaxVisited).ToArray();
            _list.SetTarget(paths);
            _listed = Stopwatch.GetTimestamp();
            return paths;
        }
    }
}
