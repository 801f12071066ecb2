using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DropIt.Protocol.Frames;
using DropIt.Protocol.Tickets;

namespace DropIt.Runner.Sessions;

/// <summary>All sockets of this runner: who is here, what all of them are told, and the hello that each begins with.</summary>
internal sealed class OpenSessions(RequestTable requests)
{
    /// <summary>Sockets at once: a class of students with several tabs each; past it 503.</summary>
    public const int Max = 256;

    /// <summary>Of them by one person: their tabs on all of their devices, and no more than a quarter of the places. Past it the newest is closed with 4002.</summary>
    public const int MaxPerUser = 64;

    private readonly ConcurrentDictionary<uint, Session> _sessions = new();

    // Of many that come at once the first are served, and not none since all of them were counted.
    private readonly Lock _entering = new();
    private readonly List<(string Member, Action<Session, Utf8JsonWriter> Write)> _hello = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private uint _last;
    private long _access;
    private string? _stopping;

    /// <summary>Sockets open now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>A socket has opened; its hello follows. Heard by whoever asks before the first.</summary>
    public event Action<Session>? Came;

    /// <summary>A socket has closed.</summary>
    public event Action<Session>? Went;

    /// <summary>True once <see cref="StopAsync"/> was called: new sockets are refused.</summary>
    public bool Stopping => _stopping is not null;

    /// <summary>Adds a member to the hello of every socket. Before the first socket only.</summary>
    /// <param name="member">Its name.</param>
    /// <param name="write">Writes its value; called on any thread, holding no lock.</param>
    public void AddHello(string member, Action<Session, Utf8JsonWriter> write) => _hello.Add((member, write));

    /// <summary>Tells every page <c>{"event": name, member: value}</c>. Never waits. May be called holding the caller's own locks.</summary>
    public void Broadcast<T>(string name, string member, T value, JsonTypeInfo<T> type)
    {
        if (Count == 0)
        {
            return;
        }

        var payload = Compose(name, writer =>
        {
            writer.WritePropertyName(member);
            JsonSerializer.Serialize(writer, value, type);
        });
        foreach (var (_, session) in _sessions)
        {
            session.Send(0, FrameType.Event, payload);
        }
    }

    /// <summary>Serves a socket until its end.</summary>
    /// <param name="ticket">Who comes.</param>
    /// <param name="accept">Completes the handshake; not called when there is no place.</param>
    /// <returns>False when all places are taken or the runner is stopping.</returns>
    public async Task<bool> TryServeAsync(Ticket ticket, Func<Task<WebSocket>> accept)
    {
        try
        {
            if (Interlocked.Increment(ref _count) > Max || Stopping)
            {
                return false;
            }

            using var socket = await accept();
            using var session = new Session(Interlocked.Increment(ref _last), ticket, socket, requests);
            bool crowded;
            lock (_entering)
            {
                crowded = _sessions.Count(s => s.Value.Ticket.UserId == ticket.UserId) >= MaxPerUser;
                _sessions[session.Id] = session;
            }

            CloseIfBefore(session); // its ticket was looked at before
            if (crowded)
            {
                // Taken and closed: a browser tells a page the reason of a close, and nothing of a refusal.
                session.Close((WebSocketCloseStatus)4002, $"{MaxPerUser} pages of one person are open in this workspace already");
            }

            Came?.Invoke(session);
            try
            {
                if (_stopping is { } reason)
                {
                    session.Close(WebSocketCloseStatus.EndpointUnavailable, reason);
                }

                await session.RunAsync(Hello);
                return true;
            }
            finally
            {
                _sessions.TryRemove(session.Id, out _);
                Went?.Invoke(session);
            }
        }
        finally
        {
            if (Interlocked.Decrement(ref _count) == 0 && Stopping)
            {
                _empty.TrySetResult();
            }
        }
    }

    /// <summary>Refuses new sockets, tells every page why, closes each with 1001 and returns when all have ended.</summary>
    /// <param name="reason">A sentence for the user.</param>
    /// <param name="asleep">It is meant to stay down: pages wait for their user before they come again.</param>
    public async Task StopAsync(string reason, bool asleep)
    {
        _stopping = reason;
        Broadcast(asleep ? "asleep" : "stopping", "reason", reason, SessionJson.Default.String);
        foreach (var (_, session) in _sessions)
        {
            session.Close(WebSocketCloseStatus.EndpointUnavailable, "the workspace stops");
        }

        if (Count == 0)
        {
            _empty.TrySetResult();
        }

        await _empty.Task;
    }

    /// <summary>Someone has lost access: every page comes again with a fresh ticket, but for those that get none.</summary>
    /// <param name="access">Tickets of before are no longer good.</param>
    public void CloseBefore(long access)
    {
        Volatile.Write(ref _access, access);
        foreach (var (_, session) in _sessions)
        {
            CloseIfBefore(session);
        }
    }

    private void CloseIfBefore(Session session)
    {
        if (session.Ticket.Access < Volatile.Read(ref _access))
        {
            session.Close((WebSocketCloseStatus)4001, "access to this workspace has changed");
        }
    }

    private byte[] Hello(Session session) => Compose("hello", writer =>
    {
        foreach (var (member, write) in _hello)
        {
            writer.WritePropertyName(member);
            write(session, writer);
        }
    });

    /// <summary>The payload of an event frame.</summary>
    internal static byte[] Compose(string name, Action<Utf8JsonWriter> members)
    {
        var payload = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(payload))
        {
            writer.WriteStartObject();
            writer.WriteString("event"u8, name);
            members(writer);
            writer.WriteEndObject();
        }

        return payload.WrittenSpan.ToArray();
    }
}
