using System.Globalization;
using System.Net;
using k8s.Models;

namespace DropIt.Gateway.Ingresses;

/// <summary>A Service's port, as an Ingress names it: by number or by name.</summary>
internal readonly record struct Backend(string Service, string Port);

/// <summary>One path of one host of an Ingress.</summary>
/// <param name="Host">In lower case; <c>*.example.org</c> for one label below; empty for every host.</param>
/// <param name="Path">As the Ingress says it.</param>
/// <param name="Exact">This path only; else this path and what is below it.</param>
/// <param name="Backend">Where it leads.</param>
internal sealed record IngressRule(string Host, string Path, bool Exact, Backend Backend)
{
    /// <summary>The rules of an Ingress of that class; none when it is of another.</summary>
    public static IReadOnlyList<IngressRule> Of(V1Ingress ingress, string @class)
    {
        if (ingress.Spec?.IngressClassName != @class)
        {
            return [];
        }

        var rules = new List<IngressRule>();
        foreach (var rule in ingress.Spec.Rules ?? [])
        {
            foreach (var path in rule.Http?.Paths ?? [])
            {
                if (BackendOf(path.Backend) is { } backend)
                {
                    rules.Add(new IngressRule((rule.Host ?? "").ToLowerInvariant(), path.Path ?? "/", path.PathType == "Exact", backend));
                }
            }
        }

        if (BackendOf(ingress.Spec.DefaultBackend) is { } otherwise)
        {
            rules.Add(new IngressRule("", "/", false, otherwise));
        }

        return rules;
    }

    /// <summary>Whether a request's path is under this rule: by whole elements, as the API defines Prefix.</summary>
    public bool Matches(string path)
    {
        if (Exact)
        {
            return path == Path;
        }

        var prefix = Path.TrimEnd('/');
        return path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || path[prefix.Length] == '/');
    }

    /// <summary>Where a Service's port leads now; what is not ready yet only when asked for.</summary>
    public static IReadOnlyList<IPEndPoint> DestinationsOf(V1Service? service, V1Endpoints? endpoints, string port, bool alsoNotReady = false)
    {
        var served = service?.Spec.Ports?.FirstOrDefault(p => p.Name == port || p.Port.ToString(CultureInfo.InvariantCulture) == port);
        if (served is null || endpoints is null)
        {
            return [];
        }

        // An Endpoints' port bears the name of the Service's; a single one may have none.
        return
        [
            .. from subset in endpoints.Subsets ?? []
               from target in subset.Ports ?? []
               where (target.Name ?? "") == (served.Name ?? "")
               from address in (subset.Addresses ?? []).Concat(alsoNotReady ? subset.NotReadyAddresses ?? [] : [])
               select new IPEndPoint(IPAddress.Parse(address.Ip), target.Port),
        ];
    }

    private static Backend? BackendOf(V1IngressBackend? backend) =>
        backend?.Service is { Port: { } port } service
            ? new Backend(service.Name, port.Name ?? port.Number?.ToString(CultureInfo.InvariantCulture) ?? "")
            : null;
}
