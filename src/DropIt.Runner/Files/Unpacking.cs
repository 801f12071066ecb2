using System.IO.Compression;
using System.Security.Cryptography;
using DropIt.Protocol.Archives;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Files;

/// <summary>How an unpacking ended.</summary>
/// <param name="Files">Files and links that were made.</param>
/// <param name="Code">Why not, when <paramref name="Message"/> says something.</param>
/// <param name="Message">For the user; null when it worked.</param>
internal readonly record struct Unpacked(int Files, ErrorCode Code, string? Message);

/// <summary>
/// Unpacks a zip into a folder of the workspace. Everything is written beside the place it goes to, under a name that nobody watches, and moved when all of it
/// is there: a broken or too large zip leaves nothing.
/// </summary>
internal static class Unpacking
{
    /// <summary>What a workspace's disk is made for; the journal's bounds are above.</summary>
    private static readonly ArchiveLimits Limits = new(50_000, 1024L * 1024 * 1024);

    /// <summary>Paths that are named when something is in the way.</summary>
    private const int MaxNamed = 3;

    /// <summary>Unpacks; replaces nothing.</summary>
    /// <param name="zip">The zip; seekable.</param>
    /// <param name="folder">Absolute, without links on the way, exists.</param>
    /// <param name="refusal">Why the workspace may not hold what lies in this folder too, for the user; null when it may.</param>
    /// <param name="ct">Leaves nothing behind.</param>
    public static async Task<Unpacked> IntoAsync(Stream zip, string folder, Func<string, string?> refusal, CancellationToken ct)
    {
        if (ZipPlan.DirectoryFault(zip) is { } fault)
        {
            return new Unpacked(0, ErrorCode.BadRequest, fault);
        }

        var beside = $"{folder}/.dropit-{RandomNumberGenerator.GetHexString(16, lowercase: true)}.tmp";
        try
        {
            await using var archive = await ZipArchive.CreateAsync(zip, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, ct);
            var (plan, error) = ZipPlan.Of(archive, Limits, strip: false);
            if (plan is null)
            {
                return new Unpacked(0, ErrorCode.BadRequest, error);
            }

            if (InTheWay(folder, plan) is { } message)
            {
                return new Unpacked(0, ErrorCode.Exists, message);
            }

            Directory.CreateDirectory(beside);
            if (await plan.UnpackAsync(beside, done: null, ct) is { } broken)
            {
                return new Unpacked(0, ErrorCode.TooLarge, broken);
            }

            // Only now is it known how much it is: a zip may lie about it.
            if (refusal(beside) is { } tooMuch)
            {
                return new Unpacked(0, ErrorCode.TooLarge, tooMuch);
            }

            return new Unpacked(MoveAll(beside, folder), default, null);
        }
        catch (InvalidDataException)
        {
            return new Unpacked(0, ErrorCode.BadRequest, "This is not a zip, or a damaged one. Choose another file.");
        }
        finally
        {
            if (Directory.Exists(beside))
            {
                Directory.Delete(beside, recursive: true);
            }
        }
    }

    /// <summary>What is there already and would be replaced, or is no folder where one is needed; null: nothing.</summary>
    private static string? InTheWay(string folder, ZipPlan plan)
    {
        var files = plan.Files.ToHashSet(StringComparer.Ordinal);
        var there = new List<string>();
        var folders = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in plan.Paths)
        {
            if (files.Contains(path) ? FileStat.Of($"{folder}/{path}") is not null : !FolderOrNothing(path))
            {
                there.Add(path);
            }

            for (var end = path.LastIndexOf('/'); end > 0 && folders.Add(path[..end]); end = path.LastIndexOf('/', end - 1))
            {
                if (!FolderOrNothing(path[..end]))
                {
                    there.Add(path[..end]);
                }
            }
        }

        var named = string.Join(", ", there.Distinct().Take(MaxNamed).Select(path => $"\"{path}\""));
        var more = there.Count > MaxNamed ? $" and {there.Count - MaxNamed} more" : "";
        return there.Count == 0 ? null : $"Nothing was unpacked: "
            + $"{named}{more} exist{(there.Count == 1 ? "s" : "")} already. Unpack into a new folder, or rename what is there.";

        // A link would lead elsewhere.
        bool FolderOrNothing(string path) => FileStat.Of($"{folder}/{path}") is null or { Kind: FileKind.Folder };
    }

    private static int MoveAll(string from, string to)
    {
        var files = 0;
        foreach (var (path, isFolder) in TreeWalk.Below(from, "", null).ToList())
        {
            if (isFolder)
            {
                Directory.CreateDirectory($"{to}/{path}");
            }
            else if (FileOperations.Move($"{from}/{path}", $"{to}/{path}"))
            {
                files++;
            }
        }

        return files;
    }
}
