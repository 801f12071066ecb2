using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace DropIt.Runner.Packages;

/// <summary>A package as a registry has it. Description: one line, if there is one.</summary>
internal sealed record FoundPackage(string Name, string Version, string? Description);

/// <summary>What a registry answered.</summary>
/// <param name="Packages">Best first.</param>
/// <param name="Exact">It cannot be searched: only the very name was looked up.</param>
internal sealed record Findings(IReadOnlyList<FoundPackage> Packages, bool Exact);

/// <summary>A registry that could not be asked; the message is for the user.</summary>
internal sealed class RegistryException(string message) : Exception(message);

/// <summary>Asks package registries, at the addresses that this machine's tools use.</summary>
/// <param name="root">The workspace, whose own settings come first.</param>
internal sealed partial class Registry(string root)
{
    /// <summary>Results of one search: what a person reads.</summary>
    private const int MaxResults = 20;

    /// <summary>Answers in bytes; the index of a package with thousands of versions has some hundred KB.</summary>
    private const int MaxAnswer = 8 * 1024 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    // Made when it is first needed: most runners never ask a registry.
    private readonly Lazy<HttpClient> _http = new(() => new HttpClient(new SocketsHttpHandler
    {
        AutomaticDecompression = DecompressionMethods.All,
        UseCookies = false,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
    })
    {
        Timeout = s_patience,
        MaxResponseContentBufferSize = MaxAnswer,
    });

    /// <summary>The registries there are.</summary>
    public static bool Knows(string registry) => registry is "npm" or "pypi" or "go" or "nuget";

    /// <summary>Searches, or looks up the very name where that is all a registry can.</summary>
    /// <exception cref="RegistryException">It cannot be reached.</exception>
    public async Task<Findings> FindAsync(string registry, string query, CancellationToken ct)
    {
        var searched = registry switch
        {
            "npm" => await SearchNpmAsync(query, ct),
            "nuget" => await SearchNugetAsync(query, ct),
            _ => null,
        };
        if (searched is not null)
        {
            return new Findings(searched, Exact: false);
        }

        var found = await LatestAsync(registry, query, ct);
        return new Findings(found is null ? [] : [found], Exact: true);
    }

    /// <summary>The newest version of a package; null when there is no such package.</summary>
    /// <exception cref="RegistryException">It cannot be reached.</exception>
    public Task<FoundPackage?> LatestAsync(string registry, string name, CancellationToken ct) => !Name().IsMatch(name)
        ? Task.FromResult<FoundPackage?>(null)
        : registry switch
        {
            "npm" => LatestNpmAsync(name, ct),
            "pypi" => LatestPypiAsync(name, ct),
            "go" => LatestGoAsync(name, ct),
            _ => LatestNugetAsync(name, ct),
        };

    private async Task<IReadOnlyList<FoundPackage>?> SearchNpmAsync(string query, CancellationToken ct)
    {
        using var json = await AskAsync($"{Npm()}/-/v1/search?size={MaxResults}&text={Uri.EscapeDataString(query)}", null, ct);
        if (json is null || !json.RootElement.TryGetProperty("objects", out var objects))
        {
            return null;
        }

        return [.. objects.EnumerateArray().Select(one => one.GetProperty("package"))
            .Select(one => new FoundPackage(Text(one, "name") ?? "", Text(one, "version") ?? "", Text(one, "description")))];
    }

    private async Task<FoundPackage?> LatestNpmAsync(string name, CancellationToken ct)
    {
        using var json = await AskAsync($"{Npm()}/{name.Replace("/", "%2f", StringComparison.Ordinal)}/latest", null, ct);
        return json is null ? null : new FoundPackage(name, Text(json.RootElement, "version") ?? "", Text(json.RootElement, "description"));
    }

    private async Task<FoundPackage?> LatestPypiAsync(string name, CancellationToken ct)
    {
        var index = Environment.GetEnvironmentVariable("PIP_INDEX_URL") is { Length: > 0 } own ? own : "https://pypi.org/simple";
        var normal = Separators().Replace(name, "-").ToLowerInvariant();
        using var json = await AskAsync($"{index.TrimEnd('/')}/{normal}/", "application/vnd.pypi.simple.v1+json", ct);
        if (json is null || !json.RootElement.TryGetProperty("versions", out var versions))
        {
            return null;
        }

        var newest = Newest(versions.EnumerateArray().Select(v => v.GetString() ?? ""));
        return newest is null ? null : new FoundPackage(normal, newest, null);
    }

    private async Task<FoundPackage?> LatestGoAsync(string name, CancellationToken ct)
    {
        var proxies = Environment.GetEnvironmentVariable("GOPROXY") is { Length: > 0 } own ? own : "https://proxy.golang.org";
        var proxy = proxies.Split(',', '|').FirstOrDefault(one => one.StartsWith("http", StringComparison.Ordinal))
            ?? throw new RegistryException("GOPROXY names no proxy here, so modules cannot be looked up. "
                + "Type the module's path and add it.");

        // Capital letters are written as !x, since some file systems do not tell them apart.
        var escaped = string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? "!" + char.ToLowerInvariant(c) : c.ToString()));
        using var json = await AskAsync($"{proxy.TrimEnd('/')}/{escaped}/@latest", null, ct);
        return json is null ? null : new FoundPackage(name, Text(json.RootElement, "Version") ?? "", null);
    }

    private async Task<IReadOnlyList<FoundPackage>?> SearchNugetAsync(string query, CancellationToken ct)
    {
        if (await NugetAsync("SearchQueryService", ct) is not { } service)
        {
            return null;
        }

        using var json = await AskAsync($"{service}?take={MaxResults}&semVerLevel=2.0.0&q={Uri.EscapeDataString(query)}", null, ct);
        return json is null || !json.RootElement.TryGetProperty("data", out var data)
            ? null
            : [.. data.EnumerateArray().Select(one => new FoundPackage(Text(one, "id") ?? "", Text(one, "version") ?? "", Text(one, "description")))];
    }

    private async Task<FoundPackage?> LatestNugetAsync(string name, CancellationToken ct)
    {
        if (await NugetAsync("PackageBaseAddress/3.0.0", ct) is not { } service)
        {
            return null;
        }

        using var json = await AskAsync($"{service.TrimEnd('/')}/{name.ToLowerInvariant()}/index.json", null, ct);
        var newest = json is null ? null : Newest(json.RootElement.GetProperty("versions").EnumerateArray().Select(v => v.GetString() ?? ""));
        return newest is null ? null : new FoundPackage(name, newest, null);
    }

    private async Task<string?> NugetAsync(string type, CancellationToken ct)
    {
        using var json = await AskAsync("https://api.nuget.org/v3/index.json", null, ct);
        return json?.RootElement.GetProperty("resources").EnumerateArray()
            .Where(one => Text(one, "@type")?.StartsWith(type, StringComparison.Ordinal) == true)
            .Select(one => Text(one, "@id"))
            .FirstOrDefault();
    }

    /// <summary>The address that npm uses: the workspace's, the user's, the environment's.</summary>
    private string Npm()
    {
        var home = Environment.GetEnvironmentVariable("HOME") ?? "/";
        var named = ((string[])[Path.Combine(root, ".npmrc"), Path.Combine(home, ".npmrc")])
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Select(line => NpmRegistry().Match(line))
            .FirstOrDefault(match => match.Success)?.Groups[1].Value;
        return (named ?? Environment.GetEnvironmentVariable("npm_config_registry") ?? "https://registry.npmjs.org").TrimEnd('/');
    }

    /// <summary>Null when the registry has no such thing.</summary>
    private async Task<JsonDocument?> AskAsync(string address, string? accept, CancellationToken ct)
    {
        var host = Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.Host : address;
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.TryAddWithoutValidation("Accept", accept ?? "application/json");
            using var answer = await _http.Value.SendAsync(request, ct);
            if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.MethodNotAllowed)
            {
                return null;
            }

            return answer.IsSuccessStatusCode
                ? JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(ct))
                : throw new RegistryException($"{host} answered with {(int)answer.StatusCode}. "
                    + "Type the package's name and add it; or try again later.");
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException or JsonException || (e is TaskCanceledException && !ct.IsCancellationRequested))
        {
            throw new RegistryException($"{host} cannot be reached from here. A package can still be added by its exact name.");
        }
    }

    /// <summary>The highest version that is no test version; of only such, the highest.</summary>
    internal static string? Newest(IEnumerable<string> versions) => versions
        .Where(version => version.Length > 0)
        .OrderBy(version => !Unfinished().IsMatch(version))
        .ThenBy(version => string.Join('.', Digits().Matches(version).Take(4).Select(m => m.Value.PadLeft(10, '0'))), StringComparer.Ordinal)
        .LastOrDefault();

    private static string? Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out var field) && field.ValueKind == JsonValueKind.String ? field.GetString() : null;

    [GeneratedRegex("^(@[A-Za-z0-9._~-]+/)?[A-Za-z0-9][A-Za-z0-9._~/-]{0,200}$")]
    private static partial Regex Name();

    [GeneratedRegex("[-_.]+")]
    private static partial Regex Separators();

    [GeneratedRegex("\\d+")]
    private static partial Regex Digits();

    [GeneratedRegex("-|[0-9]\\.?(a|b|rc|dev|alpha|beta)", RegexOptions.IgnoreCase)]
    private static partial Regex Unfinished();

    [GeneratedRegex("^\\s*registry\\s*=\\s*(https?://\\S+)")]
    private static partial Regex NpmRegistry();
}
