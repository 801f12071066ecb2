using System.Text;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Files;

/// <summary>A path of a request, checked; or why it was refused.</summary>
/// <param name="Error">Null when the path may be used.</param>
/// <param name="Message">Why not, for the user.</param>
/// <param name="Relative">The path as clients name it: relative to the root, <c>/</c> between names.</param>
/// <param name="Full">
/// The absolute path to use, without links; with <c>follow: false</c> the last name is not followed, so that a link itself can be
/// renamed or deleted.
/// </param>
internal readonly record struct WorkspacePath(ErrorCode? Error, string Message, string Relative, string Full)
{
    /// <summary>The answer to a request with this path; only when <see cref="Error"/> is set.</summary>
    public Reply Refusal => Reply.Failed(Error!.Value, Message);
}

/// <summary>What a path of this workspace may name.</summary>
internal sealed class WorkspaceFiles
{
    /// <summary>Longest path in bytes of UTF-8.</summary>
    public const int MaxPath = 4096;

    /// <summary>Longest name in bytes of UTF-8.</summary>
    public const int MaxName = 255;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Of the workspace in <paramref name="root"/>, which exists.</summary>
    public WorkspaceFiles(string root) => Root = FileStat.RealPath(root) ?? Path.GetFullPath(root);

    /// <summary>Absolute path of the root, without links.</summary>
    public string Root { get; }

    /// <summary>True for names of files being written, which nobody else should see.</summary>
    public static bool IsTemporary(ReadOnlySpan<char> name) => name.StartsWith(".dropit-") && name.EndsWith(".tmp");

    /// <summary>
    /// Checks a path that a client named: bounds, names, and that it stays inside the root after links are followed. What it names need not exist.
    /// </summary>
    /// <param name="path">Relative to the root; <c>""</c> is the root itself.</param>
    /// <param name="follow">
    /// Also follows the last name when it is a link (to read or write through it); what it leads to must be a file or folder, if anything.
    /// </param>
    public WorkspacePath Resolve(string path, bool follow = true)
    {
        if (Malformed(path) is { } malformed)
        {
            return Refuse(ErrorCode.BadRequest, malformed);
        }

        if (path.Length == 0)
        {
            return new WorkspacePath(null, "", "", Root);
        }

        var full = $"{Root}/{path}";
        var last = full.LastIndexOf('/');
        if (RealFolder(full[..last]) is not { } folder)
        {
            return Refuse(ErrorCode.NotAFolder, $"\"{path}\" leads through something that is not a folder.");
        }

        if (!IsInside(folder))
        {
            return Refuse(ErrorCode.Outside, $"\"{path}\" leads out of the workspace through a link. Use a path inside it.");
        }

        var named = $"{folder}{full[last..]}";
        if (!follow || FileStat.Of(named) is not { } stat)
        {
            return new WorkspacePath(null, "", path, named);
        }

        if (stat.Kind == FileKind.Link)
        {
            if (FileStat.RealPath(named) is not { } real)
            {
                return Refuse(ErrorCode.NotFound, $"\"{path}\" is a link to something that does not exist.");
            }

            if (!IsInside(real))
            {
                return Refuse(ErrorCode.Outside, $"\"{path}\" is a link out of the workspace. Open it in a terminal instead.");
            }

            named = real;
        }

        return FileStat.Of(named)?.Kind == FileKind.Other
            ? Refuse(ErrorCode.Special, $"\"{path}\" is a pipe, device or socket, which has no content to show.")
            : new WorkspacePath(null, "", path, named);
    }

    private static string? Malformed(string path)
    {
        int length;
        try
        {
            length = Strict.GetByteCount(path);
        }
        catch (EncoderFallbackException)
        {
            return "The path is not valid Unicode.";
        }

        if (length > MaxPath)
        {
            return $"The path is longer than {MaxPath} bytes. Choose shorter names.";
        }

        if (path.Contains('\0'))
        {
            return "The path holds a NUL character, which no file name can.";
        }

        if (path.Length == 0)
        {
            return null;
        }

        foreach (var range in path.AsSpan().Split('/'))
        {
            if (NameFault(path.AsSpan(range)) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>Why a name, of what is valid Unicode, can be none in a path; null when it can.</summary>
    public static string? NameFault(ReadOnlySpan<char> name)
    {
        if (name.Length == 0 || name is "." or ".." || name.ContainsAny('/', '\0'))
        {
            return "A path is relative to the workspace and has no empty names, no \".\" and no \"..\".";
        }

        if (Strict.GetByteCount(name) > MaxName)
        {
            return $"A name is longer than {MaxName} bytes. Choose a shorter one.";
        }

        return IsTemporary(name) ? "Names like \".dropit-....tmp\" belong to files that are being written. Choose another." : null;
    }

    /// <summary>
    /// The folder without links, as far as it exists; what is missing at the end is taken as named. Null when something on the way is no folder.
    /// </summary>
    private static string? RealFolder(string folder)
    {
        var missing = "";
        for (var at = folder; ; at = at[..at.LastIndexOf('/')])
        {
            if (FileStat.RealPath(at) is { } real)
            {
                return FileStat.Of(real) is { Kind: FileKind.Folder } ? real + missing : null;
            }

            // A link that leads nowhere exists but can not be passed.
            if (FileStat.Of(at) is not null)
            {
                return null;
            }

            missing = at[at.LastIndexOf('/')..] + missing;
        }
    }

    private bool IsInside(string full) =>
        full.Length == Root.Length ? full == Root : full.StartsWith(Root, StringComparison.Ordinal) && full[Root.Length] == '/';

    private static WorkspacePath Refuse(ErrorCode code, string message) => new(code, message, "", "");
}
