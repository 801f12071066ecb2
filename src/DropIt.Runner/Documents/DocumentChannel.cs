using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Protocol.Frames;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Documents;

/// <summary>Queues a frame for the page of a channel; never waits. False when the page is gone.</summary>
internal delegate bool FrameSink(FrameType type, ReadOnlySpan<byte> payload);

/// <summary>One page's view of a document.</summary>
/// <param name="document">The document.</param>
/// <param name="client">The page's client id.</param>
/// <param name="send">Towards the page.</param>
/// <param name="close">Takes the channel out of its session.</param>
internal sealed class DocumentChannel(OpenDocument document, string client, FrameSink send, Action close) : Channel
{
    /// <summary>The page's client id.</summary>
    public string Client => client;

    /// <summary>Called ahead of each push.</summary>
    public Action? Pushed { get; set; }

    /// <summary>Called when the page shows the document (true), and when it no longer does.</summary>
    public Action<bool>? Shown { get; set; }

    /// <summary>Whose page it is: control's number of the user.</summary>
    public int Person { get; init; }

    /// <summary>Whether so much waits for the page that it need not be told of cursors now.</summary>
    public Func<bool>? Slow { get; init; }

    /// <summary>As <see cref="Slow"/> says.</summary>
    public bool IsSlow => Slow?.Invoke() == true;

    /// <summary>Where the page is; guarded by the document.</summary>
    public DocumentCursor? Cursor { get; set; }

    /// <summary>Clients whose place the page is to be told; guarded by the document.</summary>
    public HashSet<string> Owed { get; } = [];

    /// <summary>The page has the text and gets what comes after; guarded by the document.</summary>
    public bool Started { get; set; }

    /// <summary>The last push, when the log could not take it; guarded by the document.</summary>
    public byte[]? Refused { get; set; }

    /// <inheritdoc/>
    public override ValueTask ReceiveAsync(FrameType type, ReadOnlyMemory<byte> payload, CancellationToken ct)
    {
        switch (type)
        {
            case FrameType.Push:
                Pushed?.Invoke();
                document.Push(this, payload.Span);
                return ValueTask.CompletedTask;
            case FrameType.Cursor:
                document.TakeCursor(this, payload.Span);
                Shown?.Invoke(!payload.IsEmpty);
                return ValueTask.CompletedTask;
            default:
                throw new ProtocolException($"type 0x{(byte)type:x2} does not belong on a document");
        }
    }

    /// <inheritdoc/>
    public override void Closed()
    {
        document.Leave(this);
        Shown?.Invoke(false);
    }

    /// <summary>Queues a frame.</summary>
    public void Send(FrameType type, ReadOnlyMemory<byte> payload) => send(type, payload.Span);

    /// <summary>Tells the page that the document is no more; the page takes the channel for closed.</summary>
    public void SendGone(DocumentGone gone)
    {
        send(FrameType.Gone, JsonSerializer.SerializeToUtf8Bytes(gone, DocumentJson.Default.DocumentGone));
        close();
    }
}

/// <summary>Payload of <c>gone</c>.</summary>
/// <param name="Reason"><c>deleted</c>, <c>moved</c> or <c>unreadable</c>.</param>
/// <param name="To">The new path, when moved.</param>
/// <param name="Message">For the user: cause, then cure.</param>
internal sealed record DocumentGone(string Reason, string? To, string Message);

/// <summary>Result of <c>document.open</c>.</summary>
/// <param name="Incarnation">Names the run of versions.</param>
/// <param name="Bom">The file begins with a byte order mark.</param>
/// <param name="Eol"><c>lf</c> or <c>crlf</c>.</param>
/// <param name="ReadOnly">The user may only look.</param>
internal sealed record DocumentOpened(string Incarnation, bool Bom, string Eol, bool ReadOnly);

/// <summary>JSON of documents, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DocumentGone))]
[JsonSerializable(typeof(DocumentOpened))]
internal sealed partial class DocumentJson : JsonSerializerContext;
