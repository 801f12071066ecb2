namespace DropIt.Control.Database;

/// <summary>A PostgreSQL to keep control's tables in.</summary>
public sealed record PostgresOptions
{
    /// <summary>As Npgsql reads it, with the password.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>File with the secret that seals the signing key in the database: the same on every server. Made when it is missing.</summary>
    public required string KeyFile { get; init; }

    /// <summary>
    /// This server keeps its workspaces as processes of its own machine, where no other could reach them: it must be the only one on the database.
    /// </summary>
    public required bool Alone { get; init; }

    /// <summary>Not the connection string: that has the password in it.</summary>
    public override string ToString() => nameof(PostgresOptions);
}
