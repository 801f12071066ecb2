using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Control.Importing;
using DropIt.Control.Workspaces;
using k8s.Models;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>How workspaces run as pods; read from the JSON file that <c>--kubernetes</c> names (docs/operations.md).</summary>
public sealed record KubernetesOptions
{
    /// <summary>Least of <see cref="PatienceSeconds"/>: six questions, each with a second to be answered in and one in between.</summary>
    public const int MinPatience = 12;

    // Not generated code: that would set what the file leaves out to null instead of its default.
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Where the pods are; nothing else should be in it.</summary>
    public required string Namespace { get; init; }

    /// <summary>Image of workspaces whose stack has none in <see cref="Images"/>.</summary>
    public required string Image { get; init; }

    /// <summary>Image by stack id.</summary>
    public IReadOnlyDictionary<string, string> Images { get; init; } = new Dictionary<string, string>();

    /// <summary><c>Always</c>, <c>IfNotPresent</c> or <c>Never</c>.</summary>
    public string ImagePullPolicy { get; init; } = "IfNotPresent";

    /// <summary>Names of the Secrets with which images are pulled.</summary>
    public IReadOnlyList<string> ImagePullSecrets { get; init; } = [];

    /// <summary>The storage service as pods reach it: <c>http://host:port</c>.</summary>
    public required string Storage { get; init; }

    /// <summary>Class of the Ingress objects.</summary>
    public string IngressClass { get; init; } = "dropit";

    /// <summary>Secret with the wildcard certificate, named in the Ingress objects for controllers that need it there; none when null.</summary>
    public string? TlsSecret { get; init; }

    /// <summary>
    /// Ports of which the Ingress names the hosts, for controllers that know no others. The gateway of class <c>dropit</c> serves every port.
    /// </summary>
    public IReadOnlyList<int> PreviewPorts { get; init; } = [3000, 5000, 5173, 8000, 8080];

    /// <summary>Requests and limits of stacks that have none in <see cref="StackResources"/>.</summary>
    public PodResources Resources { get; init; } = new();

    /// <summary>Requests and limits by stack id.</summary>
    public IReadOnlyDictionary<string, PodResources> StackResources { get; init; } = new Dictionary<string, PodResources>();

    /// <summary>Bound of the workspace's files, of its home folder and of /tmp together.</summary>
    public string Disk { get; init; } = "5Gi";

    /// <summary>Seconds after which a runner that does not answer is ended; at least <see cref="MinPatience"/>. One that uses all of its processor answers late and is not to be ended for it.</summary>
    public int PatienceSeconds { get; init; } = 120;

    /// <summary>Labels that a node must have.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Taints that pods put up with.</summary>
    public IReadOnlyList<PodToleration> Tolerations { get; init; } = [];

    /// <summary>A RuntimeClass such as gVisor's; the node's own when null.</summary>
    public string? RuntimeClass { get; init; }

    /// <summary>The namespace of server and gateway, the only ones that may connect to a pod.</summary>
    public string PlatformNamespace { get; init; } = "dropit";

    /// <summary>
    /// Networks that pods may not reach, apart from DNS and the storage service: the cluster's own, its nodes and cloud metadata. All that is not of the internet
    /// unless it is set.
    /// </summary>
    public IReadOnlyList<string> DeniedNetworks { get; init; } = PublicAddress.ClosedV4;

    /// <summary>Unclaimed pods to hold ready, by image.</summary>
    public IReadOnlyDictionary<string, int> Pool { get; init; } = new Dictionary<string, int>();

    /// <summary>The image for a stack.</summary>
    public string ImageOf(string stack) => Images.GetValueOrDefault(stack, Image);

    /// <summary>Requests and limits for a stack.</summary>
    public PodResources ResourcesOf(string stack) => StackResources.GetValueOrDefault(stack, Resources);

    /// <summary>What a workspace of a stack can take.</summary>
    public WorkspaceLimits LimitsOf(string stack)
    {
        var (cpu, memory) = (Limit("cpu"), Limit("memory"));
        return new(
            cpu is { } cores ? (int)Math.Ceiling(cores * 1000) : null,
            memory is { } bytes ? (int)Math.Ceiling(bytes / (1024 * 1024)) : null,
            cpu is null || memory is null ? $"Pods of the stack {stack} have no limit of {(memory is not null ? "cpu" : cpu is not null ? "memory" : "cpu and memory")}." : null);

        decimal? Limit(string name) => ResourcesOf(stack).Limits.TryGetValue(name, out var text) ? new ResourceQuantity(text).ToDecimal() : null;
    }

    /// <summary>Reads the file; the problem is a sentence with its cure.</summary>
    public static (KubernetesOptions? Options, string? Problem) Read(string path)
    {
        try
        {
            var options = JsonSerializer.Deserialize<KubernetesOptions>(File.ReadAllBytes(path), s_json);
            return options is { PatienceSeconds: < MinPatience and var patience }
                ? (null, $"--kubernetes {path}: \"patienceSeconds\" is {patience}; set at least {MinPatience}, what a busy runner may take to answer.")
                : (options, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return (null, $"--kubernetes {path}: cannot be read ({e.Message}). docs/operations.md shows one.");
        }
    }
}

/// <summary>Requests and limits of a pod, in the cluster's own notation.</summary>
public sealed record PodResources
{
    /// <summary>What the scheduler reserves.</summary>
    public IReadOnlyDictionary<string, string> Requests { get; init; } =
        new Dictionary<string, string> { ["cpu"] = "50m", ["memory"] = "128Mi" };

    /// <summary>What the pod may use at most.</summary>
    public IReadOnlyDictionary<string, string> Limits { get; init; } =
        new Dictionary<string, string> { ["cpu"] = "2", ["memory"] = "2Gi", ["ephemeral-storage"] = "6Gi" };
}

/// <summary>A taint that pods put up with; the fields are the cluster's.</summary>
public sealed record PodToleration(string? Key, string? Operator = null, string? Value = null, string? Effect = null);
