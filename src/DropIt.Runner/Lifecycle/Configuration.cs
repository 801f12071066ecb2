using System.Text.Json;
using DropIt.Protocol.Workspaces;

namespace DropIt.Runner.Lifecycle;

/// <summary>Reads and checks what the orchestrator says.</summary>
internal static class Configuration
{
    private const string Usage = """
        usage: dropit-runner --config -|PATH                              RunnerOptions as JSON, from standard input or a file
               dropit-runner --unclaimed http://ADDRESS:PORT --public-key KEY    waits there to be assigned a workspace
        """;

    /// <summary>Largest configuration in bytes.</summary>
    private const int MaxLength = 64 * 1024;

    /// <summary>Reads the options that <paramref name="args"/> name; null when the problems say why not: all of them, each with its cure.</summary>
    public static (RunnerOptions? Options, IReadOnlyList<string> Problems) Read(string[] args)
    {
        if (args is not ["--config", var source])
        {
            return (null, [Usage]);
        }

        try
        {
            using var stream = source == "-" ? Console.OpenStandardInput() : File.OpenRead(source);
            var buffer = new byte[MaxLength];
            var length = stream.ReadAtLeast(buffer, MaxLength, throwOnEndOfStream: false);
            var options = JsonSerializer.Deserialize(buffer.AsSpan(0, length), WorkspaceJson.Default.RunnerOptions)
                ?? throw new JsonException("it is null");
            var problems = Problems(options);
            return (problems.Count == 0 ? options : null, problems);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return (null, [$"The configuration ({source}) can not be read: {e.Message}"]);
        }
    }

    /// <summary>Everything that is wrong with the options.</summary>
    public static IReadOnlyList<string> Problems(RunnerOptions options)
    {
        var problems = new List<string>();
        Require(Slug.TryParse(options.Workspace, out _), "workspace", "10 to 40 characters a-z and 0-9, the first a letter");
        Require(options.Epoch > 0, "epoch", "a number from 1 that grows with every start");
        Require(Path.IsPathRooted(options.Root), "root", "an absolute path");
        Require(Path.IsPathRooted(options.State), "state", "an absolute path");
        Require(
            !Path.GetFullPath(options.State + "/").StartsWith(Path.GetFullPath(options.Root + "/"), StringComparison.Ordinal),
            "state",
            "a folder outside root, which the workspace's programs write to");
        Require(Address.TryParse(options.Listen, out _), "listen", "unix:/path/to/socket or http://address:port");
        Require(Address.TryParse(options.Storage, out _), "storage", "unix:/path/to/socket or http://host:port");
        Require(options.StorageTicket.Length > 0, "storageTicket", "a ticket of the role runner");
        Require(IsKey(options.PublicKey), "publicKey", KeyIs);
        Require(
            Uri.TryCreate(options.ControlOrigin, UriKind.Absolute, out var origin)
                && origin.Scheme is "http" or "https"
                && origin.GetLeftPart(UriPartial.Authority) == options.ControlOrigin,
            "controlOrigin",
            "an origin such as http://localhost:7700, without a path");
        Require(options.Domain.Length > 0 && !options.Domain.Contains('/'), "domain", "a host such as localhost:7700");
        Require(options.Port is null or (> 0 and <= 65535), "port", "a number from 1 to 65535, or nothing");
        Require(options.Watches is null or >= 0, "watches", "a number of folders, or nothing");
        return problems;

        void Require(bool holds, string field, string what)
        {
            if (!holds)
            {
                problems.Add($"{field} must be {what}.");
            }
        }
    }

    /// <summary>What <see cref="IsKey"/> wants, in words.</summary>
    public const string KeyIs = "base64 of control's P-256 key (SubjectPublicKeyInfo)";

    /// <summary>True for a public key of control.</summary>
    public static bool IsKey(string text)
    {
        try
        {
            using var key = System.Security.Cryptography.ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(text), out _);
            return true;
        }
        catch (Exception e) when (e is FormatException or System.Security.Cryptography.CryptographicException)
        {
            return false;
        }
    }
}
