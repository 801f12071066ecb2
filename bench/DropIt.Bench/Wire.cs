using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;
using DropIt.Protocol.Frames;

namespace DropIt.Bench;

/// <summary>A page's side of the socket, with nothing of a page behind it.</summary>
internal sealed class Wire : IAsyncDisposable
{
    /// <summary>Frames that wait to be read; the programs here read at once, so past it the figure would be wrong anyway.</summary>
    private const int Waiting = 100_000;

    private readonly ClientWebSocket _socket;
    private readonly Channel<(uint Channel, FrameType Type, byte[] Payload)> _frames;
    private readonly Task _reading;
    private int _request;

    private Wire(ClientWebSocket socket)
    {
        _socket = socket;
        _frames = System.Threading.Channels.Channel.CreateBounded<(uint, FrameType, byte[])>(Waiting);
        _reading = ReadAsync();
    }

    /// <summary>Opens the socket of a workspace, waiting for it to wake.</summary>
    public static async Task<Wire> ConnectAsync(Rig rig, string slug)
    {
        var (ticket, origin) = await rig.OpenAsync(slug);
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("dropit.1");
        socket.Options.AddSubProtocol("ticket." + ticket);
        socket.Options.SetRequestHeader("Origin", rig.Origin);
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancel) =>
            {
                var tcp = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await tcp.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancel);
                return new NetworkStream(tcp, ownsSocket: true);
            },
        };
        var invoker = new HttpMessageInvoker(handler, disposeHandler: false);
        await socket.ConnectAsync(new Uri(origin.Replace("http", "ws", StringComparison.Ordinal) + "/.dropit/ws"), invoker, default);
        return new Wire(socket);
    }

    /// <summary>Sends one frame.</summary>
    public async Task SendAsync(uint channel, FrameType type, ReadOnlyMemory<byte> payload)
    {
        var message = new ArrayBufferWriter<byte>(payload.Length + Frame.MaxHeaderLength);
        Frame.WriteHeader(message, channel, type);
        message.Write(payload.Span);
        await _socket.SendAsync(message.WrittenMemory, WebSocketMessageType.Binary, endOfMessage: true, default);
    }

    /// <summary>The next frame of one of the types; others are dropped.</summary>
    public async Task<byte[]> NextAsync(uint channel, params FrameType[] wanted)
    {
        while (true)
        {
            var frame = await _frames.Reader.ReadAsync();
            if (frame.Channel == channel && wanted.Contains(frame.Type))
            {
                return frame.Payload;
            }
        }
    }

    /// <summary>Sends a request and waits for its result.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="fields">What goes with it: <c>"path":"a.txt"</c> and so on, without braces.</param>
    public async Task<JsonElement> RequestAsync(string op, string fields)
    {
        var id = ++_request;
        var json = $$"""{"id":{{id}},"op":"{{op}}"{{(fields.Length > 0 ? "," + fields : "")}}}""";
        await SendAsync(0, FrameType.Request, System.Text.Encoding.UTF8.GetBytes(json));
        while (true)
        {
            var reply = JsonElement.Parse(await NextAsync(0, FrameType.Reply));
            if (reply.GetProperty("id").GetInt32() == id)
            {
                return reply.TryGetProperty("result", out var result)
                    ? result
                    : throw new InvalidOperationException($"{op}: {reply}");
            }
        }
    }

    /// <summary>Closes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[Frame.MaxLength];
        var length = 0;
        try
        {
            while (true)
            {
                var got = await _socket.ReceiveAsync(buffer.AsMemory(length), default);
                length += got.Count;
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                if (got.EndOfMessage && Frame.TryRead(buffer.AsMemory(0, length), out var frame))
                {
                    await _frames.Writer.WriteAsync((frame.Channel, frame.Type, frame.Payload.ToArray()));
                    length = 0;
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // the socket was cut: whoever waits for a frame learns it below
        }
        finally
        {
            _frames.Writer.TryComplete();
        }
    }
}
