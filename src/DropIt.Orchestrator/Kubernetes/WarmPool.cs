using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using DropIt.Control.Database;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>
/// Pods that run and belong to nobody yet. Claiming one is a change of its labels that only one claimer can make; refilling waits while people's
/// workspaces are being started.
/// </summary>
internal sealed class WarmPool(IKubernetes cluster, PodBook book, PodFactory factory, KubernetesOptions options, ILeadership leadership, ILogger<WarmPool> log)
    : BackgroundService
{
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(1);

    private int _starting;

    /// <summary>Until disposed, nothing is refilled: someone waits for a workspace.</summary>
    public IDisposable Hold()
    {
        Interlocked.Increment(ref _starting);
        return new Release(this);
    }

    /// <summary>A pod for the start, labelled as its; null when there is none to be had.</summary>
    public async Task<V1Pod?> ClaimAsync(RunnerStart start, CancellationToken cancel)
    {
        var image = options.ImageOf(start.Stack);
        if (!options.Pool.ContainsKey(image))
        {
            return null;
        }

        foreach (var spare in Spares(image).Where(IsReady))
        {
            try
            {
                return await cluster.CoreV1.PatchNamespacedPodAsync(
                    new V1Patch(Claim(start, spare), V1Patch.PatchType.JsonPatch),
                    spare.Metadata.Name,
                    options.Namespace,
                    cancellationToken: cancel);
            }
            catch (HttpOperationException e) when (
                e.Response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity)
            {
                // Another claimer was first, or it is gone.
            }
        }

        return null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Pool.Count == 0)
        {
            return;
        }

        await book.Listed.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(s_betweenLooks);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (!leadership.Leads)
            {
                continue; // two servers would fill it twice
            }

            try
            {
                await RefillAsync(stoppingToken);
            }
            catch (Exception e) when (e is HttpOperationException or HttpRequestException or DatabaseException
                || (e is OperationCanceledException && !stoppingToken.IsCancellationRequested))
            {
                // At the very first start the key that spares are told may not be in the database yet.
                log.LogWarning("The pool of unclaimed pods cannot be refilled ({Cause})", e.Message);
            }
        }
    }

    private async Task RefillAsync(CancellationToken cancel)
    {
        foreach (var (image, wanted) in options.Pool)
        {
            var spares = Spares(image).ToList();
            foreach (var over in spares.Where(p => PodTrouble.Over(p) is not null).Concat(spares.Skip(wanted)).DistinctBy(p => p.Metadata.Name))
            {
                await RemoveAsync(over, cancel);
            }

            if (spares.Count < wanted && Volatile.Read(ref _starting) == 0)
            {
                book.Note(await cluster.CoreV1.CreateNamespacedPodAsync(factory.Spare(image), options.Namespace, cancellationToken: cancel));
            }
        }
    }

    /// <summary>Removes it as it was seen: one that was claimed since is someone's workspace.</summary>
    private async Task RemoveAsync(V1Pod spare, CancellationToken cancel)
    {
        var asSeen = new V1DeleteOptions
        {
            Preconditions = new V1Preconditions { Uid = spare.Metadata.Uid, ResourceVersion = spare.Metadata.ResourceVersion },
        };
        try
        {
            await cluster.CoreV1.DeleteNamespacedPodAsync(spare.Metadata.Name, options.Namespace, asSeen, cancellationToken: cancel);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // It has changed, or is gone: the next look sees what it is.
        }
    }

    private IEnumerable<V1Pod> Spares(string image)
    {
        var label = PodFactory.PoolOf(image);
        return book.All.Where(p => p.Metadata.DeletionTimestamp is null
            && p.Metadata.Labels.TryGetValue(PodFactory.PoolLabel, out var pool) && pool == label);
    }

    private static bool IsReady(V1Pod pod) =>
        pod.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;

    private static JsonArray Claim(RunnerStart start, V1Pod spare) =>
    [
        // The label goes with the claim, so that a second claim of the same pod fails here.
        new JsonObject { ["op"] = "test", ["path"] = Label(PodFactory.PoolLabel), ["value"] = spare.Metadata.Labels[PodFactory.PoolLabel] },
        new JsonObject { ["op"] = "remove", ["path"] = Label(PodFactory.PoolLabel) },
        new JsonObject { ["op"] = "add", ["path"] = Label(PodFactory.WorkspaceLabel), ["value"] = start.Slug.Value },
        new JsonObject
        {
            ["op"] = "add",
            ["path"] = "/metadata/annotations",
            ["value"] = new JsonObject { [PodFactory.EpochAnnotation] = start.Epoch.ToString(CultureInfo.InvariantCulture) },
        },
    ];

    private static string Label(string name) => "/metadata/labels/" + name.Replace("/", "~1", StringComparison.Ordinal);

    private sealed class Release(WarmPool pool) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref pool._starting);
    }
}
