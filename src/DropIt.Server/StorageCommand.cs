using System.Globalization;
using System.IO.Compression;
using DropIt.Protocol.Workspaces;
using DropIt.Server.Options;
using DropIt.Storage.Access;
using DropIt.Storage.Upkeep;

namespace DropIt.Server;

/// <summary>
/// <c>dropit-server storage verify|gc|export</c>: what operators do to a store. Exit codes: 0 all is well, 1 something is missing, damaged or not there, 2 the
/// command could not be carried out.
/// </summary>
/// <param name="Verb">verify, gc or export.</param>
/// <param name="Slug">Which workspace; null: all.</param>
/// <param name="File">Where an export goes; null: a zip named after the workspace.</param>
/// <param name="Dry">Only say what would be removed.</param>
/// <param name="Options">What is left for <see cref="OptionReader"/>.</param>
internal sealed record StorageCommand(string Verb, Slug? Slug, string? File, bool Dry, string[] Options)
{
    /// <summary>How long an export waits for what was acknowledged and not written yet.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Part of what <c>--help</c> prints.</summary>
    public const string Help = """
        storage commands; each takes --data or --s3.. as the server does, and may run beside it
          storage verify [SLUG]         compare every stored content with its hash; says what is missing or damaged and whom it touches
          storage gc [--dry-run]        remove what nothing has referred to for an hour
          storage export SLUG [FILE]    a workspace as FILE.zip, .tar or .tar.gz (default SLUG.zip)

        """;

    /// <summary>Reads what stands behind <c>storage</c>.</summary>
    public static (StorageCommand? Command, string? Mistake) Parse(string[] args)
    {
        var words = args.TakeWhile(arg => !arg.StartsWith("--", StringComparison.Ordinal)).ToArray();
        var options = args[words.Length..].Where(arg => arg != "--dry-run").ToArray();
        var dry = options.Length < args.Length - words.Length;
        Slug? slug = null;
        if (words.Length > 1)
        {
            if (!DropIt.Protocol.Workspaces.Slug.TryParse(words[1], out var named))
            {
                return (null, $"storage {words[0]} {words[1]}: this is not the name of a workspace. Its address begins with it.");
            }

            slug = named;
        }

        return words switch
        {
            ["verify"] or ["verify", _] or ["export", _] or ["export", _, _] when !dry => (Of(), null),
            ["gc"] => (Of(), null),
            _ => (null, $"storage {string.Join(' ', args)}: say storage verify [SLUG], storage gc [--dry-run] or storage export SLUG [FILE]. --help says more."),
        };

        StorageCommand Of() => new(words[0], slug, words.ElementAtOrDefault(2), dry, options);
    }

    /// <summary>Carries it out; the answer is the exit code.</summary>
    public async Task<int> RunAsync(ServerOptions server)
    {
        try
        {
            using var upkeep = new StorageUpkeep(new StorageOptions { DataFolder = server.Data, S3 = server.S3, PublicKey = () => null });
            return Verb switch
            {
                "verify" => await VerifyAsync(upkeep),
                "gc" => await CollectAsync(upkeep),
                _ => await ExportAsync(upkeep, server.Data),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync("dropit: " + e.Message);
            return 2;
        }
    }

    /// <summary>The server's side; only the admin socket leads here.</summary>
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/admin/settle/{slug}", async (string slug, WorkspaceStore store, CancellationToken cancel) =>
        {
            if (DropIt.Protocol.Workspaces.Slug.TryParse(slug, out var named))
            {
                await store.SettledAsync(named, cancel);
            }
        });

    private async Task<int> VerifyAsync(StorageUpkeep upkeep)
    {
        var seen = await upkeep.VerifyAsync(Slug, CancellationToken.None);
        if (seen.Heads == 0 && Slug is not null)
        {
            return await NoWorkspaceAsync();
        }

        foreach (var finding in seen.Findings)
        {
            Console.WriteLine($"{finding.Name} is {(finding.Missing ? "missing" : "damaged")}; it touches");
            foreach (var touched in finding.Touched)
            {
                Console.WriteLine("  " + touched);
            }
        }

        Console.WriteLine($"read {seen.Heads} heads and {seen.Packs} packs, {Size(seen.Bytes)} of contents: "
            + (seen.Findings.Count == 0 ? "all is as it was stored" : $"{seen.Findings.Count} missing or damaged; take them from a backup"));
        return seen.Findings.Count == 0 ? 0 : 1;
    }

    private async Task<int> CollectAsync(StorageUpkeep upkeep)
    {
        var done = await upkeep.CollectAsync(Dry, CancellationToken.None);
        Console.WriteLine($"{(Dry ? "would remove" : "removed")} {done.Removed} objects ({Size(done.RemovedBytes)}) that nothing refers to; "
            + $"{done.Waiting} more ({Size(done.WaitingBytes)}) have not been so for an hour yet");
        return 0;
    }

    private async Task<int> ExportAsync(StorageUpkeep upkeep, string data)
    {
        var file = File ?? $"{Slug}.zip";
        var (tar, packed) = (file.EndsWith(".tar", StringComparison.Ordinal), file.EndsWith(".tar.gz", StringComparison.Ordinal));
        if (!tar && !packed && !file.EndsWith(".zip", StringComparison.Ordinal))
        {
            await Console.Error.WriteLineAsync($"dropit: {file}: end its name with .zip, .tar or .tar.gz.");
            return 2;
        }

        if (System.IO.File.Exists(file))
        {
            await Console.Error.WriteLineAsync($"dropit: {file} exists already. Name another file, or remove it first.");
            return 2;
        }

        var settled = await SettleAsync(data);
        var part = file + ".part";
        try
        {
            DateTimeOffset? time;
            await using (var output = new FileStream(part, FileMode.Create, FileAccess.Write))
            await using (var gzip = packed ? new GZipStream(output, CompressionLevel.Fastest) : null)
            {
                time = await upkeep.ExportAsync(Slug!.Value, tar || packed, (Stream?)gzip ?? output, CancellationToken.None);
            }

            if (time is not { } written)
            {
                return await NoWorkspaceAsync();
            }

            System.IO.File.Move(part, file);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}: {Slug} as it was written at {written:u}")
                + (settled ? "" : "; no server answered here, so changes that still wait in a journal are not in it"));
            return 0;
        }
        finally
        {
            System.IO.File.Delete(part);
        }
    }

    /// <summary>Has the server of this data folder write what it acknowledged; false when there is none.</summary>
    private async Task<bool> SettleAsync(string data)
    {
        using var handler = Address.OfSocket(DataFolder.AdminSocket(data)).NewHandler();
        using var client = new HttpClient(handler) { Timeout = s_patience };
        try
        {
            using var answer = await client.PostAsync(new Uri($"http://server/admin/settle/{Slug}"), null);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<int> NoWorkspaceAsync()
    {
        await Console.Error.WriteLineAsync($"dropit: there is no workspace named {Slug} in this store.");
        return 1;
    }

    private static string Size(long bytes) => bytes < 1_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:0.0} kB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1_000_000.0:0.0} MB");
}
