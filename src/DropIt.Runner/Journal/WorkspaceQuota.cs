using DropIt.Protocol.Workspaces;
using DropIt.Runner.Files;

namespace DropIt.Runner.Journal;

/// <summary>
/// What this workspace may still hold, as the storage service told it: refuses a write before it happens. What is ignored is not kept and does not count.
/// Safe for several threads.
/// </summary>
internal sealed class WorkspaceQuota(FileIndex index, Func<IgnoreRules> rules)
{
    private volatile Quota? _limits;

    /// <summary>Null until the storage service has answered: nothing is refused then.</summary>
    public Quota? Limits
    {
        get => _limits;
        set => _limits = value;
    }

    /// <summary>Why a file may not become <paramref name="bytes"/> long, for the user; null when it may.</summary>
    /// <param name="path">In the workspace.</param>
    /// <param name="bytes">Its new length.</param>
    public string? Refusal(string path, long bytes)
    {
        var known = index.TryGet(path, out var entry);
        if (_limits is not { } limits || !IsKept(path, folder: false) || (known && bytes <= entry!.Length))
        {
            return null;
        }

        return limits.Refusal(path, bytes)
            ?? Refusal(limits, new WorkspaceSize(known ? 0 : 1, bytes - (entry?.Length ?? 0)), path, bytes);
    }

    /// <summary>Why a file may not grow by <paramref name="bytes"/>; null when it may.</summary>
    public string? GrowthRefusal(string path, long bytes)
    {
        index.TryGet(path, out var entry);
        return bytes <= 0 ? null : Refusal(path, (entry?.Length ?? 0) + bytes);
    }

    /// <summary>Why this much more may not be added at a path; null when it may.</summary>
    public string? Refusal(string path, WorkspaceSize more) =>
        _limits is not { } limits || !IsKept(path, folder: true) ? null : Refusal(limits, more, path, more.Bytes);

    /// <summary>How much of what is at an absolute path would be kept.</summary>
    public WorkspaceSize SizeOf(string full)
    {
        var (files, bytes) = (0, 0L);
        foreach (var path in TreeWalk.Below(full, "", rules()).Select(below => $"{full}/{below.Path}").Prepend(full))
        {
            files++;
            bytes += FileStat.Of(path) is { Kind: FileKind.File } stat ? stat.Size : 0;
        }

        return new WorkspaceSize(files, bytes);
    }

    /// <summary>Most bytes that a file may have now, whose length is not known ahead.</summary>
    public long Room(string path)
    {
        if (_limits is not { } limits || !IsKept(path, folder: false))
        {
            return long.MaxValue;
        }

        index.TryGet(path, out var entry);
        return Math.Min(limits.FileBytes, Math.Max(0, limits.Bytes - index.Size.Bytes) + (entry?.Length ?? 0));
    }

    private bool IsKept(string path, bool folder) => path.Length == 0 || !rules().IgnoresAnyOf(path, folder);

    private string? Refusal(Quota limits, WorkspaceSize more, string path, long bytes)
    {
        var size = index.Size;
        return limits.Refusal(
            size,
            new WorkspaceSize(size.Files + more.Files, size.Bytes + more.Bytes),
            () => index.Files().Where(file => file.Path != path).Append((path, bytes)));
    }
}
