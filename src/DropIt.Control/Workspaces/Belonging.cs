namespace DropIt.Control.Workspaces;

/// <summary>Whose a workspace is.</summary>
/// <param name="Owner">Who makes it.</param>
/// <param name="Team">The team it belongs to and counts for; null: to whoever makes it.</param>
internal sealed record Belonging(int Owner, int? Team);
