using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using DropIt.Control.Workspaces;
using DropIt.Orchestrator.Kubernetes;
using DropIt.Orchestrator.Sandboxes;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.History;

namespace DropIt.Server.Options;

/// <summary>
/// Reads the options: the command line before the environment (<c>DROPIT_PORT</c>) before a JSON file (<c>--config FILE</c>, <c>{"port": 7700}</c>) before
/// the defaults. Every problem is found in one pass, so that they can be shown together.
/// </summary>
internal static class OptionReader
{
    // The address of a Unix socket has 108 bytes with its NUL; ours are <data>/run/<14 characters>.sock.
    private const int MaxDataBytes = 107 - 24;

    private static readonly Dictionary<string, string> s_help = new()
    {
        ["data"] = "FOLDER   where everything is kept (default ~/.local/share/dropit)",
        ["bind"] = "ADDRESS  address to listen on (default 127.0.0.1)",
        ["port"] = "PORT     port of the page and of all workspaces (default 7700)",
        ["domain"] = "DOMAIN   workspaces live at <slug>.DOMAIN (default localhost)",
        ["origin"] = "ORIGIN   address of the page as browsers see it (default http://localhost:PORT, by https with a certificate)",
        ["templates"] = "FOLDER   one folder a stack (default templates beside the program)",
        ["web"] = "FOLDER   the built page (default wwwroot beside the program)",
        ["runner"] = "FILE     the runner (default dropit-runner beside the program)",
        ["idle-minutes"] = "MINUTES  a workspace sleeps this long after its last page was closed and nothing works in it (default 15)",
        ["open-minutes"] = "MINUTES  the same while a page is open that nobody uses (default 60)",
        ["cache-megabytes"] = "MIB     packages and build output kept of a sleeping workspace (default 1024 in a cluster, else 0: its disk stays)",
        ["always-on"] = "yes|no   users may keep a workspace awake for ever (default no)",
        ["import-private"] = "yes|no repositories may be fetched from this machine and private networks too (default no)",
        ["import-megabytes"] = "MIB most that one import may bring (default 1024)",
        ["workspace-megabytes"] = "MIB  most that one workspace may hold, without what it ignores (default 4096)",
        ["workspace-files"] = "NUMBER  most files of one workspace (default 200000)",
        ["file-megabytes"] = "MIB  most of one file, at most 512 (default 512)",
        ["sandbox"] = "auto|bubblewrap|none  workspaces of this machine run apart from each other (default auto: where bubblewrap works; docs/operations.md)",
        ["sandbox-memory-megabytes"] = "MIB  memory of one of them: of all of it in a control group, else of each program (default half of the machine's)",
        ["sandbox-processes"] = "NUMBER  processes and threads of one of them (default 4096)",
        ["sandbox-share"] = "LIST   folders that all of them read and write, as package caches: /var/cache/npm,/var/cache/nuget (default none)",
        ["s3"] = "s3://BUCKET/PREFIX  workspaces are kept in this bucket (docs/operations.md); default: in the data folder",
        ["s3-endpoint"] = "URL      address of an S3 server that is not Amazon's",
        ["s3-region"] = "REGION   of the bucket (default as the AWS SDK finds it; us-east-1 with an endpoint)",
        ["s3-path-style"] = "yes|no   the bucket stands in the path, not in the host name (default yes with an endpoint)",
        ["s3-checksums"] = "supported|required  servers older than 2025 want them only where required (default with an endpoint)",
        ["history-all-hours"] = "HOURS  every version of a workspace is kept this long (default 24)",
        ["history-hourly-days"] = "DAYS then the newest of each hour, up to this age (default 7)",
        ["history-daily-days"] = "DAYS then the newest of each day, up to this age (default 365)",
        ["database"] = "TEXT     PostgreSQL as Host=HOST;Username=USER;Database=NAME (docs/operations.md); default: SQLite in the data folder",
        ["database-password-file"] = "FILE  its password",
        ["key-file"] = "FILE     secret that seals the signing key in the PostgreSQL, the same on every server (default secret.key in the data folder)",
        ["accounts"] = "off|closed|invitation|open  people have accounts: made by admins, by invitation, or by themselves (default off: one user)",
        ["teams"] = "everyone|admins  who may make teams, where people have accounts (default everyone)",
        ["workspaces-per-person"] = "NUMBER  most workspaces of one person, and of a team (default as many as the server holds: 1000)",
        ["awake-per-person"] = "NUMBER  most of them awake at once (default all)",
        ["upgrades-per-minute"] = "NUMBER  WebSockets to workspaces that one address may open, at once and a minute (default 3000)",
        ["trusted-proxies"] = "LIST   addresses and networks of proxies whose X-Forwarded-For and -Proto are believed, as 10.0.0.0/8,::1 (default none)",
        ["audit-days"] = "DAYS     the audit log keeps an entry this long, 200000 at most (default 90)",
        ["openid-authority"] = "URL  accounts may sign in with this OpenID Connect provider",
        ["openid-client-id"] = "ID   what it calls this server; it sends browsers back to ORIGIN/signin/back/openid",
        ["openid-name"] = "NAME  what the page calls it (default its host)",
        ["github-client-id"] = "ID   accounts may sign in with GitHub, which calls this server so and sends browsers back to ORIGIN/signin/back/github",
        ["github-url"] = "URL      of a GitHub Enterprise (default https://github.com)",
        ["kubernetes"] = "FILE     workspaces are pods of a cluster, as this file says (docs/operations.md); default: processes of this machine",
        ["storage-listen"] = "ADDRESS:PORT  where runners of other machines reach the storage service (default nowhere)",
        ["metrics-listen"] = "ADDRESS:PORT  where Prometheus reads /metrics, and /healthz and /readyz are answered, of any role (default nowhere)",
        ["logs"] = "text|json  lines for people, or an object a line, with slugs and users (default text)",
        ["tls-certificate"] = "FILE  PEM certificate of the page's host and of *.DOMAIN, with its chain; the port then speaks https only (default none)",
        ["tls-key"] = "FILE      PEM key of the certificate; both are read again when they change",
        ["storage-at"] = "ADDRESS  where runners find a storage service that is another process: http://host:port",
        ["public-key"] = "FILE     control's public.key, for a storage service that is another process",
        ["roles"] = "LIST     control,orchestrator,gateway,storage,persister (default all; docs/operations.md)",
        ["config"] = "FILE     JSON file with any of these",
    };

    /// <summary>A command line can be read by every user of the machine.</summary>
    private static readonly Dictionary<string, string> s_secrets = new()
    {
        ["database-password"] = "of the PostgreSQL; or --database-password-file",
        ["openid-client-secret"] = "of --openid-client-id",
        ["github-client-secret"] = "of --github-client-id",
        ["rabbitmq"] = "amqp://user:password@host: the journal lies in this message broker; default: in the data folder",
        ["s3-access-key"] = "key of the S3 server; without one, as the AWS SDK finds it (environment, profile, role of the machine)",
        ["s3-secret-key"] = "its secret",
        ["s3-session-token"] = "of a temporary key",
    };

    /// <summary>Options that name a file with a secret.</summary>
    private static readonly string[] s_secretFiles = ["key-file", "database-password-file", "tls-key", "kubernetes"];

    /// <summary>What <c>--help</c> prints.</summary>
    public static string Help => "dropit-server [signin | doctor | storage COMMAND | journal COMMAND] [options]; each option also as DROPIT_NAME in the environment\n"
        + string.Concat(s_help.Select(o => $"  --{o.Key,-22} {o.Value}\n"))
        + "secrets, in the environment or the --config file only\n"
        + string.Concat(s_secrets.Select(o => $"  {Variable(o.Key),-24} {o.Value}\n"))
        + StorageCommand.Help
        + JournalCommand.Help;

    /// <summary>Reads and checks. The options are null exactly when there are problems, each a sentence with its cure.</summary>
    /// <param name="args">The command line without the program and the command.</param>
    /// <param name="environment">Finds an environment variable.</param>
    /// <param name="beside">The program's folder.</param>
    /// <param name="dataOnly">A command that only needs the data folder: the files of a server need not be there.</param>
    public static (ServerOptions? Options, IReadOnlyList<string> Problems) Read(
        IReadOnlyList<string> args, Func<string, string?> environment, string beside, bool dataOnly = false)
    {
        var problems = new List<string>();
        var line = ReadLine(args, problems);
        var file = ReadFile(line.GetValueOrDefault("config") ?? environment("DROPIT_CONFIG"), problems);

        var home = environment("HOME") is { Length: > 0 } h ? h : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var share = environment("XDG_DATA_HOME") is { Length: > 0 } xdg ? xdg : Path.Combine(home, ".local", "share");
        var data = Path.GetFullPath(Value("data") ?? Path.Combine(share, "dropit"));
        if (Encoding.UTF8.GetByteCount(data) > MaxDataBytes)
        {
            problems.Add($"--data {data}: the path is longer than {MaxDataBytes} bytes, too long for the sockets in it. Choose a shorter one.");
        }

        var bindText = Value("bind") ?? "127.0.0.1";
        var bind = IPAddress.TryParse(bindText == "localhost" ? "127.0.0.1" : bindText, out var address) ? address : null;
        if (bind is null)
        {
            problems.Add($"--bind {bindText}: not an IP address. Use 127.0.0.1 for this machine only, 0.0.0.0 for every network it is on.");
        }

        var port = Number("port", 7700, 1, 65535);
        var domain = (Value("domain") ?? "localhost").ToLowerInvariant();
        if (Uri.CheckHostName(domain) != UriHostNameType.Dns || domain.Length > 200)
        {
            problems.Add($"--domain {domain}: not a domain name. Give one without scheme and port, such as localhost or dropit.example.org.");
        }

        var origin = Value("origin") ?? string.Create(CultureInfo.InvariantCulture, $"http{(Value("tls-certificate") is null ? "" : "s")}://localhost:{port}");
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.PathAndQuery != "/" || uri.UserInfo != "")
        {
            problems.Add($"--origin {origin}: not an origin. Give scheme, host and port only, such as https://dropit.example.org.");
        }

        var storage = EndPoint("storage-listen", "0.0.0.0:7701");
        var metrics = EndPoint("metrics-listen", "127.0.0.1:9464");
        var logs = Value("logs") ?? "text";
        if (logs is not ("text" or "json"))
        {
            problems.Add($"--logs {logs}: say text or json.");
        }

        var (tlsCertificate, tlsKey) = (Value("tls-certificate"), Value("tls-key"));
        if (tlsCertificate is null != tlsKey is null)
        {
            problems.Add("--tls-certificate and --tls-key: one without the other. Give both files, or neither and let something before this server speak https.");
        }

        KubernetesOptions? cluster = null;
        if (!dataOnly && Value("kubernetes") is { } clusterFile)
        {
            (cluster, var trouble) = KubernetesOptions.Read(clusterFile);
            if (trouble is not null)
            {
                problems.Add(trouble);
            }
        }

        var postgres = dataOnly || Value("database") is not { } database ? null : DatabaseOption.Read(
            database,
            line.ContainsKey("database"),
            Value("database-password"),
            Value("database-password-file"),
            Value("key-file"),
            data,
            alone: cluster is null,
            problems);
        var sleep = new SleepRules(Minutes("idle-minutes", 15), Minutes("open-minutes", 60), YesOrNo("always-on"));
        var cacheMegabytes = Number("cache-megabytes", cluster is null ? 0 : 1024, 0, 1024 * 1024);
        var importMegabytes = Number("import-megabytes", 1024, 1, 4096);
        var importPrivate = YesOrNo("import-private");
        const long Mebibyte = 1024 * 1024;
        var quota = new Quota(
            Number("workspace-files", 200_000, 1, 1_000_000),
            Number("workspace-megabytes", 4096, 1, 64 * 1024) * Mebibyte,
            Number("file-megabytes", (int)(JournalEntry.MaxFileLength / Mebibyte), 1, (int)(JournalEntry.MaxFileLength / Mebibyte)) * Mebibyte);
        var sandbox = ReadSandbox();
        var s3 = S3Reader.Read(Value, problems);
        var history = new Retention
        {
            All = TimeSpan.FromHours(Number("history-all-hours", 24, 1, 24 * 365)),
            Hourly = TimeSpan.FromDays(Number("history-hourly-days", 7, 1, 365)),
            Daily = TimeSpan.FromDays(Number("history-daily-days", 365, 1, 3650)),
        };
        if (history.All > history.Hourly || history.Hourly > history.Daily)
        {
            problems.Add("--history-all-hours, --history-hourly-days, --history-daily-days: each must reach at least as far back as the one before.");
        }

        var accounts = AccountReader.Read(Value, problems);
        int? workspacesEach = Value("workspaces-per-person") is null ? null : Number("workspaces-per-person", 1, 0, 1000);
        int? awakeEach = Value("awake-per-person") is null ? null : Number("awake-per-person", 1, 0, 1000);
        var upgrades = Number("upgrades-per-minute", 3000, 1, 1_000_000);
        var proxies = ReadNetworks(Value("trusted-proxies"), problems);
        var auditAge = TimeSpan.FromDays(Number("audit-days", 90, 1, 3650));
        var roles = dataOnly ? Roles.All : RolesReader.Read(Value, Value("kubernetes") is not null, problems);
        var broker = RolesReader.ReadBroker(Value("rabbitmq"), problems);
        var storageAt = RolesReader.ReadStorageAt(Value("storage-at"), problems);
        var publicKey = RolesReader.ReadPublicKey(Value("public-key"), problems);
        var front = !dataOnly && roles.HasFlag(Roles.Control);
        var templates = Path.GetFullPath(Value("templates") ?? Path.Combine(beside, "templates"));
        var web = Path.GetFullPath(Value("web") ?? Path.Combine(beside, "wwwroot"));
        var runner = Path.GetFullPath(Value("runner") ?? Path.Combine(beside, "dropit-runner"));
        if (front && cluster is null && !File.Exists(runner))
        {
            problems.Add($"--runner {runner}: there is no such file. Build it with ./dropit build, or name the runner's executable.");
        }

        if (front && !Directory.Exists(templates))
        {
            problems.Add($"--templates {templates}: there is no such folder. Name the folder that holds one folder a stack.");
        }

        if (problems.Count > 0)
        {
            return (null, problems);
        }

        return (new ServerOptions
        {
            Data = data,
            Bind = bind!,
            Port = port,
            Domain = domain,
            Origin = uri!.GetLeftPart(UriPartial.Authority),
            Templates = templates,
            Web = web,
            Runner = runner,
            Sleep = sleep,
            CacheBytes = cacheMegabytes * 1024L * 1024,
            ImportBytes = importMegabytes * 1024L * 1024,
            ImportPrivate = importPrivate,
            Quota = quota,
            Sandbox = sandbox,
            S3 = s3,
            History = history,
            StorageListen = storage,
            MetricsListen = metrics,
            JsonLogs = logs == "json",
            Postgres = postgres,
            Accounts = accounts,
            AuditAge = auditAge,
            WorkspacesEach = workspacesEach,
            AwakeEach = awakeEach,
            UpgradesPerMinute = upgrades,
            TrustedProxies = proxies,
            Settings = dataOnly ? [] : [
                .. s_help.Where(o => o.Key != "config").Select(o => Describe(o.Key, o.Value[o.Value.IndexOf(' ', StringComparison.Ordinal)..].Trim(), secret: false)),
                .. s_secrets.Select(o => Describe(o.Key, o.Value, secret: true)),
            ],
            StorageAt = storageAt,
            Broker = broker,
            PublicKey = publicKey,
            Roles = roles,
            Kubernetes = cluster,
            TlsCertificate = tlsCertificate,
            TlsKey = tlsKey,
        }, problems);

        SandboxOptions ReadSandbox()
        {
            var text = Value("sandbox") ?? "auto";
            if (!Enum.TryParse<SandboxChoice>(text, ignoreCase: true, out var choice) || int.TryParse(text, out _))
            {
                problems.Add($"--sandbox {text}: say auto, bubblewrap or none.");
            }

            IReadOnlyList<string> shared = (Value("sandbox-share") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            foreach (var folder in shared.Where(folder => !SandboxOptions.MayShare(folder, data)))
            {
                problems.Add($"--sandbox-share {folder}: no folder that is there, with its whole path and apart from the data folder. All workspaces can write there.");
            }

            var half = (int)Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2 / Mebibyte, 256, 1024 * 1024);
            return new SandboxOptions
            {
                Choice = choice,
                MemoryBytes = Number("sandbox-memory-megabytes", half, 128, 1024 * 1024) * Mebibyte,
                Processes = Number("sandbox-processes", 4096, 32, 1_000_000),
                Shared = [.. shared.Select(Path.GetFullPath)],
                Secrets = [.. ((string?[])[line.GetValueOrDefault("config") ?? environment("DROPIT_CONFIG"), .. s_secretFiles.Select(Value)]).OfType<string>().Select(Path.GetFullPath)],
            };
        }

        string? Value(string name)
        {
            var text = line.GetValueOrDefault(name)
                ?? environment(Variable(name))
                ?? file.GetValueOrDefault(name);
            return string.IsNullOrEmpty(text) ? null : text;
        }

        Setting Describe(string name, string help, bool secret)
        {
            var text = Value(name);
            var source = text is null ? "default" : line.ContainsKey(name) ? "command line" : environment(Variable(name)) is { Length: > 0 } ? "environment" : "file";
            return new Setting(name, help, secret || text is null ? null : Setting.Shown(name, text), source, secret);
        }

        IPEndPoint? EndPoint(string name, string example)
        {
            if (Value(name) is not { } text)
            {
                return null;
            }

            if (!IPEndPoint.TryParse(text, out var point) || point.Port == 0)
            {
                problems.Add($"--{name} {text}: not an IP address with a port, such as {example}.");
            }

            return point;
        }

        bool YesOrNo(string name)
        {
            var text = Value(name) ?? "no";
            if (text is not ("yes" or "no"))
            {
                problems.Add($"--{name} {text}: say yes or no.");
            }

            return text == "yes";
        }

        TimeSpan Minutes(string name, int otherwise)
        {
            const int Most = 60 * 24 * 30;
            var text = Value(name) ?? otherwise.ToString(CultureInfo.InvariantCulture);
            if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var minutes)
                && minutes is >= 0.05 and <= Most)
            {
                return TimeSpan.FromMinutes(minutes);
            }

            problems.Add($"--{name} {text}: not a number of minutes from 0.05 to {Most}.");
            return TimeSpan.FromMinutes(otherwise);
        }

        int Number(string name, int otherwise, int least, int most)
        {
            var text = Value(name);
            if (text is null)
            {
                return otherwise;
            }

            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
            {
                return number;
            }

            problems.Add($"--{name} {text}: not a number from {least} to {most}.");
            return otherwise;
        }
    }

    private static List<IPNetwork> ReadNetworks(string? list, List<string> problems)
    {
        var read = new List<IPNetwork>();
        foreach (var text in (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (IPNetwork.TryParse(text, out var network))
            {
                read.Add(network);
            }
            else if (IPAddress.TryParse(text, out var address))
            {
                read.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else
            {
                problems.Add($"--trusted-proxies {text}: neither an address nor a network, such as 10.0.0.7 or 10.0.0.0/8.");
            }
        }

        return read;
    }

    private static string Variable(string name) => "DROPIT_" + name.Replace('-', '_').ToUpperInvariant();

    private static Dictionary<string, string> ReadLine(IReadOnlyList<string> args, List<string> problems)
    {
        var read = new Dictionary<string, string>();
        for (var i = 0; i < args.Count; i++)
        {
            var (name, value) = args[i].Split('=', 2) is [var n, var v] ? (n, v) : (args[i], null);
            if (name.StartsWith("--", StringComparison.Ordinal) && s_secrets.ContainsKey(name[2..]))
            {
                problems.Add($"{name}: every user of this machine can read a command line. Set {Variable(name[2..])} in the environment, or name it in the --config file.");
                i += value is null && i + 1 < args.Count ? 1 : 0;
                continue;
            }

            if (!name.StartsWith("--", StringComparison.Ordinal) || !s_help.ContainsKey(name[2..]))
            {
                problems.Add($"{args[i]}: there is no such option. --help lists them all.");
                continue;
            }

            value ??= i + 1 < args.Count ? args[++i] : null;
            if (value is null)
            {
                problems.Add($"{name}: its value is missing. Write it behind, as in {name} VALUE.");
                continue;
            }

            read[name[2..]] = value;
        }

        return read;
    }

    private static Dictionary<string, string> ReadFile(string? path, List<string> problems)
    {
        var read = new Dictionary<string, string>();
        if (path is null)
        {
            return read;
        }

        try
        {
            using var json = JsonDocument.Parse(
                File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if ((s_help.ContainsKey(property.Name) && property.Name != "config") || s_secrets.ContainsKey(property.Name))
                {
                    read[property.Name] = property.Value.ToString();
                }
                else
                {
                    problems.Add($"{path}: there is no option \"{property.Name}\". --help lists them all; names are written without the dashes.");
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            problems.Add($"--config {path}: cannot be read ({e.Message}). It must hold one JSON object such as {{\"port\": 7700}}.");
        }

        return read;
    }
}
