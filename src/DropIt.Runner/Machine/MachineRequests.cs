using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Machine;

/// <summary>A process of the workspace (docs/protocol.md, <c>machine.look</c>). <paramref name="Cpu"/>: processors in use, 1 is one whole.</summary>
internal sealed record MachineEntry(
    int Pid, int Parent, string Name, string Command, long Started, long Memory, double? Cpu);

/// <summary>
/// What the workspace uses of the machine. Bytes; <paramref name="Cpu"/> and <paramref name="Processors"/> in whole processors;
/// <paramref name="Unprotected"/> as <see cref="Protocol.Workspaces.RunnerOptions.Unprotected"/>.
/// </summary>
internal sealed record MachineSample(
    double? Cpu,
    double Processors,
    long Memory,
    long MemoryLimit,
    long? Disk,
    long? DiskFree,
    IReadOnlyList<MachineEntry> Processes,
    int Pages,
    IReadOnlyList<string> Awake,
    string? Unprotected);

/// <summary>The requests about the machine.</summary>
internal static class MachineRequests
{
    /// <summary>Registers them.</summary>
    public static void AddMachine(this RequestTable requests, WorkspaceMachine machine)
    {
        requests.Add("machine.look", async (_, _, ct) =>
            Reply.Of(await Task.Run(machine.Look, ct), MachineJson.Default.MachineSample));
        requests.Add("machine.end", (_, request, _) => ValueTask.FromResult(End(request)));
    }

    private static Reply End(JsonElement request)
    {
        if (!request.TryNumber("pid", 1, int.MaxValue, out var pid) || !request.TryNumber("started", 0, long.MaxValue, out var started))
        {
            return Reply.Failed(ErrorCode.BadRequest, "A process is named by its number and its start. Look at the list again.");
        }

        var force = request.TryGetProperty("force", out var field) && field.ValueKind == JsonValueKind.True;
        return WorkspaceMachine.End((int)pid, started, force) is { } refusal ? Reply.Failed(ErrorCode.NotFound, refusal) : Reply.Done;
    }
}

/// <summary>JSON of the machine, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MachineSample))]
internal sealed partial class MachineJson : JsonSerializerContext;
