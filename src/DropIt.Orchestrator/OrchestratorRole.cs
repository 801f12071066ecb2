using DropIt.Orchestrator.Processes;
using Microsoft.Extensions.DependencyInjection;

namespace DropIt.Orchestrator;

/// <summary>The orchestrator role: wanted workspaces become running ones.</summary>
public static class OrchestratorRole
{
    /// <summary>What the orchestrator needs besides what control, storage and the gateway add.</summary>
    public static void AddOrchestrator(this IServiceCollection services, OrchestratorOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<IWorkspaceDriver, RunnerProcesses>();
        services.AddSingleton<WorkspaceRows>();
        services.AddSingleton<Steps>();
        services.AddSingleton<Orchestrator>();
        services.AddHostedService(provider => provider.GetRequiredService<Orchestrator>());
        services.AddHostedService<IdleWatch>();
    }
}
