using DropIt.Gateway.Ingresses;
using k8s;
using k8s.Models;

namespace DropIt.Server.Tests.Gateway;

/// <summary>Ingress objects as the API defines them, whoever wrote them.</summary>
public sealed class IngressRuleSpecs
{
    private const string Written = """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: { name: shop }
        spec:
          ingressClassName: dropit
          defaultBackend: { service: { name: rest, port: { number: 80 } } }
          rules:
            - host: Shop.Example.org
              http:
                paths:
                  - { path: /basket, pathType: Prefix, backend: { service: { name: basket, port: { name: http } } } }
                  - { path: /about, pathType: Exact, backend: { service: { name: about, port: { number: 8080 } } } }
        """;

    [Theory]
    [InlineData("/basket", "basket")]
    [InlineData("/basket/1", "basket")]
    [InlineData("/baskets", "rest")]
    [InlineData("/about", "about")]
    [InlineData("/about/us", "rest")]
    public void A_path_leads_where_the_ingress_says(string path, string service)
    {
        var rules = IngressRule.Of(KubernetesYaml.Deserialize<V1Ingress>(Written), "dropit");
        var rule = rules.FirstOrDefault(r => r.Host == "shop.example.org" && r.Matches(path)) ?? rules.First(r => r.Host == "" && r.Matches(path));
        Assert.Equal(service, rule.Backend.Service);
    }

    [Fact]
    public void Another_class_is_another_controllers() =>
        Assert.Empty(IngressRule.Of(KubernetesYaml.Deserialize<V1Ingress>(Written), "nginx"));

    [Theory]
    [InlineData("80", "10.0.0.1:8080")]
    [InlineData("http", "10.0.0.1:8080")]
    [InlineData("81", "")]
    public void A_services_port_leads_to_the_pods_that_are_ready(string port, string expected)
    {
        var service = new V1Service { Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Name = "http", Port = 80 }] } };
        var endpoints = new V1Endpoints
        {
            Subsets =
            [
                new V1EndpointSubset
                {
                    Ports = [new Corev1EndpointPort { Name = "http", Port = 8080 }],
                    Addresses = [new V1EndpointAddress { Ip = "10.0.0.1" }],
                    NotReadyAddresses = [new V1EndpointAddress { Ip = "10.0.0.2" }],
                },
            ],
        };
        Assert.Equal(expected, string.Join(' ', IngressRule.DestinationsOf(service, endpoints, port)));
        Assert.Equal(expected.Length == 0 ? 0 : 2, IngressRule.DestinationsOf(service, endpoints, port, alsoNotReady: true).Count);
    }
}
