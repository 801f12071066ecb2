using DropIt.Control.Database;
using DropIt.Server.Options;
using DropIt.Storage.Access;
using DropIt.Storage.Objects;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DropIt.Server;

/// <summary>
/// <c>GET /readyz</c>: whether what this process needs answers, each part by name. <c>GET /healthz</c> says only that the process is alive: a database that is
/// away is no reason to end it.
/// </summary>
internal sealed class Readiness(HealthCheckService checks, TimeProvider time) : IDisposable
{
    // Anyone may ask; the parts are asked at most this often.
    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private (string? Missing, DateTimeOffset At) _last;

    /// <summary>One line a part that does not answer; null when all do.</summary>
    public async Task<string?> MissingAsync(CancellationToken cancel)
    {
        await _asking.WaitAsync(cancel);
        try
        {
            if (time.GetUtcNow() - _last.At > s_fresh)
            {
                var report = await checks.CheckHealthAsync(cancel);
                var missing = report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy).Select(e => $"{e.Key}: {e.Value.Description}\n");
                _last = (string.Concat(missing) is { Length: > 0 } lines ? lines : null, time.GetUtcNow());
            }

            return _last.Missing;
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _asking.Dispose();
}

/// <summary>Puts readiness into the server.</summary>
internal static class ReadinessSetup
{
    // A part that is paused answers nothing; who asks wants to know soon.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>The parts that this process needs.</summary>
    public static void AddReadiness(this IServiceCollection services, Roles roles)
    {
        services.AddSingleton<Readiness>();
        var checks = services.AddHealthChecks()
            .AddCheck<ObjectStoreCheck>("object store", timeout: s_patience)
            .AddCheck<JournalCheck>("journal", timeout: s_patience);
        if (roles.HasFlag(Roles.Control))
        {
            checks.AddCheck<DatabaseCheck>("database", timeout: s_patience);
        }
    }

    /// <summary>Maps the routes.</summary>
    public static void MapReadiness(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => TypedResults.Text("ok\n"));
        routes.MapGet("/readyz", ReadyAsync);
    }

    private static async Task<IResult> ReadyAsync(Readiness readiness, CancellationToken cancel) =>
        await readiness.MissingAsync(cancel) is { } missing
            ? TypedResults.Text(missing, statusCode: StatusCodes.Status503ServiceUnavailable)
            : TypedResults.Text("ready\n");
}

/// <summary>Does the journal take changes?</summary>
internal sealed class JournalCheck(WorkspaceStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await store.JournalTroubleAsync(cancellationToken) is { } trouble ? HealthCheckResult.Unhealthy(trouble) : HealthCheckResult.Healthy();
}

/// <summary>Does the database answer?</summary>
internal sealed class DatabaseCheck(ControlDatabase database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await database.TroubleAsync(cancellationToken) is { } trouble ? HealthCheckResult.Unhealthy(trouble) : HealthCheckResult.Healthy();
}

/// <summary>Does the object store answer? What it is asked for need not be there.</summary>
internal sealed class ObjectStoreCheck(IObjectStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.StatAsync("heads/readyz", cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return HealthCheckResult.Unhealthy(e.Message);
        }
    }
}
