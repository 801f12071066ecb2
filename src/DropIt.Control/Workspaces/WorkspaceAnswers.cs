using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Control.Access;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;

namespace DropIt.Control.Workspaces;

/// <summary>A workspace as <c>GET /api/workspaces</c> lists it.</summary>
internal sealed record WorkspaceAnswer(
    string Slug,
    string Name,
    string Stack,
    string State,
    string? Message,
    string Sleeps,
    DateTimeOffset CreatedAt,
    DateTimeOffset UsedAt,
    string Role,
    WorkspaceTeam? Team)
{
    public static WorkspaceAnswer Of(Workspace row, WorkspaceStatus? status, Role role = Protocol.Tickets.Role.Owner, string? team = null) => new(
        row.Slug,
        row.Name,
        row.Stack,
        NameOf(status?.State ?? row.State),
        status is null ? row.Message : status.Message,
        JsonNamingPolicy.CamelCase.ConvertName(row.Sleeps.ToString()),
        row.CreatedAt,
        row.UsedAt,
        role.ToString().ToLowerInvariant(),
        row.TeamId is { } id && team is not null ? new WorkspaceTeam(id, team) : null);

    public static WorkspaceAnswer Of(SeenWorkspace seen, WorkspaceStatus? status) => Of(seen.Row, status, seen.Role, seen.Team);

    public static string NameOf(WorkspaceState state) => state.ToString().ToLowerInvariant();
}

/// <summary>The team a workspace belongs to, towards its members.</summary>
internal sealed record WorkspaceTeam(int Id, string Name);

/// <summary><c>POST /api/workspaces</c>: into a team, or the caller's own; from a stack, or a template of that team.</summary>
internal sealed record CreateRequest(string? Stack, string? Name, int? Team, string? Template);

/// <summary><c>POST /api/workspaces/{slug}/fork</c>.</summary>
internal sealed record ForkRequest(string? Name, int? Team);

/// <summary><c>PATCH /api/workspaces/{slug}</c>: what is left out stays. <c>sleeps</c>: <c>whenLeft</c>, <c>whenNothingRuns</c>, <c>never</c>.</summary>
internal sealed record ChangeRequest(string? Name, string? Sleeps);

/// <summary><c>POST /api/workspaces/{slug}/open</c>: a ticket for the runner at <paramref name="Origin"/>.</summary>
internal sealed record OpenAnswer(
    string Ticket,
    DateTimeOffset Expires,
    string Origin,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Project? Project);

/// <summary><c>POST /api/workspaces/{slug}/preview</c>.</summary>
internal sealed record PreviewRequest(int? Port, string? To);

/// <summary>An address that signs the browser in at the preview's origin and goes on to the preview.</summary>
internal sealed record PreviewAnswer(string Url);

/// <summary>One event of <c>GET /api/workspaces/{slug}/events</c>.</summary>
internal sealed record StatusEvent(string State, long DoneBytes, long TotalBytes, string? Message, string? Cause);

/// <summary>One file or link of a workspace in storage.</summary>
internal sealed record FileAnswer(string Path, string Kind, long Size);
