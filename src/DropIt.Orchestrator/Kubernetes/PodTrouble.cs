using System.Globalization;
using k8s.Models;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>What a pod is waiting for and why it ended, in sentences for the user; from what the cluster says alone.</summary>
internal static class PodTrouble
{
    /// <summary>Why a workspace is over whose pod is not there any more.</summary>
    public const string Gone = "The workspace's pod was deleted.";

    // What the cluster says of a pod whose node it no longer hears.
    private const string NodeSilent = "TaintManagerEviction";
    private const string NodeUnready = "NodeNotReady";

    // The kubelet's words for a volume, a container and a pod past its own limit.
    private static readonly string[] s_outgrown = ["EmptyDir volume", "local ephemeral storage limit", "ephemeral local storage usage exceeds"];

    /// <summary>What a pod that does not run yet waits for; <paramref name="said"/> is the last event about it.</summary>
    public static string Waiting(V1Pod pod, Corev1Event? said)
    {
        var conditions = pod.Status?.Conditions ?? [];
        if (conditions.FirstOrDefault(c => c is { Type: "PodScheduled", Status: "False" }) is { } unscheduled)
        {
            return $"The cluster has no place for the workspace yet: {unscheduled.Message ?? unscheduled.Reason}. It starts as soon as there is one.";
        }

        var image = pod.Spec.Containers[0].Image;
        return Runner(pod)?.State?.Waiting switch
        {
            { Reason: "ErrImagePull" or "ImagePullBackOff" or "ErrImageNeverPull" or "InvalidImageName" or "ErrImageNotFound" } waiting =>
                $"The image {image} cannot be fetched: {waiting.Message ?? waiting.Reason}. It is tried again; whoever runs this cluster must provide it.",
            { Reason: "CreateContainerConfigError" or "CreateContainerError" or "RunContainerError" } waiting =>
                $"The workspace's container cannot be made: {waiting.Message ?? waiting.Reason}.",
            _ => Step(pod, said),
        };
    }

    /// <summary>What a pod with a deletion time waits for; <paramref name="said"/> is the last event about it.</summary>
    public static string Ending(V1Pod pod, Corev1Event? said) => (pod.Metadata.Finalizers, said?.Reason) switch
    {
        ({ Count: > 0 } finalizers, _) =>
            $"The workspace has ended; its pod {pod.Metadata.Name} is held back by {string.Join(", ", finalizers)}, which whoever runs this cluster must clear.",
        (_, NodeSilent or NodeUnready) => $"The node {pod.Spec.NodeName} does not answer. The workspace starts on another once it is given up; what was saved as safe is kept.",
        _ => "The workspace's pod is ending and saves what is left.",
    };

    /// <summary>Why a pod that nobody of ours deleted has a deletion time; <paramref name="said"/> is the last event about it.</summary>
    public static string Deleted(V1Pod pod, Corev1Event? said) => said?.Reason switch
    {
        NodeSilent or NodeUnready => Abandoned(pod),
        "Preempted" or "Preempting" => "The cluster gave the workspace's place to something more important. What was saved as safe is kept.",
        "Evicted" => $"The node ended the workspace: {said.Message}. What was saved as safe is kept.",
        _ => Gone,
    };

    /// <summary>Its node has seen the runner end. A phase says less: the cluster itself sets it for a node that it does not hear.</summary>
    public static bool HasEnded(V1Pod pod) => Runner(pod)?.State?.Terminated is { Reason: not "ContainerStatusUnknown" };

    /// <summary>Why a pod is over whose node has not ended it in time.</summary>
    public static string Abandoned(V1Pod pod) =>
        $"The node {pod.Spec.NodeName} does not answer and was given up with the pod on it. What was saved as safe is kept.";

    /// <summary>Why a pod is over, of which <paramref name="said"/> is the last event; null while it is not.</summary>
    public static string? Over(V1Pod pod, Corev1Event? said = null)
    {
        var terminated = Runner(pod)?.State?.Terminated;
        if (terminated is null && pod.Status?.Phase is not ("Failed" or "Succeeded"))
        {
            return null;
        }

        var memory = pod.Spec.Containers[0].Resources?.Limits?.TryGetValue("memory", out var limit) == true ? limit.ToString() : "none";
        return (pod.Status?.Reason, terminated?.Reason) switch
        {
            ("Evicted", _) => $"The node ended the workspace: {pod.Status!.Message ?? "it ran out of memory or disk"}. What was saved as safe is kept.",
            ("NodeLost" or "NodeShutdown" or "Terminated" or "Shutdown", _) => "The node that ran the workspace is gone. The workspace starts on another.",
            (_, "OOMKilled") =>
                $"The workspace used more memory than its limit ({memory}) and was ended. A program in it needs less, or the limit more.",
            (_, "ContainerStatusUnknown") => "The node that ran the workspace lost it.",
            (_, "DeadlineExceeded") => "The workspace ran longer than this cluster allows.",
            (_, "Error" or "Completed") when said is { Reason: "Killing" } && pod.Metadata.DeletionTimestamp is null => // a node ends what nobody deleted for its probe alone
                $"The workspace's runner did not answer{For(pod.Spec.Containers[0].LivenessProbe)} and was ended. What was saved as safe is kept.",
            (_, "Error" or "Completed") => terminated!.ExitCode switch
            {
                0 => "The workspace's runner ended by itself.",
                137 => "The workspace's runner was killed (signal 9).",
                > 128 and var code => string.Create(CultureInfo.InvariantCulture, $"The workspace's runner was killed (signal {code - 128})."),
                var code => string.Create(CultureInfo.InvariantCulture, $"The workspace's runner failed (exit code {code})."),
            },
            var (reason, container) => $"The workspace's pod ended ({reason ?? container ?? pod.Status?.Phase}): {pod.Status?.Message ?? terminated?.Message ?? "no cause was given"}.",
        };
    }

    /// <summary>Did its node end it for what it wrote to its own disk? A node that runs out of memory or disk itself says otherwise.</summary>
    public static bool Outgrown(V1Pod pod) => pod.Status is { Reason: "Evicted", Message: { } message }
        && s_outgrown.Any(part => message.Contains(part, StringComparison.Ordinal));

    private static string For(V1Probe? probe) =>
        probe is { PeriodSeconds: { } period, FailureThreshold: { } times } ? string.Create(CultureInfo.InvariantCulture, $" for {period * times} s") : "";

    private static string Step(V1Pod pod, Corev1Event? said)
    {
        var (node, image) = (pod.Spec.NodeName, pod.Spec.Containers[0].Image);
        return said?.Reason switch
        {
            _ when string.IsNullOrEmpty(node) => "The cluster looks for a place for the workspace.",
            "Pulling" => $"The node {node} fetches the image {image}.",
            "Pulled" => $"The node {node} has the image {image} and makes the workspace's container.",
            "Created" or "Started" => "The workspace's runner starts.",
            "FailedMount" or "FailedCreatePodSandBox" or "FailedAttachVolume" or "NetworkNotReady" =>
                $"The node {node} cannot start the workspace yet: {said.Message}. It is tried again.",
            _ => $"The workspace has a place on the node {node}.",
        };
    }

    private static V1ContainerStatus? Runner(V1Pod pod) => pod.Status?.ContainerStatuses?.FirstOrDefault();
}
