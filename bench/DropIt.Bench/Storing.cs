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
using Microsoft.Extensions.Time.Testing;

namespace DropIt.Bench;

/// <summary>
/// What an hour of typing costs in requests and bytes of a real S3 server: the storage service as the server hosts it, with a clock that is moved on by a
/// second with each edit.
/// </summary>
internal static class Storing
{
    private const int Hour = 3600;
    private const int Growth = 1000;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        await using var s3 = new S3Server();
        await s3.InitializeAsync();
        var small = await TypeAsync(s3, 10, Hour);
        var large = await TypeAsync(s3, 50_000, Hour);
        var (before, after) = await GrowAsync(s3);
        return
        [
            new("S3 writes in an hour of typing, 10 files", $"{small.Writes}", "240", "-"),
            new("S3 writes in an hour of typing, 50,000 files", $"{large.Writes}", "240", "-"),
            new("S3 reads in an hour of typing, 10; 50,000 files", $"{small.Reads}; {large.Reads}", "-", "-"),
            new("bytes written to S3 in that hour, 10; 50,000 files", $"{small.Bytes / 1000}; {large.Bytes / 1000} kB", "-", "-"),
            new("growth of S3 in 1,000 edits, before compaction", Sample.Show(before / 1000.0, "kB"), "-", "-"),
            new("growth of S3 in 1,000 edits, compacted", Sample.Show(after / 1000.0, "kB"), "-", "-"),
        ];
    }

    /// <summary>The figures of <see cref="Waking"/> with the workspace in a real S3 server alone.</summary>
    public static async Task<IReadOnlyList<Figure>> WakeAsync()
    {
        await using var s3 = new S3Server();
        await s3.InitializeAsync();
        Environment.SetEnvironmentVariable("DROPIT_S3_ACCESS_KEY", s3.AccessKey);
        Environment.SetEnvironmentVariable("DROPIT_S3_SECRET_KEY", s3.SecretKey);
        await using var rig = await Rig.StartAsync("--s3", $"s3://{S3Server.Bucket}/waking", "--s3-endpoint", s3.Endpoint);
        return [.. (await Waking.MeasureAsync(rig)).Select(figure => figure with { Name = "S3: " + figure.Name })];
    }

    /// <summary>Someone types without a pause: each second one file of 4 KB has changed.</summary>
    private static async Task<(int Writes, int Reads, long Bytes)> TypeAsync(S3Server s3, int files, int seconds)
    {
        await using var storage = await Service.StartAsync(s3, compactAfter: null);
        var slug = await storage.CreateAsync(files);
        await storage.TypeAsync(slug, 1);
        var (writes, reads, bytes) = (storage.Objects.Writes, storage.Objects.Reads, storage.Objects.Bytes);
        await storage.TypeAsync(slug, seconds);
        return (storage.Objects.Writes - writes, storage.Objects.Reads - reads, storage.Objects.Bytes - bytes);
    }

    /// <summary>What the present state needs more after 1,000 edits than before them; an hour later old states are gone, as far as none is kept of them.</summary>
    private static async Task<(long Before, long After)> GrowAsync(S3Server s3)
    {
        await using var storage = await Service.StartAsync(s3, compactAfter: int.MaxValue);
        var slug = await storage.CreateAsync(10);
        var start = await storage.LiveAsync(slug);
        await storage.TypeAsync(slug, Growth);
        var before = await storage.LiveAsync(slug);
        await storage.CompactAsync(slug);
        return (before - start, await storage.LiveAsync(slug) - start);
    }

    /// <summary>The service in this process.</summary>
    private sealed class Service : IAsyncDisposable
    {
        private readonly string _folder;
        private readonly WebApplication _app;
        private readonly StorageOptions _options;
        private int _sequence;

        private Service(string folder, WebApplication app, StorageOptions options, CountedObjects objects, FakeTimeProvider time) =>
            (_folder, _app, _options, Objects, Time) = (folder, app, options, objects, time);

        public CountedObjects Objects { get; }

        private FakeTimeProvider Time { get; }

        public static async Task<Service> StartAsync(S3Server s3, int? compactAfter)
        {
            var folder = Directory.CreateTempSubdirectory("dropit-bench-").FullName;
            var options = new StorageOptions { DataFolder = folder, PublicKey = () => "", S3 = s3.Options(S3Server.FreshPrefix()) };
            options = compactAfter is { } after ? options with { CompactAfter = after } : options;
            var (objects, time) = (new CountedObjects(new S3ObjectStore(options.S3!)), new FakeTimeProvider(DateTimeOffset.UtcNow));
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Services.AddStorage(options).AddIntake().AddPersister();
            builder.Services.AddSingleton<IObjectStore>(objects);
            var app = builder.Build();
            app.Urls.Add("http://127.0.0.1:0");
            await app.StartAsync();
            return new Service(folder, app, options, objects, time);
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

        /// <summary>An edit a second; each batch is written when it is due, as it would be.</summary>
        public async Task TypeAsync(Slug slug, int seconds)
        {
            var intake = _app.Services.GetRequiredService<JournalIntake>();
            var uncounted = new S3ObjectStore(_options.S3!); // what only looks is no part of the figure
            var heads = new HeadBook(uncounted, new PackReader(uncounted));
            var text = new StringBuilder();
            var last = Time.GetUtcNow();
            for (var i = 0; i < seconds; i++)
            {
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"line {_sequence} is typed in a second;\n");
                text.Remove(0, Math.Max(0, text.Length - 4000));
                var answer = await intake.AcceptAsync(slug, Entry(slug, ++_sequence, text.ToString()), default);
                if (answer.Outcome != IntakeOutcome.Accepted)
                {
                    throw new InvalidOperationException(answer.Message);
                }

                Time.Advance(TimeSpan.FromSeconds(1));
                if (i == seconds - 1 || Time.GetUtcNow() - last >= _options.BatchDelay + TimeSpan.FromSeconds(1))
                {
                    // The last batch of all is not due yet.
                    Time.Advance(i == seconds - 1 ? _options.BatchDelay : TimeSpan.Zero);
                    while ((await heads.ReadHeadAsync(Keys.Head(slug), default)).Head!.Sequence < _sequence)
                    {
                        Time.Advance(TimeSpan.FromMilliseconds(1));
                        await Task.Delay(1);
                    }

                    last = Time.GetUtcNow();
                }
            }
        }

        public Task CompactAsync(Slug slug) => _app.Services.GetRequiredService<Compactor>().RunAsync(slug, default);

        /// <summary>Bytes of the packs that the present head needs.</summary>
        public async Task<long> LiveAsync(Slug slug)
        {
            var (head, _) = await _app.Services.GetRequiredService<HeadBook>().ReadHeadAsync(Keys.Head(slug), default);
            return head!.Packs.Sum(pack => pack.Length);
        }

        public async ValueTask DisposeAsync()
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }

        private static byte[] Entry(Slug slug, long sequence, string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            using var packed = new MemoryStream();
            using (var deflate = new System.IO.Compression.DeflateStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
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
    }
}
