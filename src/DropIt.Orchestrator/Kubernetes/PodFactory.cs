using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DropIt.Protocol.Workspaces;
using k8s.Models;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>
/// What the cluster is asked for, from options alone. The pod owns the rest: deleting it deletes all. Every object carries the workspace's slug
/// as <see cref="WorkspaceLabel"/>.
/// </summary>
/// <param name="options">The cluster's.</param>
/// <param name="domain">Workspaces live at <c>&lt;slug&gt;.&lt;domain&gt;</c>; no port.</param>
/// <param name="publicKey">With which a runner checks who claims it.</param>
internal sealed class PodFactory(KubernetesOptions options, string domain, Func<string> publicKey)
{
    /// <summary>The port of every runner.</summary>
    public const int RunnerPort = 8080;

    /// <summary>Label with the slug.</summary>
    public const string WorkspaceLabel = "drop.it/workspace";

    /// <summary>Label of a pod that waits to be claimed; names the image.</summary>
    public const string PoolLabel = "drop.it/pool";

    /// <summary>Annotation with the epoch of the start that the pod serves.</summary>
    public const string EpochAnnotation = "drop.it/epoch";

    /// <summary>Selects everything of ours.</summary>
    public const string OursSelector = "app.kubernetes.io/managed-by=dropit";

    /// <summary>Where the runner keeps the workspace's files.</summary>
    public const string Root = "/workspace";

    /// <summary>Where the runner keeps its own state.</summary>
    public const string State = "/var/lib/dropit";

    // What the runner may take to save what is left, and what the kubelet adds before it kills.
    private const int StopSeconds = 45;

    // Questions without an answer after which a runner hangs.
    private const int Hangs = 6;

    private const int User = 1000;
    private const string Home = "/home/dropit";

    /// <summary>The workspace that a pod belongs to; null for one that waits to be claimed.</summary>
    public static Slug? WorkspaceOf(V1Pod pod) =>
        pod.Metadata.Labels?.TryGetValue(WorkspaceLabel, out var text) == true && Slug.TryParse(text, out var slug) ? slug : null;

    /// <summary>The start that a workspace's pod serves; 0 when it does not say.</summary>
    public static long EpochOf(V1Pod pod) =>
        pod.Metadata.Annotations?.TryGetValue(EpochAnnotation, out var text) == true
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch) ? epoch : 0;

    /// <summary>A pod for one workspace's start.</summary>
    public V1Pod Pod(Slug slug, long epoch, string stack)
    {
        var pod = Unclaimed(stack, options.ImageOf(stack));
        pod.Metadata.Name = string.Create(CultureInfo.InvariantCulture, $"ws-{slug}-{epoch}");
        pod.Metadata.Labels[WorkspaceLabel] = slug.Value;
        pod.Metadata.Annotations = new Dictionary<string, string> { [EpochAnnotation] = epoch.ToString(CultureInfo.InvariantCulture) };
        return pod;
    }

    /// <summary>A pod that waits to be claimed for any workspace of its image.</summary>
    public V1Pod Spare(string image)
    {
        var pod = Unclaimed("", image);
        pod.Metadata.GenerateName = "spare-";
        pod.Metadata.Labels[PoolLabel] = PoolOf(image);
        return pod;
    }

    /// <summary>An image's name as a label can hold it.</summary>
    public static string PoolOf(string image) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image)))[..16];

    /// <summary>The Service of the workspace, owned by <paramref name="pod"/>.</summary>
    public V1Service Service(Slug slug, V1Pod pod) => new()
    {
        ApiVersion = "v1",
        Kind = "Service",
        Metadata = Owned(slug, pod),
        Spec = new V1ServiceSpec
        {
            Selector = new Dictionary<string, string> { [WorkspaceLabel] = slug.Value },
            Ports = [new V1ServicePort { Name = "http", Port = 80, TargetPort = RunnerPort, Protocol = "TCP" }],
        },
    };

    /// <summary>The Ingress of the workspace and of its ports, owned by <paramref name="pod"/>.</summary>
    public V1Ingress Ingress(Slug slug, V1Pod pod)
    {
        var hosts = options.PreviewPorts
            .Select(port => string.Create(CultureInfo.InvariantCulture, $"{port}--{slug}.{domain}"))
            .Prepend($"{slug}.{domain}")
            .ToList();
        var backend = new V1IngressBackend
        {
            Service = new V1IngressServiceBackend { Name = NameOf(slug), Port = new V1ServiceBackendPort { Name = "http" } },
        };
        return new V1Ingress
        {
            ApiVersion = "networking.k8s.io/v1",
            Kind = "Ingress",
            Metadata = Owned(slug, pod),
            Spec = new V1IngressSpec
            {
                IngressClassName = options.IngressClass,
                Tls = options.TlsSecret is { } secret ? [new V1IngressTLS { Hosts = hosts, SecretName = secret }] : null,
                Rules = [.. hosts.Select(host => new V1IngressRule
                {
                    Host = host,
                    Http = new V1HTTPIngressRuleValue
                    {
                        Paths = [new V1HTTPIngressPath { Path = "/", PathType = "Prefix", Backend = backend }],
                    },
                })],
            },
        };
    }

    /// <summary>
    /// Who may connect to the pod, and what it may reach: the platform in, the world out, and of the cluster DNS and the storage service only.
    /// </summary>
    public V1NetworkPolicy NetworkPolicy(Slug slug, V1Pod pod) => new()
    {
        ApiVersion = "networking.k8s.io/v1",
        Kind = "NetworkPolicy",
        Metadata = Owned(slug, pod),
        Spec = new V1NetworkPolicySpec
        {
            PodSelector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { [WorkspaceLabel] = slug.Value } },
            PolicyTypes = ["Ingress", "Egress"],
            Ingress =
            [
                new V1NetworkPolicyIngressRule
                {
                    FromProperty = [new V1NetworkPolicyPeer { NamespaceSelector = Platform }],
                    Ports = [Tcp(RunnerPort)],
                },
            ],
            Egress =
            [
                new V1NetworkPolicyEgressRule { Ports = [new V1NetworkPolicyPort { Protocol = "UDP", Port = 53 }, Tcp(53)] },
                new V1NetworkPolicyEgressRule
                {
                    To = [new V1NetworkPolicyPeer { NamespaceSelector = Platform }],
                    Ports = [Tcp(new Uri(options.Storage).Port)],
                },
                new V1NetworkPolicyEgressRule
                {
                    To = [new V1NetworkPolicyPeer { IpBlock = new V1IPBlock { Cidr = "0.0.0.0/0", Except = [.. options.DeniedNetworks] } }],
                },
            ],
        },
    };

    /// <summary>Name of the workspace's Service, Ingress and NetworkPolicy.</summary>
    public static string NameOf(Slug slug) => "ws-" + slug;

    // Kubernetes gives every namespace this label.
    private V1LabelSelector Platform => new()
    {
        MatchLabels = new Dictionary<string, string> { ["kubernetes.io/metadata.name"] = options.PlatformNamespace },
    };

    private static V1NetworkPolicyPort Tcp(int port) => new() { Protocol = "TCP", Port = port };

    private static Dictionary<string, string> Labels => new()
    {
        ["app.kubernetes.io/name"] = "dropit-workspace",
        ["app.kubernetes.io/managed-by"] = "dropit",
    };

    private V1ObjectMeta Owned(Slug slug, V1Pod pod) => new()
    {
        Name = NameOf(slug),
        NamespaceProperty = options.Namespace,
        Labels = new Dictionary<string, string>(Labels) { [WorkspaceLabel] = slug.Value },
        OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid }],
    };

    private V1Pod Unclaimed(string stack, string image)
    {
        var resources = options.ResourcesOf(stack);
        return new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new V1ObjectMeta { NamespaceProperty = options.Namespace, Labels = Labels },
            Spec = new V1PodSpec
            {
                AutomountServiceAccountToken = false,
                EnableServiceLinks = false,
                RestartPolicy = "Never", // a start is an epoch: the orchestrator starts anew
                TerminationGracePeriodSeconds = StopSeconds,
                RuntimeClassName = options.RuntimeClass,
                NodeSelector = options.NodeSelector.Count > 0 ? new Dictionary<string, string>(options.NodeSelector) : null,
                Tolerations =
                [
                    Leave("node.kubernetes.io/not-ready"),
                    Leave("node.kubernetes.io/unreachable"),
                    .. options.Tolerations.Select(t =>
                        new V1Toleration { Key = t.Key, OperatorProperty = t.Operator, Value = t.Value, Effect = t.Effect }),
                ],
                ImagePullSecrets = options.ImagePullSecrets.Count > 0
                    ? [.. options.ImagePullSecrets.Select(s => new V1LocalObjectReference { Name = s })]
                    : null,
                SecurityContext = new V1PodSecurityContext
                {
                    RunAsNonRoot = true,
                    RunAsUser = User,
                    RunAsGroup = User,
                    FsGroup = User,
                    SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
                },
                Volumes = [Disk("files"), Disk("state"), Disk("home"), Disk("tmp")],
                Containers =
                [
                    new V1Container
                    {
                        Name = "runner",
                        Image = image,
                        ImagePullPolicy = options.ImagePullPolicy,
                        Command =
                        [
                            "dropit-runner",
                            "--unclaimed", string.Create(CultureInfo.InvariantCulture, $"http://0.0.0.0:{RunnerPort}"),
                            "--public-key", publicKey(),
                        ],
                        WorkingDir = Root,
                        Env = [new V1EnvVar { Name = "HOME", Value = Home }],
                        Ports = [new V1ContainerPort { Name = "http", ContainerPort = RunnerPort, Protocol = "TCP" }],
                        ReadinessProbe = new V1Probe
                        {
                            HttpGet = new V1HTTPGetAction { Path = "/.dropit/ready", Port = RunnerPort },
                            PeriodSeconds = 2,
                            TimeoutSeconds = 2,
                        },
                        LivenessProbe = new V1Probe
                        {
                            HttpGet = new V1HTTPGetAction { Path = "/.dropit/live", Port = RunnerPort }, // the kernel takes connections for one that hangs
                            PeriodSeconds = options.PatienceSeconds / Hangs,
                            TimeoutSeconds = options.PatienceSeconds / Hangs / 2,
                            FailureThreshold = Hangs,
                        },
                        Resources = new V1ResourceRequirements
                        {
                            Requests = resources.Requests.ToDictionary(r => r.Key, r => new ResourceQuantity(r.Value)),
                            Limits = resources.Limits.ToDictionary(r => r.Key, r => new ResourceQuantity(r.Value)),
                        },
                        SecurityContext = new V1SecurityContext
                        {
                            AllowPrivilegeEscalation = false,
                            ReadOnlyRootFilesystem = true,
                            Capabilities = new V1Capabilities { Drop = ["ALL"] },
                        },
                        VolumeMounts = [Mount("files", Root), Mount("state", State), Mount("home", Home), Mount("tmp", "/tmp")],
                    },
                ],
            },
        };
    }

    /// <summary>A node that is gone gives its workspaces up after half a minute, not after the cluster's five: everything safe is in the store.</summary>
    private static V1Toleration Leave(string taint) =>
        new() { Key = taint, OperatorProperty = "Exists", Effect = "NoExecute", TolerationSeconds = 30 };

    private V1Volume Disk(string name) =>
        new() { Name = name, EmptyDir = new V1EmptyDirVolumeSource { SizeLimit = new ResourceQuantity(options.Disk) } };

    private static V1VolumeMount Mount(string name, string path) => new() { Name = name, MountPath = path };
}
