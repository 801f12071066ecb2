using DropIt.Control;
using DropIt.Control.Tickets;
using DropIt.Orchestrator.Kubernetes;
using DropIt.Orchestrator.Processes;
using k8s;
using Microsoft.Extensions.DependencyInjection;

namespace DropIt.Orchestrator;

/// <summary>The orchestrator role: wanted workspaces become running ones.</summary>
public static class OrchestratorRole
{
    /// <summary>What the orchestrator needs besides what control, storage and the gateway add; runners are processes of this machine.</summary>
    public static void AddOrchestrator(this IServiceCollection services, OrchestratorOptions options)
    {
        services.AddSingleton<IWorkspaceDriver, RunnerProcesses>();
        AddReconciling(services, options);
    }

    /// <summary>The same with runners as pods of a cluster.</summary>
    public static void AddOrchestrator(this IServiceCollection services, OrchestratorOptions options, KubernetesOptions cluster)
    {
        services.AddSingleton(cluster);
        services.AddSingleton<IKubernetes>(_ => new k8s.Kubernetes(KubernetesClientConfiguration.BuildDefaultConfig()));
        services.AddSingleton(provider => new PodFactory(
            cluster, provider.GetRequiredService<ControlOptions>().Domain, provider.GetRequiredService<SigningKey>().PublicKey));
        services.AddSingleton<PodBook>();
        services.AddSingleton<WarmPool>();
        services.AddSingleton<IWorkspaceDriver, WorkspacePods>();
        services.AddHostedService(provider => provider.GetRequiredService<PodBook>());
        services.AddHostedService(provider => provider.GetRequiredService<WarmPool>());
        AddReconciling(services, options);
    }

    private static void AddReconciling(IServiceCollection services, OrchestratorOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<WorkspaceRows>();
        services.AddSingleton<Steps>();
        services.AddSingleton<Orchestrator>();
        services.AddHostedService(provider => provider.GetRequiredService<Orchestrator>());
        services.AddHostedService<IdleWatch>();
    }
}
