using System.Security.Cryptography;

namespace DropIt.Runner.Documents;

/// <summary>
/// Names of runs of versions. A name tells the text that its run began with, so that a page which has more than that, since the runner lost its disk, finds
/// out what is missing (docs/protocol.md, "Documents"). tests/golden/incarnations.json has examples.
/// </summary>
internal static class Incarnation
{
    /// <summary>A name that no other run has: length in UTF-16 units, 32-bit FNV-1a of these, low byte first, and a random number; the last two in hex.</summary>
    /// <param name="text">Of version 0.</param>
    public static string Begin(string text)
    {
        var hash = 0x811c9dc5u;
        foreach (var unit in text)
        {
            hash = (hash ^ (byte)unit) * 0x01000193;
            hash = (hash ^ (byte)(unit >> 8)) * 0x01000193;
        }

        return $"{text.Length}-{hash:x8}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
    }
}
