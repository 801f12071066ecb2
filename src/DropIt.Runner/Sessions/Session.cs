using System.Buffers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using DropIt.Protocol.Access;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Tickets;

namespace DropIt.Runner.Sessions;

/// <summary>
/// One socket of one page, from its acceptance to its end. Reads frames in order and hands each to its channel; requests run side by side.
/// Everything public may be called from any thread.
/// </summary>
internal sealed class Session : IDisposable
{
    /// <summary>Requests of one page under way at once; past it the socket is not read, so the page waits.</summary>
    public const int MaxRequests = 64;

    /// <summary>Channels open at once in one socket: far over what tabs and terminals a page can show.</summary>
    public const int MaxChannels = 1024;

    /// <summary>Largest request in bytes: two longest paths, every byte of them escaped.</summary>
    public const int MaxRequestLength = 64 * 1024;

    /// <summary>Largest ping in bytes.</summary>
    public const int MaxPingLength = 64;

    private const int ReceiveLength = 8 * 1024;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(5);

    private readonly WebSocket _socket;
    private readonly RequestTable _requests;
    private readonly Outbox _outbox;
    private readonly SemaphoreSlim _requestSlots = new(MaxRequests);
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenSource _hard = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, Channel> _channels = [];
    private List<byte[]>? _beforeHello = [];
    private uint _highestChannel;
    private (WebSocketCloseStatus Code, string Reason)? _close;

    /// <summary>Of an accepted socket; <see cref="RunAsync"/> serves it.</summary>
    public Session(uint id, Ticket ticket, WebSocket socket, RequestTable requests)
    {
        Id = id;
        Ticket = ticket;
        _socket = socket;
        _requests = requests;
        _outbox = new Outbox(socket);
        Closed = _closed.Token;
    }

    /// <summary>Numbers the socket in this runner, in the order in which they came.</summary>
    public uint Id { get; }

    /// <summary>Who is on the other side.</summary>
    public Ticket Ticket { get; }

    /// <summary>Bytes that wait for the page.</summary>
    public long Queued => _outbox.Queued;

    /// <summary>False for viewers.</summary>
    public bool MayEdit => Ticket.Role is Role.Editor or Role.Owner;

    /// <summary>Falls when the socket is closing or gone.</summary>
    public CancellationToken Closed { get; }

    /// <summary>
    /// Queues a frame behind those queued before. Never waits. False when the socket is closing; a page with
    /// <see cref="Outbox.MaxQueued"/> bytes waiting is closed with 1013.
    /// </summary>
    public bool Send(uint channel, FrameType type, ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, Frame.MaxLength - Frame.MaxHeaderLength);
        if (_beforeHello is not null)
        {
            lock (_gate)
            {
                // Only events of the session can come this early: channels open later.
                if (_beforeHello is not null)
                {
                    _beforeHello.Add(payload.ToArray());
                    return true;
                }
            }
        }

        if (_outbox.TryPut(channel, type, payload))
        {
            return true;
        }

        Close((WebSocketCloseStatus)1013, "slow: 16 MiB are waiting for this page", discard: true);
        return false;
    }

    /// <summary>Opens a channel under the number that the page chose.</summary>
    /// <exception cref="ProtocolException">The number was used before on this socket, or too many are open.</exception>
    public void AddChannel(uint id, Channel channel)
    {
        lock (_gate)
        {
            if (id <= _highestChannel)
            {
                throw new ProtocolException($"channel {id} was used before");
            }

            if (_channels.Count == MaxChannels)
            {
                throw new ProtocolException($"more than {MaxChannels} channels");
            }

            _highestChannel = id;
            if (!_closed.IsCancellationRequested)
            {
                _channels.Add(id, channel);
                return;
            }
        }

        channel.Closed();
    }

    /// <summary>Closes a channel, if it is open: <see cref="Channel.Closed"/> runs before this returns, further frames on it are dropped.</summary>
    public void CloseChannel(uint id)
    {
        Channel? channel;
        lock (_gate)
        {
            _channels.Remove(id, out channel);
        }

        channel?.Closed();
    }

    /// <summary>Begins to close the socket; what is queued is sent first unless <paramref name="discard"/>.</summary>
    public void Close(WebSocketCloseStatus code, string reason, bool discard = false)
    {
        lock (_gate)
        {
            if (_close is not null)
            {
                return;
            }

            _close = (code, reason);
        }

        _outbox.End(discard);
        _closed.Cancel();
        _hard.CancelAfter(CloseTime);
    }

    /// <summary>Serves the socket until its end; returns when all it started has ended.</summary>
    /// <param name="hello">Composes the first event. Events sent meanwhile follow it.</param>
    public async Task RunAsync(Func<Session, byte[]> hello)
    {
        var writing = WriteAsync();
        try
        {
            SendHello(hello(this));
            await ReadAsync();
        }
        catch (ProtocolException e)
        {
            Close(WebSocketCloseStatus.ProtocolError, e.Message);
        }
        catch (FrameTooLongException)
        {
            Close(WebSocketCloseStatus.MessageTooBig, "a frame is at most 8 MiB");
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The page is gone without a close, or silent: nothing to answer.
            _hard.Cancel();
        }
        finally
        {
            Close(WebSocketCloseStatus.NormalClosure, "");
            List<Channel> left;
            lock (_gate)
            {
                left = [.. _channels.Values];
                _channels.Clear();
            }

            foreach (var channel in left)
            {
                channel.Closed();
            }

            await writing;
            for (var i = 0; i < MaxRequests; i++)
            {
                await _requestSlots.WaitAsync(CancellationToken.None);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _requestSlots.Dispose();
        _closed.Dispose();
        _hard.Dispose();
    }

    private void SendHello(byte[] hello)
    {
        lock (_gate)
        {
            _outbox.TryPut(0, FrameType.Event, hello);
            foreach (var payload in _beforeHello!)
            {
                _outbox.TryPut(0, FrameType.Event, payload);
            }

            _beforeHello = null;
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            await _outbox.WriteAsync(_hard.Token);
            var (code, reason) = _close!.Value;
            await _socket.CloseOutputAsync(code, Fit(reason), _hard.Token);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            _socket.Abort();
        }
    }

    private async Task ReadAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReceiveLength);
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    if (length == buffer.Length)
                    {
                        buffer = Grow(buffer, length);
                    }

                    lock (_gate)
                    {
                        if (_close is null)
                        {
                            _hard.CancelAfter(Silence);
                        }
                    }

                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), _hard.Token);
                    length += part.Count;
                }
                while (!part.EndOfMessage);

                if (part.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                if (part.MessageType != WebSocketMessageType.Binary)
                {
                    throw new ProtocolException("a frame is a binary message");
                }

                if (_closed.IsCancellationRequested)
                {
                    continue;
                }

                if (length > Frame.MaxLength)
                {
                    throw new FrameTooLongException();
                }

                if (!Frame.TryRead(buffer.AsMemory(0, length), out var frame))
                {
                    throw new ProtocolException("a frame has a channel and a type");
                }

                await TakeAsync(frame);
                if (buffer.Length > 8 * ReceiveLength)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = ArrayPool<byte>.Shared.Rent(ReceiveLength);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        if (length > Frame.MaxLength)
        {
            throw new FrameTooLongException();
        }

        var larger = ArrayPool<byte>.Shared.Rent(2 * length);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private ValueTask TakeAsync(Frame frame)
    {
        if (frame.Channel == 0)
        {
            return TakeOwnAsync(frame);
        }

        Channel? channel;
        lock (_gate)
        {
            if (!_channels.TryGetValue(frame.Channel, out channel))
            {
                return frame.Channel <= _highestChannel
                    ? ValueTask.CompletedTask
                    : throw new ProtocolException($"channel {frame.Channel} was never opened");
            }
        }

        if (!MayEdit && MessageRights.Frames.GetValueOrDefault(frame.Type, Role.Viewer) > Role.Viewer)
        {
            Refuse(frame.Channel);
            return ValueTask.CompletedTask;
        }

        return channel.ReceiveAsync(frame.Type, frame.Payload, Closed);
    }

    /// <summary>Tells the page that nothing was done with what it sent on the channel.</summary>
    private void Refuse(uint channel) => Send(0, FrameType.Event, OpenSessions.Compose("denied", writer =>
    {
        writer.WriteNumber("channel", channel);
        writer.WriteString("message", MessageRights.Refusal);
    }));

    private ValueTask TakeOwnAsync(Frame frame)
    {
        switch (frame.Type)
        {
            case FrameType.Request:
                return TakeRequestAsync(frame.Payload);
            case FrameType.Ping when frame.Payload.Length <= MaxPingLength:
                Send(0, FrameType.Pong, frame.Payload.Span);
                return ValueTask.CompletedTask;
            case FrameType.Ping:
                throw new ProtocolException($"a ping has at most {MaxPingLength} bytes");
            default:
                throw new ProtocolException($"type 0x{(byte)frame.Type:x2} does not belong on channel 0");
        }
    }

    private async ValueTask TakeRequestAsync(ReadOnlyMemory<byte> payload)
    {
        if (payload.Length > MaxRequestLength)
        {
            throw new ProtocolException($"a request has at most {MaxRequestLength} bytes");
        }

        var request = ParseRequest(payload.Span);
        if (!request.TryNumber("id", 0, uint.MaxValue, out var id) || !request.TryText("op", out var name))
        {
            throw new ProtocolException("a request has an id and an op");
        }

        if (!_requests.TryGet(name, out var op))
        {
            Answer(id, Reply.Failed(ErrorCode.BadRequest, $"This runner does not know \"{name}\". Reload the page."));
            return;
        }

        if (op.Edits && !MayEdit)
        {
            Answer(id, Reply.Failed(ErrorCode.Denied, MessageRights.Refusal));
            MarkUsed(op, request);
            return;
        }

        if (op.Edits)
        {
            _requests.Edits?.Invoke(Ticket.User, name, request);
        }

        await _requestSlots.WaitAsync(Closed);
        if (op.InOrder)
        {
            await AnswerAsync(id, op, request);
            MarkUsed(op, request);
        }
        else
        {
            // Ends with the slots, which RunAsync collects.
            _ = Task.Run(() => AnswerAsync(id, op, request));
        }
    }

    private static JsonElement ParseRequest(ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload);
            var request = JsonElement.ParseValue(ref reader);
            if (request.ValueKind == JsonValueKind.Object && !reader.Read())
            {
                return request;
            }
        }
        catch (JsonException)
        {
        }

        throw new ProtocolException("a request is a JSON object");
    }

    /// <summary>An open that failed uses its channel up too: frames that crossed the reply are dropped.</summary>
    private void MarkUsed(RequestTable.Op op, JsonElement request)
    {
        if (op.InOrder && request.TryChannel(out var channel))
        {
            lock (_gate)
            {
                _highestChannel = Math.Max(_highestChannel, channel);
            }
        }
    }

    private async Task AnswerAsync(long id, RequestTable.Op op, JsonElement request)
    {
        try
        {
            Answer(id, await op.Handler(this, request, Closed));
        }
        catch (OperationCanceledException) when (Closed.IsCancellationRequested)
        {
        }
        catch (ProtocolException e)
        {
            Close(WebSocketCloseStatus.ProtocolError, e.Message);
        }
        catch (Exception e)
        {
            Console.Error.WriteLine($"request failed: {e}");
            Answer(id, Reply.Failed(ErrorCode.Failed, $"The runner failed at this: {e.Message}"));
        }
        finally
        {
            _requestSlots.Release();
        }
    }

    private void Answer(long id, Reply reply)
    {
        var payload = new ArrayBufferWriter<byte>();
        reply.Write(payload, id);
        Send(0, FrameType.Reply, payload.WrittenSpan);
        reply.After?.Invoke();
    }

    /// <summary>A close reason has at most 123 bytes of UTF-8.</summary>
    private static string Fit(string reason)
    {
        var text = reason.Length > 120 ? reason[..120] : reason;
        return Encoding.UTF8.GetByteCount(text) > 123 ? "see the runner's log" : text;
    }

    private sealed class FrameTooLongException : Exception;
}
