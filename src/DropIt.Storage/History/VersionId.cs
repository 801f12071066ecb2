using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DropIt.Storage.History;

/// <summary>
/// Names a version of a workspace by its position in the journal, so that it stays the same through compaction. As text <c>3-41</c>.
/// </summary>
/// <param name="Epoch">Of the last entry in it; 0 for what the workspace began with.</param>
/// <param name="Sequence">Of the last entry in it.</param>
public readonly record struct VersionId(long Epoch, long Sequence) : IComparable<VersionId>
{
    /// <summary>Reads what <see cref="ToString"/> writes; false for anything else.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out VersionId id)
    {
        id = default;
        var dash = text?.IndexOf('-', StringComparison.Ordinal) ?? -1;
        if (dash < 0
            || !long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            || !long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
        {
            return false;
        }

        id = new VersionId(epoch, sequence);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(VersionId other) =>
        Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Sequence.CompareTo(other.Sequence);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}-{Sequence}");

    /// <summary>Earlier.</summary>
    public static bool operator <(VersionId a, VersionId b) => a.CompareTo(b) < 0;

    /// <summary>Later.</summary>
    public static bool operator >(VersionId a, VersionId b) => a.CompareTo(b) > 0;

    /// <summary>Not later.</summary>
    public static bool operator <=(VersionId a, VersionId b) => a.CompareTo(b) <= 0;

    /// <summary>Not earlier.</summary>
    public static bool operator >=(VersionId a, VersionId b) => a.CompareTo(b) >= 0;
}
