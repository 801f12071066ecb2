using System.Text;
using System.Text.RegularExpressions;
using DropIt.Protocol.Workspaces;

namespace DropIt.Control.Variables;

/// <summary>An environment variable, or a secret, of a workspace: programs that are started there get it.</summary>
public sealed partial class Variable
{
    /// <summary>Longest name.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Longest value in bytes of UTF-8: a private key has some 3,000, and any fits into a request, where JSON writes a byte as six at most.</summary>
    public const int MaxValueLength = 10 * 1024;

    // What the runner sets itself and depends on, and what the shell does not let anyone set.
    private static readonly HashSet<string> s_taken =
    [
        "PATH", "HOME", "PORT", "SHELL", "TERM", "COLORTERM", "USER", "LOGNAME", "PWD", "OLDPWD", "SHLVL", "PROMPT_DIRTRIM",
        "_", "UID", "EUID", "PPID", "BASHOPTS", "SHELLOPTS",
    ];

    /// <summary>The workspace.</summary>
    public required string Slug { get; init; }

    /// <summary>Its name, of letters, digits and <c>_</c>; upper and lower case differ.</summary>
    public required string Name { get; init; }

    /// <summary>Its value is never told again, only replaced.</summary>
    public required bool Secret { get; set; }

    /// <summary>The value under a <see cref="VariableSeal"/>.</summary>
    public required byte[] Sealed { get; set; }

    /// <summary>Bytes of name and value, for <see cref="VariablesNotice.MaxBytes"/>.</summary>
    public required int Length { get; set; }

    /// <summary>What a variable takes of <see cref="VariablesNotice.MaxBytes"/>.</summary>
    internal static int LengthOf(string name, string value) => Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);

    /// <summary>Why there can be no variable of that name and value, for the user; null when there can.</summary>
    internal static string? Refusal(string name, string? value)
    {
        if (name.Length > MaxNameLength || !NamePattern().IsMatch(name))
        {
            return $"A variable's name has letters (a to z), digits and _, does not begin with a digit and is at most {MaxNameLength} characters long. Choose another name.";
        }

        if (s_taken.Contains(name) || name.StartsWith("DROPIT_", StringComparison.Ordinal) || name.StartsWith("LD_", StringComparison.Ordinal))
        {
            return $"{name} is set by the workspace itself, or would keep its programs from starting. Choose another name; a project can still set it in its own scripts.";
        }

        return value is null ? "There is no value. An empty one is written \"\"."
            : Encoding.UTF8.GetByteCount(value) > MaxValueLength ? $"A value has at most {MaxValueLength / 1024} KiB. Keep larger things in a file."
            : value.Contains('\0', StringComparison.Ordinal) || value.EnumerateRunes().Contains(Rune.ReplacementChar)
                ? "No program can be given this value: it holds a NUL, or what is no text. Encode it, as base64 does."
            : null;
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*\\z")]
    private static partial Regex NamePattern();
}
