using System.Threading.RateLimiting;

namespace DropIt.Control.Access;

/// <summary>
/// Counts askings against the <see cref="Rate"/> of their route: a bucket a caller, which fills again with time. What is counted here ends with the process;
/// who guesses passwords meets the account's own lock too, which is in the database.
/// </summary>
internal sealed class Rates : IDisposable
{
    // A person who mistypes, or a class that signs in from one address, stays below; a guesser gets 20 tries a minute.
    private readonly PartitionedRateLimiter<string> _signIns = Buckets(40, TimeSpan.FromSeconds(3));

    // Far more than anyone makes by hand; a script is slowed to two a second.
    private readonly PartitionedRateLimiter<string> _creates = Buckets(200, TimeSpan.FromSeconds(0.5));

    // Every tab asks for one when it connects again, all at once after the server was away.
    private readonly PartitionedRateLimiter<string> _tickets = Buckets(300, TimeSpan.FromSeconds(0.1));

    // Strangers keep a workspace awake for some hours a day at most, whoever they are and however often they come (Activity of the runner has the rest).
    private readonly PartitionedRateLimiter<string> _visits = Buckets(6, TimeSpan.FromHours(2));

    /// <summary>Takes one of what the caller has left.</summary>
    /// <returns>Null when there was one; else how long to wait for the next.</returns>
    public TimeSpan? Take(Rate rate, string caller)
    {
        var limiter = rate switch
        {
            Rate.SignIn => _signIns,
            Rate.Create => _creates,
            Rate.Ticket => _tickets,
            Rate.Visit => _visits,
            _ => null,
        };
        if (limiter is null)
        {
            return null;
        }

        using var lease = limiter.AttemptAcquire(caller);
        return lease.IsAcquired ? null
            : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait : TimeSpan.FromSeconds(1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _signIns.Dispose();
        _creates.Dispose();
        _tickets.Dispose();
        _visits.Dispose();
    }

    /// <summary>So many at once, and one more after <paramref name="each"/>.</summary>
    internal static PartitionedRateLimiter<string> Buckets(int size, TimeSpan each) =>
        PartitionedRateLimiter.Create<string, string>(caller => RateLimitPartition.GetTokenBucketLimiter(caller, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = size,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = each,
            QueueLimit = 0,
        }));
}
