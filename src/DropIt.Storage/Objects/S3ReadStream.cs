using Amazon.Runtime;

namespace DropIt.Storage.Objects;

/// <summary>
/// The body of an answer. One that breaks off or stands still is asked for again from where it stopped, so that a restore does not begin again because a
/// connection was lost.
/// </summary>
/// <param name="open">Opens the same version of the object from this many bytes after the first one asked for.</param>
/// <param name="first">What is open already.</param>
/// <param name="length">Bytes to read.</param>
/// <param name="patience">How long a read may wait for a byte.</param>
/// <param name="fault">What an exception means; null for what is no trouble with the store.</param>
internal sealed class S3ReadStream(
    Func<long, CancellationToken, Task<Stream>> open, Stream first, long length, TimeSpan patience, Func<Exception, IOException?> fault) : Stream
{
    /// <summary>In a row without a byte between them.</summary>
    private const int MaxResumes = 3;

    private Stream _inner = first;
    private long _position;

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, length - _position);
        var read = 0;
        for (var resumes = 0; wanted > 0 && read == 0;)
        {
            try
            {
                using var still = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                still.CancelAfter(patience);
                read = await _inner.ReadAsync(buffer[..wanted], still.Token);
                if (read == 0)
                {
                    throw new IOException("The answer ended early.");
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && fault(e) is { } trouble)
            {
                if (resumes++ == MaxResumes)
                {
                    throw trouble;
                }

                await _inner.DisposeAsync();
                _inner = await open(_position, cancellationToken);
            }
        }

        _position += read;
        if (read > 0 && _position == length)
        {
            await CheckAsync();
        }

        return read;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>A thread is never held up by the network.</summary>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _inner.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>The SDK compares the checksum of a whole body when that is closed. Its last bytes are not given to anyone before.</summary>
    private async Task CheckAsync()
    {
        try
        {
            await _inner.DisposeAsync();
        }
        catch (AmazonClientException e)
        {
            throw fault(new InvalidDataException(e.Message, e))!;
        }
        finally
        {
            _inner = Null;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
