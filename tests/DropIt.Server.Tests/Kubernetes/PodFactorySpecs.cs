using DropIt.Orchestrator.Kubernetes;
using DropIt.Protocol.Workspaces;
using k8s;
using k8s.Models;

namespace DropIt.Server.Tests.Kubernetes;

/// <summary>What the cluster is asked for, as a golden file of what operators would write by hand.</summary>
public sealed class PodFactorySpecs
{
    private static readonly string s_golden = Path.Combine(Checkout.Root, "tests", "golden", "workspace.yaml");

    private static Slug Slug => Slug.TryParse("goldenworkspace", out var slug) ? slug : throw new InvalidOperationException();

    [Fact]
    public void A_workspace_is_these_four_objects()
    {
        var options = new KubernetesOptions
        {
            Namespace = "dropit-workspaces",
            Image = "dropit/workspace:all",
            Images = new Dictionary<string, string> { ["go"] = "dropit/workspace:go" },
            ImagePullSecrets = ["registry"],
            Storage = "http://dropit.dropit.svc.cluster.local:7701",
            TlsSecret = "wildcard",
            PreviewPorts = [3000],
            NodeSelector = new Dictionary<string, string> { ["disk"] = "fast" },
            Tolerations = [new PodToleration("workspaces", "Exists", null, "NoSchedule")],
            RuntimeClass = "gvisor",
        };
        var factory = new PodFactory(options, "dropit.example.org", () => "PUBLIC-KEY");
        var pod = factory.Pod(Slug, 7, "go");
        var made = new V1Pod { Metadata = new V1ObjectMeta { Name = pod.Metadata.Name, Uid = "00000000-0000-0000-0000-000000000001" } };
        var yaml = string.Join("---\n", ((object[])[pod, factory.Service(Slug, made), factory.Ingress(Slug, made), factory.NetworkPolicy(Slug, made)])
            .Select(o => KubernetesYaml.Serialize(o).ReplaceLineEndings("\n").TrimEnd('\n') + "\n"));
        if (Environment.GetEnvironmentVariable("DROPIT_WRITE_GOLDEN") == "1")
        {
            File.WriteAllText(s_golden, yaml);
        }

        Assert.Equal(File.ReadAllText(s_golden), yaml);
    }

    [Fact]
    public void Nothing_in_an_ingress_is_of_our_own_invention_but_labels()
    {
        var factory = new PodFactory(
            new KubernetesOptions { Namespace = "w", Image = "i", Storage = "http://s:1", IngressClass = "nginx" }, "example.org", () => "KEY");
        var ingress = factory.Ingress(Slug, new V1Pod { Metadata = new V1ObjectMeta { Name = "p", Uid = "u" } });
        Assert.Null(ingress.Metadata.Annotations);
        Assert.Equal("nginx", ingress.Spec.IngressClassName);
        Assert.All(ingress.Spec.Rules, rule => Assert.Equal("Prefix", Assert.Single(rule.Http.Paths).PathType));
    }
}
