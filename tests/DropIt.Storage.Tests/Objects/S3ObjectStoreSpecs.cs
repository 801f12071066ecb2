using DropIt.Storage.Objects;
using DropIt.Tests.Services;

namespace DropIt.Storage.Tests.Objects;

/// <summary>Specs that share one S3 server, one after the other: some of them kill it.</summary>
[CollectionDefinition(Name)]
public sealed class S3Suite : ICollectionFixture<S3Fixture>
{
    public const string Name = "S3";
}

public sealed class S3Fixture : S3Server, IAsyncLifetime;

[Collection(S3Suite.Name)]
public sealed class S3ObjectStoreSpecs : ObjectStoreSpecs, IDisposable
{
    private readonly S3Server _server;
    private readonly S3Options _options;
    private readonly S3ObjectStore _store;

    public S3ObjectStoreSpecs(S3Fixture server)
    {
        (_server, _options) = (server, server.Options(S3Server.FreshPrefix()));
        _store = new S3ObjectStore(_options);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected override IObjectStore Store => _store;

    [Fact]
    public Task A_server_that_keeps_conditional_puts_passes_the_check() => _store.CheckAsync(Cancel);

    [Fact]
    public async Task Two_prefixes_of_one_bucket_do_not_see_each_other()
    {
        using var other = new S3ObjectStore(_server.Options(_options.Prefix + "below/"));
        await PutAsync("k", "1");
        Assert.Null(await other.StatAsync("k", Cancel));
        Assert.Empty((await other.ListAsync("", null, 10, Cancel)).Objects);
    }

    [Fact]
    public async Task What_is_put_in_parts_is_one_object_under_the_same_conditions()
    {
        var content = new byte[(17 * 1024 * 1024) + 5];
        new Random(1).NextBytes(content);
        var put = await PutLargeAsync(content, PutCondition.Absent);
        Assert.Equal(PutOutcome.Stored, put.Outcome);
        await using (var got = await Store.GetAsync("large", null, Cancel))
        {
            Assert.Equal(put.ETag, got!.Info.ETag);
            using var memory = new MemoryStream();
            await got.Stream.CopyToAsync(memory, Cancel);
            Assert.True(content.AsSpan().SequenceEqual(memory.ToArray()));
        }

        Assert.Equal(PutOutcome.Conflict, (await PutLargeAsync(content, PutCondition.Absent)).Outcome);
        content[0]++;
        Assert.Equal(PutOutcome.Stored, (await PutLargeAsync(content, PutCondition.Match(put.ETag))).Outcome);
        Assert.Equal(PutOutcome.Conflict, (await PutLargeAsync(content, PutCondition.Match(put.ETag))).Outcome);
        using var client = _server.Client();
        Assert.Empty((await client.ListMultipartUploadsAsync(S3Server.Bucket, Cancel)).MultipartUploads ?? []);
    }

    /// <summary>
    /// What is alive in memory is counted every 20 MB, on the way there and on the way back: a store that held the object would hold it then.
    /// </summary>
    [Fact]
    public async Task An_object_of_200_MB_is_never_in_memory_as_a_whole()
    {
        const long Length = 200_000_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (most, looks) = (0L, 0);
        using (var source = new PatternStream(Length, Look))
        {
            Assert.Equal(PutOutcome.Stored, (await Store.PutAsync("large", source, Length, PutCondition.Absent, Cancel)).Outcome);
        }

        await using (var got = await Store.GetAsync("large", null, Cancel))
        {
            Assert.Equal(Length, got!.Info.Length);
            using var sink = new PatternStream(Length, Look);
            await got.Stream.CopyToAsync(sink, Cancel);
            Assert.Equal(Length, sink.Position);
        }

        Assert.InRange(looks, 2 * 9, 2 * 11);
        Assert.InRange(most, 0, Length / 3);

        // Less than before is no mistake: specs beside this one let go of theirs.
        void Look()
        {
            looks++;
            most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        }
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_and_a_wrong_key_are_told_with_the_cure()
    {
        using var nowhere = new S3ObjectStore(_options with { Bucket = "no-such-bucket" });
        var missing = await Assert.ThrowsAsync<ObjectStoreException>(() => nowhere.CheckAsync(Cancel));
        Assert.True(missing.Misconfigured);
        Assert.Contains("no bucket no-such-bucket", missing.Message, StringComparison.Ordinal);
        Assert.Contains("--s3", missing.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ObjectStoreException>(() => nowhere.GetAsync("k", null, Cancel));

        using var stranger = new S3ObjectStore(_options with { Credentials = new S3Credentials(_server.AccessKey, "wrong", null) });
        var denied = await Assert.ThrowsAsync<ObjectStoreException>(() => stranger.CheckAsync(Cancel));
        Assert.True(denied.Misconfigured);
        Assert.Contains("SignatureDoesNotMatch", denied.Message, StringComparison.Ordinal);
        Assert.Contains("DROPIT_S3_ACCESS_KEY", denied.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", denied.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_gateway_is_told_and_works_again_when_it_is_back()
    {
        await PutAsync("k", "1");
        await _server.KillAsync();
        try
        {
            var error = await Assert.ThrowsAsync<ObjectStoreException>(() => TextAsync("k"));
            Assert.False(error.Misconfigured);
            Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<ObjectStoreException>(() => PutAsync("k", "2"));
        }
        finally
        {
            await _server.StartAsync();
        }

        Assert.Equal("1", await TextAsync("k"));
    }

    [Fact]
    public async Task A_gateway_that_stands_still_holds_nothing_up_for_longer_than_its_bound()
    {
        using var hasty = new S3ObjectStore(_options with { AttemptTimeout = TimeSpan.FromSeconds(1) });
        await PutAsync("k", "1");
        await _server.PauseAsync();
        try
        {
            foreach (var call in (Func<Task>[])
                [
                    () => hasty.GetAsync("k", null, Cancel),
                    () => hasty.StatAsync("k", Cancel),
                    () => hasty.PutAsync("k", new MemoryStream([1]), 1, PutCondition.Absent, Cancel),
                    () => hasty.ListAsync("", null, 1, Cancel),
                    () => hasty.DeleteAsync("other", Cancel),
                ])
            {
                var error = await Assert.ThrowsAsync<ObjectStoreException>(call);
                Assert.False(error.Misconfigured);
                Assert.Contains("did not answer in time", error.Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            await _server.ResumeAsync();
        }

        Assert.Equal("1", await TextAsync("k"));
    }

    [Fact]
    public async Task A_body_that_breaks_off_goes_on_where_it_was()
    {
        var content = new byte[40 * 1024 * 1024];
        new Random(2).NextBytes(content);
        await PutLargeAsync(content, PutCondition.None);
        await using var got = await Store.GetAsync("large", new ByteRange(1000, content.Length), Cancel);
        var read = new byte[content.Length - 1000];
        await got!.Stream.ReadExactlyAsync(read.AsMemory(0, 1024 * 1024), Cancel);
        await _server.KillAsync();
        await _server.StartAsync();
        await got.Stream.ReadExactlyAsync(read.AsMemory(1024 * 1024, 1024 * 1024), Cancel);

        await got.Stream.ReadExactlyAsync(read.AsMemory(2 * 1024 * 1024), Cancel);
        Assert.True(content.AsSpan(1000).SequenceEqual(read));
        Assert.Equal(0, await got.Stream.ReadAsync(new byte[1], Cancel));
    }

    [Fact]
    public async Task A_body_that_stands_still_is_given_up()
    {
        await PutLargeAsync(new byte[40 * 1024 * 1024], PutCondition.None);
        using var hasty = new S3ObjectStore(_options with { AttemptTimeout = TimeSpan.FromSeconds(1) });
        await using var got = await hasty.GetAsync("large", null, Cancel);
        await _server.PauseAsync();
        try
        {
            var error = await Assert.ThrowsAsync<ObjectStoreException>(() => got!.Stream.CopyToAsync(Stream.Null, Cancel));
            Assert.Contains("did not answer in time", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            await _server.ResumeAsync();
        }
    }

    public void Dispose() => _store.Dispose();

    private async Task<PutResult> PutLargeAsync(byte[] content, PutCondition condition)
    {
        using var stream = new MemoryStream(content);
        return await Store.PutAsync("large", stream, content.Length, condition, Cancel);
    }

    /// <summary>Bytes that follow from where they are: nothing holds them, and what is written is compared with them.</summary>
    /// <param name="look">Called every 20 MB.</param>
    private sealed class PatternStream(long length, Action look) : Stream
    {
        private const long Every = 20_000_000;

        private long _next = Every;

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length => length;

        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(buffer.Length, length - Position);
            for (var i = 0; i < count; i++)
            {
                buffer[i] = At(Position + i);
            }

            Move(count);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            for (var i = 0; i < buffer.Length; i++)
            {
                if (buffer[i] != At(Position + i))
                {
                    throw new InvalidDataException($"The byte at {Position + i} is another.");
                }
            }

            Move(buffer.Length);
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => length + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        private void Move(int count)
        {
            Position += count;
            if (Position >= _next)
            {
                _next += Every;
                look();
            }
        }

        private static byte At(long position) => (byte)(position ^ (position >> 8) ^ (position >> 16));
    }
}
