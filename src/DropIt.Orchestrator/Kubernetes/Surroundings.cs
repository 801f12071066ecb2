using System.Net;
using DropIt.Gateway.Cluster;
using DropIt.Protocol.Workspaces;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>
/// What stands around a workspace's pod: Service, Ingress and NetworkPolicy, owned by it. Applied when the pod starts, and again when one of them is
/// missing later; what is left of a pod that is gone is removed by the cluster itself.
/// </summary>
internal sealed class Surroundings(
    IKubernetes cluster,
    PodBook book,
    PodFactory factory,
    KubernetesOptions options,
    Mirror<V1Service> services,
    Mirror<V1Ingress> ingresses,
    Mirror<V1NetworkPolicy> policies,
    ILogger<Surroundings> log) : BackgroundService
{
    private const string Manager = "dropit-orchestrator";

    private const int MostConflicts = 5;

    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(5);

    /// <summary>All three as they should be, whether they are there or not.</summary>
    public async Task ApplyAsync(Slug slug, V1Pod pod, CancellationToken cancel)
    {
        var name = PodFactory.NameOf(slug);
        await Task.WhenAll(
            AgreeAsync(() => cluster.NetworkingV1.PatchNamespacedNetworkPolicyAsync(
                Apply(factory.NetworkPolicy(slug, pod)), name, options.Namespace, fieldManager: Manager, force: true, cancellationToken: cancel)),
            AgreeAsync(() => cluster.CoreV1.PatchNamespacedServiceAsync(
                Apply(factory.Service(slug, pod)), name, options.Namespace, fieldManager: Manager, force: true, cancellationToken: cancel)),
            AgreeAsync(() => cluster.NetworkingV1.PatchNamespacedIngressAsync(
                Apply(factory.Ingress(slug, pod)), name, options.Namespace, fieldManager: Manager, force: true, cancellationToken: cancel)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(book.Listed, services.Listed, ingresses.Listed, policies.Listed).WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(s_betweenLooks);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var pod in book.All)
            {
                await MendAsync(pod, stoppingToken);
            }
        }
    }

    private async Task MendAsync(V1Pod pod, CancellationToken cancel)
    {
        if (PodFactory.WorkspaceOf(pod) is not { } slug || pod.Metadata.DeletionTimestamp is not null || PodTrouble.Over(pod) is not null)
        {
            return;
        }

        var name = PodFactory.NameOf(slug);
        if (IsOf(pod, services.Find(name)) && IsOf(pod, ingresses.Find(name)) && IsOf(pod, policies.Find(name)))
        {
            return;
        }

        try
        {
            await ApplyAsync(slug, pod, cancel);
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            log.LogWarning("What stands around the workspace {Slug} is incomplete and cannot be mended yet ({Cause})", slug, e.Message);
        }
    }

    private static bool IsOf(V1Pod pod, IKubernetesObject<V1ObjectMeta>? owned) =>
        owned?.Metadata.OwnerReferences?.Any(o => o.Uid == pod.Metadata.Uid) == true;

    /// <summary>A start and a look, or two servers, may make the same object at once; whoever comes second is refused and finds it there when it asks again.</summary>
    private static async Task AgreeAsync(Func<Task> apply)
    {
        for (var left = MostConflicts; ; left--)
        {
            try
            {
                await apply();
                return;
            }
            catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict && left > 0)
            {
            }
        }
    }

    private static V1Patch Apply(object wanted) => new(wanted, V1Patch.PatchType.ApplyPatch);
}
