using DropIt.Runner.Sessions;

namespace DropIt.Runner.Files;

/// <summary>A path of a request, checked; or why it was refused.</summary>
/// <param name="Error">Null when the path may be used.</param>
/// <param name="Message">Why not, for the user.</param>
/// <param name="Relative">The path as clients name it: relative to the root, <c>/</c> between names.</param>
/// <param name="Full">
/// The absolute path to use: every folder on the way is resolved; the last name is not, so that a link itself can be renamed or deleted.
/// </param>
internal readonly record struct WorkspacePath(ErrorCode? Error, string Message, string Relative, string Full)
{
    /// <summary>The answer to a request with this path; only when <see cref="Error"/> is set.</summary>
    public Reply Refusal => Reply.Failed(Error!.Value, Message);
}

/// <summary>The workspace's files: what a path may name, and what can be done with it.</summary>
internal sealed class WorkspaceFiles
{
    /// <summary>Of the workspace in <paramref name="root"/>, which exists.</summary>
    public WorkspaceFiles(string root) => Root = Path.GetFullPath(root);

    /// <summary>Absolute path of the root, without links.</summary>
    public string Root { get; }

    /// <summary>
    /// Checks a path that a client named: bounds, names, and that it stays inside the root after links are followed. What it names need not exist.
    /// </summary>
    /// <param name="path">Relative to the root; <c>""</c> is the root itself.</param>
    /// <param name="follow">Also follows the last name when it is a link (to read or write through it).</param>
    public WorkspacePath Resolve(string path, bool follow = true) => throw new NotImplementedException();
}
