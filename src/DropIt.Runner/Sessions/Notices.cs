using System.Text.Json;
using System.Text.Json.Serialization;

namespace DropIt.Runner.Sessions;

/// <summary>How much a notice matters.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NoticeLevel>))]
internal enum NoticeLevel
{
    /// <summary>Good to know.</summary>
    [JsonStringEnumMemberName("info")] Info,

    /// <summary>Something works less well.</summary>
    [JsonStringEnumMemberName("warning")] Warning,

    /// <summary>Something does not work.</summary>
    [JsonStringEnumMemberName("error")] Error,
}

/// <summary>Something the user should know for as long as it holds.</summary>
/// <param name="Id">Names it, such as <c>watching</c>.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Message">A sentence: cause, then cure. Empty: no longer true.</param>
internal sealed record Notice(string Id, NoticeLevel Level, string Message);

/// <summary>The notices that hold now. Pages get them in their hello and as they change.</summary>
internal sealed class Notices
{
    private readonly OpenSessions _sessions;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Notice> _held = [];

    /// <summary>Contributes <c>notices</c> to the hello.</summary>
    public Notices(OpenSessions sessions)
    {
        _sessions = sessions;
        sessions.AddHello("notices", (_, writer) =>
            JsonSerializer.Serialize(writer, Held(), SessionJson.Default.IReadOnlyListNotice));
    }

    /// <summary>Sets, changes or (empty <paramref name="message"/>) clears a notice; nothing happens when it is so already.</summary>
    public void Set(string id, NoticeLevel level, string message)
    {
        var notice = new Notice(id, level, message);
        lock (_gate)
        {
            if (message.Length == 0 ? !_held.Remove(id) : _held.GetValueOrDefault(id) == notice)
            {
                return;
            }

            if (message.Length > 0)
            {
                _held[id] = notice;
            }

            _sessions.Broadcast("notice", "notice", notice, SessionJson.Default.Notice);
        }
    }

    private IReadOnlyList<Notice> Held()
    {
        lock (_gate)
        {
            return [.. _held.Values];
        }
    }
}

/// <summary>JSON of the session's own events, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Notice))]
[JsonSerializable(typeof(IReadOnlyList<Notice>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(DropIt.Protocol.Tickets.Role))]
internal sealed partial class SessionJson : JsonSerializerContext;
