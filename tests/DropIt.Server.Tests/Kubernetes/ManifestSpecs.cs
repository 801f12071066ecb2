using System.Text.RegularExpressions;
using DropIt.Server.Options;
using DropIt.Tests.Kubernetes;

namespace DropIt.Server.Tests.Kubernetes;

#pragma warning disable xUnit1069 // what a spec waits in is the harness, which watches the token everywhere

/// <summary>What lies below deploy/: every overlay is taken by a cluster, and says no option that the server does not have.</summary>
public sealed partial class ManifestSpecs
{
    private static string Deploy => Path.Combine(Checkout.Root, "deploy");

    public static TheoryData<string> Overlays => [.. Directory.GetDirectories(Path.Combine(Deploy, "kubernetes", "overlays")).Select(f => Path.GetFileName(f)).Order()];

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Overlays))]
    public async Task An_overlay_is_taken_by_a_cluster_field_by_field(string overlay)
    {
        await Cluster.UpAsync();
        var objects = await Cluster.KubectlAsync("kustomize", Path.Combine(Deploy, "kubernetes", "overlays", overlay));

        // The namespaces must be there for what lies in them. The cluster of the specs, 1.20, knows budgets by an earlier name with the same fields.
        await Cluster.KubectlAsync("apply", "-f", Path.Combine(Deploy, "kubernetes", "base", "namespaces.yaml"));
        await Cluster.ApplyAsync(objects.Replace("apiVersion: policy/v1\n", "apiVersion: policy/v1beta1\n", StringComparison.Ordinal), "--dry-run=server", "--validate=true");
    }

    [Fact]
    public void Every_option_in_a_manifest_is_one_of_the_servers()
    {
        var files = Directory.EnumerateFiles(Deploy, "*", SearchOption.AllDirectories);
        var named = files.SelectMany(file => OptionName().Matches(File.ReadAllText(file)).Select(match => match.Value)).Distinct().ToList();
        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.True(
            OptionReader.Help.Contains("--" + name["DROPIT_".Length..].Replace('_', '-').ToLowerInvariant() + " ", StringComparison.Ordinal)
                || OptionReader.Help.Contains($"  {name} ", StringComparison.Ordinal),
            $"{name} is no option"));
    }

    [Fact]
    public void The_compose_file_has_the_shape_that_compose_reads()
    {
        // No docker here: what it would refuse at once is an unknown key, a volume that is not declared, and a service without an image.
        string[] known =
        [
            "image", "ports", "environment", "volumes", "init", "restart", "stop_grace_period", "cap_drop", "security_opt", "pids_limit", "mem_limit", "healthcheck",
        ];
        var file = new YamlDotNet.Serialization.Deserializer().Deserialize<Dictionary<string, object>>(File.ReadAllText(Path.Combine(Deploy, "compose.yaml")));
        Assert.Equal(["name", "services", "volumes"], file.Keys);
        var builds = File.ReadAllText(Path.Combine(Checkout.Root, "images", "build"));
        var volumes = ((Dictionary<object, object>)file["volumes"]).Keys;
        foreach (var (_, service) in (Dictionary<object, object>)file["services"])
        {
            var keys = (Dictionary<object, object>)service;
            Assert.Empty(keys.Keys.Except(known));
            Assert.Contains($"make {keys["image"]} ", builds, StringComparison.Ordinal);
            Assert.All(((Dictionary<object, object>)keys["environment"]).Keys, name => Assert.Matches(OptionName(), (string)name));
            Assert.All((List<object>)keys["volumes"], volume => Assert.Contains(((string)volume).Split(':')[0], volumes));
            Assert.All((List<object>)keys["ports"], at => Assert.Matches(@"^127\.0\.0\.1:\d+:\d+$", (string)at));
        }
    }

    [GeneratedRegex("DROPIT_[A-Z0-9_]+")]
    private static partial Regex OptionName();
}
