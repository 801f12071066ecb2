namespace DropIt.Protocol.Editing;

/// <summary>
/// The greedy search of Myers' "An O(ND) difference algorithm": extends the furthest path of each diagonal by one edit at a time.
/// </summary>
internal static class Myers
{
    /// <summary>What both have in common, in order; null when more than <paramref name="maxCost"/> tokens differ.</summary>
    public static IReadOnlyList<Match>? Matches(int[] old, int[] now, int maxCost)
    {
        // reached[offset + k]: how far in the old one the best path on diagonal k (old - new) has come.
        var offset = maxCost + 1;
        var reached = new int[(2 * offset) + 1];
        var rounds = new List<int[]>();
        for (var cost = 0; cost <= maxCost; cost++)
        {
            rounds.Add(reached[(offset - cost)..(offset + cost + 1)]);
            for (var k = -cost; k <= cost; k += 2)
            {
                var down = k == -cost || (k != cost && reached[offset + k - 1] < reached[offset + k + 1]);
                var x = down ? reached[offset + k + 1] : reached[offset + k - 1] + 1;
                var y = x - k;
                while (x < old.Length && y < now.Length && x >= 0 && y >= 0 && old[x] == now[y])
                {
                    x++;
                    y++;
                }

                reached[offset + k] = x;
                if (x >= old.Length && y >= now.Length)
                {
                    return WalkBack(rounds, old.Length, now.Length);
                }
            }
        }

        return null;
    }

    private static List<Match> WalkBack(List<int[]> rounds, int x, int y)
    {
        var matches = new List<Match>();
        for (var cost = rounds.Count - 1; cost >= 0; cost--)
        {
            // Before round `cost`, diagonals -cost..cost are at index 0..2 * cost.
            var before = rounds[cost];
            var k = x - y;
            int Reached(int diagonal) => before[diagonal + cost];
            var down = k == -cost || (k != cost && Reached(k - 1) < Reached(k + 1));
            var fromX = cost == 0 ? 0 : down ? Reached(k + 1) : Reached(k - 1);
            var fromY = cost == 0 ? 0 : fromX - (down ? k + 1 : k - 1);
            var startX = cost == 0 ? 0 : down ? fromX : fromX + 1;
            if (x > startX)
            {
                matches.Add(new Match(startX, y - (x - startX), x - startX));
            }

            (x, y) = (fromX, fromY);
        }

        matches.Reverse();
        return matches;
    }
}

/// <summary>The coarse way: tokens that both texts have exactly once are matched, as many as keep their order.</summary>
internal static class Anchors
{
    /// <param name="old">Tokens of the old text.</param>
    /// <param name="now">Tokens of the new one.</param>
    /// <param name="ids">All ids are below this.</param>
    public static IReadOnlyList<Match> Matches(int[] old, int[] now, int ids)
    {
        var (inOld, inNow) = (Places(old, ids), Places(now, ids));

        // Longest ascending row: tails[n] ends the row of n + 1 with the lowest end; previous chains them.
        var places = new List<int>();
        var previous = new int[now.Length];
        for (var i = 0; i < now.Length; i++)
        {
            var at = inOld[now[i]];
            if (at < 0 || inNow[now[i]] < 0)
            {
                continue;
            }

            int low = 0, high = places.Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = inOld[now[places[middle]]] < at ? (middle + 1, high) : (low, middle);
            }

            previous[i] = low == 0 ? -1 : places[low - 1];
            if (low == places.Count)
            {
                places.Add(i);
            }
            else
            {
                places[low] = i;
            }
        }

        var matches = new List<Match>();
        for (var i = places.Count == 0 ? -1 : places[^1]; i >= 0; i = previous[i])
        {
            matches.Add(new Match(inOld[now[i]], i, 1));
        }

        matches.Reverse();
        return matches;
    }

    /// <summary>By id, where it stands; negative when nowhere or more than once.</summary>
    private static int[] Places(int[] tokens, int ids)
    {
        var places = new int[ids];
        Array.Fill(places, -1);
        for (var i = 0; i < tokens.Length; i++)
        {
            places[tokens[i]] = places[tokens[i]] == -1 ? i : -2;
        }

        return places;
    }
}
