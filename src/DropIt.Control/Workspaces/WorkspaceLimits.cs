namespace DropIt.Control.Workspaces;

/// <summary>What one workspace that is awake can take at most, as whoever runs it enforces it.</summary>
/// <param name="Millicores">Thousandths of a processor core; null: as many as there are.</param>
/// <param name="MemoryMegabytes">MiB of memory; null: all there is.</param>
/// <param name="Note">Why one of them is null, as a sentence for users; null when neither is.</param>
public sealed record WorkspaceLimits(int? Millicores, int? MemoryMegabytes, string? Note);
