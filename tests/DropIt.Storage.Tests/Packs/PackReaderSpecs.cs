using DropIt.Protocol.Journal;
using DropIt.Storage.Manifests;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;

namespace DropIt.Storage.Tests.Packs;

public sealed class PackReaderSpecs : IDisposable
{
    private const int FileLength = 512 * 1024;
    private const int MaxRange = 4 * 1024 * 1024;
    private const int AtOnce = 4;

    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-packs-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>48 MB in two packs: 12 ranges of 8 files.</summary>
    [Fact]
    public async Task A_whole_workspace_is_read_by_ranges_of_4_MiB_four_at_once_and_no_more()
    {
        var store = new TogetherStore(new DiskObjectStore(Path.Combine(_folder, "store")), AtOnce);
        var files = new List<ManifestEntry>();
        var random = new Random(3);
        var content = new byte[FileLength];
        for (var pack = 0; pack < 2; pack++)
        {
            await using var writer = new PackWriter(_folder);
            for (var i = 0; i < 48; i++)
            {
                random.NextBytes(content);
                var place = await writer.AddCompressedAsync(new MemoryStream(content), Cancel);
                files.Add(new ManifestEntry($"{pack}/{i:00}", ChangeKind.File, 0x1A4, FileLength, ContentHash.Of(content), place));
            }

            Assert.True(await writer.PutAsync(store, Cancel));
        }

        var seen = new HashSet<string>();
        await new PackReader(store).ScanCompressedAsync(
            files,
            async (sharers, compressed) =>
            {
                // Of those that are asked for, all but the one in use lie ahead.
                var used = seen.Count * FileLength / MaxRange;
                Assert.True(store.Asked.Count - used <= AtOnce, $"{store.Asked.Count} were asked for and {used} used.");
                var bytes = new byte[FileLength];
                await compressed.ReadExactlyAsync(bytes, Cancel);
                var file = Assert.Single(sharers);
                Assert.Equal(file.Hash, ContentHash.Of(bytes));
                Assert.True(seen.Add(file.Path));
            },
            Cancel);

        Assert.Equal(files.Count, seen.Count);
        Assert.Equal(12, store.Asked.Count);
        Assert.All(store.Asked, range => Assert.Equal(MaxRange, range!.Value.Length));
    }

    /// <summary>Answers no get before so many have been asked for: whoever asks for one after the other gets none.</summary>
    private sealed class TogetherStore(IObjectStore inner, int together) : IObjectStore
    {
        private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<ByteRange?> Asked { get; } = [];

        public async Task<ObjectContent?> GetAsync(string key, ByteRange? range, CancellationToken cancel)
        {
            lock (Asked)
            {
                Asked.Add(range);
                if (Asked.Count == together)
                {
                    _enough.SetResult();
                }
            }

            await _enough.Task.WaitAsync(TimeSpan.FromSeconds(10), cancel);
            return await inner.GetAsync(key, range, cancel);
        }

        public Task<ObjectInfo?> StatAsync(string key, CancellationToken cancel) => inner.StatAsync(key, cancel);

        public Task<PutResult> PutAsync(string key, Stream content, long length, PutCondition condition, CancellationToken cancel) =>
            inner.PutAsync(key, content, length, condition, cancel);

        public Task DeleteAsync(string key, CancellationToken cancel) => inner.DeleteAsync(key, cancel);

        public Task<ObjectPage> ListAsync(string prefix, string? after, int limit, CancellationToken cancel) => inner.ListAsync(prefix, after, limit, cancel);
    }
}
