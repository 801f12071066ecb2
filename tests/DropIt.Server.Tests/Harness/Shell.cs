using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using DropIt.Protocol.Frames;

namespace DropIt.Server.Tests.Harness;

/// <summary>A shell in a terminal of a workspace, over a page's socket.</summary>
internal sealed class Shell : IDisposable
{
    private const uint Channel = 7;

    private readonly ClientWebSocket _socket;
    private readonly StringBuilder _printed = new();
    private int _number;

    private Shell(ClientWebSocket socket) => _socket = socket;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A shell in that workspace, which is woken.</summary>
    public static async Task<Shell> OpenAsync(ServerRig server, string slug)
    {
        var (socket, _) = await server.ConnectAsync(slug, await server.OpenAsync(slug));
        var shell = new Shell(socket);
        var terminal = (await shell.RequestAsync("terminal.create", new { columns = 400, rows = 50 })).GetProperty("terminal").Clone();
        await shell.RequestAsync("terminal.attach", new { channel = Channel, terminal, columns = 400, rows = 50 });
        return shell;
    }

    /// <summary>Types a command and waits for its end; the answer is what was printed and the exit code.</summary>
    public async Task<(string Printed, int Code)> RunAsync(string command)
    {
        var end = await BeginAsync(command);
        while (true)
        {
            if (Regex.Match(_printed.ToString(), $@"(?s)begin{end}\r\n(.*)end{end}:(\d+)") is { Success: true } match)
            {
                return (match.Groups[1].Value, int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
            }

            await ReadAsync();
        }
    }

    /// <summary>Types a command that nobody waits for.</summary>
    public async Task<int> BeginAsync(string command)
    {
        var end = ++_number;

        // What is typed is printed too: quotes keep it apart from what the command prints.
        await SendAsync(Channel, FrameType.Input, Encoding.UTF8.GetBytes($"echo be''gin{end}; {command}; echo e''nd{end}:$?\n"));
        return end;
    }

    /// <summary>A request of the page; the answer is its result.</summary>
    public async Task<JsonElement> RequestAsync(string op, object fields)
    {
        var id = ++_number;
        var request = JsonSerializer.SerializeToNode(fields)!.AsObject();
        (request["id"], request["op"]) = (id, op);
        await SendAsync(0, FrameType.Request, Encoding.UTF8.GetBytes(request.ToJsonString()));
        while (true)
        {
            if (await ReadAsync() is { } reply && reply.GetProperty("id").GetInt32() == id)
            {
                return reply.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException($"{op}: {reply}");
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private Task SendAsync(uint channel, FrameType type, byte[] payload)
    {
        var message = new System.Buffers.ArrayBufferWriter<byte>();
        Frame.WriteHeader(message, channel, type);
        System.Buffers.BuffersExtensions.Write(message, payload);
        return _socket.SendAsync(message.WrittenMemory, WebSocketMessageType.Binary, endOfMessage: true, Cancel).AsTask();
    }

    // The reply, when it is one; output is kept.
    private async Task<JsonElement?> ReadAsync()
    {
        var buffer = new byte[Frame.MaxLength];
        var length = 0;
        ValueWebSocketReceiveResult got;
        do
        {
            got = await _socket.ReceiveAsync(buffer.AsMemory(length), Cancel);
            length += got.Count;
        }
        while (!got.EndOfMessage);
        if (got.MessageType == WebSocketMessageType.Close)
        {
            throw new InvalidOperationException($"The socket was closed ({_socket.CloseStatusDescription}). Printed: {_printed}");
        }

        if (!Frame.TryRead(buffer.AsMemory(0, length), out var frame))
        {
            return null;
        }

        if (frame is { Channel: Channel, Type: FrameType.Output or FrameType.Restore })
        {
            _printed.Append(Encoding.UTF8.GetString(frame.Payload.Span));
        }

        return frame.Type == FrameType.Reply ? JsonElement.Parse(frame.Payload.Span) : null;
    }
}
