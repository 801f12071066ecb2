using DropIt.Control.Workspaces;

namespace DropIt.Orchestrator;

/// <summary>What the orchestrator must know about the machine it runs workspaces on.</summary>
public sealed record OrchestratorOptions
{
    /// <summary>Folder with <c>run</c>, <c>logs</c> and <c>workspaces</c>, all of which exist.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The runner's executable.</summary>
    public required string Runner { get; init; }

    /// <summary>Where runners find the storage service: <c>unix:/path</c>.</summary>
    public required string Storage { get; init; }

    /// <summary>Most bytes that are kept of one workspace's caches; 0 where its disk stays.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>When workspaces are put to sleep.</summary>
    public required SleepRules Sleep { get; init; }
}
