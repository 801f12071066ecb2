using System.Text.Json.Serialization;

namespace DropIt.Runner.Terminals;

/// <summary>An entry of the <c>terminals</c> event (docs/protocol.md, "Events").</summary>
internal sealed record TerminalEntry(string Id, string Name, string Kind, bool Running, int? Code, int? Signal);

/// <summary>The payload of an exited frame.</summary>
internal sealed record TerminalExit(int Code, int? Signal);

/// <summary>The result of <c>terminal.create</c> and <c>run.start</c>.</summary>
internal sealed record TerminalCreated(string Terminal);

/// <summary>JSON of terminals, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<TerminalEntry>))]
[JsonSerializable(typeof(TerminalExit))]
[JsonSerializable(typeof(TerminalCreated))]
internal sealed partial class TerminalJson : JsonSerializerContext;
