namespace DropIt.Storage.Upkeep;

/// <summary>What a verification saw.</summary>
/// <param name="Heads">Workspaces, earlier states and templates.</param>
/// <param name="Packs">That they name.</param>
/// <param name="Bytes">Of contents read and compared with their hash; compressed.</param>
/// <param name="Findings">What is missing or damaged; empty when all is well.</param>
public sealed record Verification(int Heads, int Packs, long Bytes, IReadOnlyList<Finding> Findings);

/// <summary>A pack (or head) that is missing or damaged.</summary>
/// <param name="name">Id of the pack, or key of the head.</param>
/// <param name="missing">It is not there; else it is not what was put.</param>
public sealed class Finding(string name, bool missing)
{
    /// <summary>Files that are named of each workspace.</summary>
    private const int MaxNamed = 5;

    private readonly SortedDictionary<string, List<string>> _touched = new(StringComparer.Ordinal);

    /// <summary>See above.</summary>
    public string Name { get; } = name;

    /// <summary>See above.</summary>
    public bool Missing { get; } = missing;

    /// <summary>Whom it touches: the workspace, and some of its files that cannot be read.</summary>
    public IEnumerable<string> Touched => _touched.Select(item => item.Value.Count == 0
        ? item.Key
        : $"{item.Key}: {string.Join(", ", item.Value.Take(MaxNamed))}" + (item.Value.Count > MaxNamed ? $" and {item.Value.Count - MaxNamed} more" : ""));

    /// <param name="who">The workspace.</param>
    /// <param name="what">What of it; empty when all that lies in the pack.</param>
    internal void Add(string who, string what)
    {
        if (!_touched.TryGetValue(who, out var paths))
        {
            _touched[who] = paths = [];
        }

        if (what.Length > 0 && !paths.Contains(what))
        {
            paths.Add(what);
        }
    }
}
