using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using DropIt.Protocol.Frames;

namespace DropIt.Cli;

/// <summary>A socket to a workspace's runner (docs/protocol.md). One reader; anyone may send.</summary>
internal sealed class WorkspaceSocket : IDisposable
{
    // The runner takes a client for dead after 60 s of silence.
    private static readonly TimeSpan s_pingEvery = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly byte[] _buffer = new byte[Frame.MaxLength];
    private readonly Timer _pings;
    private int _requests;

    private WorkspaceSocket() => _pings = new Timer(_ => _ = PingAsync(), null, s_pingEvery, s_pingEvery);

    /// <summary>Connects; the answer is the socket and the runner's hello.</summary>
    /// <exception cref="CliException">The runner refuses.</exception>
    public static async Task<(WorkspaceSocket Socket, JsonElement Hello)> ConnectAsync(ServerClient server, OpenWorkspace workspace)
    {
        var made = new WorkspaceSocket();
        try
        {
            var options = made._socket.Options;
            options.AddSubProtocol("dropit.1");
            options.AddSubProtocol("ticket." + workspace.Ticket);
            options.SetRequestHeader("Origin", server.Origin);
            var address = new UriBuilder(new Uri(workspace.Origin, "/.dropit/ws")) { Scheme = workspace.Origin.Scheme == "https" ? "wss" : "ws" };
            await made._socket.ConnectAsync(address.Uri, server.Invoker, CancellationToken.None);
            return (made, JsonElement.Parse((await made.ReceiveAsync()).Payload.Span));
        }
        catch (WebSocketException e)
        {
            made.Dispose();
            throw new CliException($"The workspace {workspace.Slug} does not let itself be connected to at {workspace.Origin} ({e.Message}). Try again.");
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    /// <summary>The next message; its payload is valid until the next call.</summary>
    /// <exception cref="CliException">The connection is lost.</exception>
    public async Task<Frame> ReceiveAsync()
    {
        try
        {
            var length = 0;
            ValueWebSocketReceiveResult got;
            do
            {
                got = await _socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
                length += got.Count;
            }
            while (!got.EndOfMessage && length < _buffer.Length);
            return got.MessageType == WebSocketMessageType.Binary && Frame.TryRead(_buffer.AsMemory(0, length), out var frame) ? frame
                : throw new CliException($"The workspace closed the connection ({_socket.CloseStatusDescription ?? "no reason given"}). Try again.");
        }
        catch (WebSocketException e)
        {
            throw new CliException($"The connection to the workspace is lost ({e.Message}). Try again.");
        }
    }

    /// <summary>Sends a request and waits for its result; what comes before it is dropped.</summary>
    /// <exception cref="CliException">It is refused.</exception>
    public async Task<JsonElement> RequestAsync(string op, JsonObject fields)
    {
        await SendRequestAsync(op, fields);
        while (true)
        {
            var frame = await ReceiveAsync();
            if (frame.Type == FrameType.Reply)
            {
                return ResultOf(frame);
            }
        }
    }

    /// <summary>Sends a request; its reply comes by <see cref="ReceiveAsync"/>.</summary>
    public Task SendRequestAsync(string op, JsonObject fields)
    {
        (fields["id"], fields["op"]) = (++_requests, op);
        return SendAsync(0, FrameType.Request, JsonSerializer.SerializeToUtf8Bytes(fields));
    }

    /// <summary>The result in a reply.</summary>
    /// <exception cref="CliException">It is a refusal.</exception>
    public static JsonElement ResultOf(Frame reply)
    {
        var answer = JsonElement.Parse(reply.Payload.Span);
        return answer.TryGetProperty("error", out var error)
            ? throw new CliException(error.GetProperty("message").GetString()!)
            : answer.GetProperty("result");
    }

    /// <summary>Sends a message.</summary>
    /// <exception cref="CliException">The connection is lost.</exception>
    public async Task SendAsync(uint channel, FrameType type, ReadOnlyMemory<byte> payload)
    {
        var message = new ArrayBufferWriter<byte>(payload.Length + Frame.MaxHeaderLength);
        Frame.WriteHeader(message, channel, type);
        message.Write(payload.Span);
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(message.WrittenMemory, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        }
        catch (Exception e) when (e is WebSocketException or ObjectDisposedException)
        {
            throw new CliException($"The connection to the workspace is lost ({e.Message}). Try again.");
        }
        finally
        {
            _sending.Release();
        }
    }

    public void Dispose()
    {
        _pings.Dispose();
        _socket.Dispose();
    }

    private async Task PingAsync()
    {
        try
        {
            await SendAsync(0, FrameType.Ping, default);
        }
        catch (Exception e) when (e is CliException or InvalidOperationException)
        {
            // whoever reads sees it too
        }
    }
}
