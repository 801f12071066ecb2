using System.Text.Json.Serialization;

namespace DropIt.Runner.Terminals;

/// <summary>What a terminal leaves behind when its workspace stops: enough to show its output above a new shell in the same place.</summary>
/// <param name="Id">As before, so that pages find it where it stood.</param>
/// <param name="Name">For the user.</param>
/// <param name="Run">It was a task's, not a shell's.</param>
/// <param name="Folder">Where its foreground worked, relative to the root; empty: the root, or somewhere outside.</param>
/// <param name="Columns">Its size.</param>
/// <param name="Rows">Its size.</param>
/// <param name="Output">The end of what it printed, each part for the size that it was printed in.</param>
internal sealed record KeptTerminal(
    string Id, string Name, bool Run, string Folder, ushort Columns, ushort Rows, IReadOnlyList<OutputPart> Output);

/// <summary>All of a workspace's, as they are written.</summary>
internal sealed record KeptTerminals(IReadOnlyList<KeptTerminal> Terminals);

/// <summary>JSON of what is kept, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(KeptTerminals))]
internal sealed partial class KeptTerminalJson : JsonSerializerContext;
