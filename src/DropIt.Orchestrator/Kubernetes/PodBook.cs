using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>
/// The pods of the namespace as the cluster last told: a list, then a watch from there, and a list again whenever the watch ends or the cluster has
/// forgotten where it began. Nothing depends on a single event: whoever waits is woken by any change and looks at the whole pod.
/// </summary>
internal sealed class PodBook(IKubernetes cluster, KubernetesOptions options, ILogger<PodBook> log) : BackgroundService
{
    // Also the time after which everything is listed anew, whatever a watch may have missed.
    private const int WatchSeconds = 300;

    private static readonly TimeSpan s_afterTrouble = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Dictionary<string, V1Pod> _pods = [];
    private readonly Dictionary<string, TaskCompletionSource> _waiting = [];

    /// <summary>Ends when the first list is in.</summary>
    public Task Listed => _listed.Task;

    /// <summary>Every pod of ours.</summary>
    public IReadOnlyList<V1Pod> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _pods.Values];
            }
        }
    }

    /// <summary>The pod (null when there is none), and what ends at its next change.</summary>
    public (V1Pod? Pod, Task Changed) Look(string name)
    {
        lock (_lock)
        {
            if (!_waiting.TryGetValue(name, out var waiting))
            {
                _waiting[name] = waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return (_pods.GetValueOrDefault(name), waiting.Task);
        }
    }

    /// <summary>Takes in a pod that was just made, of which the watch may not know yet.</summary>
    public void Note(V1Pod pod)
    {
        lock (_lock)
        {
            _pods.TryAdd(pod.Metadata.Name, pod);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var list = await cluster.CoreV1.ListNamespacedPodAsync(
                    options.Namespace, labelSelector: PodFactory.OursSelector, cancellationToken: stoppingToken);
                Replace(list.Items);
                _listed.TrySetResult();
                await WatchAsync(list.Metadata.ResourceVersion, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception e) when (e is HttpOperationException or HttpRequestException or IOException or KubernetesException or OperationCanceledException)
            {
                log.LogWarning(
                    "The cluster's API does not tell about pods ({Cause}); it is asked again in {Seconds} s", Cause(e), s_afterTrouble.TotalSeconds);
                await Task.Delay(s_afterTrouble, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static string Cause(Exception e) =>
        e is HttpOperationException { Response: { } response } ? $"{(int)response.StatusCode} {response.Content}" : e.Message;

    private async Task WatchAsync(string version, CancellationToken cancel)
    {
        var events = cluster.CoreV1.WatchListNamespacedPodAsync(
            options.Namespace,
            labelSelector: PodFactory.OursSelector,
            resourceVersion: version,
            allowWatchBookmarks: true,
            timeoutSeconds: WatchSeconds,
            onError: e => throw e,
            cancellationToken: cancel);
        await foreach (var (type, pod) in events)
        {
            switch (type)
            {
                case WatchEventType.Added or WatchEventType.Modified:
                    Set(pod.Metadata.Name, pod);
                    break;
                case WatchEventType.Deleted:
                    Set(pod.Metadata.Name, null);
                    break;
                case WatchEventType.Error:
                    return; // too old: list anew
                default:
                    break;
            }
        }
    }

    private void Replace(IList<V1Pod> pods)
    {
        List<TaskCompletionSource> waiting;
        lock (_lock)
        {
            _pods = pods.ToDictionary(p => p.Metadata.Name);
            waiting = [.. _waiting.Values];
            _waiting.Clear();
        }

        waiting.ForEach(w => w.SetResult());
    }

    private void Set(string name, V1Pod? pod)
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            if (pod is null)
            {
                _pods.Remove(name);
            }
            else
            {
                _pods[name] = pod;
            }

            _waiting.Remove(name, out waiting);
        }

        waiting?.SetResult();
    }
}
