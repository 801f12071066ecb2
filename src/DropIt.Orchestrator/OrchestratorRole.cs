using DropIt.Control;
using DropIt.Control.Tickets;
using DropIt.Control.Workspaces;
using DropIt.Gateway.Cluster;
using DropIt.Orchestrator.Kubernetes;
using DropIt.Orchestrator.Processes;
using DropIt.Orchestrator.Sandboxes;
using Microsoft.Extensions.DependencyInjection;

namespace DropIt.Orchestrator;

/// <summary>The orchestrator role: wanted workspaces become running ones.</summary>
public static class OrchestratorRole
{
    /// <summary>What the orchestrator needs besides what control, storage and the gateway add; runners are processes of this machine.</summary>
    public static void AddOrchestrator(this IServiceCollection services, OrchestratorOptions options, Sandbox sandbox)
    {
        services.AddSingleton(sandbox);
        services.AddSingleton<IWorkspaceDriver, RunnerProcesses>();
        AddReconciling(services, options);
    }

    /// <summary>The same with runners as pods of a cluster.</summary>
    public static void AddOrchestrator(this IServiceCollection services, OrchestratorOptions options, KubernetesOptions cluster)
    {
        services.AddSingleton(cluster);
        services.AddSingleton(provider => new PodFactory(
            cluster, provider.GetRequiredService<ControlOptions>().Domain, () => provider.GetRequiredService<SigningKey>().PublicKey));
        var (space, ours) = (cluster.Namespace, PodFactory.OursSelector);
        services.AddMirror(client => Kinds.Pods(client, space, ours));
        services.AddMirror(client => Kinds.PodEvents(client, space));
        services.AddMirror(client => Kinds.NetworkPolicies(client, space, ours));
        services.AddSingleton<PodBook>();
        services.AddSingleton<WarmPool>();
        services.AddSingleton<Surroundings>();
        services.AddSingleton<IWorkspaceDriver, WorkspacePods>();
        services.AddHostedService(provider => provider.GetRequiredService<WarmPool>());
        services.AddHostedService(provider => provider.GetRequiredService<Surroundings>());
        AddReconciling(services, options);
    }

    private static void AddReconciling(IServiceCollection services, OrchestratorOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<WorkspaceRows>();
        services.AddMetrics();
        services.AddSingleton<OrchestratorMetrics>();
        services.AddSingleton<Steps>();
        services.AddSingleton<VariablesTelling>();
        services.AddSingleton<Orchestrator>();
        services.AddHostedService(provider => provider.GetRequiredService<Orchestrator>());
        services.AddHostedService<IdleWatch>();
        services.AddSingleton<IWorkspaceUses, RunnerUses>();
    }
}
