using System.Collections.Frozen;
using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Variables;

/// <summary>
/// The workspace's environment variables and secrets, as the orchestrator told them last. They are in memory and in what programs are started with, and
/// nowhere else: no file, log or message holds them. Pages are told the version only.
/// </summary>
internal sealed class SetVariables
{
    /// <summary>Where the orchestrator puts them.</summary>
    public const string Path = "/.dropit/variables";

    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly OpenSessions _sessions;
    private VariablesNotice _now = new(0, FrozenDictionary<string, string>.Empty);

    /// <summary>Contributes <c>variables</c> to the hello.</summary>
    /// <param name="sessions">Told of changes.</param>
    /// <param name="awaited">Someone will say what they are; else there are none.</param>
    public SetVariables(OpenSessions sessions, bool awaited)
    {
        _sessions = sessions;
        if (!awaited)
        {
            _told.SetResult();
        }

        sessions.AddHello("variables", (_, writer) => writer.WriteNumberValue(Volatile.Read(ref _now).Version));
    }

    /// <summary>Ends when they are known.</summary>
    public Task Told => _told.Task;

    /// <summary>By name.</summary>
    public IReadOnlyDictionary<string, string> Values => Volatile.Read(ref _now).Values;

    /// <summary>Maps the route.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapPut(Path, async context =>
    {
        var notice = context.Request.ContentLength is > 0 and <= VariablesNotice.MaxLength
            ? await JsonSerializer.DeserializeAsync(context.Request.Body, WorkspaceJson.Default.VariablesNotice, context.RequestAborted)
            : null;
        if (notice?.Values is null)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        Take(notice);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    });

    /// <summary>Of two that cross, the newer stays.</summary>
    private void Take(VariablesNotice notice)
    {
        lock (_gate)
        {
            if (notice.Version > _now.Version)
            {
                Volatile.Write(ref _now, notice);
                _sessions.Broadcast("variables", "version", notice.Version, VariablesJson.Default.Int64);
            }
        }

        _told.TrySetResult();
    }
}

/// <summary>JSON of variables towards pages, without reflection.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(long))]
internal sealed partial class VariablesJson : System.Text.Json.Serialization.JsonSerializerContext;
