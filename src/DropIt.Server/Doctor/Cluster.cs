using DropIt.Orchestrator.Kubernetes;
using k8s.Autorest;
using k8s.Exceptions;

namespace DropIt.Server.Doctor;

/// <summary>Checks of the cluster whose pods workspaces are.</summary>
internal static class Cluster
{
    /// <summary>May this process do there what the orchestrator does?</summary>
    public static async Task<Finding> RightsAsync(KubernetesOptions options, CancellationToken cancel)
    {
        try
        {
            var missing = await ClusterRights.MissingAsync(options.Namespace, cancel);
            return missing.Count == 0
                ? Finding.Good($"The cluster allows all that is needed in the namespace {options.Namespace}.")
                : Finding.Bad(
                    $"Not allowed in the namespace {options.Namespace}: {string.Join(", ", missing)}.",
                    "Give the server's service account a Role with these there (docs/operations.md), and run this as that account.");
        }
        catch (Exception e) when (e is HttpRequestException or HttpOperationException or KubeConfigException)
        {
            return Finding.Bad($"The cluster does not answer ({e.Message}).", "Run this in a pod of the server, or set KUBECONFIG to a file that leads to the cluster.");
        }
    }
}
