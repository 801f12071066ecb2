using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace DropIt.Runner.Sessions;

/// <summary>Why a request failed; docs/protocol.md, "Requests".</summary>
internal enum ErrorCode
{
    /// <summary>The request itself is wrong.</summary>
    BadRequest,

    /// <summary>What it names does not exist.</summary>
    NotFound,

    /// <summary>What it would make exists already.</summary>
    Exists,

    /// <summary>The path is not a regular file.</summary>
    NotAFile,

    /// <summary>The path is not a folder.</summary>
    NotAFolder,

    /// <summary>The path leaves the workspace.</summary>
    Outside,

    /// <summary>Past a bound on size.</summary>
    TooLarge,

    /// <summary>The file is not text.</summary>
    Binary,

    /// <summary>A FIFO, device or socket.</summary>
    Special,

    /// <summary>The role does not allow it.</summary>
    Denied,

    /// <summary>No space on the disk.</summary>
    Full,

    /// <summary>A bound on number was reached.</summary>
    Limit,

    /// <summary>A program that is needed is not installed.</summary>
    MissingTool,

    /// <summary>Something else is under way; ask again later.</summary>
    Busy,

    /// <summary>Anything else; the message says what.</summary>
    Failed,
}

/// <summary>The answer to a request, as a value: a result, or a code and a sentence for the user (cause, then cure).</summary>
internal readonly struct Reply
{
    private readonly Action<Utf8JsonWriter>? _result;

    private Reply(Action<Utf8JsonWriter>? result, ErrorCode? code, string? message, Action? after)
    {
        _result = result;
        Code = code;
        Message = message;
        After = after;
    }

    /// <summary>The empty result, <c>{}</c>.</summary>
    public static Reply Done => default;

    /// <summary>Null when the request succeeded.</summary>
    public ErrorCode? Code { get; }

    /// <summary>The sentence for the user when it failed.</summary>
    public string? Message { get; }

    /// <summary>What runs once the reply stands in the outbox; null when nothing does.</summary>
    public Action? After { get; }

    /// <summary>A result.</summary>
    public static Reply Of<T>(T value, JsonTypeInfo<T> type) =>
        new(writer => JsonSerializer.Serialize(writer, value, type), null, null, null);

    /// <summary>A failure.</summary>
    public static Reply Failed(ErrorCode code, string message) => new(null, code, message, null);

    /// <summary>
    /// The same reply; <paramref name="after"/> runs as soon as it stands in the outbox, so that frames sent from there follow it
    /// (a document's snapshot, a terminal's restore).
    /// </summary>
    public Reply Then(Action after) => new(_result, Code, Message, after);

    /// <summary>Writes the payload of a reply frame.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="id">The request's number.</param>
    public void Write(IBufferWriter<byte> to, long id)
    {
        using var writer = new Utf8JsonWriter(to);
        writer.WriteStartObject();
        writer.WriteNumber("id"u8, id);
        if (Code is { } code)
        {
            writer.WriteStartObject("error"u8);
            writer.WriteString("code"u8, Text(code));
            writer.WriteString("message"u8, Message);
            writer.WriteEndObject();
        }
        else
        {
            writer.WritePropertyName("result"u8);
            if (_result is null)
            {
                writer.WriteStartObject();
                writer.WriteEndObject();
            }
            else
            {
                _result(writer);
            }
        }

        writer.WriteEndObject();
    }

    /// <summary>The code as the wire has it.</summary>
    public static string Text(ErrorCode code) => code switch
    {
        ErrorCode.BadRequest => "bad_request",
        ErrorCode.NotFound => "not_found",
        ErrorCode.Exists => "exists",
        ErrorCode.NotAFile => "not_a_file",
        ErrorCode.NotAFolder => "not_a_folder",
        ErrorCode.Outside => "outside",
        ErrorCode.TooLarge => "too_large",
        ErrorCode.Binary => "binary",
        ErrorCode.Special => "special",
        ErrorCode.Denied => "denied",
        ErrorCode.Full => "full",
        ErrorCode.Limit => "limit",
        ErrorCode.MissingTool => "missing_tool",
        ErrorCode.Busy => "busy",
        _ => "failed",
    };
}
