using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Runner.Documents;

namespace DropIt.Runner.Tests.Documents;

/// <summary>
/// A page's editor of one document, after <c>@codemirror/collab</c>: confirmed text, own updates that are not confirmed, and two
/// queues for a wire that takes time and can be cut.
/// </summary>
internal sealed class EditorTwin(string client)
{
    private readonly Queue<(FrameType Type, byte[] Payload)> _toPage = [];
    private readonly Queue<byte[]> _toRunner = [];
    private readonly List<ChangeSet> _unconfirmed = [];
    private OpenDocument? _document;
    private DocumentChannel? _channel;
    private string? _incarnation;
    private string? _nextIncarnation;
    private uint _version;
    private uint _sequence;
    private string _confirmed = "";

    public string Client => client;

    public string Text { get; private set; } = "";

    public string Incarnation => _incarnation ?? "";

    public uint Version => _version;

    public uint? Saved { get; private set; }

    public uint? Safe { get; private set; }

    public DocumentGone? Gone { get; private set; }

    public bool Connected => _channel is not null;

    public int Unconfirmed => _unconfirmed.Count;

    public int Snapshots { get; private set; }

    /// <summary>Where others are, by their numbers: person and ranges, of the newest version when it was told.</summary>
    public Dictionary<uint, (uint Person, string Ranges)> Others { get; } = [];

    /// <summary>Frames of cursors that came.</summary>
    public int CursorFrames { get; private set; }

    /// <summary>The page does not read what is sent to it.</summary>
    public bool Slow { get; set; }

    public List<(uint Author, string Changes)> Received { get; } = [];

    /// <summary>Opens the document, or takes it up again.</summary>
    public EditorTwin Connect(DocumentSet documents, string path)
    {
        if (documents.Join(path, open => new DocumentChannel(open, client, Take, () => { }) { Person = 7, Slow = () => Slow }, out var refusal) is not var (document, channel))
        {
            throw new InvalidOperationException($"{refusal.Code}: {refusal.Message}");
        }

        (_document, _channel) = (document, channel);
        Gone = null;
        _nextIncarnation = document.Incarnation;
        document.Start(channel, _incarnation, _version);
        return this;
    }

    /// <summary>The wire is cut; what was on it is lost.</summary>
    public void Disconnect()
    {
        _channel?.Closed();
        (_document, _channel) = (null, null);
        _toPage.Clear();
        _toRunner.Clear();
    }

    /// <summary>The user changes the text.</summary>
    public void Edit(ChangeSet changes)
    {
        _unconfirmed.Add(changes);
        Text = changes.Apply(Text);
    }

    /// <summary>The user types at a place.</summary>
    public void Type(int at, string text) => Edit(ChangeSet.Replace(Text.Length, at, at, text));

    /// <summary>Puts all that is not confirmed on the wire.</summary>
    public void Push()
    {
        if (Connected && _unconfirmed.Count > 0 && _incarnation == _nextIncarnation)
        {
            _toRunner.Enqueue(DocumentFrames.Push(_version, _sequence + 1, _unconfirmed).ToArray());
        }
    }

    /// <summary>One push reaches the runner.</summary>
    public void Deliver()
    {
        if (_toRunner.TryDequeue(out var payload))
        {
            Send(payload);
        }
    }

    public void Send(byte[] payload, FrameType type = FrameType.Push)
    {
        var task = _channel!.ReceiveAsync(type, payload, CancellationToken.None);
        Assert.True(task.IsCompletedSuccessfully);
    }

    /// <summary>One frame reaches the page.</summary>
    public bool Receive()
    {
        if (!_toPage.TryDequeue(out var frame))
        {
            return false;
        }

        ReadOnlySpan<byte> payload = frame.Payload;
        switch (frame.Type)
        {
            case FrameType.Snapshot:
                ReceiveSnapshot(Number(ref payload), Number(ref payload), System.Text.Encoding.UTF8.GetString(payload));
                break;
            case FrameType.Updates:
                ReceiveUpdates(payload);
                break;
            case FrameType.Confirm:
                var (after, sequence) = (Number(ref payload), Number(ref payload));
                var count = (int)(sequence - _sequence);
                Assert.Equal(after, _version + (uint)count);
                Merge([.. _unconfirmed.Take(count).Select(changes => (DocumentFrames.Own, changes))]);
                break;
            case FrameType.Saved:
                Saved = Number(ref payload);
                break;
            case FrameType.Safe:
                Safe = Number(ref payload);
                break;
            case FrameType.Cursors:
                ReceiveCursors(payload);
                break;
            case FrameType.Gone:
                Gone = System.Text.Json.JsonSerializer.Deserialize(payload, DocumentJson.Default.DocumentGone);
                (_document, _channel) = (null, null);
                break;
        }

        return true;
    }

    /// <summary>The user goes to a place, or selects from one to another.</summary>
    public void Go(int anchor, int? head = null, uint? version = null)
    {
        Assert.Empty(_unconfirmed);
        Send([.. DocumentFrames.Numbers(version ?? _version, 0, (uint)_confirmed.Length, (uint)anchor, (uint)(head ?? anchor)).ToArray()], FrameType.Cursor);
    }

    /// <summary>The user shows another file.</summary>
    public void LookAway() => Send([], FrameType.Cursor);

    /// <summary>Everything on the wire arrives.</summary>
    public void Settle()
    {
        Push();
        while (_toRunner.Count > 0)
        {
            Deliver();
        }

        while (Receive())
        {
        }
    }

    private bool Take(FrameType type, ReadOnlySpan<byte> payload)
    {
        _toPage.Enqueue((type, payload.ToArray()));
        return true;
    }

    private void ReceiveSnapshot(uint version, uint last, string text)
    {
        Snapshots++;
        _incarnation = _nextIncarnation;
        var contained = Math.Min((int)(Math.Max(last, _sequence) - _sequence), _unconfirmed.Count);
        var own = _unconfirmed.Take(contained).ToList();
        var there = own.Aggregate(_confirmed, (doc, changes) => changes.Apply(doc));
        Merge([.. own.Select(changes => (DocumentFrames.Own, changes)), (DocumentFrames.Disk, TextDiff.Compute(there, text))]);
        Assert.Equal(text, _confirmed);
        _version = version;
        _sequence = Math.Max(last, _sequence);
    }

    private void ReceiveUpdates(ReadOnlySpan<byte> payload)
    {
        Assert.Equal(_version, Number(ref payload));
        var updates = new List<(uint Author, ChangeSet Changes)>();
        var length = _confirmed.Length;
        while (!payload.IsEmpty)
        {
            var author = Number(ref payload);
            var count = (int)Number(ref payload);
            Assert.True(ChangeSet.TryRead(payload[..count], length, out var changes));
            payload = payload[count..];
            length = changes.NewLength;
            updates.Add((author, changes));
            Received.Add((author, changes.ToJson()));
        }

        Merge(updates);
    }

    private void ReceiveCursors(ReadOnlySpan<byte> payload)
    {
        CursorFrames++;
        Assert.Equal(_version, Number(ref payload)); // what came before brought the page there
        while (!payload.IsEmpty)
        {
            var (author, person, count) = (Number(ref payload), Number(ref payload), Number(ref payload));
            if (count == 0)
            {
                Others.Remove(author);
                continue;
            }

            var (top, bottom) = (Number(ref payload), Number(ref payload));
            Assert.InRange(bottom, top, (uint)_confirmed.Length);
            var ranges = new List<string>();
            for (; count > 0; count--)
            {
                ranges.Add($"{Number(ref payload)}-{Number(ref payload)}");
            }

            Others[author] = (person, string.Join(' ', ranges));
        }
    }

    /// <summary><c>receiveUpdates</c> of the editor, one update at a time.</summary>
    private void Merge(IReadOnlyList<(uint Author, ChangeSet Changes)> updates)
    {
        foreach (var (author, changes) in updates)
        {
            _confirmed = changes.Apply(_confirmed);
            _version++;
            if (author == DocumentFrames.Own)
            {
                _unconfirmed.RemoveAt(0);
                _sequence++;
                continue;
            }

            var other = changes;
            for (var i = 0; i < _unconfirmed.Count; i++)
            {
                var mapped = _unconfirmed[i].Map(other);
                other = other.Map(_unconfirmed[i], before: true);
                _unconfirmed[i] = mapped;
            }

            Text = other.Apply(Text);
        }
    }

    private static uint Number(ref ReadOnlySpan<byte> from)
    {
        Assert.True(Varint.TryRead(ref from, out var value));
        return value;
    }
}
