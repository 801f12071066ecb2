using System.Net;
using DropIt.Control.Accounts;
using DropIt.Control.Database;
using DropIt.Control.Workspaces;
using DropIt.Orchestrator.Kubernetes;
using DropIt.Orchestrator.Sandboxes;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.History;
using DropIt.Storage.Objects;

namespace DropIt.Server.Options;

/// <summary>What the process was told, checked; <see cref="OptionReader"/> reads it.</summary>
internal sealed record ServerOptions
{
    /// <summary>Where everything is kept.</summary>
    public required string Data { get; init; }

    /// <summary>Address to listen on.</summary>
    public required IPAddress Bind { get; init; }

    /// <summary>Port of the page and of all workspaces.</summary>
    public required int Port { get; init; }

    /// <summary>Workspaces live at <c>&lt;slug&gt;.&lt;domain&gt;</c>; no port.</summary>
    public required string Domain { get; init; }

    /// <summary>Origin of the page as browsers see it; no trailing slash.</summary>
    public required string Origin { get; init; }

    /// <summary>Folder with one folder a stack.</summary>
    public required string Templates { get; init; }

    /// <summary>Folder of the built page.</summary>
    public required string Web { get; init; }

    /// <summary>The runner's executable.</summary>
    public required string Runner { get; init; }

    /// <summary>Most bytes that are kept of one workspace's caches; 0 where its disk stays.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>When workspaces are put to sleep.</summary>
    public required SleepRules Sleep { get; init; }

    /// <summary>Most bytes that one import may bring.</summary>
    public required long ImportBytes { get; init; }

    /// <summary>Repositories may be fetched from this machine and private networks too.</summary>
    public required bool ImportPrivate { get; init; }

    /// <summary>What one workspace may hold.</summary>
    public required Quota Quota { get; init; }

    /// <summary>How workspaces that are processes of this machine are kept apart.</summary>
    public required SandboxOptions Sandbox { get; init; }

    /// <summary>Where workspaces are kept when not in the data folder; null: there.</summary>
    public required S3Options? S3 { get; init; }

    /// <summary>Which versions of a workspace are kept.</summary>
    public required Retention History { get; init; }

    /// <summary>Where runners of other machines reach the storage service; null when there are none.</summary>
    public required IPEndPoint? StorageListen { get; init; }

    /// <summary>Where Prometheus reads metrics, and probes of every role are answered; null: nowhere.</summary>
    public required IPEndPoint? MetricsListen { get; init; }

    /// <summary>What is logged is an object a line.</summary>
    public required bool JsonLogs { get; init; }

    /// <summary>The PostgreSQL with control's tables; null for a SQLite file in the data folder.</summary>
    public required PostgresOptions? Postgres { get; init; }

    /// <summary>How people come to accounts; null when there is one user.</summary>
    public required AccountOptions? Accounts { get; init; }

    /// <summary>Most workspaces of one person; null: as many as the server may hold.</summary>
    public required int? WorkspacesEach { get; init; }

    /// <summary>Most workspaces of one person awake at once; null: all of them.</summary>
    public required int? AwakeEach { get; init; }

    /// <summary>WebSockets to workspaces that one address may open, at once and a minute.</summary>
    public required int UpgradesPerMinute { get; init; }

    /// <summary>Who is believed where a request came from.</summary>
    public required IReadOnlyList<IPNetwork> TrustedProxies { get; init; }

    /// <summary>Every option, and where it was set.</summary>
    public required IReadOnlyList<Setting> Settings { get; init; }

    /// <summary>How long the audit log keeps an entry.</summary>
    public required TimeSpan AuditAge { get; init; }

    /// <summary>Where runners find a storage service that is another process; null when it is this one.</summary>
    public required string? StorageAt { get; init; }

    /// <summary>The message broker that the journal lies in; null: it lies in the data folder.</summary>
    public required Uri? Broker { get; init; }

    /// <summary>Control's public key, when control is another process.</summary>
    public required string? PublicKey { get; init; }

    /// <summary>What this process does.</summary>
    public required Roles Roles { get; init; }

    /// <summary>How workspaces run as pods; null when they are processes of this machine.</summary>
    public required KubernetesOptions? Kubernetes { get; init; }

    /// <summary>PEM certificate of the page's host and of all workspaces; null: the port speaks http.</summary>
    public required string? TlsCertificate { get; init; }

    /// <summary>PEM key of <see cref="TlsCertificate"/>.</summary>
    public required string? TlsKey { get; init; }
}
