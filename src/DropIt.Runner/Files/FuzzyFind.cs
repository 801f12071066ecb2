namespace DropIt.Runner.Files;

/// <summary>Finds files whose path holds the letters of a query in order, best first.</summary>
internal static class FuzzyFind
{
    /// <summary>Files looked at: twice the largest workspace that is promised to stay usable.</summary>
    private const int MaxVisited = 100_000;

    private const int AtStart = 8;
    private const int Consecutive = 5;
    private const int InName = 3;

    /// <summary>The best <paramref name="limit"/> paths; ignored ones are left out.</summary>
    public static IReadOnlyList<string> In(string root, IgnoreRules rules, string query, int limit, CancellationToken ct)
    {
        var best = new PriorityQueue<string, (int Score, int Shorter)>();
        var letters = query.Replace(" ", "", StringComparison.Ordinal);
        foreach (var (path, folder) in TreeWalk.Below(root, "", rules).Take(MaxVisited))
        {
            ct.ThrowIfCancellationRequested();
            if (folder || Score(path, letters) is not { } score)
            {
                continue;
            }

            best.Enqueue(path, (score, -path.Length));
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
    /// Null when the letters of the query (any case) are not all there in order; else higher for letters that follow each other, begin a word
    /// or are in the file's name. Matched from the end, where names are.
    /// </summary>
    public static int? Score(string path, string query)
    {
        var score = 0;
        var name = path.LastIndexOf('/') + 1;
        var last = path.Length;
        var at = path.Length - 1;
        for (var q = query.Length - 1; q >= 0; q--)
        {
            var wanted = char.ToLowerInvariant(query[q]);
            while (at >= 0 && char.ToLowerInvariant(path[at]) != wanted)
            {
                at--;
            }

            if (at < 0)
            {
                return null;
            }

            score += at >= name ? InName : 0;
            score += at == last - 1 && q < query.Length - 1 ? Consecutive : 0;
            score += at == 0 || path[at - 1] is '/' or '.' or '-' or '_' ? AtStart : 0;
            last = at--;
        }

        return score;
    }
}
