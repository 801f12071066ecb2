using System.Collections.Concurrent;
using DropIt.Gateway.Cluster;
using k8s.Models;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>The workspaces' pods and the last that the cluster said about each.</summary>
internal sealed class PodBook
{
    private readonly Mirror<V1Pod> _pods;
    private readonly ConcurrentDictionary<string, Corev1Event> _said = new();

    /// <summary>From what the cluster tells about both.</summary>
    public PodBook(Mirror<V1Pod> pods, Mirror<Corev1Event> events)
    {
        _pods = pods;
        pods.Changed = (name, now) =>
        {
            if (now is null)
            {
                _said.TryRemove(name, out _);
            }
        };
        events.Changed = (_, now) =>
        {
            // A probe that failed says nothing about what comes of it, and goes on doing so over what was said.
            if (now is { Reason: not "Unhealthy", InvolvedObject.Name: { } pod } && _pods.Find(pod) is not null)
            {
                _said[pod] = now;
                _pods.Wake(pod);
            }
        };
    }

    /// <summary>Ends when the first list of pods is in.</summary>
    public Task Listed => _pods.Listed;

    /// <summary>Every pod of ours.</summary>
    public IReadOnlyList<V1Pod> All => _pods.All;

    /// <summary>The pod (null when there is none), the last event about it that says something, and what ends at the next change of either.</summary>
    public (V1Pod? Pod, Corev1Event? Said, Task Changed) Look(string name)
    {
        var (pod, changed) = _pods.Look(name);
        return (pod, _said.GetValueOrDefault(name), changed);
    }

    /// <summary>Takes in a pod that was just made.</summary>
    public void Note(V1Pod pod) => _pods.Note(pod);
}
