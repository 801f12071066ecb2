using Npgsql;

namespace DropIt.Server.Options;

/// <summary>One option as admins see it.</summary>
/// <param name="Name">As on the command line, without the dashes.</param>
/// <param name="Help">What it does, and its default.</param>
/// <param name="Value">What it was set to; null when it was not, or is secret.</param>
/// <param name="Source">Where that was said: <c>command line</c>, <c>environment</c>, <c>file</c>; <c>default</c> when nowhere.</param>
/// <param name="Secret">Its value is never shown.</param>
internal sealed record Setting(string Name, string Help, string? Value, string Source, bool Secret)
{
    /// <summary>What may be shown of a value: no password in it.</summary>
    public static string Shown(string name, string value)
    {
        if (name == "database")
        {
            return new NpgsqlConnectionStringBuilder(value) { Password = null }.ConnectionString;
        }

        return Uri.TryCreate(value, UriKind.Absolute, out var address) && address.UserInfo != ""
            ? value.Replace(address.UserInfo + "@", "", StringComparison.Ordinal)
            : value;
    }
}
