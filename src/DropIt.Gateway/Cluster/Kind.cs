using k8s;
using k8s.Models;

namespace DropIt.Gateway.Cluster;

/// <summary>How the objects of one kind in one namespace are listed and watched.</summary>
/// <param name="Name">As messages call them: <c>pods</c>.</param>
/// <param name="List">All of them, and the version that a watch goes on from.</param>
/// <param name="Watch">Changes from a version on, for that many seconds; bookmarks among them.</param>
public sealed record Kind<T>(
    string Name,
    Func<CancellationToken, Task<(IList<T> Items, string Version)>> List,
    Func<string, int, CancellationToken, IAsyncEnumerable<(WatchEventType Type, T Now)>> Watch)
    where T : IKubernetesObject<V1ObjectMeta>;

/// <summary>The kinds that the product looks at.</summary>
public static class Kinds
{
    private static readonly Action<Exception> s_throw = e => throw e;

    /// <summary>Pods with the label.</summary>
    public static Kind<V1Pod> Pods(IKubernetes cluster, string space, string label) => new(
        "pods",
        async cancel =>
        {
            var all = await cluster.CoreV1.ListNamespacedPodAsync(space, labelSelector: label, cancellationToken: cancel);
            return (all.Items, all.Metadata.ResourceVersion);
        },
        (version, seconds, cancel) => cluster.CoreV1.WatchListNamespacedPodAsync(
            space, true, labelSelector: label, resourceVersion: version, timeoutSeconds: seconds, onError: s_throw, cancellationToken: cancel));

    /// <summary>What happens to pods.</summary>
    public static Kind<Corev1Event> PodEvents(IKubernetes cluster, string space)
    {
        const string OfPods = "involvedObject.kind=Pod";
        return new(
            "events",
            async cancel =>
        {
            var all = await cluster.CoreV1.ListNamespacedEventAsync(space, fieldSelector: OfPods, cancellationToken: cancel);
            return (all.Items, all.Metadata.ResourceVersion);
        },
            (version, seconds, cancel) => cluster.CoreV1.WatchListNamespacedEventAsync(
                space, true, fieldSelector: OfPods, resourceVersion: version, timeoutSeconds: seconds, onError: s_throw, cancellationToken: cancel));
    }

    /// <summary>Services with the label; all of them when it is null.</summary>
    public static Kind<V1Service> Services(IKubernetes cluster, string space, string? label = null) => new(
        "services",
        async cancel =>
        {
            var all = await cluster.CoreV1.ListNamespacedServiceAsync(space, labelSelector: label, cancellationToken: cancel);
            return (all.Items, all.Metadata.ResourceVersion);
        },
        (version, seconds, cancel) => cluster.CoreV1.WatchListNamespacedServiceAsync(
            space, true, labelSelector: label, resourceVersion: version, timeoutSeconds: seconds, onError: s_throw, cancellationToken: cancel));

    /// <summary>Where Services lead.</summary>
    public static Kind<V1Endpoints> Endpoints(IKubernetes cluster, string space) => new(
        "endpoints",
        async cancel =>
        {
            var all = await cluster.CoreV1.ListNamespacedEndpointsAsync(space, cancellationToken: cancel);
            return (all.Items, all.Metadata.ResourceVersion);
        },
        (version, seconds, cancel) => cluster.CoreV1.WatchListNamespacedEndpointsAsync(
            space, true, resourceVersion: version, timeoutSeconds: seconds, onError: s_throw, cancellationToken: cancel));

    /// <summary>Ingresses with the label; all of them when it is null.</summary>
    public static Kind<V1Ingress> Ingresses(IKubernetes cluster, string space, string? label = null) => new(
        "ingresses",
        async cancel =>
        {
            var all = await cluster.NetworkingV1.ListNamespacedIngressAsync(space, labelSelector: label, cancellationToken: cancel);
            return (all.Items, all.Metadata.ResourceVersion);
        },
        (version, seconds, cancel) => cluster.NetworkingV1.WatchListNamespacedIngressAsync(
            space, true, labelSelector: label, resourceVersion: version, timeoutSeconds: seconds, onError: s_throw, cancellationToken: cancel));

    /// <summary>NetworkPolicies with the label.</summary>
    public static Kind<V1NetworkPolicy> NetworkPolicies(IKubernetes cluster, string space, string label) => new(
        "networkpolicies",
        async cancel =>
        {
            var all = await cluster.NetworkingV1.ListNamespacedNetworkPolicyAsync(space, labelSelector: label, cancellationToken: cancel);
            return (all.Items, all.Metadata.ResourceVersion);
        },
        (version, seconds, cancel) => cluster.NetworkingV1.WatchListNamespacedNetworkPolicyAsync(
            space, true, labelSelector: label, resourceVersion: version, timeoutSeconds: seconds, onError: s_throw, cancellationToken: cancel));
}
