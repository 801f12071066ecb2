namespace DropIt.Protocol.Workspaces;

/// <summary>How large a workspace is.</summary>
/// <param name="Files">Paths that are kept: files, links, and folders that stand for themselves.</param>
/// <param name="Bytes">Of all files.</param>
public readonly record struct WorkspaceSize(int Files, long Bytes);

/// <summary>
/// What a workspace may hold. Storage decides with it what it takes, and tells it to the runner, which refuses a write early where it can. What does not make
/// a workspace larger is always taken: one that holds too much can be made smaller step by step.
/// </summary>
/// <param name="Files">Most paths.</param>
/// <param name="Bytes">Most bytes of all files.</param>
/// <param name="FileBytes">Most bytes of one file.</param>
public sealed record Quota(int Files, long Bytes, long FileBytes)
{
    private const int Named = 3;
    private const double Mebibyte = 1024 * 1024;

    /// <summary>Why a workspace may not become so, for the user: cause, what is large, cure. Null when it may.</summary>
    /// <param name="before">As it is.</param>
    /// <param name="after">As it would be.</param>
    /// <param name="files">What it holds or would hold, to name what is large.</param>
    public string? Refusal(WorkspaceSize before, WorkspaceSize after, Func<IEnumerable<(string Path, long Bytes)>> files)
    {
        if (after.Bytes > Bytes && after.Bytes > before.Bytes)
        {
            return $"The workspace would hold {Size(after.Bytes)}, more than the {Size(Bytes)} it may. {Largest(files())} {Cure}";
        }

        return after.Files > Files && after.Files > before.Files
            ? $"The workspace would hold {after.Files:n0} files, more than the {Files:n0} it may. {Fullest(files())} {Cure}"
            : null;
    }

    /// <summary>Why a file may not become so, for the user; null when it may.</summary>
    public string? Refusal(string path, long bytes) => bytes <= FileBytes
        ? null
        : $"\"{path}\" would have {Size(bytes)}, more than the {Size(FileBytes)} that one file may have. Keep it elsewhere, or in a folder that is in "
            + "\"ignore\" in dropit.json.";

    private const string Cure = "Delete what is not needed, or add what can be made again to \"ignore\" in dropit.json.";

    private static string Largest(IEnumerable<(string Path, long Bytes)> files)
    {
        var all = files.ToList();
        var largest = all
            .Where(file => file.Path.Contains('/', StringComparison.Ordinal))
            .GroupBy(file => file.Path[..file.Path.IndexOf('/', StringComparison.Ordinal)])
            .Select(folder => (Path: folder.Key + "/", Bytes: folder.Sum(file => file.Bytes)))
            .OrderByDescending(item => item.Bytes)
            .Take(Named)
            .Concat(all.OrderByDescending(file => file.Bytes).Take(Named))
            .OrderByDescending(item => item.Bytes);
        return $"Largest: {string.Join(", ", largest.Select(item => $"{item.Path} ({Size(item.Bytes)})"))}.";
    }

    private static string Fullest(IEnumerable<(string Path, long Bytes)> files)
    {
        var folders = files
            .GroupBy(file => file.Path.LastIndexOf('/') is > 0 and var end ? file.Path[..end] + "/" : "the top folder")
            .Select(folder => (Path: folder.Key, Count: folder.Count()))
            .OrderByDescending(folder => folder.Count)
            .Take(Named);
        return $"Most are in {string.Join(", ", folders.Select(folder => $"{folder.Path} ({folder.Count:n0})"))}.";
    }

    private static string Size(long bytes) => bytes < Mebibyte ? $"{Math.Ceiling(bytes / 1024.0):n0} KiB" : $"{bytes / Mebibyte:n1} MiB";
}
