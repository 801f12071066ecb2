using DropIt.Control.Workspaces;

namespace DropIt.Control;

/// <summary>What control must know about where it runs. All of it has been checked by whoever read the configuration.</summary>
public sealed record ControlOptions
{
    /// <summary>Folder for the database and the signing key; exists.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Origin of the page, such as <c>http://localhost:7700</c>; no trailing slash.</summary>
    public required string Origin { get; init; }

    /// <summary>Domain of workspaces without a port, such as <c>localhost</c>.</summary>
    public required string Domain { get; init; }

    /// <summary>Folder with one folder a stack.</summary>
    public required string Templates { get; init; }

    /// <summary>Folder of the built page.</summary>
    public required string Web { get; init; }

    /// <summary>What <c>GET /api/session</c> tells, such as <c>0.1.0</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Workspaces a server may hold. Bounds the list that the home page loads at once.</summary>
    public int MaxWorkspaces { get; init; } = 1000;

    /// <summary>Most workspaces of one person; null: as many as the server may hold.</summary>
    public int? WorkspacesEach { get; init; }

    /// <summary>Most workspaces of one person awake at once; null: all of them.</summary>
    public int? AwakeEach { get; init; }

    /// <summary>How often one address may open a WebSocket to workspaces: so many at once, and a minute.</summary>
    public int UpgradesPerMinute { get; init; } = 600;

    /// <summary>How long the audit log keeps an entry.</summary>
    public TimeSpan AuditAge { get; init; } = TimeSpan.FromDays(90);

    /// <summary>What a workspace of a stack, which is named by its id, can take when it is awake.</summary>
    public Func<string, Task<WorkspaceLimits>> Limits { get; init; } = _ => Task.FromResult(new WorkspaceLimits(null, null, null));

    /// <summary>What users are told about sleep, and may choose.</summary>
    public required SleepRules Sleep { get; init; }

    /// <summary>Where the tables are; null for a SQLite file in the data folder.</summary>
    public Database.PostgresOptions? Postgres { get; init; }

    /// <summary>How people come to accounts; null when there is one user.</summary>
    public Accounts.AccountOptions? Accounts { get; init; }

    /// <summary>What imports may take.</summary>
    public Importing.ImportOptions Imports { get; init; } = new();

    /// <summary><c>http</c> or <c>https</c>: what the browser sees.</summary>
    public string Scheme => new Uri(Origin).Scheme;

    /// <summary><see cref="Domain"/> with the public port where that is not the scheme's own, such as <c>localhost:7700</c>.</summary>
    public string PublicDomain => new Uri(Origin) is { IsDefaultPort: false } uri ? $"{Domain}:{uri.Port}" : Domain;

    /// <summary>The origin of a workspace's host, such as <c>http://3000--slug.localhost:7700</c>.</summary>
    public string OriginOf(Protocol.Workspaces.WorkspaceHost host) => $"{Scheme}://{host.Under(PublicDomain)}";
}
