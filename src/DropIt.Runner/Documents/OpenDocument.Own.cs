using DropIt.Protocol.Editing;

namespace DropIt.Runner.Documents;

/// <summary>What became of a change that the runner made for someone.</summary>
/// <param name="Problem">Why nothing was changed, for the user; null when it was, or nothing was to be changed.</param>
/// <param name="Undo">Leads back, from <paramref name="Version"/>; null when nothing was changed.</param>
/// <param name="Incarnation">Names the run of versions.</param>
/// <param name="Version">The version after the change.</param>
internal sealed record OwnEdit(string? Problem, ChangeSet? Undo, string Incarnation, uint Version);

/// <content>Changes that the runner makes itself: a replacement in many files, and its undo. To every page they are updates like any other.</content>
internal sealed partial class OpenDocument
{
    /// <summary>The newest text, if the file does not have it yet.</summary>
    public string? UnsavedText()
    {
        lock (_gate)
        {
            return _ended || _document.IsSaved ? null : _document.Text.ToString();
        }
    }

    /// <summary>Changes the newest text.</summary>
    /// <param name="change">Given the text, says what to change.</param>
    public OwnEdit Edit(Func<string, ChangeSet> change)
    {
        lock (_gate)
        {
            // What a program wrote a moment ago is part of it.
            return _ended || (_document.IsSaved && !Look(mayWait: false)) || _ended
                ? Refuse($"\"{Path}\" is being replaced right now. Try it again.")
                : Take(change(_document.Text.ToString()));
        }
    }

    /// <summary>Takes an <see cref="Edit"/> back, whatever was typed since.</summary>
    public OwnEdit Undo(OwnEdit edit)
    {
        lock (_gate)
        {
            if (_ended || edit.Undo is null || edit.Incarnation != _document.Incarnation
                || !_document.TrySince(edit.Version, out var since))
            {
                return Refuse($"\"{Path}\" has changed too much since. Its older versions are in the workspace's history.");
            }

            var back = edit.Undo;
            foreach (var update in since)
            {
                back = back.Map(update.Changes);
            }

            return Take(back);
        }
    }

    private OwnEdit Take(ChangeSet changes)
    {
        if (changes.IsEmpty)
        {
            return Refuse(null);
        }

        var update = new Update(Document.Runner, _document.LastSequence(Document.Runner) + 1, changes);
        if (_document.IsTooLarge([update]))
        {
            return Refuse($"\"{Path}\" would grow past 5 MB, the most the editor takes.");
        }

        var undo = changes.Invert(_document.Text.Slice);
        return TryTake([update], author: null)
            ? new OwnEdit(null, undo, _document.Incarnation, _document.Version)
            : Refuse($"\"{Path}\" cannot be changed: the disk is full. Delete what is not needed.");
    }

    private OwnEdit Refuse(string? problem) => new(problem, null, _document.Incarnation, _document.Version);
}
