using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using DropIt.Control.Tickets;
using DropIt.Protocol.Workspaces;
using k8s;
using k8s.Autorest;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>A runner that is a pod.</summary>
[SuppressMessage("Design", "CA1001", Justification = "It ends with its pod, and EndAsync disposes what it owns then.")]
internal sealed class WorkspacePod : IRunner
{
    // The cluster counts the pod's own grace period; one that is still there after this is held by a node that no longer answers.
    private static readonly TimeSpan s_stopping = TimeSpan.FromSeconds(60);

    // A start that waits says so again before the orchestrator takes its silence for its end.
    private static readonly TimeSpan s_betweenWords = TimeSpan.FromSeconds(15);

    private readonly IKubernetes _cluster;
    private readonly PodBook _book;
    private readonly SigningKey _key;
    private readonly Func<RunnerOptions> _assignment;
    private readonly string _namespace;
    private readonly string _name;
    private RunnerClient? _client;
    private Address? _address;

    /// <summary>The pod <paramref name="name"/>, which exists.</summary>
    /// <param name="cluster">To delete it.</param>
    /// <param name="book">Tells what becomes of it.</param>
    /// <param name="key">Signs what is said to its runner.</param>
    /// <param name="slug">Its workspace.</param>
    /// <param name="epoch">The start it serves.</param>
    /// <param name="space">The namespace.</param>
    /// <param name="name">The pod's name.</param>
    /// <param name="assignment">What its runner is to be; asked when it turns out to be unclaimed.</param>
    public WorkspacePod(
        IKubernetes cluster, PodBook book, SigningKey key, Slug slug, long epoch, string space, string name, Func<RunnerOptions> assignment)
    {
        (_cluster, _book, _key, Slug, Epoch, _namespace, _name, _assignment) = (cluster, book, key, slug, epoch, space, name, assignment);
        Ended = EndAsync();
    }

    public Slug Slug { get; }

    public long Epoch { get; }

    public Address Address => _address ?? throw new InvalidOperationException($"The pod {_name} has no address yet.");

    public Task<string> Ended { get; }

    public async IAsyncEnumerable<RunnerHealth> HealthAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        // 1. Until it runs, what it waits for.
        while (true)
        {
            var (pod, changed) = _book.Look(_name);
            if (Ended.IsCompleted)
            {
                yield break;
            }

            if (pod?.Status is { PodIP: { Length: > 0 } ip } status && status.ContainerStatuses?.FirstOrDefault()?.State.Running is not null)
            {
                _address = new Address(null, new UriBuilder("http", ip, PodFactory.RunnerPort).Uri);
                break;
            }

            yield return new RunnerHealth(
                "starting", Epoch, Message: pod is null ? "The cluster makes the workspace's pod." : PodTrouble.Waiting(pod));
            await Task.WhenAny(changed, Ended, Task.Delay(s_betweenWords, cancel));
            cancel.ThrowIfCancellationRequested();
        }

        // 2. An unclaimed one learns what it is. One that survived an earlier orchestrator may know already.
        _client = new RunnerClient(_address, Slug, _key);
        while (!Ended.IsCompleted)
        {
            var unclaimed = false;
            await foreach (var health in _client.HealthAsync(Ended, cancel))
            {
                unclaimed = health.State == "unclaimed";
                if (!unclaimed)
                {
                    yield return health;
                }
            }

            if (!unclaimed)
            {
                yield break;
            }

            await _client.AssignAsync(_assignment(), cancel);
        }
    }

    public async Task<RunnerActivity?> ActivityAsync(CancellationToken cancel) =>
        _client is { } client ? await client.ActivityAsync(cancel) : null;

    public async Task<bool> TellAsync(SleepNotice notice, CancellationToken cancel) =>
        _client is { } client && await client.TellAsync(notice, cancel);

    public async Task StopAsync()
    {
        await DeleteAsync(null);
        await Task.WhenAny(Ended, Task.Delay(s_stopping));
        if (!Ended.IsCompleted)
        {
            await DeleteAsync(0);
        }

        await Ended;
    }

    public void TrimLog()
    {
        // The cluster bounds the logs of its containers.
    }

    /// <summary>A pod that ended by itself is removed, and with it all it owns; one that was deleted is waited for until it is gone.</summary>
    private async Task<string> EndAsync()
    {
        string? why = null;
        while (true)
        {
            var (pod, changed) = _book.Look(_name);
            if (pod is null)
            {
                _client?.Dispose();
                return why ?? PodTrouble.Over(null)!;
            }

            if (why is null && PodTrouble.Over(pod) is { } over)
            {
                why = over;
                if (pod.Metadata.DeletionTimestamp is null)
                {
                    await DeleteAsync(0);
                }
            }

            await changed;
        }
    }

    private async Task DeleteAsync(int? grace)
    {
        while (true)
        {
            try
            {
                await _cluster.CoreV1.DeleteNamespacedPodAsync(_name, _namespace, gracePeriodSeconds: grace);
                return;
            }
            catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or HttpOperationException { Response.StatusCode: >= HttpStatusCode.InternalServerError })
            {
                await Task.Delay(TimeSpan.FromSeconds(1)); // the API server is away; what is to go goes when it is back
            }
        }
    }
}
