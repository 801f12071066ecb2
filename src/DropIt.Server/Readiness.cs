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
    private (HealthReport Report, DateTimeOffset At)? _last;

    /// <summary>How each part is that this process needs.</summary>
    public async Task<HealthReport> LookAsync(CancellationToken cancel)
    {
        await _asking.WaitAsync(cancel);
        try
        {
            if (_last is not var (report, at) || time.GetUtcNow() - at > s_fresh)
            {
                report = await checks.CheckHealthAsync(cancel);
                _last = (report, time.GetUtcNow());
            }

            return report;
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
        // Behind a gateway people work: a journal that is full or away is shown to them as "not safe yet", and shutting them out would save nothing.
        var journal = roles.HasFlag(Roles.Gateway) ? HealthStatus.Degraded : HealthStatus.Unhealthy;
        var checks = services.AddHealthChecks()
            .AddCheck<ObjectStoreCheck>("object store", timeout: s_patience)
            .AddCheck<JournalCheck>("journal", journal, timeout: s_patience);
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

    private static async Task<IResult> ReadyAsync(Readiness readiness, CancellationToken cancel)
    {
        var report = await readiness.LookAsync(cancel);
        var missing = string.Concat(
            report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy).Select(e => $"{e.Key}: {e.Value.Description}\n"));
        return report.Status == HealthStatus.Unhealthy
            ? TypedResults.Text(missing, statusCode: StatusCodes.Status503ServiceUnavailable)
            : TypedResults.Text("ready\n" + missing);
    }
}

/// <summary>Does the journal take changes?</summary>
internal sealed class JournalCheck(WorkspaceStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await store.JournalTroubleAsync(cancellationToken) is { } trouble
            ? new HealthCheckResult(context.Registration.FailureStatus, trouble)
            : HealthCheckResult.Healthy();
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
