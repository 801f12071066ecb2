using System.Collections;
using DropIt.Server.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace DropIt.Server.Observing;

/// <summary>Metrics for Prometheus where <c>--metrics-listen</c> says, and traces to where the standard <c>OTEL_</c> variables say (docs/operations.md, "Metrics").</summary>
internal static class Telemetry
{
    /// <summary>The route of the metrics.</summary>
    public const string MetricsPath = "/metrics";

    private const string Prefix = "OTEL_";

    // What the server makes; the rest is what .NET makes: requests and their times, memory, garbage collections, threads.
    private static readonly string[] s_meters =
        ["DropIt.Storage", "DropIt.Orchestrator", "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>Adds what was asked for; without either nothing listens, and nothing is made.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder, ServerOptions options)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(pair => KeyValuePair.Create((string)pair.Key, (string?)pair.Value))
            .Where(pair => pair.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .ToList();
        var traced = variables.Exists(pair => pair is { Key: "OTEL_EXPORTER_OTLP_ENDPOINT" or "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", Value.Length: > 0 });
        if (options.MetricsListen is null && !traced)
        {
            return;
        }

        builder.Configuration.AddInMemoryCollection(variables);
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource =>
        {
            if (!variables.Exists(pair => pair.Key == "OTEL_SERVICE_NAME"))
            {
                resource.AddService("dropit", autoGenerateServiceInstanceId: false);
            }

            resource.AddAttributes([new("dropit.roles", RolesReader.Describe(options.Roles))]);
        });
        if (options.MetricsListen is not null)
        {
            telemetry.WithMetrics(metrics => metrics.AddMeter(s_meters).AddPrometheusExporter());
        }

        if (traced)
        {
            telemetry.WithTracing(traces => traces.AddSource("DropIt.Storage").AddOtlpExporter());
        }
    }

    /// <summary>Maps the metrics; only the door of <c>--metrics-listen</c> leads there.</summary>
    public static void MapTelemetry(this IEndpointRouteBuilder routes, ServerOptions options)
    {
        if (options.MetricsListen is not null)
        {
            routes.MapPrometheusScrapingEndpoint(MetricsPath);
        }
    }
}
