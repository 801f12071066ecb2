using DropIt.Storage.Objects;

namespace DropIt.Storage.Tests.Objects;

/// <summary>What requests to a gateway of today carry: where they go, temporary keys, and checksums.</summary>
public sealed class S3RequestSpecs : IAsyncLifetime
{
    // What every description of CRC-32 gives as its example: 0xCBF43926.
    private const string Digits = "123456789";
    private const string SumOfDigits = "y/Q5Jg==";

    private S3Listener _gateway = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private S3Options Options => new()
    {
        Bucket = "workspaces",
        Endpoint = _gateway.Address,
        PathStyle = true,
        Credentials = new S3Credentials("key", "secret", null),
    };

    public async ValueTask InitializeAsync() => _gateway = await S3Listener.StartAsync();

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("a-token")]
    public async Task The_token_of_a_temporary_key_goes_with_each_request_and_is_signed(string? token)
    {
        using var store = new S3ObjectStore(Options with { Credentials = new S3Credentials("key", "secret", token) });
        await PutAsync(store, Digits);
        (_gateway.Content, _gateway.ContentChecksum) = (Digits, SumOfDigits);
        await (await store.GetAsync("k", null, Cancel))!.DisposeAsync();
        await store.DeleteAsync("k", Cancel);
        Assert.Equal(["PUT", "GET", "DELETE"], _gateway.Requests.Select(request => request.Method));
        foreach (var request in _gateway.Requests)
        {
            var authorization = request.Headers["authorization"];
            Assert.Contains("Credential=key/", authorization, StringComparison.Ordinal);
            Assert.Equal(token, request.Headers.GetValueOrDefault("x-amz-security-token"));
            Assert.Equal(token is not null, authorization.Contains("x-amz-security-token", StringComparison.Ordinal));
            Assert.DoesNotContain("secret", string.Concat(request.Headers.Values), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true, SumOfDigits)]
    [InlineData(false, null)]
    public async Task What_is_put_carries_a_checksum_unless_the_gateway_is_too_old_for_it(bool checksums, string? sum)
    {
        using var store = new S3ObjectStore(Options with { Checksums = checksums });
        await PutAsync(store, Digits);
        Assert.Equal(sum, Assert.Single(_gateway.Requests).Checksum);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_checksums_of_parts_are_said_again_where_they_become_one_object(bool checksums)
    {
        using var store = new S3ObjectStore(Options with { Checksums = checksums });
        var put = await PutAsync(store, new string('x', 9 * 1024 * 1024));
        Assert.Equal(PutOutcome.Stored, put.Outcome);
        var begun = _gateway.Requests.Single(request => request.Target.EndsWith("?uploads", StringComparison.Ordinal));
        var parts = _gateway.Requests.Where(request => request.Target.Contains("partNumber=", StringComparison.Ordinal)).ToList();
        var whole = _gateway.Requests.Single(request => request.Method == "POST" && request != begun);
        Assert.Equal(2, parts.Count);
        Assert.Equal(2, whole.Body.Split("<PartNumber>").Length - 1);
        Assert.Equal(checksums ? "CRC32" : null, begun.Headers.GetValueOrDefault("x-amz-checksum-algorithm"));
        foreach (var part in parts)
        {
            Assert.Equal(checksums, part.Checksum is not null);
            Assert.Equal(checksums, whole.Body.Contains($"<ChecksumCRC32>{part.Checksum}</ChecksumCRC32>", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(false, "workspaces.", "/below/k")]
    [InlineData(true, "", "/workspaces/below/k")]
    public async Task The_bucket_stands_in_the_host_name_or_in_the_path_and_is_signed_there(bool pathStyle, string host, string target)
    {
        var name = NoSuchHosts.At(_gateway.Address);
        using var store = new S3ObjectStore(Options with { Endpoint = new Uri($"http://{name}"), PathStyle = pathStyle, Prefix = "below/" });
        await PutAsync(store, Digits);
        (_gateway.Content, _gateway.ContentChecksum) = (Digits, SumOfDigits);
        Assert.Equal(Digits, await ReadAsync(store));
        await store.DeleteAsync("k", Cancel);
        Assert.Equal(["PUT", "GET", "DELETE"], _gateway.Requests.Select(request => request.Method));
        foreach (var request in _gateway.Requests)
        {
            Assert.Equal((host + name, target), (request.Host, request.Target.Split('?')[0]));
            Assert.Matches("SignedHeaders=[^,]*\\bhost\\b", request.Headers["authorization"]);
        }
    }

    [Fact]
    public async Task Uploads_in_parts_that_a_killed_server_left_are_ended_a_day_later_and_those_of_others_at_work_are_not()
    {
        _gateway.Conditions = true;
        var now = DateTime.UtcNow;
        _gateway.Uploads.AddRange([("below/old", "left", now.AddHours(-25)), ("below/new", "at-work", now.AddHours(-23))]);
        using var store = new S3ObjectStore(Options with { Prefix = "below/" });
        await store.CheckAsync(Cancel);
        Assert.Contains("prefix=below", _gateway.Requests.Single(request => request.Method == "GET").Target, StringComparison.Ordinal);
        var ended = Assert.Single(_gateway.Requests, request => request.Method == "DELETE" && request.Target.Contains("uploadId=", StringComparison.Ordinal));
        Assert.StartsWith("/workspaces/below/old?", ended.Target, StringComparison.Ordinal);
        Assert.Contains("uploadId=left", ended.Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_damaged_on_its_way_is_not_read_as_if_it_were_whole()
    {
        using var store = new S3ObjectStore(Options);
        (_gateway.Content, _gateway.ContentChecksum) = (Digits, SumOfDigits);
        Assert.Equal(Digits, await ReadAsync(store));
        _gateway.Content = "123456780";
        var error = await Assert.ThrowsAsync<ObjectStoreException>(() => ReadAsync(store));
        Assert.False(error.Misconfigured);
        Assert.Contains("damaged", error.Message, StringComparison.Ordinal);
    }

    private static async Task<PutResult> PutAsync(S3ObjectStore store, string content)
    {
        using var stream = new MemoryStream(System.Text.Encoding.ASCII.GetBytes(content));
        return await store.PutAsync("k", stream, stream.Length, PutCondition.None, Cancel);
    }

    private static async Task<string> ReadAsync(S3ObjectStore store)
    {
        await using var got = await store.GetAsync("k", null, Cancel);
        using var reader = new StreamReader(got!.Stream);
        return await reader.ReadToEndAsync(Cancel);
    }
}
