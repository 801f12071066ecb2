using DropIt.Protocol.Editing;

namespace DropIt.Runner.Documents;

/// <summary>What a log says about a document. Pure, but for the question whether a temporary file still exists.</summary>
/// <param name="Start">How the log begins.</param>
/// <param name="Document">With every logged update.</param>
/// <param name="Form">Of the file as last known.</param>
/// <param name="Hash">Of the file as last known.</param>
/// <param name="Earlier">Hashes that the file had before.</param>
internal sealed record Replay(
    LogRecord.Base Start, Document Document, FileForm Form, string Hash, IReadOnlySet<string> Earlier)
{
    /// <summary>Replays a log; null when it is empty or has no text.</summary>
    /// <param name="records">In order.</param>
    /// <param name="discard">
    /// Deletes a temporary and says whether there was one: a save that was cut off by a kill took place exactly when there is none.
    /// </param>
    public static Replay? Of(IReadOnlyList<LogRecord> records, Func<string, bool> discard)
    {
        if (records is not [LogRecord.Base { Text: { } text } start, ..])
        {
            return null;
        }

        var document = new Document(start.Incarnation, start.Version, text, start.Sequences);
        var (form, hash) = (start.Form, start.Hash);
        var earlier = new HashSet<string>();
        for (var i = 1; i < records.Count; i++)
        {
            switch (records[i])
            {
                case LogRecord.Accepted accepted when ChangeSet.TryRead(accepted.Changes, document.Text.Length, out var changes):
                    document.Apply(new Update(accepted.Client, accepted.Sequence, changes));
                    break;
                case LogRecord.Saving saving:
                    var next = i + 1 < records.Count ? records[i + 1] : null;
                    if (next is not (LogRecord.Saved or LogRecord.Abandoned) && !discard(saving.Temporary))
                    {
                        SavedAs(saving.Hash);
                    }

                    break;
                case LogRecord.Saved saved:
                    SavedAs(saved.Hash);
                    break;
                case LogRecord.Merged merged when TryMerge(document, merged, out var merge):
                    document.Apply(merge);
                    earlier.Add(hash);
                    (form, hash) = (merged.Form, merged.Hash);
                    break;
                case LogRecord.Abandoned:
                    break;
                default:
                    throw new InvalidDataException($"record {i} of the log of {start.Path} does not fit those before it");
            }
        }

        return new Replay(start, document, form, hash, earlier);

        void SavedAs(string now)
        {
            document.Saved();
            earlier.Add(hash);
            hash = now;
        }
    }

    private static bool TryMerge(Document document, LogRecord.Merged merged, out DiskMerge merge)
    {
        merge = new DiskMerge(null, document.ToDisk);
        var length = document.Text.Length;
        Update? update = null;
        if (merged.Changes is { } bytes)
        {
            if (!ChangeSet.TryRead(bytes, length, out var changes))
            {
                return false;
            }

            update = new Update(Document.Disk, 0, changes);
            length = changes.NewLength;
        }

        if (!ChangeSet.TryRead(merged.ToDisk, length, out var toDisk))
        {
            return false;
        }

        merge = new DiskMerge(update, toDisk);
        return true;
    }
}
