using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Orchestrator.Sandboxes;
using DropIt.Server.Options;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace DropIt.Server.Admin;

/// <summary>One part that the server needs, and how it is.</summary>
internal sealed record Part(string Name, bool Well, string Message);

/// <summary><c>GET /api/admin/server</c>.</summary>
internal sealed record ServerAnswer(string Roles, IReadOnlyList<Part> Health, IReadOnlyList<Protection> Protections, IReadOnlyList<Setting> Settings);

/// <summary>The server itself, for admins.</summary>
internal static class ServerApi
{
    /// <summary>Puts its JSON into the services.</summary>
    public static void AddServerAdmin(this IServiceCollection services) =>
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ServerJson.Default));

    public static void MapServerAdmin(this IEndpointRouteBuilder routes) => routes.MapGet("/api/admin/server", LookAsync);

    private static async Task<IResult> LookAsync(ServerOptions options, Readiness readiness, IServiceProvider services, CancellationToken cancel)
    {
        var report = await readiness.LookAsync(cancel);
        var sandbox = services.GetService<Sandbox>() is { } made ? await made.TrialAsync() : null;
        IReadOnlyList<Part> parts =
            [.. report.Entries.Select(e => new Part(e.Key, e.Value.Status == HealthStatus.Healthy, e.Value.Description ?? "It answers."))];
        return TypedResults.Ok(new ServerAnswer(RolesReader.Describe(options.Roles), parts, Protections.Of(options, sandbox), options.Settings));
    }
}

/// <summary>JSON of it, without reflection.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ServerAnswer))]
internal sealed partial class ServerJson : JsonSerializerContext;
