using System.Globalization;

namespace DropIt.Bench;

/// <summary>One line of the table: what was measured, beside what is aimed at and what others do.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Measured">The figure with its unit.</param>
/// <param name="Target">The aim.</param>
/// <param name="Others">code-server, Theia and ttyd on this kind of machine.</param>
internal sealed record Figure(string Name, string Measured, string Target, string Others);

/// <summary>Figures of a sample.</summary>
internal static class Sample
{
    /// <summary>The value below which <paramref name="share"/> (0 to 1) of the sample lies.</summary>
    public static double At(IEnumerable<double> sample, double share)
    {
        var sorted = sample.Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)(share * sorted.Length))];
    }

    /// <summary>A number as short as it may be read.</summary>
    public static string Show(double value, string unit) =>
        value.ToString(value < 10 ? "0.0" : "0", CultureInfo.InvariantCulture) + " " + unit;
}
