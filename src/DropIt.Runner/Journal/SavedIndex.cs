using DropIt.Runner.Files;

namespace DropIt.Runner.Journal;

/// <summary>
/// The index on disk, so that a start does not read every file again: written at a stop and, against kills, now and then. One caller at a time, when all that
/// the index says has happened.
/// </summary>
internal sealed class SavedIndex(FileIndex index, string path)
{
    /// <summary>Milliseconds between two writings (some 100 bytes a path): what changed since is read anew after a kill.</summary>
    private const long Every = 20_000;

    /// <summary>Milliseconds without a change before a writing.</summary>
    private const long Quiet = 2_000;

    private long _edits;
    private long _savedAt = -Every;
    private long _changedAt = Environment.TickCount64;

    /// <summary>Until the next writing is due.</summary>
    public TimeSpan Due => _edits == index.Edits
        ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromMilliseconds(Math.Max(0, Math.Max(_savedAt + Every, _changedAt + Quiet) - Environment.TickCount64));

    /// <summary>Something was journalled: more may be about to come.</summary>
    public void Changed() => _changedAt = Environment.TickCount64;

    /// <summary>Writes what is due.</summary>
    /// <param name="now">Due or not.</param>
    public void Save(bool now)
    {
        var due = Due;
        if (due == Timeout.InfiniteTimeSpan || (due > TimeSpan.Zero && !now))
        {
            return;
        }

        (_edits, _savedAt) = (index.Edits, Environment.TickCount64);
        try
        {
            index.Save(path);
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            // Only makes the next start read more files.
            Console.Error.WriteLine(FileFailure.Message(e, path));
        }
    }
}
