using System.Text.Json.Serialization;
using DropIt.Protocol.Tickets;

namespace DropIt.Protocol.Workspaces;

/// <summary>
/// What the orchestrator tells a runner when it starts it, as JSON on standard input (<c>--config -</c>) or in a file
/// (<c>--config PATH</c>): never in the environment or arguments, which other processes of the same user can read.
/// </summary>
public sealed record RunnerOptions
{
    /// <summary>The workspace's slug.</summary>
    public required string Workspace { get; init; }

    /// <summary>This start's epoch.</summary>
    public required long Epoch { get; init; }

    /// <summary>Folder of the workspace's files; made when missing.</summary>
    public required string Root { get; init; }

    /// <summary>Folder for the runner's own state (document log, install stamps), outside <see cref="Root"/>; made when missing.</summary>
    public required string State { get; init; }

    /// <summary><c>unix:/path/to/socket</c> or <c>http://address:port</c>.</summary>
    public required string Listen { get; init; }

    /// <summary>The storage service: <c>unix:/path/to/socket</c> or <c>http://host:port</c>.</summary>
    public required string Storage { get; init; }

    /// <summary>The ticket (role runner) for the storage service.</summary>
    public required string StorageTicket { get; init; }

    /// <summary>Control's public key: base64 of SubjectPublicKeyInfo.</summary>
    public required string PublicKey { get; init; }

    /// <summary>Origin of the page, such as <c>http://localhost:7700</c>: the only one that may open a socket.</summary>
    public required string ControlOrigin { get; init; }

    /// <summary>
    /// Domain of workspaces with the public port if it is not the scheme's own, such as <c>localhost:7700</c>; with <see cref="ControlOrigin"/>'s
    /// scheme it gives every address of the workspace.
    /// </summary>
    public required string Domain { get; init; }

    /// <summary>
    /// Value of PORT for programs; null in a network of its own, where the project's usual port is used.
    /// </summary>
    public int? Port { get; init; }

    /// <summary>
    /// Most folders to watch, where many workspaces share one kernel's limit; past it the tree is compared now and then. Null: as many as the kernel gives.
    /// </summary>
    public int? Watches { get; init; }

    /// <summary>
    /// Most bytes of files that can be built again (packages, build output) that are kept at a stop and brought back on another disk; 0 where the disk stays.
    /// </summary>
    public long CacheBytes { get; init; }

    /// <summary>The next start finds <see cref="Root"/> as this one leaves it.</summary>
    public bool DiskStays { get; init; }

    /// <summary>That nothing keeps this workspace from others and from the server's data, and why, for its users; null where something does.</summary>
    public string? Unprotected { get; init; }

    /// <summary>Most bytes of memory for all of the workspace, where that cannot be read in it; null: it can, or there is no bound.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>The orchestrator says by a <see cref="VariablesNotice"/> what programs are started with; the runner serves nobody before.</summary>
    public bool AwaitsVariables { get; init; }
}

/// <summary>A line of <c>GET /.dropit/health</c>.</summary>
/// <param name="State"><c>unclaimed</c> (no workspace yet), <c>restoring</c>, <c>ready</c>, <c>stopping</c> or <c>failed</c>.</param>
/// <param name="Epoch">The runner's epoch.</param>
/// <param name="DoneBytes">Restored so far.</param>
/// <param name="TotalBytes">To restore.</param>
/// <param name="Message">The cause when failed, for the user.</param>
public sealed record RunnerHealth(string State, long Epoch, long DoneBytes = 0, long TotalBytes = 0, string? Message = null);

/// <summary>What <c>GET /.dropit/activity</c> answers.</summary>
/// <param name="Connections">Open sockets of pages.</param>
/// <param name="IdleSeconds">
/// Since the last sign of use: a key or a click in a page, a page that came or went, a preview request; or since the last of <paramref name="Reasons"/> ended.
/// </param>
/// <param name="Reasons">Work that keeps the workspace awake, as sentences for the user; empty when there is none.</param>
/// <param name="Running">Programs that run, whether they work or wait, as sentences for the user.</param>
public sealed record RunnerActivity(int Connections, long IdleSeconds, IReadOnlyList<string> Reasons, IReadOnlyList<string> Running)
{
    /// <summary>Milliseconds since the oldest change was made that is not safe and could be; 0 when all is.</summary>
    public long UnsafeMilliseconds { get; init; }

    /// <summary>What is on this machine only because the workspace may not hold it, as a sentence for the user; null when there is nothing of the kind.</summary>
    public string? LeftOut { get; init; }

    /// <summary>What the workspace holds without what it ignores; null when the runner does not say, or has not looked yet.</summary>
    public long? Bytes { get; init; }
}

/// <summary>What <c>GET /.dropit/machine</c> answers: what the runner and all its programs use now.</summary>
/// <param name="Cpu">Processors in use since it was last asked; null the first time.</param>
/// <param name="Processors">Processors that it may use.</param>
/// <param name="Memory">Bytes in use.</param>
/// <param name="MemoryLimit">Bytes that it may use.</param>
/// <param name="Disk">Bytes of the workspace's files; null until they were measured.</param>
public sealed record MachineUse(double? Cpu, double Processors, long Memory, long MemoryLimit, long? Disk);

/// <summary>What <c>POST /.dropit/sleep</c> says: when the workspace goes to sleep, for the pages that are open.</summary>
/// <param name="Seconds">Until then; 0: now; null: no longer.</param>
/// <param name="Why">A sentence for the user.</param>
/// <param name="IdleSeconds">
/// Only when nobody has used the workspace for that long: a runner that knows better answers 409, and it stays awake. Null: in any case.
/// </param>
public sealed record SleepNotice(long? Seconds, string Why, long? IdleSeconds);

/// <summary>What <c>PUT /.dropit/variables</c> says: the workspace's environment variables and secrets, all of them.</summary>
/// <param name="Version">Grows with each change; a notice that is older than what the runner has changes nothing.</param>
/// <param name="Values">By name.</param>
public sealed record VariablesNotice(long Version, IReadOnlyDictionary<string, string> Values)
{
    /// <summary>Most variables of a workspace.</summary>
    public const int MaxCount = 100;

    /// <summary>Most bytes of all names and values in UTF-8: what fits beside the arguments of any program Linux starts.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Longest notice in bytes: JSON writes a character of one byte as six at most.</summary>
    public const int MaxLength = (6 * MaxBytes) + 4096;
}

/// <summary>JSON of what orchestrator and runner say to each other, and of <c>dropit.json</c>; without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    ReadCommentHandling = System.Text.Json.JsonCommentHandling.Skip,
    AllowTrailingCommas = true)]
[JsonSerializable(typeof(RunnerOptions))]
[JsonSerializable(typeof(RunnerHealth))]
[JsonSerializable(typeof(RunnerActivity))]
[JsonSerializable(typeof(MachineUse))]
[JsonSerializable(typeof(SleepNotice))]
[JsonSerializable(typeof(VariablesNotice))]
[JsonSerializable(typeof(Assignment))]
[JsonSerializable(typeof(Project))]
public sealed partial class WorkspaceJson : JsonSerializerContext;
