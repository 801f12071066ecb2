using System.Globalization;
using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace DropIt.Storage.Objects;

/// <summary>
/// Objects in a bucket of S3, or of a server that speaks like it. Each attempt at a request has a time-out, there are three, and a body that breaks off is
/// resumed; what still fails is an <see cref="ObjectStoreException"/>.
/// </summary>
internal sealed class S3ObjectStore : IObjectStore, IDisposable
{
    /// <summary>Above it an object is put in parts of this size, each tried again by itself.</summary>
    private const long PartLength = 8 * 1024 * 1024;

    /// <summary>S3 takes 10,000; an object that needs more gets larger parts.</summary>
    private const int MaxParts = 9_000;

    /// <summary>
    /// Connections to one gateway. Every tree that is being restored holds a few; past it requests wait, at most until their time-out.
    /// </summary>
    private const int MaxConnections = 256;

    private const int Retries = 2;

    /// <summary>Marks a conditional put, so that one whose answer was lost knows itself again when it is retried.</summary>
    private const string PutMark = "x-amz-meta-put";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    /// <summary>An upload in parts that began this long ago belongs to a server that is gone.</summary>
    private static readonly TimeSpan OldUpload = TimeSpan.FromDays(1);

    private readonly S3Options _options;
    private readonly AmazonS3Client _client;

    /// <summary>Asks nothing yet.</summary>
    public S3ObjectStore(S3Options options)
    {
        _options = options;
        var config = new AmazonS3Config
        {
            ForcePathStyle = options.PathStyle,
            RequestChecksumCalculation = options.Checksums ? RequestChecksumCalculation.WHEN_SUPPORTED : RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = options.Checksums ? ResponseChecksumValidation.WHEN_SUPPORTED : ResponseChecksumValidation.WHEN_REQUIRED,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = Retries,
            Timeout = options.AttemptTimeout,
            ConnectTimeout = ConnectTimeout,
            MaxConnectionsPerServer = MaxConnections,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            config.AuthenticationRegion = options.Region ?? "us-east-1";
        }
        else if (options.Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        _client = options.Credentials switch
        {
            null => new AmazonS3Client(config),
            { SessionToken: { } token } key => new AmazonS3Client(new SessionAWSCredentials(key.AccessKey, key.SecretKey, token), config),
            var key => new AmazonS3Client(new BasicAWSCredentials(key.AccessKey, key.SecretKey), config),
        };
    }

    /// <summary>
    /// Tries what storage relies on, above all that conditional puts are kept: a gateway that ignores them would lose changes without a word. Removes what
    /// a killed server left of uploads in parts. Throws <see cref="ObjectStoreException"/>.
    /// </summary>
    public async Task CheckAsync(CancellationToken cancel)
    {
        var key = "probes/" + Guid.NewGuid().ToString("n");
        var first = await PutAsync(key, new MemoryStream([1]), 1, PutCondition.Absent, cancel);
        var again = await PutAsync(key, new MemoryStream([2]), 1, PutCondition.Absent, cancel);
        var moved = await PutAsync(key, new MemoryStream([3]), 1, PutCondition.Match(first.ETag), cancel);
        var stale = await PutAsync(key, new MemoryStream([4]), 1, PutCondition.Match(first.ETag), cancel);
        await DeleteAsync(key, cancel);
        if ((first.Outcome, again.Outcome, moved.Outcome, stale.Outcome)
            != (PutOutcome.Stored, PutOutcome.Conflict, PutOutcome.Stored, PutOutcome.Conflict))
        {
            throw S3Fault.Unfit(_options, "does not keep conditional puts (If-Match, If-None-Match), without which two writers overwrite each other.");
        }

        await AbortOldUploadsAsync(cancel);
    }

    /// <inheritdoc/>
    public Task<ObjectInfo?> StatAsync(string key, CancellationToken cancel)
    {
        ObjectKey.Check(key);
        return CallAsync(
            async cancel =>
            {
                var head = await HeadAsync(key, cancel);
                return head is null ? null : InfoOf(key, head.ContentLength, head.ETag, head.LastModified);
            },
            cancel);
    }

    /// <inheritdoc/>
    public async Task<ObjectContent?> GetAsync(string key, ByteRange? range, CancellationToken cancel)
    {
        ObjectKey.Check(key);
        if (range is { Length: <= 0 })
        {
            return await StatAsync(key, cancel) is { } empty ? new ObjectContent(empty, Stream.Null) : null;
        }

        var request = new GetObjectRequest { BucketName = _options.Bucket, Key = _options.Prefix + key };
        if (range is { } part)
        {
            request.ByteRange = new Amazon.S3.Model.ByteRange(part.Offset, part.Offset + part.Length - 1);
        }

        try
        {
            var answer = await CallAsync(cancel => _client.GetObjectAsync(request, cancel), cancel);
            var whole = answer.ContentRange is { Length: > 0 } place
                ? long.Parse(place.AsSpan(place.LastIndexOf('/') + 1), CultureInfo.InvariantCulture)
                : answer.ContentLength;
            var info = InfoOf(key, whole, answer.ETag, answer.LastModified);
            var body = new S3ReadStream(
                (position, cancel) => ResumeAsync(info, (range?.Offset ?? 0) + position, cancel),
                answer.ResponseStream,
                answer.ContentLength,
                _options.AttemptTimeout,
                Trouble);
            return new ObjectContent(info, body);
        }
        catch (ObjectStoreException e) when (e.InnerException is AmazonS3Exception { ErrorCode: "NoSuchKey" })
        {
            return null;
        }
        catch (ObjectStoreException e) when (e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable })
        {
            return await StatAsync(key, cancel) is { } info ? new ObjectContent(info, Stream.Null) : null;
        }
    }

    /// <inheritdoc/>
    public async Task<PutResult> PutAsync(
        string key, Stream content, long length, PutCondition condition, CancellationToken cancel)
    {
        ObjectKey.Check(key);
        var left = content.Length - content.Position;
        if (left < length)
        {
            throw new EndOfStreamException($"{length - left} of {length} bytes are missing at the end of what was to be stored.");
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(left, length, nameof(content));

        var mark = Guid.NewGuid().ToString("n");
        try
        {
            return length <= PartLength
                ? await CallAsync(cancel => PutWholeAsync(key, content, condition, mark, cancel), cancel)
                : await PutPartsAsync(key, content, length, condition, mark, cancel);
        }
        catch (ObjectStoreException e) when (e.InnerException is AmazonS3Exception refused && IsConflict(refused, condition))
        {
            // An attempt whose answer was lost may have been the one that this attempt met.
            return await FoundAsync(key, mark, cancel);
        }
        catch (ObjectStoreException e) when (e.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.InternalServerError } && condition != default)
        {
            // What some gateways answer when several move an object at once.
            var there = await CallAsync(cancel => HeadAsync(key, cancel), cancel);
            if (Holds(there, condition))
            {
                throw;
            }

            return await FoundAsync(key, mark, cancel);
        }
        catch (ObjectStoreException e) when (e.InnerException is AmazonS3Exception refused && IsFull(refused))
        {
            return new PutResult(PutOutcome.Full, "");
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string key, CancellationToken cancel)
    {
        ObjectKey.Check(key);
        return CallAsync(cancel => _client.DeleteObjectAsync(_options.Bucket, _options.Prefix + key, cancel), cancel);
    }

    /// <inheritdoc/>
    public async Task<ObjectPage> ListAsync(string prefix, string? after, int limit, CancellationToken cancel)
    {
        ObjectKey.CheckPrefix(prefix);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 1000);
        var request = new ListObjectsV2Request
        {
            BucketName = _options.Bucket,
            Prefix = _options.Prefix + prefix,
            StartAfter = after is null ? null : _options.Prefix + after,
            MaxKeys = limit,
        };
        var answer = await CallAsync(cancel => _client.ListObjectsV2Async(request, cancel), cancel);
        List<ObjectInfo> found = [.. (answer.S3Objects ?? []).Select(item =>
            InfoOf(item.Key[_options.Prefix.Length..], item.Size ?? 0, item.ETag, item.LastModified))];
        return new ObjectPage(found, answer.IsTruncated == true ? found[^1].Key : null);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<PutResult> PutWholeAsync(
        string key, Stream content, PutCondition condition, string mark, CancellationToken cancel)
    {
        // The SDK goes back to where the stream stands before it tries again.
        var request = new PutObjectRequest
        {
            BucketName = _options.Bucket,
            Key = _options.Prefix + key,
            InputStream = content,
            AutoCloseStream = false,
            IfNoneMatch = condition.IfAbsent ? "*" : null,
            IfMatch = condition.IfMatch,
        };
        request.Metadata[PutMark] = mark;
        return new PutResult(PutOutcome.Stored, Unquoted((await _client.PutObjectAsync(request, cancel)).ETag));
    }

    /// <summary>
    /// Parts in order, then all of them become the object. Not every gateway knows conditions on that last step, so they are also asked about right before
    /// it: what is as large as this has a random name.
    /// </summary>
    private async Task<PutResult> PutPartsAsync(
        string key, Stream content, long length, PutCondition condition, string mark, CancellationToken cancel)
    {
        var name = _options.Prefix + key;
        var start = new InitiateMultipartUploadRequest
        {
            BucketName = _options.Bucket,
            Key = name,
            ChecksumAlgorithm = _options.Checksums ? ChecksumAlgorithm.CRC32 : null, // that of the parts, which the SDK says only with them
        };
        start.Metadata[PutMark] = mark;
        var upload = (await CallAsync(cancel => _client.InitiateMultipartUploadAsync(start, cancel), cancel)).UploadId;
        var whole = false;
        try
        {
            var size = Math.Max(PartLength, length / MaxParts);
            var parts = new List<PartETag>();
            for (var done = 0L; done < length; done += size)
            {
                var part = new UploadPartRequest
                {
                    BucketName = _options.Bucket,
                    Key = name,
                    UploadId = upload,
                    PartNumber = parts.Count + 1,
                    PartSize = Math.Min(size, length - done),
                    InputStream = content,
                };
                var stored = await CallAsync(cancel => _client.UploadPartAsync(part, cancel), cancel);

                // Amazon wants the checksums of the parts again with the last step.
                parts.Add(new PartETag(stored, copyChecksums: true) { PartNumber = part.PartNumber });
            }

            var there = await CallAsync(cancel => HeadAsync(key, cancel), cancel);
            if (!Holds(there, condition))
            {
                return new PutResult(PutOutcome.Conflict, "");
            }

            var finish = new CompleteMultipartUploadRequest
            {
                BucketName = _options.Bucket,
                Key = name,
                UploadId = upload,
                PartETags = parts,
                IfNoneMatch = condition.IfAbsent ? "*" : null,
                IfMatch = condition.IfMatch,
            };
            await CallAsync(cancel => _client.CompleteMultipartUploadAsync(finish, cancel), cancel);
            whole = true;
        }
        finally
        {
            if (!whole)
            {
                await AbortAsync(name, upload);
            }
        }

        return await FoundAsync(key, mark, cancel);
    }

    /// <summary>Whether what lies there is what was put with this mark.</summary>
    private async Task<PutResult> FoundAsync(string key, string mark, CancellationToken cancel)
    {
        var found = await CallAsync(cancel => HeadAsync(key, cancel), cancel);
        return found?.Metadata[PutMark] == mark
            ? new PutResult(PutOutcome.Stored, Unquoted(found.ETag))
            : new PutResult(PutOutcome.Conflict, "");
    }

    private async Task AbortAsync(string name, string upload)
    {
        try
        {
            await CallAsync(cancel => _client.AbortMultipartUploadAsync(_options.Bucket, name, upload, cancel), CancellationToken.None);
        }
        catch (ObjectStoreException)
        {
            return; // the next start's check removes it
        }
    }

    private async Task AbortOldUploadsAsync(CancellationToken cancel)
    {
        var request = new ListMultipartUploadsRequest { BucketName = _options.Bucket, Prefix = _options.Prefix };
        var found = await CallAsync(cancel => _client.ListMultipartUploadsAsync(request, cancel), cancel);
        foreach (var upload in (found.MultipartUploads ?? []).Where(upload => DateTime.UtcNow - upload.Initiated > OldUpload))
        {
            await AbortAsync(upload.Key, upload.UploadId);
        }
    }

    private async Task<GetObjectMetadataResponse?> HeadAsync(string key, CancellationToken cancel)
    {
        try
        {
            return await _client.GetObjectMetadataAsync(_options.Bucket, _options.Prefix + key, cancel);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task<Stream> ResumeAsync(ObjectInfo info, long offset, CancellationToken cancel)
    {
        var request = new GetObjectRequest
        {
            BucketName = _options.Bucket,
            Key = _options.Prefix + info.Key,
            ByteRange = new Amazon.S3.Model.ByteRange(offset, info.Length - 1),
            EtagToMatch = info.ETag,
        };
        return (await CallAsync(cancel => _client.GetObjectAsync(request, cancel), cancel)).ResponseStream;
    }

    /// <summary>Bounds a request with its retries, and says what went wrong.</summary>
    private async Task<T> CallAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancel)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        bounded.CancelAfter(_options.RequestTimeout);
        try
        {
            return await call(bounded.Token);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && Trouble(e) is { } trouble)
        {
            throw trouble;
        }
    }

    private ObjectStoreException? Trouble(Exception e) => S3Fault.Of(e, _options);

    /// <summary>409: another conditional put is under way; 404: there is nothing that could match.</summary>
    private static bool IsConflict(AmazonS3Exception e, PutCondition condition) => e.StatusCode
        is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict
        || (condition.IfMatch is not null && e.ErrorCode == "NoSuchKey");

    private static bool Holds(GetObjectMetadataResponse? there, PutCondition condition) =>
        condition.IfAbsent ? there is null : condition.IfMatch is null || (there is not null && Unquoted(there.ETag) == condition.IfMatch);

    private static bool IsFull(AmazonS3Exception e) =>
        e.StatusCode == HttpStatusCode.InsufficientStorage || e.ErrorCode is "QuotaExceeded" or "XMinioStorageFull";

    private static ObjectInfo InfoOf(string key, long length, string etag, DateTime? modified) =>
        new(key, length, Unquoted(etag), new DateTimeOffset(modified?.ToUniversalTime() ?? default, TimeSpan.Zero));

    /// <summary>As it is compared, and as gateways that take only one form want it back.</summary>
    private static string Unquoted(string etag) => etag.Trim('"');
}
