using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Journal;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;
using DropIt.Storage.Persisting;
using DropIt.Tests.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DropIt.Bench;

/// <summary>The storage service as the server hosts it, in this process, on a real S3 server; and someone who edits through it.</summary>
internal sealed class StorageService : IAsyncDisposable
{
    private const int TextLength = 4000;

    private readonly string _folder;
    private readonly WebApplication _app;
    private readonly JournalIntake _intake;
    private readonly HeadBook _heads;
    private readonly ConcurrentDictionary<Slug, Text> _texts = new();

    private StorageService(string folder, WebApplication app, StorageOptions options, CountedObjects objects, SentRequests sent, TimeProvider time)
    {
        (_folder, _app, Options, Objects, Sent, Time) = (folder, app, options, objects, sent, time);
        _intake = app.Services.GetRequiredService<JournalIntake>();

        // What only looks is no part of a figure: it goes to the same server by another name.
        var uncounted = new S3ObjectStore(options.S3! with { Endpoint = new UriBuilder(options.S3!.Endpoint!) { Host = "localhost" }.Uri });
        _heads = new HeadBook(uncounted, new PackReader(uncounted));
    }

    public StorageOptions Options { get; }

    public CountedObjects Objects { get; }

    /// <summary>Requests to S3 of the service.</summary>
    public SentRequests Sent { get; }

    public TimeProvider Time { get; }

    public static async Task<StorageService> StartAsync(S3Server s3, TimeProvider time, Func<StorageOptions, StorageOptions>? more = null)
    {
        var folder = Directory.CreateTempSubdirectory("dropit-bench-").FullName;
        var options = new StorageOptions { DataFolder = folder, PublicKey = () => "", S3 = s3.Options(S3Server.FreshPrefix()) };
        options = more?.Invoke(options) ?? options;
        var objects = new CountedObjects(new S3ObjectStore(options.S3!));
        var sent = new SentRequests(options.S3!.Endpoint!);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(time);
        builder.Services.AddStorage(options).AddIntake().AddPersister();
        builder.Services.AddSingleton<IObjectStore>(objects);
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync();
        return new StorageService(folder, app, options, objects, sent, time);
    }

    public async Task<Slug> CreateAsync(int files)
    {
        var (slug, source) = (Slug.Fresh(), Path.Combine(_folder, "source"));
        for (var i = 0; i < files; i++)
        {
            var path = Path.Combine(source, $"d{i % 500}", $"f{i}.js");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, $"export const value = {i};\n");
        }

        var made = await _app.Services.GetRequiredService<WorkspaceStore>().ImportAsync(slug, source, null, default);
        return made.Succeeded ? slug : throw new InvalidOperationException(made.Message);
    }

    /// <summary>One file of 4 KB has changed; false when the service asks to come again later.</summary>
    public async Task<bool> EditAsync(Slug slug)
    {
        var text = _texts.GetOrAdd(slug, _ => new Text());
        var answer = await _intake.AcceptAsync(slug, Entry(slug, text.Next, text.Typed()), default);
        switch (answer.Outcome)
        {
            case IntakeOutcome.Accepted:
                text.Next++;
                return true;
            case IntakeOutcome.Busy:
                return false;
            default:
                throw new InvalidOperationException(answer.Message);
        }
    }

    /// <summary>Is every edit of the workspace in S3?</summary>
    public async Task<bool> IsAppliedAsync(Slug slug) => (await _heads.ReadHeadAsync(Keys.Head(slug), default)).Head!.Sequence >= _texts[slug].Next - 1;

    public Task CompactAsync(Slug slug) => _app.Services.GetRequiredService<Compactor>().RunAsync(slug, default);

    /// <summary>Bytes of the packs that the present head needs.</summary>
    public async Task<long> LiveAsync(Slug slug)
    {
        var (head, _) = await _heads.ReadHeadAsync(Keys.Head(slug), default);
        return head!.Packs.Sum(pack => pack.Length);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Sent.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static byte[] Entry(Slug slug, long sequence, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(bytes);
        }

        var change = new JournalChange
        {
            Path = "d1/f1.js",
            Kind = ChangeKind.File,
            Mode = 0x1A4,
            Size = bytes.Length,
            Hash = Convert.ToHexStringLower(SHA256.HashData(bytes)),
            Content = packed.ToArray(),
        };
        return JsonSerializer.SerializeToUtf8Bytes(new JournalEntry(slug.Value, 1, sequence, [change]), JournalJson.Default.JournalEntry);
    }

    /// <summary>What someone types into a workspace: each edit adds a line, and at 4,000 letters the oldest go.</summary>
    private sealed class Text
    {
        private readonly StringBuilder _text = new();

        /// <summary>Number of the next edit, from 1.</summary>
        public long Next { get; set; } = 1;

        public string Typed()
        {
            _text.Append(CultureInfo.InvariantCulture, $"line {Next} is typed in a second;\n");
            _text.Remove(0, Math.Max(0, _text.Length - TextLength));
            return _text.ToString();
        }
    }
}
