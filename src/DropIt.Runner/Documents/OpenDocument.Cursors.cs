using System.Buffers;
using DropIt.Protocol.Frames;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Documents;

/// <summary>
/// Where each page is in the document. The latest place of each is all that is kept, and nothing of it is logged: a page that is slow is
/// told later, and then of where everyone is by then.
/// </summary>
internal sealed partial class OpenDocument
{
    /// <summary>Pages whose place is told to others, those that came first: past it they edit as all do, and are not seen doing so.</summary>
    public const int MaxCursors = 64;

    /// <summary>Between two frames of cursors to one page.</summary>
    private static readonly TimeSpan s_cursorInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>What each page adds to that: with 200 in one file, each hears of the others once a second.</summary>
    private static readonly TimeSpan s_cursorIntervalByPage = TimeSpan.FromMilliseconds(5);

    private readonly ITimer _cursorTimer;
    private bool _cursorsDue;

    /// <summary>Takes where a page is; docs/protocol.md, "Documents".</summary>
    /// <exception cref="ProtocolException">It is malformed, or outside the text.</exception>
    public void TakeCursor(DocumentChannel channel, ReadOnlySpan<byte> payload)
    {
        var cursor = DocumentCursor.Read(payload);
        lock (_gate)
        {
            if (_ended || !channel.Started || !_channels.Contains(channel))
            {
                return;
            }

            if (cursor is not null)
            {
                if (!_document.TrySince(cursor.Version, out var since))
                {
                    return; // of a text that is no longer known; the page is about to hear of the new one
                }

                if (!cursor.Fits(since.Count == 0 ? _document.Text.Length : since[0].Changes.Length))
                {
                    throw new ProtocolException("a cursor is outside the text");
                }

                if (channel.Cursor is null && _channels.Count(other => other.Cursor is not null) >= MaxCursors)
                {
                    return;
                }
            }

            channel.Cursor = cursor;
            Owe(channel);
        }
    }

    /// <summary>Everyone else is to be told where this page is, or that it is gone.</summary>
    private void Owe(DocumentChannel of)
    {
        foreach (var channel in _channels)
        {
            if (channel != of)
            {
                channel.Owed.Add(of.Client);
            }
        }

        SendCursorsSoon();
    }

    private void OweAllTo(DocumentChannel channel)
    {
        channel.Owed.UnionWith(_channels.Where(other => other != channel && other.Cursor is not null).Select(other => other.Client));
        SendCursorsSoon();
    }

    private void SendCursorsSoon()
    {
        if (_cursorsDue || _ended || !_channels.Exists(channel => channel.Owed.Count > 0))
        {
            return;
        }

        _cursorsDue = true;
        var interval = s_cursorIntervalByPage * _channels.Count;
        _cursorTimer.Change(interval > s_cursorInterval ? interval : s_cursorInterval, Timeout.InfiniteTimeSpan);
    }

    private void SendCursors()
    {
        lock (_gate)
        {
            _cursorsDue = false;
            foreach (var channel in _channels)
            {
                if (channel.Owed.Count > 0 && channel.Started && !channel.IsSlow)
                {
                    channel.Send(FrameType.Cursors, Cursors(channel));
                    channel.Owed.Clear();
                }
            }

            SendCursorsSoon();
        }
    }

    private ReadOnlyMemory<byte> Cursors(DocumentChannel receiver)
    {
        var to = new ArrayBufferWriter<byte>(64);
        Varint.Write(to, _document.Version);
        foreach (var client in receiver.Owed)
        {
            var channel = _channels.Find(one => one.Client == client);
            DocumentFrames.WriteCursor(to, Author(client, receiver.Client), channel?.Person ?? 0, channel is null ? null : Present(channel));
        }

        return to.WrittenMemory;
    }

    /// <summary>Where the page is in the newest version; null when it is nowhere, or has not moved for so long that it cannot be told.</summary>
    private DocumentCursor? Present(DocumentChannel channel)
    {
        if (channel.Cursor is { } cursor && cursor.Version != _document.Version)
        {
            channel.Cursor = _document.TrySince(cursor.Version, out var since)
                ? since.Aggregate(cursor, (now, update) => now.After(update.Changes, update.Client == channel.Client))
                : null;
        }

        return channel.Cursor;
    }
}
