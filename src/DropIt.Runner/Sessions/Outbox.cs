using System.Buffers;
using System.Net.WebSockets;
using System.Threading.Channels;
using DropIt.Protocol.Frames;

namespace DropIt.Runner.Sessions;

/// <summary>
/// Frames on their way to one page, in order. Putting one in never waits; a page that is so slow that
/// <see cref="MaxQueued"/> bytes gather loses its socket and resumes on the next.
/// </summary>
internal sealed class Outbox(WebSocket socket)
{
    /// <summary>
    /// Most bytes queued, 16 MiB: three documents of the largest size fit, and 256 slow pages are not the end of a machine.
    /// </summary>
    public const int MaxQueued = 16 * 1024 * 1024;

    private readonly Channel<ArraySegment<byte>> _frames =
        System.Threading.Channels.Channel.CreateUnbounded<ArraySegment<byte>>(new() { SingleReader = true });

    private long _queued;
    private volatile bool _discard;

    /// <summary>Bytes queued now.</summary>
    public long Queued => Interlocked.Read(ref _queued);

    /// <summary>Queues a frame; false when the outbox is over its bound or ended.</summary>
    public bool TryPut(uint channel, FrameType type, ReadOnlySpan<byte> payload)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Frame.MaxHeaderLength + payload.Length);
        var length = Varint.Write(buffer, channel);
        buffer[length++] = (byte)type;
        payload.CopyTo(buffer.AsSpan(length));
        length += payload.Length;
        if (Interlocked.Add(ref _queued, length) <= MaxQueued
            && _frames.Writer.TryWrite(new ArraySegment<byte>(buffer, 0, length)))
        {
            return true;
        }

        ArrayPool<byte>.Shared.Return(buffer);
        return false;
    }

    /// <summary>Takes no more frames; <see cref="WriteAsync"/> returns when those queued are sent, or at once.</summary>
    /// <param name="discard">Drops what is queued.</param>
    public void End(bool discard)
    {
        _discard |= discard;
        _frames.Writer.TryComplete();
    }

    /// <summary>Sends what is put in, the first byte at once, until <see cref="End"/>.</summary>
    /// <exception cref="WebSocketException">The socket is gone.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="hard"/> fell; the socket is aborted.</exception>
    public async Task WriteAsync(CancellationToken hard)
    {
        try
        {
            while (await _frames.Reader.WaitToReadAsync(hard))
            {
                while (_frames.Reader.TryRead(out var frame))
                {
                    try
                    {
                        if (!_discard)
                        {
                            await socket.SendAsync(frame, WebSocketMessageType.Binary, endOfMessage: true, hard);
                        }
                    }
                    finally
                    {
                        Release(frame);
                    }
                }
            }
        }
        finally
        {
            _frames.Writer.TryComplete();
            while (_frames.Reader.TryRead(out var frame))
            {
                Release(frame);
            }
        }
    }

    private void Release(ArraySegment<byte> frame)
    {
        Interlocked.Add(ref _queued, -frame.Count);
        ArrayPool<byte>.Shared.Return(frame.Array!);
    }
}
