using DropIt.Protocol.Workspaces;

namespace DropIt.Control.Workspaces;

/// <summary>What awake workspaces use of their machines.</summary>
public interface IWorkspaceUses
{
    /// <summary>By slug; those that do not say soon are not in it.</summary>
    Task<IReadOnlyDictionary<string, MachineUse>> AskAsync(CancellationToken cancel);
}

/// <summary>Where another process runs the workspaces nobody here knows.</summary>
internal sealed class UnknownUses : IWorkspaceUses
{
    public Task<IReadOnlyDictionary<string, MachineUse>> AskAsync(CancellationToken cancel) =>
        Task.FromResult<IReadOnlyDictionary<string, MachineUse>>(new Dictionary<string, MachineUse>());
}
