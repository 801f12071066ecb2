using System.Globalization;
using System.Net;
using System.Text.Json;
using DropIt.Control;
using DropIt.Control.Tickets;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>Runners as pods: one Pod, Service, Ingress and NetworkPolicy a workspace.</summary>
internal sealed class WorkspacePods(
    IKubernetes cluster, PodBook book, PodFactory factory, WarmPool pool, KubernetesOptions options, OrchestratorOptions orchestrator, ControlOptions control, SigningKey key)
    : IWorkspaceDriver
{
    private const string Manager = "dropit-orchestrator";

    // A runner may live for weeks; what fences it off is its epoch.
    private static readonly TimeSpan s_storageTicket = TimeSpan.FromDays(365);

    public bool EndsWithServer => false;

    public async Task<IReadOnlyList<IRunner>> SurvivorsAsync(CancellationToken cancel)
    {
        await book.Listed.WaitAsync(cancel);
        var survivors = new List<IRunner>();
        foreach (var pod in book.All)
        {
            if (pod.Metadata.Labels.TryGetValue(PodFactory.WorkspaceLabel, out var text) && Slug.TryParse(text, out var slug)
                && pod.Metadata.Annotations?.TryGetValue(PodFactory.EpochAnnotation, out var epoch) == true)
            {
                survivors.Add(RunnerOf(slug, long.Parse(epoch, CultureInfo.InvariantCulture), pod.Metadata.Name));
            }
        }

        return survivors;
    }

    public async Task<IRunner> StartAsync(RunnerStart start, CancellationToken cancel)
    {
        using var first = pool.Hold();
        try
        {
            var pod = await pool.ClaimAsync(start, cancel)
                ?? await cluster.CoreV1.CreateNamespacedPodAsync(
                    factory.Pod(start.Slug, start.Epoch, start.Stack), options.Namespace, fieldManager: Manager, cancellationToken: cancel);
            book.Note(pod);
            await SurroundAsync(start.Slug, pod, cancel);
            return RunnerOf(start.Slug, start.Epoch, pod.Metadata.Name);
        }
        catch (HttpOperationException e)
        {
            throw new RunnerException(Sentence(e));
        }
        catch (HttpRequestException e)
        {
            throw new RunnerException($"The cluster's API cannot be reached ({e.Message}). It is tried again.");
        }
    }

    public void Remove(Slug slug)
    {
        // The pod owned everything and is gone.
    }

    /// <summary>Service, Ingress and NetworkPolicy, as they should be, whether they are there or not.</summary>
    private async Task SurroundAsync(Slug slug, V1Pod pod, CancellationToken cancel)
    {
        var name = PodFactory.NameOf(slug);
        await Task.WhenAll(
            cluster.NetworkingV1.PatchNamespacedNetworkPolicyAsync(
                Apply(factory.NetworkPolicy(slug, pod)), name, options.Namespace, fieldManager: Manager, force: true, cancellationToken: cancel),
            cluster.CoreV1.PatchNamespacedServiceAsync(
                Apply(factory.Service(slug, pod)), name, options.Namespace, fieldManager: Manager, force: true, cancellationToken: cancel),
            cluster.NetworkingV1.PatchNamespacedIngressAsync(
                Apply(factory.Ingress(slug, pod)), name, options.Namespace, fieldManager: Manager, force: true, cancellationToken: cancel));
    }

    private static V1Patch Apply(object wanted) => new(wanted, V1Patch.PatchType.ApplyPatch);

    private WorkspacePod RunnerOf(Slug slug, long epoch, string name) =>
        new(cluster, book, key, slug, epoch, options.Namespace, name, () => new RunnerOptions
        {
            Workspace = slug.Value,
            Epoch = epoch,
            Root = PodFactory.Root,
            State = PodFactory.State,
            Listen = string.Create(CultureInfo.InvariantCulture, $"http://0.0.0.0:{PodFactory.RunnerPort}"),
            Storage = options.Storage,
            StorageTicket = key.Sign(slug, "runner", Role.Runner, s_storageTicket).Text,
            PublicKey = key.PublicKey,
            ControlOrigin = control.Origin,
            Domain = control.PublicDomain,
            CacheBytes = orchestrator.CacheBytes,
        });

    private static string Sentence(HttpOperationException e)
    {
        var said = "";
        try
        {
            said = JsonSerializer.Deserialize<V1Status>(e.Response.Content)?.Message;
        }
        catch (JsonException)
        {
            // Something between here and the API answered.
        }

        return e.Response.StatusCode switch
        {
            HttpStatusCode.Forbidden when said?.Contains("exceeded quota", StringComparison.Ordinal) == true =>
                $"The cluster's quota is used up: {said}. Put another workspace to sleep, or ask whoever runs this cluster for more.",
            HttpStatusCode.Forbidden => $"The orchestrator may not do this in the cluster: {said}. Its service account lacks a right; docs/operations.md lists them.",
            var code => $"The cluster refused to start the workspace ({(int)code}): {(string.IsNullOrEmpty(said) ? e.Response.ReasonPhrase : said)}",
        };
    }
}
