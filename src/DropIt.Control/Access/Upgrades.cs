using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace DropIt.Control.Access;

/// <summary>Counts the WebSockets that each network address opens to workspaces: each costs a runner and the gateway a connection.</summary>
/// <param name="options">How many.</param>
public sealed class Upgrades(ControlOptions options) : IDisposable
{
    /// <summary>For the user.</summary>
    public const string TooMany = "From your network address too many connections to workspaces were opened in a short time. This page tries again by itself in a moment.";

    private readonly PartitionedRateLimiter<string> _perAddress =
        Rates.Buckets(options.UpgradesPerMinute, TimeSpan.FromMinutes(1) / options.UpgradesPerMinute);

    /// <summary>Takes one of what the address of this request has left.</summary>
    /// <returns>Null when there was one; else how many seconds to wait for the next.</returns>
    public int? Take(HttpContext http)
    {
        using var lease = _perAddress.AttemptAcquire(AddressOf(http));
        return lease.IsAcquired ? null
            : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
    }

    /// <summary>True when the next would be refused: a browser does not tell a page why its socket was, so it is told when it asks for a ticket.</summary>
    public bool IsSpent(HttpContext http) => _perAddress.GetStatistics(AddressOf(http)) is { CurrentAvailablePermits: 0 };

    /// <inheritdoc/>
    public void Dispose() => _perAddress.Dispose();

    private static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "";
}
