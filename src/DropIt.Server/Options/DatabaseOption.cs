using DropIt.Control.Database;
using Npgsql;

namespace DropIt.Server.Options;

/// <summary>Reads <c>--database</c> and what belongs to it. No message of this shows a password.</summary>
internal static class DatabaseOption
{
    /// <summary>The PostgreSQL; null when there are problems, which are added.</summary>
    /// <param name="text">The connection string.</param>
    /// <param name="onLine">It stands on the command line.</param>
    /// <param name="password">From the environment or the configuration file.</param>
    /// <param name="passwordFile">File with the password.</param>
    /// <param name="keyFile">File with the secret; null for one in the data folder.</param>
    /// <param name="data">The data folder.</param>
    /// <param name="alone">Workspaces are processes of this machine.</param>
    /// <param name="problems">Sentences with their cure.</param>
    public static PostgresOptions? Read(
        string text, bool onLine, string? password, string? passwordFile, string? keyFile, string data, bool alone, List<string> problems)
    {
        var before = problems.Count;
        NpgsqlConnectionStringBuilder connection;
        try
        {
            connection = new(text);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            problems.Add("--database: not a connection string. Write it as Host=HOST;Username=USER;Database=NAME.");
            return null;
        }

        if (string.IsNullOrEmpty(connection.Host))
        {
            problems.Add("--database: it names no server. Write it as Host=HOST;Username=USER;Database=NAME.");
        }

        if (onLine && connection.Password is { Length: > 0 })
        {
            problems.Add("--database: a password on the command line can be read by every user of the machine. "
                + "Give it in DROPIT_DATABASE_PASSWORD or --database-password-file.");
        }

        if (passwordFile is not null)
        {
            try
            {
                password = File.ReadAllText(passwordFile).TrimEnd('\r', '\n');
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                problems.Add($"--database-password-file {passwordFile}: cannot be read ({e.Message}).");
            }
        }

        if (keyFile is not null && !File.Exists(keyFile))
        {
            problems.Add($"--key-file {keyFile}: there is no such file. Make one with openssl rand -hex 32, and give every server the same.");
        }

        if (password is not null)
        {
            connection.Password = password;
        }

        return problems.Count > before ? null : new PostgresOptions
        {
            ConnectionString = connection.ConnectionString,
            KeyFile = keyFile ?? Path.Combine(data, "secret.key"),
            Alone = alone,
        };
    }
}
