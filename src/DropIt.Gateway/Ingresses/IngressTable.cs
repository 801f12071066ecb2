using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using DropIt.Gateway.Cluster;
using DropIt.Protocol.Workspaces;
using k8s.Models;

namespace DropIt.Gateway.Ingresses;

/// <summary>Which Ingress objects the gateway serves.</summary>
/// <param name="Namespace">Where they are.</param>
/// <param name="Class">Their <c>ingressClassName</c>.</param>
/// <param name="Domain">Hosts below it are workspaces': they are served by <see cref="WorkspaceRoutes"/>, with every port.</param>
public sealed record IngressOptions(string Namespace, string Class, string Domain);

/// <summary>
/// The Ingress objects of our class as routes in memory. A change touches the routes of that object only; nothing is reloaded, so no connection of anyone
/// else is cut.
///
///     Ingress ──▶ rules by host ──▶ Service and Endpoints ──▶ a client a destination
///        └── host of a workspace ──▶ WorkspaceRoutes, once its runner says that it is ready
/// </summary>
internal sealed class IngressTable
{
    private readonly IngressOptions _options;
    private readonly Mirror<V1Service> _services;
    private readonly Mirror<V1Endpoints> _endpoints;
    private readonly ReadyRunners _runners;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, IReadOnlyList<IngressRule>> _rules = [];
    private readonly Dictionary<string, HashSet<string>> _ingressesOf = [];
    private readonly ConcurrentDictionary<string, ImmutableArray<IngressRule>> _byHost = new();
    private readonly ConcurrentDictionary<(string Service, IPEndPoint At), HttpMessageInvoker> _clients = new();
    private int _turn;

    /// <summary>From what the cluster tells.</summary>
    public IngressTable(
        IngressOptions options, Mirror<V1Ingress> ingresses, Mirror<V1Service> services, Mirror<V1Endpoints> endpoints, ReadyRunners runners)
    {
        (_options, _services, _endpoints, _runners) = (options, services, endpoints, runners);
        ingresses.Changed = Take;
        services.Changed = (name, _) => Follow(name);
        endpoints.Changed = (name, now) =>
        {
            Follow(name);
            Forget(name, now);
        };
    }

    /// <summary>The way to what serves a host's path; null when no Ingress names it or nobody is ready behind it.</summary>
    public HttpMessageInvoker? Find(string host, string path)
    {
        var rule = Match(host, path) ?? Match("*" + (host.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? host[dot..] : ""), path) ?? Match("", path);
        if (rule is null)
        {
            return null;
        }

        var destinations = DestinationsOf(rule.Backend);
        return destinations.Count == 0
            ? null
            : _clients.GetOrAdd((rule.Backend.Service, destinations[(int)((uint)Interlocked.Increment(ref _turn) % destinations.Count)]), d => ClientOf(d.At));
    }

    private IngressRule? Match(string host, string path)
    {
        if (_byHost.TryGetValue(host, out var rules))
        {
            foreach (var rule in rules)
            {
                if (rule.Matches(path))
                {
                    return rule;
                }
            }
        }

        return null;
    }

    /// <summary>An Ingress has changed, or is gone.</summary>
    private void Take(string name, V1Ingress? now)
    {
        lock (_lock)
        {
            var before = _rules.GetValueOrDefault(name, []);
            var rules = now is null ? [] : IngressRule.Of(now, _options.Class);
            if (before.SequenceEqual(rules))
            {
                return;
            }

            _rules[name] = rules;
            if (rules.Count == 0)
            {
                _rules.Remove(name);
            }

            foreach (var service in before.Select(r => r.Backend.Service).Distinct())
            {
                _ingressesOf[service].Remove(name);
                if (_ingressesOf[service].Count == 0)
                {
                    _ingressesOf.Remove(service);
                }
            }

            foreach (var service in rules.Select(r => r.Backend.Service).Distinct())
            {
                (_ingressesOf.TryGetValue(service, out var names) ? names : _ingressesOf[service] = []).Add(name);
            }

            foreach (var host in before.Concat(rules).Select(r => r.Host).Distinct())
            {
                var others = _byHost.GetValueOrDefault(host, []).Except(before);
                ImmutableArray<IngressRule> all =
                [
                    .. others.Concat(rules.Where(r => r.Host == host)).OrderByDescending(r => r.Exact).ThenByDescending(r => r.Path.Length),
                ];
                if (all.IsEmpty)
                {
                    _byHost.TryRemove(host, out _);
                }
                else
                {
                    _byHost[host] = all;
                }
            }

            foreach (var rule in before.Concat(rules).DistinctBy(r => r.Host))
            {
                Lead(rule.Host);
            }
        }
    }

    /// <summary>Where a Service leads has changed.</summary>
    private void Follow(string service)
    {
        lock (_lock)
        {
            foreach (var ingress in _ingressesOf.GetValueOrDefault(service, []))
            {
                foreach (var rule in _rules[ingress].Where(r => r.Backend.Service == service))
                {
                    Lead(rule.Host);
                }
            }
        }
    }

    /// <summary>Tells where the runner of a workspace is, when that is whose host it is.</summary>
    private void Lead(string host)
    {
        if (WorkspaceHost.TryParse(host, _options.Domain, out var workspace) && workspace.Port is null)
        {
            var rule = Match(host, "/");
            _runners.Expect(workspace.Slug, rule is not null && DestinationsOf(rule.Backend, alsoNotReady: true) is [var first, ..] ? first : null);
        }
    }

    private IReadOnlyList<IPEndPoint> DestinationsOf(Backend backend, bool alsoNotReady = false) => IngressRule.DestinationsOf(
        _services.Find(backend.Service), _endpoints.Find(backend.Service), backend.Port, alsoNotReady);

    /// <summary>Drops clients of destinations that a Service has no longer; what is under way goes on, since they are left to the collector.</summary>
    private void Forget(string service, V1Endpoints? now)
    {
        var known = (now?.Subsets ?? []).SelectMany(s => s.Addresses ?? []).Select(a => a.Ip).ToHashSet();
        foreach (var client in _clients.Keys.Where(c => c.Service == service && !known.Contains(c.At.Address.ToString())))
        {
            _clients.TryRemove(client, out _);
        }
    }

    private static HttpMessageInvoker ClientOf(IPEndPoint destination) =>
        WorkspaceRoutes.ClientOf(new Address(null, new UriBuilder("http", destination.Address.ToString(), destination.Port).Uri));
}
