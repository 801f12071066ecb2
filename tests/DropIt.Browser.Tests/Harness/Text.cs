using System.Security.Cryptography;
using System.Text;

namespace DropIt.Browser.Tests.Harness;

/// <summary>Text to type, and how to recognise it on a terminal.</summary>
internal static class Text
{
    /// <summary>The first numbers in words of their own: a missing, doubled or moved character is seen at once.</summary>
    public static string Numbers(int from, int count) =>
        string.Concat(Enumerable.Range(from, count).Select(i => $"{i} "));

    /// <summary>What <c>sha256sum</c> prints for it.</summary>
    public static string Sha256(string text) => Sha256(Encoding.UTF8.GetBytes(text));

    /// <summary>What <c>sha256sum</c> prints for these bytes.</summary>
    public static string Sha256(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
