namespace DropIt.Server.Doctor;

/// <summary>How bad it is.</summary>
internal enum Verdict
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>It works, though not as well as it could, or not for long.</summary>
    Warning,

    /// <summary>Something that users need does not work.</summary>
    Bad,
}

/// <summary>What a check found.</summary>
/// <param name="Verdict">How bad it is.</param>
/// <param name="Sentence">What was seen.</param>
/// <param name="Cure">How to mend it; null exactly when it is good.</param>
internal sealed record Finding(Verdict Verdict, string Sentence, string? Cure = null)
{
    /// <summary>All is well.</summary>
    public static Finding Good(string sentence) => new(Verdict.Good, sentence);

    /// <summary>It works, but.</summary>
    public static Finding Warning(string sentence, string cure) => new(Verdict.Warning, sentence, cure);

    /// <summary>It does not work.</summary>
    public static Finding Bad(string sentence, string cure) => new(Verdict.Bad, sentence, cure);
}
