namespace DropIt.Control.Importing;

/// <summary>What an import may take.</summary>
public sealed record ImportOptions
{
    /// <summary>Most bytes of files, of a repository with its history.</summary>
    public long MaxBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Most files.</summary>
    public int MaxFiles { get; init; } = 100_000;

    /// <summary>Most bytes of a zip that is uploaded.</summary>
    public long MaxUpload { get; init; } = 512L * 1024 * 1024;

    /// <summary>How long fetching a repository may take.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Imports under way at once: each may fill a disk with <see cref="MaxBytes"/> for its time.</summary>
    public int MaxAtOnce { get; init; } = 3;

    /// <summary>Repositories may be fetched from this machine and its private networks too. Whoever is signed in can then reach what is there.</summary>
    public bool AllowPrivate { get; init; }
}
