using System.IO.Compression;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Journal;
using DropIt.Storage.Objects;
using DropIt.Storage.Persisting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DropIt.Storage.Tests;

/// <summary>A whole storage service, as a server hosts it, on a folder of its own, with a clock that stands still
/// until told.</summary>
internal sealed class StorageRig : IAsyncDisposable
{
    private readonly string _root;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly StorageOptions _options;
    private WebApplication _app = null!;
    private int _templates;

    private StorageRig(Func<StorageOptions, StorageOptions>? configure, bool onDisk)
    {
        // Syncing thousands of small files to a real disk is most of the time of a test that is not about the disk.
        const string Memory = "/dev/shm";
        _root = onDisk || !Directory.Exists(Memory)
            ? Directory.CreateTempSubdirectory("dropit-storage-").FullName
            : Directory.CreateDirectory(Path.Combine(Memory, "dropit-storage-" + Guid.NewGuid().ToString("n"))).FullName;
        var options = new StorageOptions
        {
            DataFolder = Path.Combine(_root, "data"),
            PublicKey = () => Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo()),
        };
        _options = configure?.Invoke(options) ?? options;
        Store = new CountingStore(_options.S3 is { } s3 ? new S3ObjectStore(s3) : new DiskObjectStore(Path.Combine(_options.DataFolder, "store")));
    }

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public CountingStore Store { get; }

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    public StorageOptions Options => _options;

    public string DataFolder => _options.DataFolder;

    public WorkspaceStore Workspaces => Get<WorkspaceStore>();

    public HttpClient Http { get; private set; } = null!;

    /// <summary>Everything that is routed.</summary>
    public IEnumerable<RouteEndpoint> Routes => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).Cast<RouteEndpoint>();

    public static async Task<StorageRig> StartAsync(Func<StorageOptions, StorageOptions>? configure = null, bool onDisk = false)
    {
        var rig = new StorageRig(configure, onDisk);
        await rig.StartAsync();
        return rig;
    }

    public static JournalChange Write(string path, string text, int mode = 0x1A4) => Write(path, Encoding.UTF8.GetBytes(text), mode);

    public static JournalChange Write(string path, byte[] content, int mode = 0x1A4, bool inline = true) => new()
    {
        Path = path,
        Kind = ChangeKind.File,
        Mode = mode,
        Size = content.Length,
        Hash = Convert.ToHexStringLower(SHA256.HashData(content)),
        Content = inline && content.Length > 0 ? Deflate(content) : null,
    };

    public static JournalChange Delete(string path) => new() { Path = path, Kind = ChangeKind.Delete };

    public static byte[] Deflate(byte[] content)
    {
        using var memory = new MemoryStream();
        using (var deflate = new DeflateStream(memory, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(content);
        }

        return memory.ToArray();
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddStorage(_options).AddIntake().AddPersister();

        // A collection takes its grace period for real time: beside a clock that jumps, tests say themselves when one runs.
        builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(CollectorSchedule)));
        builder.Services.AddSingleton<IObjectStore>(Store);
        _app = builder.Build();
        _app.MapStorage();
        await _app.StartAsync();
        Http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    /// <summary>Ends the server as its user would.</summary>
    public async Task StopAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Ends the server so that it can write nothing any more, and starts it again.</summary>
    public async Task CrashAsync()
    {
        _ = Store.DieAt(1, after: false);
        await StopAsync();
        Store.Revive();
        await StartAsync();
    }

    /// <summary>A template folder with these files.</summary>
    public string Template(params (string Path, string Text)[] files)
    {
        var folder = Path.Combine(_root, $"template{_templates++}");
        Directory.CreateDirectory(folder);
        foreach (var (path, text) in files)
        {
            var full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }

        return folder;
    }

    /// <summary>A workspace with these files.</summary>
    public async Task<Slug> CreateAsync(params (string Path, string Text)[] files)
    {
        var slug = Slug.Fresh();
        var result = await Workspaces.CreateAsync(slug, Template(files), Cancel);
        Assert.True(result.Succeeded, result.Message);
        return slug;
    }

    public Task<IntakeAnswer> PostAsync(Slug slug, long epoch, long sequence, params JournalChange[] changes) =>
        PostAsync(new JournalEntry(slug.Value, epoch, sequence, changes));

    public Task<IntakeAnswer> PostAsync(JournalEntry entry)
    {
        Assert.True(Slug.TryParse(entry.Workspace, out var slug));
        return Get<JournalIntake>().AcceptAsync(slug, Json(entry), Cancel);
    }

    public static byte[] Json(JournalEntry entry) =>
        JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry);

    public Task SettleAsync(Slug slug) => Workspaces.SettledAsync(slug, Cancel);

    /// <summary>Pushes and looks until what must happen has happened; the test's own time limit ends it
    /// otherwise.</summary>
    public static async Task UntilAsync(Action push, Func<Task<bool>> happened)
    {
        while (!await happened())
        {
            push();
            await Task.Yield();
            Cancel.ThrowIfCancellationRequested();
        }
    }

    public async Task<Head> HeadAsync(Slug slug) => (await Get<HeadBook>().ReadHeadAsync(Keys.Head(slug), Cancel)).Head!;

    public string Ticket(Slug slug, Role role = Role.Runner, int seconds = 60) =>
        new Ticket(slug.Value, "u", role, Time.GetUtcNow().ToUnixTimeSeconds() + seconds).Sign(_key);

    public HttpRequestMessage Request(HttpMethod method, Slug slug, string route, HttpContent? content = null, string? ticket = null)
    {
        var request = new HttpRequestMessage(method, $"/storage/{slug}/{route}") { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ticket ?? Ticket(slug));
        return request;
    }

    public async Task<string> ReadAsync(Slug slug, string path)
    {
        var file = await Workspaces.OpenFileAsync(slug, path, Cancel);
        Assert.True(file.Error == StorageError.None, file.Message);
        await using var opened = file.Value!;
        using var reader = new StreamReader(opened.Content);
        return await reader.ReadToEndAsync(Cancel);
    }

    public async Task<IEnumerable<string>> PathsAsync(Slug slug) =>
        (await Workspaces.ListAsync(slug, Cancel)).Value!.Paths.Select(path => path.Path);

    public async ValueTask DisposeAsync()
    {
        _ = Store.DieAt(1, after: false);
        await StopAsync();
        _key.Dispose();
        Directory.Delete(_root, recursive: true);
    }
}
