namespace DropIt.Control.Database;

/// <summary>Says whether this server is the one that makes what is equal to what is wanted. At most one of those on a database is.</summary>
public interface ILeadership
{
    /// <summary>This server leads now, as far as it knows.</summary>
    bool Leads { get; }

    /// <summary>Waits until this server leads.</summary>
    /// <returns>Cancelled when it no longer does; then call again.</returns>
    Task<CancellationToken> LeadAsync(CancellationToken cancel);

    /// <summary>Lets another server lead, at once.</summary>
    Task ResignAsync();
}

/// <summary>The only server on its database always leads.</summary>
internal sealed class SoleLeadership : ILeadership
{
    public bool Leads => true;

    public Task<CancellationToken> LeadAsync(CancellationToken cancel) => Task.FromResult(CancellationToken.None);

    public Task ResignAsync() => Task.CompletedTask;
}
