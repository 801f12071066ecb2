using DropIt.Protocol.Editing;
using DropIt.Protocol.Frames;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Documents;

/// <summary>What surrounds a document.</summary>
/// <param name="Time">The clock of its timers.</param>
/// <param name="Notify">Sets a notice, or clears it with an empty message: id, level, message.</param>
/// <param name="IsSafe">Whether the journal has this content of this path already: path in the workspace, hash.</param>
/// <param name="Refusal">Why a file may not grow by this many bytes, for the user; null when it may: path in the workspace, bytes.</param>
/// <param name="Ended">Called when the document is gone or unloaded and no longer belongs in any table.</param>
internal sealed record DocumentSurroundings(
    TimeProvider Time,
    Action<string, NoticeLevel, string> Notify,
    Func<string, string, bool> IsSafe,
    Func<string, long, string?> Refusal,
    Action<OpenDocument> Ended);

/// <summary>
/// A document with its file, its log and the pages that have it open. One lock guards it; nothing waits inside but the disk:
/// <list type="number">
/// <item>A push is checked and rebased (<see cref="Document.Check"/>).</item>
/// <item>It is written to the log: from here on it survives the runner.</item>
/// <item>It is applied; its author gets <c>confirm</c>, the others <c>updates</c>.</item>
/// <item>A moment after the last one the file is replaced (OpenDocument.Disk.cs); everyone gets <c>saved</c>.</item>
/// <item>The journal reports the content as stored; everyone gets <c>safe</c>.</item>
/// </list>
/// </summary>
internal sealed partial class OpenDocument : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Document _document;
    private readonly DocumentSurroundings _surroundings;
    private readonly List<DocumentChannel> _channels = [];
    private readonly Dictionary<string, uint> _authors = new() { [Document.Disk] = DocumentFrames.Disk };
    private bool _ended;
    private long _idleSince;

    /// <summary>A document whose state is known; <see cref="DocumentLoader"/> finds it out.</summary>
    public OpenDocument(LoadedDocument loaded, DocumentSurroundings surroundings)
    {
        (_document, _file, _log, _form, _hash) = (loaded.Document, loaded.File, loaded.Log, loaded.Form, loaded.Hash);
        _stamp = loaded.Stamp;
        _surroundings = surroundings;
        Path = loaded.Path;
        _idleSince = surroundings.Time.GetTimestamp();
        _saveTimer = surroundings.Time.CreateTimer(_ => SaveNow(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _cursorTimer = surroundings.Time.CreateTimer(_ => SendCursors(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _diskTimer = surroundings.Time.CreateTimer(_ => LookAgain(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        if (_document.IsSaved)
        {
            FileHasNewest();
        }
        else
        {
            ScheduleSave();
        }
    }

    /// <summary>Path in the workspace, as told to users and to the journal.</summary>
    public string Path { get; private set; }

    /// <summary>Absolute path of the file.</summary>
    public string Full => _file.Full;

    /// <summary>Names the run of versions.</summary>
    public string Incarnation => _document.Incarnation;

    /// <summary>How the text stands in its file.</summary>
    public FileForm Form => _form;

    /// <summary>
    /// Lets a page in, in place of an earlier channel of the same client. It gets nothing until <see cref="Start"/>.
    /// </summary>
    /// <returns>False when the document has ended meanwhile: open it again.</returns>
    public bool TryJoin(DocumentChannel channel)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return false;
            }

            if (_channels.RemoveAll(other => other.Client == channel.Client) > 0)
            {
                Owe(channel);
            }

            _channels.Add(channel);
            return true;
        }
    }

    /// <summary>Brings the page to the newest version, and keeps it there.</summary>
    /// <param name="channel">One that joined.</param>
    /// <param name="incarnation">Of what the page has; null when it has nothing.</param>
    /// <param name="version">The version of what the page has.</param>
    public void Start(DocumentChannel channel, string? incarnation, uint version)
    {
        lock (_gate)
        {
            if (!_channels.Contains(channel))
            {
                return;
            }

            channel.Started = true;
            if (incarnation == _document.Incarnation && _document.TrySince(version, out var since))
            {
                SendUpdates(channel, version, since);
            }
            else
            {
                SendSnapshot(channel);
            }

            if (_savedVersion is { } saved)
            {
                channel.Send(FrameType.Saved, DocumentFrames.Numbers(saved));
            }

            if (_safeVersion is { } safe)
            {
                channel.Send(FrameType.Safe, DocumentFrames.Numbers(safe));
            }

            OweAllTo(channel);
        }
    }

    /// <summary>Takes a page out.</summary>
    public void Leave(DocumentChannel channel)
    {
        lock (_gate)
        {
            if (_channels.Remove(channel) && channel.Cursor is not null)
            {
                Owe(channel);
            }

            _idleSince = _surroundings.Time.GetTimestamp();
        }
    }

    /// <summary>Takes a push; docs/protocol.md, "Documents".</summary>
    /// <exception cref="ProtocolException">It is malformed.</exception>
    public void Push(DocumentChannel channel, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            // A channel that was replaced, or a document that is gone: the page knows, the frame crossed that.
            if (_ended || !_channels.Contains(channel))
            {
                return;
            }

            channel.Refused = null;
            var result = _document.Check(channel.Client, payload);
            switch (result.Outcome)
            {
                case PushOutcome.Accepted:
                    Accept(channel, result.Updates, payload);
                    break;
                case PushOutcome.Resync:
                    SendSnapshot(channel);
                    break;
                case PushOutcome.TooLarge:
                    _channels.Remove(channel);
                    channel.SendGone(new DocumentGone(
                        "unreadable", null, $"With this change \"{Path}\" would be larger than 5 MB, the most the editor takes. Undo it, or use the terminal."));
                    break;
                case PushOutcome.Malformed:
                    throw new ProtocolException(result.Reason);
            }
        }
    }

    /// <summary>
    /// Ends the document, if nobody has it open, its file has all of it and a while has passed. What outlives it (incarnation, version, sequences)
    /// stays in the log.
    /// </summary>
    public bool TryUnload(TimeSpan idle)
    {
        lock (_gate)
        {
            if (_ended || _channels.Count > 0 || !_document.IsSaved || _surroundings.Time.GetElapsedTime(_idleSince) < idle)
            {
                return false;
            }

            if (_log.Exists && !_log.TryBegin(Base(withText: false)))
            {
                return false;
            }

            End();
            return true;
        }
    }

    /// <summary>Lets go of timers and log. The log keeps what is not saved.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            End();
        }
    }

    private void Accept(DocumentChannel author, IReadOnlyList<Update> updates, ReadOnlySpan<byte> payload)
    {
        // Text of other languages takes more bytes than units; the journal has the last word.
        var refusal = _surroundings.Refusal(Path, updates[^1].Changes.NewLength - _document.Text.Length);
        if (refusal is not null)
        {
            Trouble($"What you type in \"{Path}\" is not taken. {refusal} It is kept in this page and sent again.");
        }

        if (refusal is not null || !TryTake(updates, author))
        {
            // Not acknowledged: the page keeps it too, should the runner end first.
            author.Refused = payload.ToArray();
        }
    }

    /// <summary>Logs and applies updates of the newest version and tells everyone; false when the log could not be written.</summary>
    private bool TryTake(IReadOnlyList<Update> updates, DocumentChannel? author)
    {
        var records = new LogRecord[updates.Count];
        for (var i = 0; i < records.Length; i++)
        {
            records[i] = new LogRecord.Accepted(updates[i].Client, updates[i].Sequence, updates[i].Changes.ToBytes());
        }

        if (!TryLog(records))
        {
            return false;
        }

        var before = _document.Version;
        foreach (var update in updates)
        {
            _document.Apply(update);
        }

        foreach (var channel in _channels)
        {
            if (channel == author)
            {
                channel.Send(FrameType.Confirm, DocumentFrames.Numbers(_document.Version, updates[^1].Sequence));
            }
            else if (channel.Started)
            {
                SendUpdates(channel, before, updates);
            }
        }

        if (_document.IsSaved)
        {
            FileHasNewest();
        }
        else
        {
            ScheduleSave();
        }

        return true;
    }

    private void SendSnapshot(DocumentChannel channel) => channel.Send(
        FrameType.Snapshot,
        DocumentFrames.Snapshot(_document.Version, _document.LastSequence(channel.Client), _document.Text));

    private void SendUpdates(DocumentChannel channel, uint before, IReadOnlyList<Update> updates)
    {
        foreach (var payload in DocumentFrames.Updates(before, updates, author => Author(author, channel.Client)))
        {
            if (payload.Length > Frame.MaxLength - Frame.MaxHeaderLength)
            {
                SendSnapshot(channel);
                return;
            }

            channel.Send(FrameType.Updates, payload);
        }
    }

    private uint Author(string client, string receiver)
    {
        if (client == receiver)
        {
            return DocumentFrames.Own;
        }

        if (!_authors.TryGetValue(client, out var number))
        {
            number = DocumentFrames.FirstOther + (uint)_authors.Count - 1;
            _authors.Add(client, number);
        }

        return number;
    }

    private void Broadcast(FrameType type, ReadOnlyMemory<byte> payload)
    {
        foreach (var channel in _channels)
        {
            if (channel.Started)
            {
                channel.Send(type, payload);
            }
        }
    }

    private void SendGoneToAll(DocumentGone gone)
    {
        var all = _channels.ToArray();
        _channels.Clear();
        foreach (var channel in all)
        {
            channel.SendGone(gone);
        }
    }

    private void End()
    {
        if (_ended)
        {
            return;
        }

        _ended = true;
        _saveTimer.Dispose();
        _cursorTimer.Dispose();
        _diskTimer.Dispose();
        _log.Dispose();
        _surroundings.Ended(this);
    }
}
