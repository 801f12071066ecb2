using Npgsql;

[assembly: AssemblyFixture(typeof(DropIt.Tests.Services.PostgresServer))]

namespace DropIt.Tests.Services;

/// <summary>Databases of the one server that all specs share.</summary>
public sealed partial class PostgresServer
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>An empty database of its own; the answer is how to connect, without the password.</summary>
    public async Task<string> DatabaseAsync()
    {
        await StartAsync();
        var name = "t" + Guid.NewGuid().ToString("n");
        await ExecuteAsync(Connect("test"), $"CREATE DATABASE {name}");
        return Connect(name);
    }

    /// <summary>How to connect as a URL, with the password, for PostgreSQL's own programs.</summary>
    public static string UrlOf(string database)
    {
        var connection = new NpgsqlConnectionStringBuilder(database);
        return $"postgresql://{connection.Username}:{Password}@{connection.Host}:{connection.Port}/{connection.Database}";
    }

    /// <summary>Runs one statement.</summary>
    public static async Task<object?> ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection($"{database};Password={Password};Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancel);
    }
}
