using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using DropIt.Protocol.Frames;

namespace DropIt.Runner.Tests.Harness;

/// <summary>A page's side of the socket. Frames are read in the order they came; verbs wait for what they name.</summary>
internal sealed class TestPage : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly ClientWebSocket _socket = new();
    private readonly List<(uint Channel, FrameType Type, byte[] Payload)> _kept = [];
    private byte[] _buffer = new byte[16 * 1024];
    private int _id;

    public JsonNode Hello { get; private set; } = null!;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? CloseReason => _socket.CloseStatusDescription;

    public static async Task<TestPage> ConnectAsync(string path, string? ticket, string? origin, string protocol)
    {
        var page = new TestPage();
        page._socket.Options.AddSubProtocol(protocol);
        if (ticket is not null)
        {
            page._socket.Options.AddSubProtocol("ticket." + ticket);
        }

        if (origin is not null)
        {
            page._socket.Options.SetRequestHeader("Origin", origin);
        }

        page._socket.Options.CollectHttpResponseDetails = true;
        using var invoker = new HttpMessageInvoker(TestRunner.Handler(path));
        try
        {
            await page._socket.ConnectAsync(new Uri("ws://" + TestRunner.Slug + ".localhost/.dropit/ws"), invoker, default);
        }
        catch (WebSocketException e)
        {
            throw new RefusedException((int)page._socket.HttpStatusCode, e);
        }

        page.Hello = await page.EventAsync("hello");
        return page;
    }

    public Task SendAsync(uint channel, FrameType type, ReadOnlySpan<byte> payload)
    {
        var message = new byte[Frame.MaxHeaderLength + payload.Length];
        var length = Varint.Write(message, channel);
        message[length++] = (byte)type;
        payload.CopyTo(message.AsSpan(length));
        return SendRawAsync(message.AsMemory(0, length + payload.Length));
    }

    public Task SendRawAsync(ReadOnlyMemory<byte> message, WebSocketMessageType type = WebSocketMessageType.Binary) =>
        _socket.SendAsync(message, type, endOfMessage: true, default).AsTask();

    /// <summary>Sends a request without waiting for its reply; returns its number.</summary>
    public async Task<int> BeginAsync(string op, object? fields = null)
    {
        var request = JsonSerializer.SerializeToNode(fields ?? new { })!.AsObject();
        var id = ++_id;
        request["id"] = id;
        request["op"] = op;
        await SendAsync(0, FrameType.Request, JsonSerializer.SerializeToUtf8Bytes(request));
        return id;
    }

    /// <summary>The reply to a request: its <c>result</c>, or throws with the error.</summary>
    public async Task<JsonNode> ResultAsync(string op, object? fields = null)
    {
        var reply = await ReplyAsync(await BeginAsync(op, fields));
        return reply["result"] ?? throw new InvalidOperationException($"{op}: {reply["error"]}");
    }

    /// <summary>The code of the error that a request is answered with.</summary>
    public async Task<string> ErrorAsync(string op, object? fields = null)
    {
        var reply = await ReplyAsync(await BeginAsync(op, fields));
        return (string?)reply["error"]?["code"] ?? throw new InvalidOperationException($"{op} succeeded: {reply}");
    }

    public async Task<JsonNode> ReplyAsync(int id)
    {
        var (_, _, payload) = await NextAsync(
            f => f.Type == FrameType.Reply && (int)JsonNode.Parse(f.Payload)!["id"]! == id, $"reply {id}");
        return JsonNode.Parse(payload)!;
    }

    /// <summary>The next event of that name for which <paramref name="fits"/> holds.</summary>
    public async Task<JsonNode> EventAsync(string name, Func<JsonNode, bool>? fits = null)
    {
        JsonNode? found = null;
        await NextAsync(
            f =>
            {
                if (f.Type != FrameType.Event)
                {
                    return false;
                }

                found = JsonNode.Parse(f.Payload)!;
                return (string?)found["event"] == name && (fits is null || fits(found));
            },
            $"event {name}");
        return found!;
    }

    /// <summary>A notice: one that held when the page came is in its hello, a later one is an event.</summary>
    public async Task<JsonNode> NoticeAsync(string id) =>
        Hello["notices"]!.AsArray().FirstOrDefault(notice => (string?)notice!["id"] == id)
            ?? (await EventAsync("notice", e => (string?)e["notice"]!["id"] == id))["notice"]!;

    /// <summary>Makes safe what was written before and forgets the events of it.</summary>
    public async Task SettleAsync()
    {
        await ResultAsync("journal.flush");
        _kept.Clear();
    }

    /// <summary>The next frame of a channel.</summary>
    public async Task<(FrameType Type, byte[] Payload)> FrameAsync(uint channel, FrameType? type = null)
    {
        var found = await NextAsync(f => f.Channel == channel && (type is null || f.Type == type), $"frame on {channel}");
        return (found.Type, found.Payload);
    }

    /// <summary>Reads until the runner closes the socket.</summary>
    public async Task<WebSocketCloseStatus?> ClosedAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await ReadAsync(patience.Token) is not null)
        {
        }

        return _socket.CloseStatus;
    }

    public ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<(uint Channel, FrameType Type, byte[] Payload)> NextAsync(
        Predicate<(uint Channel, FrameType Type, byte[] Payload)> fits, string what)
    {
        var at = _kept.FindIndex(fits);
        if (at >= 0)
        {
            var kept = _kept[at];
            _kept.RemoveAt(at);
            return kept;
        }

        using var patience = new CancellationTokenSource(Patience);
        try
        {
            while (true)
            {
                var frame = await ReadAsync(patience.Token)
                    ?? throw new InvalidOperationException($"closed while waiting for {what}: {CloseStatus} {CloseReason}");
                if (fits(frame))
                {
                    return frame;
                }

                _kept.Add(frame);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"no {what} within {Patience}");
        }
    }

    private async Task<(uint Channel, FrameType Type, byte[] Payload)?> ReadAsync(CancellationToken ct)
    {
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * length);
            }

            part = await _socket.ReceiveAsync(_buffer.AsMemory(length), ct);
            length += part.Count;
        }
        while (!part.EndOfMessage);
        if (part.MessageType == WebSocketMessageType.Close)
        {
            return null;
        }

        Assert.True(Frame.TryRead(_buffer.AsMemory(0, length), out var frame));
        return (frame.Channel, frame.Type, frame.Payload.ToArray());
    }

    internal sealed class RefusedException(int status, Exception inner) : Exception($"refused with {status}", inner)
    {
        public int Status => status;
    }
}
