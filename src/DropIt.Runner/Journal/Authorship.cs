using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Journal;

/// <summary>
/// Who changed what, until it is journalled: a path that someone edited a moment ago is theirs, any other is a program's. Safe for several threads.
/// </summary>
internal sealed class Authorship(TimeProvider time)
{
    /// <summary>Longest path, in characters: a file has none longer.</summary>
    private const int MaxPath = 4096;

    /// <summary>Paths that are remembered; past it what changes next counts as a program's.</summary>
    private const int MaxPaths = 20_000;

    /// <summary>What was typed last may be saved only after what was typed before it is journalled.</summary>
    private static readonly TimeSpan Latest = TimeSpan.FromSeconds(5);

    /// <summary>A note that nothing came of, such as what a copy was made from, is forgotten.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly string[] Fields = ["path", "from", "to"];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Dictionary<string, long>> _users = new(StringComparer.Ordinal);

    /// <summary>Notes that a user edits a file, or all in a folder; the empty path is the whole workspace.</summary>
    public void Note(string user, string path)
    {
        lock (_gate)
        {
            if (!_users.TryGetValue(path, out var users))
            {
                if (_users.Count >= MaxPaths)
                {
                    foreach (var old in _users.Where(note => note.Value.Values.All(then => time.GetElapsedTime(then) > Longest)).ToList())
                    {
                        _users.Remove(old.Key);
                    }
                }

                if (_users.Count >= MaxPaths || path.Length > MaxPath)
                {
                    return;
                }

                _users[path] = users = new(StringComparer.Ordinal);
            }

            users[user] = time.GetTimestamp();
        }
    }

    /// <summary>Notes the paths of a request that changes files.</summary>
    public void Note(string user, string op, JsonElement request)
    {
        if (!op.StartsWith("files.", StringComparison.Ordinal) && !op.StartsWith("search.", StringComparison.Ordinal))
        {
            return;
        }

        var any = false;
        foreach (var field in Fields)
        {
            if (request.TryText(field, out var path))
            {
                Note(user, path);
                any = true;
            }
        }

        if (!any)
        {
            Note(user, ""); // it finds the paths itself
        }
    }

    /// <summary>Whose the paths are, and whether some are nobody's.</summary>
    public (IReadOnlyList<string>? Users, bool Programs) Of(IReadOnlyCollection<JournalChange> changes)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        var programs = false;
        lock (_gate)
        {
            foreach (var change in changes)
            {
                programs |= !Find(change.Path, found);
            }
        }

        return (found.Count == 0
            ? null
            : [.. found.Where(user => user.Length is > 0 and <= JournalEntry.MaxAuthorLength).Take(JournalEntry.MaxAuthors)], programs);
    }

    /// <summary>This moment, for <see cref="Forget"/>.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>
    /// The paths are journalled: who edited them is forgotten, but for the last moment before <paramref name="sent"/> and all since. What was typed while a
    /// journal that was away was waited for is still to be sent.
    /// </summary>
    /// <param name="changes">What was taken.</param>
    /// <param name="sent"><see cref="Now"/> when it was first sent.</param>
    public void Forget(IEnumerable<JournalChange> changes, long sent)
    {
        lock (_gate)
        {
            foreach (var change in changes)
            {
                for (string? path = change.Path; path is not null; path = Above(path))
                {
                    if (_users.TryGetValue(path, out var users))
                    {
                        foreach (var user in users.Where(user => time.GetElapsedTime(user.Value, sent) > Latest).ToList())
                        {
                            users.Remove(user.Key);
                        }

                        if (users.Count == 0)
                        {
                            _users.Remove(path);
                        }
                    }
                }
            }
        }
    }

    private bool Find(string from, SortedSet<string> found)
    {
        var any = false;
        for (string? path = from; path is not null; path = Above(path))
        {
            if (!_users.TryGetValue(path, out var users))
            {
                continue;
            }

            // What finds its paths itself is done at once: what changes later is someone else's.
            var life = path.Length == 0 ? Latest : Longest;
            foreach (var (user, then) in users)
            {
                if (time.GetElapsedTime(then) <= life)
                {
                    found.Add(user);
                    any = true;
                }
            }
        }

        return any;
    }

    /// <summary>The folder around a path; empty for what lies in the root, null for the root.</summary>
    private static string? Above(string path) =>
        path.Length == 0 ? null : path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "";
}
