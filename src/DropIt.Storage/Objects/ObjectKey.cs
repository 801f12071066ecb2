namespace DropIt.Storage.Objects;

/// <summary>The rule for keys, shared by all stores.</summary>
internal static class ObjectKey
{
    private const int MaxLength = 512;

    /// <summary>Throws <see cref="ArgumentException"/> for what is no key.</summary>
    public static void Check(string key)
    {
        if (key.Length is 0 or > MaxLength || !IsPrefix(key))
        {
            throw new ArgumentException($"\"{key}\" cannot name an object.", nameof(key));
        }

        foreach (var segment in key.Split('/'))
        {
            if (segment is "" or "." or "..")
            {
                throw new ArgumentException($"\"{key}\" cannot name an object.", nameof(key));
            }
        }
    }

    /// <summary>Throws <see cref="ArgumentException"/> for what no key can start with.</summary>
    public static void CheckPrefix(string prefix)
    {
        if (prefix.Length > MaxLength || !IsPrefix(prefix))
        {
            throw new ArgumentException($"\"{prefix}\" cannot start the name of an object.", nameof(prefix));
        }
    }

    private static bool IsPrefix(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('.' or '_' or '-' or '/'))
            {
                return false;
            }
        }

        return true;
    }
}
