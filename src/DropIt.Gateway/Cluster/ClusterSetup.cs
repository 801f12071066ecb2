using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DropIt.Gateway.Cluster;

/// <summary>Puts what the cluster tells into a server.</summary>
public static class ClusterSetup
{
    /// <summary>The cluster as kubectl finds it: by the pod's service account inside, by KUBECONFIG outside. Once, however often it is asked for.</summary>
    public static void AddCluster(this IServiceCollection services)
    {
        if (services.All(s => s.ServiceType != typeof(IKubernetes)))
        {
            services.AddSingleton<IKubernetes>(_ => new k8s.Kubernetes(KubernetesClientConfiguration.BuildDefaultConfig()));
        }
    }

    /// <summary>A <see cref="Mirror{T}"/> that follows the cluster while the server runs. Once, however often it is asked for.</summary>
    public static void AddMirror<T>(this IServiceCollection services, Func<IKubernetes, Kind<T>> kind)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        if (services.All(s => s.ServiceType != typeof(Mirror<T>)))
        {
            services.AddSingleton(provider => new Mirror<T>(
                kind(provider.GetRequiredService<IKubernetes>()), provider.GetRequiredService<ILogger<Mirror<T>>>()));
            services.AddHostedService(provider => provider.GetRequiredService<Mirror<T>>());
        }
    }
}
