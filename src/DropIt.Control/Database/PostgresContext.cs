using DropIt.Control.Tickets;
using DropIt.Control.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace DropIt.Control.Database;

/// <summary>Control's tables, as PostgreSQL keeps them: with the signing key, which every server on it shares.</summary>
/// <param name="options">The database to use.</param>
public sealed class PostgresContext(DbContextOptions options) : ControlContext(options)
{
    /// <summary>Keys that all servers share.</summary>
    public DbSet<SealedKey> SealedKeys => Set<SealedKey>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);

        // The first user's number is given in the model, which the sequence does not know of.
        modelBuilder.Entity<User>().Property(u => u.Id).HasIdentityOptions(startValue: User.LocalId + 1);
        modelBuilder.Entity<SealedKey>(key =>
        {
            key.HasKey(k => k.Name);
            key.Property(k => k.Name).HasMaxLength(40);
        });
    }
}

/// <summary>For <c>dotnet ef migrations add</c> only.</summary>
internal sealed class PostgresContextFactory : IDesignTimeDbContextFactory<PostgresContext>
{
    /// <inheritdoc/>
    public PostgresContext CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<PostgresContext>().UseNpgsql("Host=nowhere").Options);
}
