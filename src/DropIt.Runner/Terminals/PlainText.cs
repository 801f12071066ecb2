using System.Text;
using System.Text.RegularExpressions;

namespace DropIt.Runner.Terminals;

/// <summary>Terminal output as text for people.</summary>
internal static partial class PlainText
{
    /// <summary>The last lines of <paramref name="output"/> that are not empty, without escape sequences and control characters.</summary>
    public static string LastLines(ReadOnlySpan<byte> output, int lines)
    {
        var text = Sequences().Replace(Encoding.UTF8.GetString(output), "");
        var kept = text.Split('\n')
            .Select(line => new string([.. AfterReturn(line).Where(c => c == '\t' || !char.IsControl(c))]).TrimEnd())
            .Where(line => line.Length > 0)
            .TakeLast(lines);
        return string.Join('\n', kept);
    }

    /// <summary>What a line shows that was written over: the part behind the last carriage return that has any.</summary>
    private static string AfterReturn(string line)
    {
        var shown = line.TrimEnd('\r');
        return shown[(shown.LastIndexOf('\r') + 1)..];
    }

    [GeneratedRegex(@"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")]
    private static partial Regex Sequences();
}
