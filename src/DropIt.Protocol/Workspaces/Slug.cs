using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace DropIt.Protocol.Workspaces;

/// <summary>
/// The name a workspace is known by: 10 to 40 characters of a-z and 0-9, the first a letter. It is a DNS label, and so is
/// <c>&lt;port&gt;--&lt;slug&gt;</c> (at most 47 of the 63 characters a label may have).
/// </summary>
public readonly record struct Slug
{
    /// <summary>Length of a fresh slug: 26 * 36^13 is 67 bits, so neither guessing nor colliding is a concern.</summary>
    public const int FreshLength = 14;

    private const int MinLength = 10;
    private const int MaxLength = 40;
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";
    private const string LettersAndDigits = Letters + "0123456789";

    private readonly string? _value;

    private Slug(string value) => _value = value;

    /// <summary>The text of the slug; empty for <c>default</c>, which names no workspace.</summary>
    public string Value => _value ?? "";

    /// <summary>A fresh random slug from the system's cryptographic generator.</summary>
    public static Slug Fresh() =>
        new(RandomNumberGenerator.GetString(Letters, 1) + RandomNumberGenerator.GetString(LettersAndDigits, FreshLength - 1));

    /// <summary>Reads a slug; false when <paramref name="text"/> is not one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Slug slug)
    {
        slug = default;
        if (text is null || text.Length is < MinLength or > MaxLength || !char.IsAsciiLetterLower(text[0]))
        {
            return false;
        }

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c))
            {
                return false;
            }
        }

        slug = new Slug(text);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
