using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using DropIt.Protocol.Frames;

namespace DropIt.Tests.Chaos;

/// <summary>
/// Someone who types into one file of one workspace, as the page does: keeps what is not confirmed, opens the document again when the socket is lost, and
/// notes what the runner says is safe. Each edit is a line with a number of its own at the end of the file, so that one that is lost or there twice is seen.
/// </summary>
internal sealed class Typist(Plant plant, string slug)
{
    public const string File = "typed.txt";

    private const uint Document = 1;
    private const int MostUnconfirmed = 200;

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly string _client = "typist" + Guid.NewGuid().ToString("n")[..8];
    private readonly List<(uint Sequence, int Edit, long At)> _unconfirmed = [];
    private readonly Lock _gate = new();

    /// <summary>Confirmed edits in the order in which they stand in the file, with the version since which they do.</summary>
    private readonly List<(uint Version, int Edit, long At)> _confirmed = [];

    private readonly HashSet<int> _safe = [];
    private uint _version;
    private uint _sequence;
    private int _edits;
    private int _length;
    private int _safeUpTo;

    public string Slug { get; } = slug;

    /// <summary>Edits made.</summary>
    public int Edits => Volatile.Read(ref _edits);

    /// <summary>Milliseconds from an edit until it was shown as safe.</summary>
    public List<double> Times { get; } = [];

    /// <summary>What was shown as safe so far.</summary>
    public HashSet<int> Safe()
    {
        lock (_gate)
        {
            return [.. _safe];
        }
    }

    /// <summary>Types until told to stop, then until all of it is safe.</summary>
    /// <param name="perTick">Edits each tenth of a second.</param>
    public async Task TypeAsync(int perTick, int most, CancellationToken stop, CancellationToken give)
    {
        while (!give.IsCancellationRequested && !(stop.IsCancellationRequested && AllSafe))
        {
            try
            {
                using var socket = await plant.SocketAsync(Slug, give);
                await OpenAsync(socket, give);
                await SessionAsync(socket, perTick, most, stop, give);
            }
            catch (Exception e) when (e is WebSocketException or HttpRequestException or IOException or OperationCanceledException or InvalidOperationException)
            {
                await Task.Delay(s_tick, CancellationToken.None);
            }
        }
    }

    private bool AllSafe
    {
        get
        {
            lock (_gate)
            {
                return _unconfirmed.Count == 0 && _safeUpTo == _confirmed.Count;
            }
        }
    }

    private async Task OpenAsync(ClientWebSocket socket, CancellationToken give)
    {
        var request = $$"""{"id":1,"op":"document.open","channel":{{Document}},"path":"{{File}}","client":"{{_client}}"}""";
        await SendAsync(socket, 0, FrameType.Request, Encoding.UTF8.GetBytes(request), give);
        while (true)
        {
            var (channel, type, payload) = await NextAsync(socket, give);
            if (type == FrameType.Reply && JsonElement.Parse(payload).TryGetProperty("error", out var error))
            {
                throw new InvalidOperationException(error.ToString());
            }

            if (channel == Document && type == FrameType.Snapshot)
            {
                Take(payload);
                return;
            }
        }
    }

    /// <summary>A snapshot has what it says of ours; the rest comes behind it.</summary>
    private void Take(byte[] payload)
    {
        ReadOnlySpan<byte> rest = payload;
        _ = Varint.TryRead(ref rest, out _version);
        _ = Varint.TryRead(ref rest, out var last);
        var edits = EditsOf(rest);
        lock (_gate)
        {
            _length = rest.Length;
            var times = _confirmed.Select(edit => (edit.Edit, edit.At)).Concat(_unconfirmed.Select(edit => (edit.Edit, edit.At))).ToDictionary();
            _unconfirmed.RemoveAll(edit => edit.Sequence <= last);
            _confirmed.Clear();
            _confirmed.AddRange(edits.Select(edit => (_version, edit, times.GetValueOrDefault(edit))));
            _safeUpTo = 0;
        }
    }

    private async Task SessionAsync(ClientWebSocket socket, int perTick, int most, CancellationToken stop, CancellationToken give)
    {
        var sent = 0u;
        var heard = Stopwatch.GetTimestamp();
        var reading = NextAsync(socket, give);
        using var ticks = new PeriodicTimer(s_tick);
        var tick = ticks.WaitForNextTickAsync(give).AsTask();
        while (!(stop.IsCancellationRequested && AllSafe))
        {
            await Task.WhenAny(reading, tick);
            while (reading.IsCompleted)
            {
                Hear(await reading);
                heard = Stopwatch.GetTimestamp();
                reading = NextAsync(socket, give);
            }

            if (!tick.IsCompleted)
            {
                continue;
            }

            await tick;
            tick = ticks.WaitForNextTickAsync(give).AsTask();
            byte[]? push = null;
            lock (_gate)
            {
                for (var i = 0; i < perTick && !stop.IsCancellationRequested && _edits < most && _unconfirmed.Count < MostUnconfirmed; i++)
                {
                    _unconfirmed.Add((++_sequence, ++_edits, Stopwatch.GetTimestamp()));
                }

                // One push at a time: the next holds what came meanwhile.
                if (_unconfirmed.Count > 0 && _unconfirmed[0].Sequence > sent)
                {
                    push = Push();
                    sent = _unconfirmed[^1].Sequence;
                }
            }

            if (push is not null)
            {
                await SendAsync(socket, Document, FrameType.Push, push, give);
                heard = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(heard) > s_patience / 2)
            {
                await SendAsync(socket, 0, FrameType.Ping, "alive"u8.ToArray(), give);
                if (Stopwatch.GetElapsedTime(heard) > s_patience)
                {
                    throw new IOException("The socket is dead.");
                }
            }
        }
    }

    private void Hear((uint Channel, FrameType Type, byte[] Payload) frame)
    {
        ReadOnlySpan<byte> rest = frame.Payload;
        if (frame.Channel != Document)
        {
            return;
        }

        lock (_gate)
        {
            switch (frame.Type)
            {
                case FrameType.Confirm:
                    _ = Varint.TryRead(ref rest, out var version);
                    _ = Varint.TryRead(ref rest, out var sequence);
                    var done = _unconfirmed.FindAll(edit => edit.Sequence <= sequence);
                    _unconfirmed.RemoveRange(0, done.Count);
                    _confirmed.AddRange(done.Select((edit, i) => (version - (uint)(done.Count - 1 - i), edit.Edit, edit.At)));
                    _length += done.Sum(edit => Line(edit.Edit).Length);
                    _version = version;
                    break;
                case FrameType.Safe:
                    _ = Varint.TryRead(ref rest, out var safe);
                    for (; _safeUpTo < _confirmed.Count && _confirmed[_safeUpTo].Version <= safe; _safeUpTo++)
                    {
                        var (_, edit, at) = _confirmed[_safeUpTo];
                        if (_safe.Add(edit) && at > 0)
                        {
                            Times.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                        }
                    }

                    break;
                case FrameType.Saved:
                    break;
                default:
                    throw new IOException("Something that one typist alone does not see: it is opened anew.");
            }
        }
    }

    private byte[] Push()
    {
        var push = new ArrayBufferWriter<byte>();
        Varint.Write(push, _version);
        Varint.Write(push, _unconfirmed[0].Sequence);
        var length = (uint)_length;
        foreach (var (_, edit, _) in _unconfirmed)
        {
            var line = Line(edit);
            var sections = new ArrayBufferWriter<byte>();
            if (length > 0)
            {
                Varint.Write(sections, length << 2);
            }

            Varint.Write(sections, 1);
            Varint.Write(sections, (uint)line.Length);
            sections.Write(line);
            Varint.Write(push, (uint)sections.WrittenCount);
            push.Write(sections.WrittenSpan);
            length += (uint)line.Length;
        }

        return push.WrittenSpan.ToArray();
    }

    private static byte[] Line(int edit) => Encoding.UTF8.GetBytes(edit.ToString(CultureInfo.InvariantCulture) + "\n");

    /// <summary>The edits that a text has; throws when it is not made of whole ones.</summary>
    public static List<int> EditsOf(ReadOnlySpan<byte> text) =>
        text.Length == 0 || text[^1] == (byte)'\n'
            ? [.. Encoding.UTF8.GetString(text).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => int.Parse(line, CultureInfo.InvariantCulture))]
            : throw new InvalidDataException("The text ends within an edit.");

    private static async Task SendAsync(ClientWebSocket socket, uint channel, FrameType type, byte[] payload, CancellationToken give)
    {
        var message = new ArrayBufferWriter<byte>(payload.Length + Frame.MaxHeaderLength);
        Frame.WriteHeader(message, channel, type);
        message.Write(payload);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(give);
        patience.CancelAfter(s_patience);
        await socket.SendAsync(message.WrittenMemory, WebSocketMessageType.Binary, endOfMessage: true, patience.Token);
    }

    private static async Task<(uint Channel, FrameType Type, byte[] Payload)> NextAsync(ClientWebSocket socket, CancellationToken give)
    {
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var got = await socket.ReceiveAsync(buffer.AsMemory(), give);
            if (got.MessageType == WebSocketMessageType.Close)
            {
                throw new IOException("The runner closed the socket.");
            }

            message.Write(buffer, 0, got.Count);
            if (got.EndOfMessage)
            {
                return Frame.TryRead(message.ToArray(), out var frame)
                    ? (frame.Channel, frame.Type, frame.Payload.ToArray())
                    : throw new IOException("Not a frame.");
            }
        }
    }
}
