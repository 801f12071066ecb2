using System.Globalization;
using DropIt.Control;
using DropIt.Control.Tickets;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>Runners as pods: one Pod, Service, Ingress and NetworkPolicy a workspace.</summary>
internal sealed class WorkspacePods(
    IKubernetes cluster,
    PodBook book,
    PodFactory factory,
    WarmPool pool,
    Surroundings surroundings,
    KubernetesOptions options,
    OrchestratorOptions orchestrator,
    ControlOptions control,
    SigningKey key,
    WorkspaceStore store,
    WorkspaceWatch watch,
    TimeProvider time) : IWorkspaceDriver
{
    // A runner may live for weeks; what fences it off is its epoch.
    private static readonly TimeSpan s_storageTicket = TimeSpan.FromDays(365);

    public bool EndsWithServer => false;

    public async Task<IReadOnlyList<IRunner>> SurvivorsAsync(IReadOnlyDictionary<Slug, long> held, CancellationToken cancel)
    {
        await book.Listed.WaitAsync(cancel);
        var survivors = new List<IRunner>();
        var present = book.All.Where(p => !WorkspacePod.IsGivenUp(p, time.GetUtcNow()));
        foreach (var (slug, pods) in present.GroupBy(PodFactory.WorkspaceOf).Where(g => g.Key is not null).Select(g => (g.Key!.Value, g)))
        {
            // The newest is the workspace's; an older one was left by a start that broke off, or by an orchestrator that was thought dead.
            var newest = pods.MaxBy(PodFactory.EpochOf)!;
            var epoch = held.GetValueOrDefault(slug, PodFactory.EpochOf(newest));
            foreach (var old in pods.Where(p => PodFactory.EpochOf(p) < epoch && p.Metadata.DeletionTimestamp is null))
            {
                await DeleteAsync(old, cancel);
            }

            if (!held.ContainsKey(slug))
            {
                survivors.Add(RunnerOf(slug, epoch, newest.Metadata.Name));
            }
        }

        return survivors;
    }

    public async Task<IRunner> StartAsync(RunnerStart start, CancellationToken cancel)
    {
        // Whatever still runs under an older epoch, on a node that nobody hears, changes nothing any more.
        await store.FenceAsync(start.Slug, start.Epoch, cancel);
        using var first = pool.Hold();
        V1Pod? pod = null;
        try
        {
            await ApiTrouble.RideOutAsync(
                async tries =>
                {
                    pod ??= (tries > 0 ? await FindAsync(start, cancel) : null)
                        ?? await pool.ClaimAsync(start, cancel)
                        ?? await cluster.CoreV1.CreateNamespacedPodAsync(
                            factory.Pod(start.Slug, start.Epoch, start.Stack), options.Namespace, cancellationToken: cancel);
                    book.Note(pod);
                    await surroundings.ApplyAsync(start.Slug, pod, cancel);
                },
                why => watch.Set(start.Slug.Value, new WorkspaceStatus(WorkspaceState.Starting, why)),
                time,
                cancel);
            return RunnerOf(start.Slug, start.Epoch, pod!.Metadata.Name);
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException or OperationCanceledException)
        {
            if (pod is not null)
            {
                await DeleteAsync(pod, CancellationToken.None);
            }

            throw cancel.IsCancellationRequested ? e : new RunnerException(ApiTrouble.Sentence(e));
        }
    }

    public void Remove(Slug slug)
    {
        // The pod owned everything and is gone.
    }

    /// <summary>The pod of the start, when an earlier try made or claimed one and never heard of it.</summary>
    private async Task<V1Pod?> FindAsync(RunnerStart start, CancellationToken cancel)
    {
        var pods = await cluster.CoreV1.ListNamespacedPodAsync(
            options.Namespace, labelSelector: $"{PodFactory.WorkspaceLabel}={start.Slug}", cancellationToken: cancel);
        return pods.Items.FirstOrDefault(p => PodFactory.EpochOf(p) == start.Epoch && p.Metadata.DeletionTimestamp is null);
    }

    /// <summary>Asks for a pod's end. When the cluster does not listen it is found again as a survivor.</summary>
    private async Task DeleteAsync(V1Pod pod, CancellationToken cancel)
    {
        try
        {
            await cluster.CoreV1.DeleteNamespacedPodAsync(pod.Metadata.Name, options.Namespace, cancellationToken: cancel);
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException)
        {
        }
    }

    private WorkspacePod RunnerOf(Slug slug, long epoch, string name) =>
        new(cluster, book, key, slug, epoch, options.Namespace, name, () => new RunnerOptions
        {
            Workspace = slug.Value,
            Epoch = epoch,
            Root = PodFactory.Root,
            State = PodFactory.State,
            Listen = string.Create(CultureInfo.InvariantCulture, $"http://0.0.0.0:{PodFactory.RunnerPort}"),
            Storage = options.Storage,
            StorageTicket = key.SignOwn(slug, "runner", s_storageTicket),
            PublicKey = key.PublicKey,
            ControlOrigin = control.Origin,
            Domain = control.PublicDomain,
            CacheBytes = orchestrator.CacheBytes,
            AwaitsVariables = true,
        }, () => store.FenceAsync(slug, epoch + 1), text => watch.Set(slug.Value, new WorkspaceStatus(WorkspaceState.Stopping, text)), time);
}
