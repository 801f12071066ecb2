using System.Text.Json.Serialization;

namespace DropIt.Runner.Terminals;

/// <summary>An entry of the <c>terminals</c> event (docs/protocol.md, "Events").</summary>
internal sealed record TerminalEntry(string Id, string Name, string Kind, bool Running, int? Code, int? Signal);

/// <summary>The payload of an exited frame.</summary>
internal sealed record TerminalExit(int Code, int? Signal);

/// <summary>The result of <c>terminal.create</c> and <c>run.start</c>.</summary>
internal sealed record TerminalCreated(string Terminal);

/// <summary>The result of <c>terminal.resolve</c>: for each name the file, null where there is none.</summary>
internal sealed record TerminalFiles(IReadOnlyList<string?> Files);

/// <summary>JSON of terminals, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<TerminalEntry>))]
[JsonSerializable(typeof(TerminalExit))]
[JsonSerializable(typeof(TerminalCreated))]
[JsonSerializable(typeof(TerminalFiles))]
internal sealed partial class TerminalJson : JsonSerializerContext;
