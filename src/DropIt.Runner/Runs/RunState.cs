using System.Text.Json.Serialization;

namespace DropIt.Runner.Runs;

/// <summary>Where the workspace's run is (docs/protocol.md, "Events").</summary>
/// <param name="State"><c>idle</c>, <c>installing</c>, <c>running</c>, <c>exited</c> or <c>missing</c>.</param>
/// <param name="Task"><c>run</c>, <c>install</c> or <c>test</c>.</param>
/// <param name="Terminal">The terminal it prints to; may have been closed since.</param>
/// <param name="Command">The shell command.</param>
/// <param name="Code">The exit code when exited.</param>
/// <param name="Message">Cause and cure, when something went wrong.</param>
internal sealed record RunState(
    string State, string? Task = null, string? Terminal = null, string? Command = null, int? Code = null, string? Message = null)
{
    /// <summary>Nothing was run, or it was stopped.</summary>
    public const string Idle = "idle";

    /// <summary>Dependencies are being installed.</summary>
    public const string Installing = "installing";

    /// <summary>The command runs.</summary>
    public const string Running = "running";

    /// <summary>It ended by itself.</summary>
    public const string Exited = "exited";

    /// <summary>A tool it needs is not installed.</summary>
    public const string Missing = "missing";
}

/// <summary>JSON of runs, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunState))]
internal sealed partial class RunJson : JsonSerializerContext;
