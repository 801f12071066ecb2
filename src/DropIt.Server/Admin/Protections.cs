using System.Globalization;
using System.Net;
using System.Text.Json.Serialization;
using DropIt.Control.Accounts;
using DropIt.Control.Audit;
using DropIt.Orchestrator.Sandboxes;
using DropIt.Server.Options;

namespace DropIt.Server.Admin;

/// <summary>How it stands with one protection.</summary>
internal enum Standing
{
    /// <summary>It protects.</summary>
    [JsonStringEnumMemberName("on")]
    On,

    /// <summary>It does not.</summary>
    [JsonStringEnumMemberName("off")]
    Off,

    /// <summary>It does not, and need not as the server runs now.</summary>
    [JsonStringEnumMemberName("unneeded")]
    Unneeded,
}

/// <summary>One protection; <paramref name="Why"/> says what it does now and, where it is off, how to mend it.</summary>
internal sealed record Protection(string Name, Standing Standing, string Why);

/// <summary>The server's look at itself: what protects it, what does not, and why. From what it was told and what trying a sandbox has shown.</summary>
internal static class Protections
{
    /// <summary>All of them, in the order to read them.</summary>
    /// <param name="options">What it was told.</param>
    /// <param name="sandbox">What trying a sandbox has shown; null where workspaces are pods.</param>
    public static IReadOnlyList<Protection> Of(ServerOptions options, SandboxTrial? sandbox)
    {
        var alone = IPAddress.IsLoopback(options.Bind);
        var https = new Uri(options.Origin).Scheme == "https";
        return
        [
            alone
                ? new("Reach", Standing.On, "Only programs of this machine can connect.")
                : new("Reach", Standing.Off, $"Every network that {options.Bind} is on can connect. That is meant so where others use this server; else use --bind 127.0.0.1."),
            https ? new("TLS", Standing.On, options.TlsCertificate is null ? "Browsers come by https; something before this server speaks it." : "The server speaks https only.")
                : alone ? new("TLS", Standing.Unneeded, "The page is plain http, which never leaves this machine.")
                : new("TLS", Standing.Off, "Passwords, cookies and code cross the network readable. Give --tls-certificate and --tls-key, and an https --origin."),
            options.Accounts is { } accounts
                ? accounts.SignUp == SignUp.Open
                    ? new("Accounts", Standing.Off, "Each person has an account, but whoever reaches the page can make one. --accounts invitation or closed keeps strangers out.")
                    : new("Accounts", Standing.On, "Each person has an account, and nobody makes one without an admin.")
                : alone ? new("Accounts", Standing.Unneeded, "There is one user, who signs in with the address that the server prints.")
                : new("Accounts", Standing.Off, "Everyone who signs in is the same user, an admin. --accounts invitation gives each person an account."),
            new("Cookies", Standing.On, $"The session's cookie cannot be read by scripts and is not sent by other sites{(https ? ", nor over plain http" : "; it is sent over http, as the page is")}."),
            new("Requests of other sites", Standing.On, "What changes something must come from the page's own address or carry an API token; other sites may not frame the page, and scripts of others do not run in it."),
            new("Host names", Standing.On, $"Only {options.Origin} and names below {options.Domain} are answered, so no other site can pose as the page."),
            Walls(sandbox),
            sandbox is { Works: false }
                ? new("Shared folders", Standing.Off, "Every workspace may write wherever the server's user may.")
                : sandbox is null || options.Sandbox.Shared.Count == 0 ? new("Shared folders", Standing.On, "No folder is written by more than one workspace.")
                : new("Shared folders", Standing.Off, $"All workspaces write to {string.Join(", ", options.Sandbox.Shared)}: one can put there what others run. End that by leaving out --sandbox-share."),
            new("Bounds of a workspace", Standing.On, string.Create(CultureInfo.InvariantCulture, $"It holds at most {options.Quota.Bytes / (1024 * 1024)} MiB in {options.Quota.Files} files.{(sandbox is null ? " Memory and processors are bounded by its pod." : sandbox.Works ? $" {sandbox.Why} Processors are shared with everything on this machine." : " Memory and processors are shared with everything on this machine.")}")),
            options.WorkspacesEach is null && options.AwakeEach is null
                ? new("Bounds of a person", options.Accounts is null ? Standing.Unneeded : Standing.Off, options.Accounts is null ? "There is one user." : "One person may take all of the server. --workspaces-per-person and --awake-per-person bound that for everyone; People for one.")
                : new("Bounds of a person", Standing.On, $"{Bound(options.WorkspacesEach, "workspaces")}, {Bound(options.AwakeEach, "awake at once")}, unless People says otherwise for someone."),
            new("Bounds of haste", Standing.On, "Signing in, making workspaces and opening them are counted, and who asks too often waits. An account locks for five minutes after ten wrong passwords."),
            options.Postgres is null
                ? new("Secrets at rest", Standing.Off, "The key that signs tickets lies in the data folder, which only the server's user can read, but not sealed: who has a copy of the folder has it. With --database it is sealed by --key-file. Variables and secrets of workspaces are sealed in the database; the key is in secret.key of the same folder.")
                : new("Secrets at rest", Standing.On, "The keys in the database, and with them variables and secrets of workspaces, are sealed with the secret of --key-file. Passwords, sessions and tokens are kept as hashes everywhere."),
            new("Files at rest", Standing.Off, "Files of workspaces are stored as they are. Let the disk or the bucket encrypt them where that matters."),
            options.ImportPrivate
                ? new("Imports", Standing.Off, "Repositories may be fetched from this machine and private networks: users reach services there. --import-private no ends that.")
                : new("Imports", Standing.On, "Repositories are fetched from public addresses only."),
            options.MetricsListen is { } metrics && !IPAddress.IsLoopback(metrics.Address)
                ? new("Metrics", Standing.Off, $"Whoever reaches {metrics} reads them without signing in. Let only Prometheus reach it.")
                : new("Metrics", Standing.On, options.MetricsListen is null ? "They are not served." : "Only this machine reads them."),
            new("Audit log", Standing.On, string.Create(CultureInfo.InvariantCulture, $"Kept for {options.AuditAge.TotalDays} days, at most {AuditThinning.MaxEntries} entries.")),
            new("Backups", Standing.Off, "The server makes none by itself. docs/operations.md says how to make one while it runs."),
        ];
    }

    private static Protection Walls(SandboxTrial? sandbox) => sandbox switch
    {
        null => new("Walls between workspaces", Standing.On, "Each workspace is a pod of its own without rights on the cluster; a network policy keeps it from the others."),
        { Works: true } => new("Walls between workspaces", Standing.On, "Each workspace runs in a sandbox of its own (bubblewrap) and sees neither the others nor the server's data and processes. The network is this machine's: its programs reach what listens here, other workspaces' servers included."
            + (Environment.IsPrivilegedProcess ? " The server runs as root, which lowers these walls: give it a user of its own." : "")),
        _ => new("Walls between workspaces", Standing.Off, $"Workspaces are programs of this machine under the server's own user: code in one can read the others and the server's data. Reason: {sandbox.Why}. {sandbox.Cure} Until then let in only people whom you trust, or run workspaces as pods with --kubernetes."),
    };

    private static string Bound(int? most, string what) => most is { } number ? $"at most {number} {what}" : $"any number {what}";
}
