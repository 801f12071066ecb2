using DropIt.Orchestrator.Kubernetes;
using k8s.Models;

namespace DropIt.Server.Tests.Kubernetes;

/// <summary>Each thing that can befall a pod reaches the user as a sentence with its cause.</summary>
public sealed class PodTroubleSpecs
{
    [Theory]
    [InlineData("Pulling", "The node one fetches the image dropit/workspace:go.")]
    [InlineData("Pulled", "The node one has the image")]
    [InlineData("Started", "The workspace's runner starts.")]
    [InlineData("FailedMount", "cannot start the workspace yet: because")]
    [InlineData("Scheduled", "has a place on the node one")]
    public void A_pod_on_its_way_says_how_far_it_is(string reason, string expected) =>
        Assert.Contains(expected, PodTrouble.Waiting(Pod(), Said(reason)), StringComparison.Ordinal);

    [Theory]
    [InlineData("ImagePullBackOff", "The image dropit/workspace:go cannot be fetched: because")]
    [InlineData("CreateContainerConfigError", "container cannot be made: because")]
    public void A_container_that_waits_says_for_what(string reason, string expected)
    {
        var pod = Pod(new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = "because" } });
        Assert.Contains(expected, PodTrouble.Waiting(pod, null), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_without_a_place_says_why()
    {
        var pod = Pod();
        pod.Spec.NodeName = null;
        pod.Status.Conditions = [new V1PodCondition { Type = "PodScheduled", Status = "False", Message = "0/3 nodes have memory" }];
        Assert.Contains("no place for the workspace yet: 0/3 nodes have memory", PodTrouble.Waiting(pod, null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "OOMKilled", 137, "more memory than its limit (2Gi)")]
    [InlineData(null, "Error", 137, "killed (signal 9)")]
    [InlineData(null, "Error", 3, "failed (exit code 3)")]
    [InlineData(null, "Completed", 0, "ended by itself")]
    [InlineData("Evicted", null, 0, "The node ended the workspace: because")]
    [InlineData("NodeLost", null, 0, "The node that ran the workspace is gone")]
    [InlineData("Surprise", null, 0, "(Surprise): because")]
    public void A_pod_that_ended_says_why(string? reason, string? container, int code, string expected)
    {
        var pod = Pod(container is null ? null : new V1ContainerState { Terminated = new V1ContainerStateTerminated { Reason = container, ExitCode = code } });
        (pod.Status.Phase, pod.Status.Reason, pod.Status.Message) = ("Failed", reason, "because");
        Assert.Contains(expected, PodTrouble.Over(pod), StringComparison.Ordinal);
    }

    [Fact]
    public void A_runner_that_hung_is_told_from_one_that_was_killed()
    {
        var pod = Pod(new V1ContainerState { Terminated = new V1ContainerStateTerminated { Reason = "Error", ExitCode = 137 } });
        pod.Status.Phase = "Failed";
        Assert.Contains("did not answer", PodTrouble.Over(pod, Said("Killing")), StringComparison.Ordinal);
        Assert.Contains("killed (signal 9)", PodTrouble.Over(pod, Said("Started")), StringComparison.Ordinal);
        pod.Metadata.DeletionTimestamp = DateTime.UtcNow;
        Assert.Contains("killed (signal 9)", PodTrouble.Over(pod, Said("Killing")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Usage of EmptyDir volume \"files\" exceeds the limit \"5Gi\". ", true)]
    [InlineData("Pod ephemeral local storage usage exceeds the total limit of containers 6Gi. ", true)]
    [InlineData("Container runner exceeded its local ephemeral storage limit \"6Gi\". ", true)]
    [InlineData("The node was low on resource: ephemeral-storage. Container runner was using 4Gi, which exceeds its request of 0. ", false)]
    [InlineData("The node was low on resource: memory. ", false)]
    public void A_pod_past_its_own_disk_is_told_from_a_node_that_has_none_left(string said, bool outgrown)
    {
        var pod = Pod(null);
        (pod.Status.Phase, pod.Status.Reason, pod.Status.Message) = ("Failed", "Evicted", said);
        Assert.Equal(outgrown, PodTrouble.Outgrown(pod));
    }

    [Theory]
    [InlineData("TaintManagerEviction", "The node one does not answer")]
    [InlineData("Preempted", "something more important")]
    [InlineData("Killing", "was deleted")]
    public void A_pod_that_someone_deletes_says_who(string reason, string expected) =>
        Assert.Contains(expected, PodTrouble.Deleted(Pod(), Said(reason)), StringComparison.Ordinal);

    [Fact]
    public void A_pod_that_cannot_end_says_what_holds_it()
    {
        var pod = Pod();
        pod.Metadata.Finalizers = ["example.org/hold"];
        Assert.Contains("held back by example.org/hold", PodTrouble.Ending(pod, null), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_on_a_node_that_is_silent_says_so_while_it_is_waited_for() =>
        Assert.StartsWith("The node one does not answer.", PodTrouble.Ending(Pod(), Said("TaintManagerEviction")), StringComparison.Ordinal);

    private static Corev1Event Said(string reason) => new() { Reason = reason, Message = "because" };

    private static V1Pod Pod(V1ContainerState? state = null) => new()
    {
        Metadata = new V1ObjectMeta { Name = "ws-goldenworkspace-1" },
        Spec = new V1PodSpec
        {
            NodeName = "one",
            Containers =
            [
                new V1Container
                {
                    Image = "dropit/workspace:go",
                    Resources = new V1ResourceRequirements { Limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new("2Gi") } },
                },
            ],
        },
        Status = new V1PodStatus { ContainerStatuses = state is null ? null : [new V1ContainerStatus { State = state }] },
    };
}
