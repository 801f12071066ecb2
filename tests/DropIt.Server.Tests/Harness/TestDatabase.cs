using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Harness;

/// <summary>Where servers under test keep their tables. What holds for one kind of database must hold for the other.</summary>
public sealed class TestDatabase
{
    private readonly PostgresServer? _postgres;

    private TestDatabase(PostgresServer? postgres) => _postgres = postgres;

    /// <summary>A file in the data folder.</summary>
    public static TestDatabase Sqlite { get; } = new(null);

    /// <summary>A database of its own for each server.</summary>
    public static TestDatabase Postgres(PostgresServer postgres) => new(postgres);

    internal async Task<ServerRig> StartAsync(string? templates = null, bool signIn = true, string[]? more = null) => await ServerRig.StartAsync(
        templates, signIn, _postgres is null ? more : [.. more ?? [], "--database", await _postgres.DatabaseAsync()]);
}
