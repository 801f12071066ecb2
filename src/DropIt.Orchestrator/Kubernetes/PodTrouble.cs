using System.Globalization;
using k8s.Models;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>What a pod is waiting for and why it ended, in sentences for the user; from what the cluster says alone.</summary>
internal static class PodTrouble
{
    /// <summary>What a pod that does not run yet waits for.</summary>
    public static string Waiting(V1Pod pod)
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
            { Reason: "ContainerCreating" or "PodInitializing" } => $"The node {pod.Spec.NodeName} prepares the workspace (image {image}).",
            _ => pod.Spec.NodeName is { Length: > 0 } node ? $"The workspace starts on the node {node}." : "The cluster looks for a place for the workspace.",
        };
    }

    /// <summary>Why a pod is over; null while it is not. A pod that is gone altogether is null.</summary>
    public static string? Over(V1Pod? pod)
    {
        if (pod is null)
        {
            return "The workspace's pod was deleted.";
        }

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

    private static V1ContainerStatus? Runner(V1Pod pod) => pod.Status?.ContainerStatuses?.FirstOrDefault();
}
