using System.Security.Cryptography;

namespace DropIt.Server.Options;

/// <summary>What a process does of all that there is.</summary>
[Flags]
internal enum Roles
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Sign-in, stacks, workspaces, tickets, REST, the page.</summary>
    Control = 1,

    /// <summary>What is wanted becomes what runs.</summary>
    Orchestrator = 2,

    /// <summary>Host name to workspace.</summary>
    Gateway = 4,

    /// <summary>What runners send to.</summary>
    Storage = 8,

    /// <summary>Journal to object store.</summary>
    Persister = 16,

    /// <summary>The three that share what runs in memory, and therefore a process.</summary>
    Front = Control | Orchestrator | Gateway,

    /// <summary>A server on its own.</summary>
    All = Front | Storage | Persister,
}

/// <summary>Reads <c>--roles</c> and what a role needs when another one is in another process.</summary>
internal static class RolesReader
{
    private static readonly Dictionary<string, Roles> s_names = new()
    {
        ["control"] = Roles.Control,
        ["orchestrator"] = Roles.Orchestrator,
        ["gateway"] = Roles.Gateway,
        ["storage"] = Roles.Storage,
        ["persister"] = Roles.Persister,
    };

    /// <summary>The roles; what is missing for them goes to <paramref name="problems"/>.</summary>
    /// <param name="value">Finds an option.</param>
    /// <param name="cluster">Workspaces are pods; their file says where they find storage.</param>
    /// <param name="problems">Gets a sentence for each.</param>
    public static Roles Read(Func<string, string?> value, bool cluster, List<string> problems)
    {
        if (value("roles") is not { } text)
        {
            return Roles.All;
        }

        var roles = Roles.None;
        foreach (var name in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (s_names.TryGetValue(name, out var role))
            {
                roles |= role;
            }
            else
            {
                problems.Add($"--roles {text}: there is no role '{name}'. The roles are {string.Join(", ", s_names.Keys)}.");
                return Roles.All;
            }
        }

        if (roles == Roles.None)
        {
            problems.Add($"--roles {text}: name at least one of {string.Join(", ", s_names.Keys)}, or leave it out for all.");
        }

        if ((roles & Roles.Front) is not (Roles.None or Roles.Front))
        {
            problems.Add($"--roles {text}: control, orchestrator and gateway share in memory what runs where. Name all three for one process, or none of them.");
        }

        if (roles != Roles.All && value("rabbitmq") is null)
        {
            problems.Add($"--roles {text}: without a message broker the journal lies in the data folder of one process, and no other can read it. Set "
                + "DROPIT_RABBITMQ=amqp://user:password@host, the same for every process, or leave --roles out.");
        }

        if (roles != Roles.All && value("s3") is null)
        {
            problems.Add($"--roles {text}: without an S3 bucket the workspaces lie in the data folder of one process, and no other can read them. Name one "
                + "with --s3, the same for every process, or leave --roles out.");
        }

        if (roles.HasFlag(Roles.Orchestrator) && !roles.HasFlag(Roles.Storage) && !cluster && value("storage-at") is null)
        {
            problems.Add($"--roles {text}: runners must know where the storage service is when it is another process. Name its --storage-listen with "
                + "--storage-at http://host:port.");
        }

        if (roles.HasFlag(Roles.Storage) && !roles.HasFlag(Roles.Control) && value("public-key") is null)
        {
            problems.Add($"--roles {text}: the storage service checks tickets with control's public key. Name a copy of public.key, from control's data "
                + "folder, with --public-key FILE.");
        }

        return roles;
    }

    /// <summary>The key in the file that <c>--public-key</c> names, as tickets are checked with; null when none is named, or it is a problem.</summary>
    public static string? ReadPublicKey(string? path, List<string> problems)
    {
        if (path is null)
        {
            return null;
        }

        try
        {
            var text = File.ReadAllText(path).Trim();
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(text), out _);
            return text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or CryptographicException)
        {
            problems.Add($"--public-key {path}: holds no public key ({e.Message}). Copy public.key from the data folder of the server with the control role.");
            return null;
        }
    }

    /// <summary>Where runners find a storage service of another process; null when none is named, or it is a problem.</summary>
    public static string? ReadStorageAt(string? text, List<string> problems)
    {
        if (text is null || text.StartsWith("unix:/", StringComparison.Ordinal)
            || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme == "http" && uri.PathAndQuery == "/"))
        {
            return text;
        }

        problems.Add($"--storage-at {text}: not an address. Give http://host:port of a --storage-listen, or unix:/path/run/storage/sock of a data folder.");
        return null;
    }

    /// <summary>The broker's address; null when none is named, or it is a problem.</summary>
    public static Uri? ReadBroker(string? text, List<string> problems)
    {
        if (text is null)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps" && uri.Host.Length > 0)
        {
            return uri;
        }

        problems.Add("DROPIT_RABBITMQ: not an address of a message broker. It looks like amqp://user:password@host:5672/vhost, or amqps:// with TLS.");
        return null;
    }

    /// <summary>The roles as they are written.</summary>
    public static string Describe(Roles roles) => string.Join(", ", s_names.Where(role => roles.HasFlag(role.Value)).Select(role => role.Key));
}
