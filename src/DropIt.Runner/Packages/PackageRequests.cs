using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Packages;

/// <summary>The answer to <c>packages.latest</c>: the newest versions by name, of those that were found.</summary>
internal sealed record LatestVersions(IReadOnlyDictionary<string, string> Versions, string? Message);

/// <summary>The <c>packages.*</c> requests: registries are asked from here, where no browser's rules stand in the way.</summary>
internal sealed class PackageRequests(string root)
{
    /// <summary>Names in one request: more than any manifest that people write.</summary>
    private const int MaxNames = 300;

    private const int MaxQuery = 200;

    /// <summary>Questions to a registry at once.</summary>
    private const int Parallel = 8;

    private readonly Registry _registry = new(root);

    /// <summary>Registers the ops.</summary>
    public void AddTo(RequestTable requests)
    {
        requests.Add("packages.find", async (_, request, ct) => await FindAsync(request, ct));
        requests.Add("packages.latest", async (_, request, ct) => await LatestAsync(request, ct));
    }

    private async ValueTask<Reply> FindAsync(JsonElement request, CancellationToken ct)
    {
        if (!request.TryText("registry", out var registry) || !Registry.Knows(registry)
            || !request.TryText("query", out var query) || query.Trim().Length is 0 or > MaxQuery)
        {
            return Reply.Failed(ErrorCode.BadRequest, "The request lacks registry (npm, pypi, go, nuget) and query.");
        }

        try
        {
            return Reply.Of(await _registry.FindAsync(registry, query.Trim(), ct), PackageJson.Default.Findings);
        }
        catch (RegistryException e)
        {
            return Reply.Failed(ErrorCode.Failed, e.Message);
        }
    }

    private async ValueTask<Reply> LatestAsync(JsonElement request, CancellationToken ct)
    {
        if (!request.TryText("registry", out var registry) || !Registry.Knows(registry)
            || !request.TryGetProperty("names", out var names) || names.ValueKind != JsonValueKind.Array || names.GetArrayLength() > MaxNames)
        {
            return Reply.Failed(ErrorCode.BadRequest, $"The request lacks registry (npm, pypi, go, nuget) and names, at most {MaxNames}.");
        }

        var asked = names.EnumerateArray().Where(name => name.ValueKind == JsonValueKind.String).Select(name => name.GetString()!).Distinct();
        var versions = new ConcurrentDictionary<string, string>();
        try
        {
            await System.Threading.Tasks.Parallel.ForEachAsync(
                asked,
                new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = ct },
                async (name, stop) =>
                {
                    if (await _registry.LatestAsync(registry, name, stop) is { } found)
                    {
                        versions[name] = found.Version;
                    }
                });
            return Reply.Of(new LatestVersions(versions, null), PackageJson.Default.LatestVersions);
        }
        catch (RegistryException e)
        {
            return Reply.Of(new LatestVersions(versions, e.Message), PackageJson.Default.LatestVersions);
        }
    }
}

/// <summary>JSON of the <c>packages.*</c> requests, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Findings))]
[JsonSerializable(typeof(LatestVersions))]
internal sealed partial class PackageJson : JsonSerializerContext;
