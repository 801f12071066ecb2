namespace DropIt.Control.Answers;

/// <summary>Addresses that a redirect may lead to.</summary>
internal static class LocalPath
{
    // What fits any browser's address and our own headers.
    private const int MaxLength = 2000;

    /// <summary>
    /// <paramref name="to"/> when it is a path of the same origin, else null: <c>//host</c> and <c>/\host</c> are other hosts to a browser, which
    /// also drops control characters before it looks.
    /// </summary>
    public static string? Of(string? to) =>
        to is ['/', ..] and not ['/', '/' or '\\', ..] && to.Length <= MaxLength && !to.Any(c => char.IsControl(c) || c == '\\')
            ? to
            : null;
}
