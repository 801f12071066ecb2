using DropIt.Protocol.Frames;
using DropIt.Runner.Files;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Documents;

/// <content>The document and its file: saving, and what others do to the file.</content>
internal sealed partial class OpenDocument
{
    /// <summary>From the last keystroke to the save.</summary>
    private static readonly TimeSpan SaveDelay = TimeSpan.FromMilliseconds(25);

    /// <summary>Longest that someone who never pauses keeps a document from being saved.</summary>
    private static readonly TimeSpan SaveLatest = TimeSpan.FromMilliseconds(250);

    /// <summary>Until what the disk refused is tried again.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    /// <summary>A file written so lately may be half written: it is looked at again first, at most <see cref="MaxLooks"/> times.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(20);

    /// <summary>Half a second, for programs that write without a pause.</summary>
    private const int MaxLooks = 25;

    /// <summary>Saved contents that the journal has not reported: with the oldest forgotten, a later one still makes all safe.</summary>
    private const int MaxAwaiting = 256;

    private readonly ITimer _saveTimer;
    private readonly ITimer _diskTimer;
    private readonly List<(uint Version, string Hash)> _awaitingSafe = [];
    private DocumentFile _file;
    private DocumentLog _log;
    private FileForm _form;
    private string _hash;
    private FileStamp _stamp;
    private uint? _savedVersion;
    private uint? _safeVersion;
    private long _unsavedSince;
    private int _looks;
    private bool _troubled;

    private string NoticeId => $"document:{Path}";

    /// <summary>Writes the newest text to the file, if it has not got it.</summary>
    /// <returns>False when the disk refused; the user has been told.</returns>
    public bool Flush()
    {
        lock (_gate)
        {
            return _ended || _document.IsSaved || Save();
        }
    }

    /// <summary>The file may have been written, replaced or deleted. Own writes are known by their hash.</summary>
    public void FileChanged()
    {
        lock (_gate)
        {
            if (!_ended)
            {
                Look(mayWait: true);
            }
        }
    }

    /// <summary>As <see cref="FileChanged"/>, at once.</summary>
    public void TakeIn()
    {
        lock (_gate)
        {
            if (!_ended)
            {
                Look(mayWait: false);
            }
        }
    }

    /// <summary>The journal has content with this hash.</summary>
    public void MarkSafe(string hash)
    {
        lock (_gate)
        {
            var found = _awaitingSafe.FindLastIndex(saved => saved.Hash == hash);
            if (_ended || found < 0)
            {
                return;
            }

            SafeUpTo(_awaitingSafe[found].Version);
            _awaitingSafe.RemoveRange(0, found + 1);
        }
    }

    /// <summary>The file was moved: the document goes on there under the same incarnation, so that a page loses nothing by following it.</summary>
    /// <param name="full">New absolute path.</param>
    /// <param name="path">New path in the workspace.</param>
    /// <param name="log">The log of the new path.</param>
    public void Moved(string full, string path, DocumentLog log)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            _surroundings.Notify(NoticeId, NoticeLevel.Error, "");
            _file = new DocumentFile(full);
            if (!_document.IsSaved)
            {
                Save();
            }

            // A document that the disk still refuses keeps its old log, which alone has all of it.
            if (_log.Exists && _document.IsSaved)
            {
                var old = _log;
                _log = log;
                Path = path;
                if (_log.TryBegin(Base(withText: true)))
                {
                    old.Delete();
                }
                else
                {
                    _log = old;
                }
            }

            Path = path;
            SendGoneToAll(new DocumentGone("moved", path, $"The file is now \"{path}\"."));
        }
    }

    /// <summary>The timer's save.</summary>
    private void SaveNow()
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            if (!_document.IsSaved)
            {
                Save();
            }

            RetryRefused();
        }
    }

    private void RetryRefused()
    {
        foreach (var channel in _channels.ToArray())
        {
            if (channel.Refused is { } payload)
            {
                Push(channel, payload);
            }
        }
    }

    private void ScheduleSave()
    {
        var now = _surroundings.Time.GetTimestamp();
        if (_unsavedSince == 0)
        {
            _unsavedSince = now;
        }

        if (_troubled)
        {
            _saveTimer.Change(SaveLatest, Timeout.InfiniteTimeSpan);
            return;
        }

        var left = SaveLatest - _surroundings.Time.GetElapsedTime(_unsavedSince, now);
        var delay = left < TimeSpan.Zero ? TimeSpan.Zero : left < SaveDelay ? left : SaveDelay;
        _saveTimer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    private bool Save()
    {
        // 1. What someone else wrote is not overwritten: it becomes part of the document.
        if (_file.Stamp() is { } stamp && stamp != _stamp && !Look(mayWait: false))
        {
            return false;
        }

        if (_ended || _document.IsSaved)
        {
            return true;
        }

        // 2. The text goes beside the file.
        string temporary, hash;
        try
        {
            (temporary, hash) = _file.Prepare(_document.Text, _form);
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            return Trouble($"\"{Path}\" could not be saved: {FileFailure.Message(e, Path)} Your changes are kept and saved as soon as it is possible.");
        }

        // 3. The log knows of the replacement before it happens: a kill in between leaves no doubt whose content the file has.
        if (!TryLog(new LogRecord.Saving(temporary, hash)))
        {
            _file.Discard(temporary);
            return false;
        }

        try
        {
            _file.Commit(temporary);
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            // A temporary that stays says the same as the record.
            if (_log.TryAppend(new LogRecord.Abandoned()))
            {
                _file.Discard(temporary);
            }

            return Trouble($"\"{Path}\" could not be saved: {FileFailure.Message(e, Path)} Your changes are kept and saved as soon as it is possible.");
        }

        // 4. Without this record the missing temporary says the same.
        _log.TryAppend(new LogRecord.Saved(hash));
        _document.Saved();
        (_hash, _stamp) = (hash, _file.Stamp() ?? default);
        FileHasNewest();
        if (_log.IsLong)
        {
            _log.TryBegin(Base(withText: true));
        }

        return true;
    }

    /// <summary>Every version up to the newest is in the file.</summary>
    private void FileHasNewest()
    {
        NoTrouble();
        _unsavedSince = 0;
        if (_savedVersion != _document.Version)
        {
            _savedVersion = _document.Version;
            Broadcast(FrameType.Saved, DocumentFrames.Numbers(_document.Version));
        }

        if (_surroundings.IsSafe(Path, _hash))
        {
            _awaitingSafe.Clear();
            SafeUpTo(_document.Version);
            return;
        }

        if (_awaitingSafe.Count == MaxAwaiting)
        {
            _awaitingSafe.RemoveAt(0);
        }

        _awaitingSafe.Add((_document.Version, _hash));
    }

    private void SafeUpTo(uint version)
    {
        if (_safeVersion is null || version > _safeVersion)
        {
            _safeVersion = version;
            Broadcast(FrameType.Safe, DocumentFrames.Numbers(version));
        }
    }

    /// <summary>Looks at the file a second time, after a moment.</summary>
    private void LookAgain()
    {
        lock (_gate)
        {
            if (!_ended)
            {
                Look(mayWait: _looks < MaxLooks);
            }
        }
    }

    /// <summary>Takes in what is on disk.</summary>
    /// <param name="mayWait">Whether a file that may be half written, or half way through a replacement, is left for a moment.</param>
    /// <returns>False when that was not possible now.</returns>
    private bool Look(bool mayWait)
    {
        var reading = _file.Read();
        if (reading.State == FileState.Text && reading.Content!.Hash == _hash)
        {
            _looks = 0;
            _stamp = reading.Stamp;
            return true;
        }

        if (reading.State == FileState.Missing && !_document.IsSaved)
        {
            // What was typed wins over a deletion: the file comes back with the save.
            ScheduleSave();
            return true;
        }

        if (mayWait && (reading.State == FileState.Missing ? _looks < 2 : IsFresh(reading)))
        {
            _looks++;
            _diskTimer.Change(Settled, Timeout.InfiniteTimeSpan);
            return false;
        }

        _looks = 0;
        switch (reading.State)
        {
            case FileState.Text:
                return TryMerge(reading.Content!, reading.Stamp);
            case FileState.Missing:
                Lose(new DocumentGone("deleted", null, $"\"{Path}\" was deleted. Close the tab, or create the file again."));
                return true;
            case FileState.Failed:
                return Trouble($"\"{Path}\" cannot be read: {reading.Message} Make it readable again (chmod in a terminal).");
            default:
                return GiveWay(reading.State);
        }
    }

    private bool IsFresh(FileReading reading) =>
        reading.State == FileState.Text
        && _surroundings.Time.GetUtcNow() - DateTimeOffset.UnixEpoch - TimeSpan.FromTicks(reading.Stamp.Modified / 100) < Settled;

    private bool TryMerge(FileContent content, FileStamp stamp)
    {
        var merge = _document.Merge(content.Text);

        // A document that was never edited has no log, and needs none: nobody has an unconfirmed update of it.
        if (_log.Exists && !TryLog(new LogRecord.Merged(content.Form, content.Hash, merge.Update?.Changes.ToBytes(), merge.ToDisk.ToBytes())))
        {
            return false;
        }

        var before = _document.Version;
        _document.Apply(merge);
        (_form, _hash, _stamp) = (content.Form, content.Hash, stamp);
        if (merge.Update is { } update)
        {
            foreach (var channel in _channels.Where(channel => channel.Started))
            {
                SendUpdates(channel, before, [update]);
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

    /// <summary>Something that is no text took the file's place. What was not saved yet goes beside it.</summary>
    private bool GiveWay(FileState state)
    {
        var cause = state switch
        {
            FileState.Binary => $"\"{Path}\" is no longer text.",
            FileState.TooLarge => $"\"{Path}\" has grown past 5 MB, the most the editor takes.",
            _ => $"\"{Path}\" is no longer a file.",
        };
        if (_document.IsSaved)
        {
            Lose(new DocumentGone("unreadable", null, $"{cause} Use the terminal to work with it."));
            return true;
        }

        try
        {
            var aside = _file.Aside();
            aside.Commit(aside.Prepare(_document.Text, _form).Temporary);
            Lose(new DocumentGone("unreadable", null, $"{cause} What you typed meanwhile is in \"{System.IO.Path.GetFileName(aside.Full)}\" beside it."));
            return true;
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            return Trouble($"{cause} What you typed meanwhile could not be saved: {FileFailure.Message(e, Path)}");
        }
    }

    private void Lose(DocumentGone gone)
    {
        NoTrouble();
        SendGoneToAll(gone);
        _log.Delete();
        End();
    }

    /// <summary>Writes to the log, which begins first if it has not.</summary>
    private bool TryLog(params ReadOnlySpan<LogRecord> records)
    {
        if ((_log.IsOpen || _log.TryBegin(Base(withText: true))) && _log.TryAppend(records))
        {
            return true;
        }

        return Trouble($"Changes to \"{Path}\" cannot be kept: the disk is full. Delete what is not needed; what you type is sent again then.");
    }

    private LogRecord.Base Base(bool withText) => new(
        Path,
        _document.Incarnation,
        _document.Version,
        _form,
        _hash,
        [.. _document.Sequences],
        withText ? _document.Text.ToString() : null);

    private bool Trouble(string message)
    {
        _troubled = true;
        _surroundings.Notify(NoticeId, NoticeLevel.Error, message);
        _saveTimer.Change(RetryDelay, Timeout.InfiniteTimeSpan);
        return false;
    }

    private void NoTrouble()
    {
        if (_troubled)
        {
            _troubled = false;
            _surroundings.Notify(NoticeId, NoticeLevel.Error, "");
        }
    }
}
