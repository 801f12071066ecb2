using k8s;
using k8s.Autorest;
using k8s.Models;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>A thing that the orchestrator does in the workspaces' namespace.</summary>
/// <param name="Group">API group; empty for the core.</param>
/// <param name="Resource">Plural, lower case.</param>
/// <param name="Verb">As in a Role.</param>
public sealed record ClusterRight(string Group, string Resource, string Verb)
{
    /// <inheritdoc/>
    public override string ToString() => Group.Length == 0 ? $"{Verb} {Resource}" : $"{Verb} {Resource}.{Group}";
}

/// <summary>What the server's service account has to be allowed, and whether it is.</summary>
public static class ClusterRights
{
    /// <summary>Everything that is used, in the workspaces' namespace.</summary>
    public static IReadOnlyList<ClusterRight> Needed { get; } =
    [
        .. Of("", "pods", "list", "watch", "create", "patch", "delete"),
        .. Of("", "services", "list", "watch", "create", "patch"),
        .. Of("", "endpoints", "list", "watch"),
        .. Of("", "events", "list", "watch"),
        .. Of("networking.k8s.io", "ingresses", "list", "watch", "create", "patch"),
        .. Of("networking.k8s.io", "networkpolicies", "list", "watch", "create", "patch"),
    ];

    /// <summary>The rights that this process lacks, asked of the cluster itself.</summary>
    /// <exception cref="HttpOperationException">The cluster refused the question.</exception>
    /// <exception cref="HttpRequestException">The cluster cannot be reached.</exception>
    /// <exception cref="k8s.Exceptions.KubeConfigException">No cluster is configured.</exception>
    public static async Task<IReadOnlyList<ClusterRight>> MissingAsync(string @namespace, CancellationToken cancel)
    {
        using var cluster = new k8s.Kubernetes(KubernetesClientConfiguration.BuildDefaultConfig());
        var missing = new List<ClusterRight>();
        foreach (var right in Needed)
        {
            var review = await cluster.AuthorizationV1.CreateSelfSubjectAccessReviewAsync(
                new V1SelfSubjectAccessReview
                {
                    Spec = new()
                    {
                        ResourceAttributes = new()
                        {
                            NamespaceProperty = @namespace,
                            Group = right.Group,
                            Resource = right.Resource,
                            Verb = right.Verb,
                        },
                    },
                },
                cancellationToken: cancel);
            if (!review.Status.Allowed)
            {
                missing.Add(right);
            }
        }

        return missing;
    }

    private static IEnumerable<ClusterRight> Of(string group, string resource, params string[] verbs) =>
        verbs.Select(verb => new ClusterRight(group, resource, verb));
}
