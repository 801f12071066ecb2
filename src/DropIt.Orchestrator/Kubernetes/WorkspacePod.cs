using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.CompilerServices;
using DropIt.Control.Tickets;
using DropIt.Protocol.Workspaces;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>A runner that is a pod.</summary>
[SuppressMessage("Design", "CA1001", Justification = "It ends with its pod, and EndAsync disposes what it owns then.")]
internal sealed class WorkspacePod : IRunner
{
    // A pod whose deletion was due this long ago is on a node that no longer answers.
    private static readonly TimeSpan s_overdue = TimeSpan.FromSeconds(10);

    // A start that waits says so again before the orchestrator takes its silence for its end.
    private static readonly TimeSpan s_betweenWords = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_betweenDeletions = TimeSpan.FromSeconds(1);

    private readonly IKubernetes _cluster;
    private readonly PodBook _book;
    private readonly SigningKey _key;
    private readonly Func<RunnerOptions> _assignment;
    private readonly Func<Task> _fence;
    private readonly Action<string> _ending;
    private readonly TimeProvider _time;
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
    /// <param name="fence">Has nothing taken any more from a runner of this start.</param>
    /// <param name="ending">Told in words when it is being deleted, and when that does not come to an end.</param>
    /// <param name="time">Tells when a deletion is overdue.</param>
    public WorkspacePod(
        IKubernetes cluster,
        PodBook book,
        SigningKey key,
        Slug slug,
        long epoch,
        string space,
        string name,
        Func<RunnerOptions> assignment,
        Func<Task> fence,
        Action<string> ending,
        TimeProvider time)
    {
        (_cluster, _book, _key, Slug, Epoch, _namespace, _name) = (cluster, book, key, slug, epoch, space, name);
        (_assignment, _fence, _ending, _time) = (assignment, fence, ending, time);
        Ended = EndAsync();
    }

    /// <summary>True for a pod whose deletion neither its node nor the cluster brings to an end.</summary>
    public static bool IsGivenUp(V1Pod pod, DateTimeOffset now) => pod.Metadata.DeletionTimestamp is { } due && now - due.ToUniversalTime() > 2 * s_overdue;

    public Slug Slug { get; }

    public long Epoch { get; }

    public Address Address => _address ?? throw new InvalidOperationException($"The pod {_name} has no address yet.");

    public Task<string> Ended { get; }

    public bool Outgrown { get; private set; }

    public async IAsyncEnumerable<RunnerHealth> HealthAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        // 1. Until it runs, what it waits for.
        while (true)
        {
            var (pod, said, changed) = _book.Look(_name);
            if (Ended.IsCompleted)
            {
                yield break;
            }

            if (pod?.Status is { PodIP: { Length: > 0 } ip } status && status.ContainerStatuses?.FirstOrDefault()?.State?.Running is not null)
            {
                _address = new Address(null, new UriBuilder("http", ip, PodFactory.RunnerPort).Uri);
                break;
            }

            yield return new RunnerHealth(
                "starting", Epoch, Message: pod is null ? "The cluster makes the workspace's pod." : PodTrouble.Waiting(pod, said));
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

    public async Task<MachineUse?> UseAsync(CancellationToken cancel) => _client is { } client ? await client.UseAsync(cancel) : null;

    public async Task<bool> TellAsync(SleepNotice notice, CancellationToken cancel) =>
        _client is { } client && await client.TellAsync(notice, cancel);

    public async Task<bool> TellAsync(VariablesNotice notice, CancellationToken cancel) =>
        _client is { } client && await client.TellAsync(notice, cancel);

    public async Task StopAsync()
    {
        await DeleteAsync(null);
        await Ended;
    }

    public void TrimLog()
    {
        // The cluster bounds the logs of its containers.
    }

    /// <summary>
    /// A pod that ended by itself is removed, and with it all it owns. One that was deleted is waited for; when its node has not ended it in time it is removed
    /// without the node, and when even that does not let it go nobody waits any longer. One whose runner was not seen to end may run on: its epoch is fenced off
    /// first, since a node that comes back and finds the pod gone clears its disk, which the runner would take for a wish of its user.
    /// </summary>
    private async Task<string> EndAsync()
    {
        string? why = null;
        var (deleted, forced, ended) = (false, false, false);
        while (true)
        {
            var (pod, said, changed) = _book.Look(_name);
            if (pod is null)
            {
                await (ended ? Task.CompletedTask : FenceAsync());
                return End(why ?? PodTrouble.Gone);
            }

            ended |= PodTrouble.HasEnded(pod);
            if (pod.Metadata.DeletionTimestamp is not { } due)
            {
                if (why is null && PodTrouble.Over(pod, said) is { } over)
                {
                    why = over;
                    Outgrown = PodTrouble.Outgrown(pod);
                    await (ended ? Task.CompletedTask : FenceAsync());
                    await DeleteAsync(0);
                }

                await changed;
                continue;
            }

            if (!deleted)
            {
                deleted = true;
                why ??= PodTrouble.Deleted(pod, said);
                _ending(PodTrouble.Ending(pod, said));
            }

            var wait = due.ToUniversalTime() + (forced ? 2 * s_overdue : s_overdue) - _time.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                await Task.WhenAny(changed, Task.Delay(wait, _time));
            }
            else if (!forced)
            {
                forced = true;
                why = PodTrouble.Abandoned(pod);
                await FenceAsync();
                await DeleteAsync(0);
            }
            else
            {
                _ending(PodTrouble.Ending(pod, said));
                return End(why!);
            }
        }

        string End(string because)
        {
            _client?.Dispose();
            return because;
        }
    }

    private async Task FenceAsync()
    {
        while (true)
        {
            try
            {
                await _fence();
                return;
            }
            catch (TimeoutException e)
            {
                _ending($"The workspace's pod {_name} cannot be given up yet. {e.Message}");
                await Task.Delay(s_betweenDeletions, _time);
            }
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
            catch (Exception e)
            {
                // What is to go goes when the API server is back, or lets it, or what stands between no longer answers in its place: whatever the answer was.
                _ending($"The workspace's pod {_name} cannot be removed yet. {ApiTrouble.Sentence(e)}");
                await Task.Delay(s_betweenDeletions, _time);
            }
        }
    }
}
