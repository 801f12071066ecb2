using System.Text;

namespace DropIt.Storage.Manifests;

/// <summary>
/// The rule for paths of a workspace: relative, <c>/</c> between names, no empty, <c>.</c> or <c>..</c> name, no NUL,
/// valid Unicode,
/// at most 4,096 bytes, a name at most 255 (docs/protocol.md, "Requests").
/// </summary>
internal static class WorkspacePath
{
    private const int MaxBytes = 4096;
    private const int MaxNameBytes = 255;
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>What is wrong with a path, as a sentence for the user; null when nothing is.</summary>
    public static string? Fault(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return "A path is empty. Name a file below the workspace's root.";
        }

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            return "A path holds a NUL character, which no file name can.";
        }

        if (path[0] == '/')
        {
            return $"\"{Short(path)}\" is absolute. Give it relative to the workspace's root.";
        }

        try
        {
            if (Strict.GetByteCount(path) > MaxBytes)
            {
                return $"\"{Short(path)}\" is longer than {MaxBytes} bytes. Shorten it.";
            }

            foreach (var name in path.Split('/'))
            {
                if (name is "" or "." or "..")
                {
                    return $"\"{Short(path)}\" has an empty name, \".\" or \"..\" in it. Give the path without them.";
                }

                if (Strict.GetByteCount(name) > MaxNameBytes)
                {
                    return $"A name in \"{Short(path)}\" is longer than {MaxNameBytes} bytes. Shorten it.";
                }
            }
        }
        catch (EncoderFallbackException)
        {
            return "A path is not valid Unicode, so it cannot be kept. Rename the file.";
        }

        return null;
    }

    /// <summary>What is wrong with the text of a link; null when nothing is. Where it points does not matter: it is
    /// never followed.</summary>
    public static string? TargetFault(string? target)
    {
        try
        {
            return string.IsNullOrEmpty(target) || target.Contains('\0', StringComparison.Ordinal)
                || Strict.GetByteCount(target) > MaxBytes
                ? $"A link has no usable target (1 to {MaxBytes} bytes without NUL)."
                : null;
        }
        catch (EncoderFallbackException)
        {
            return "The target of a link is not valid Unicode, so it cannot be kept.";
        }
    }

    private static string Short(string path) => path.Length <= 80 ? path : path[..77] + "...";
}
