using DropIt.Runner.Sessions;

namespace DropIt.Runner.Documents;

/// <summary>What is known of a document when it is taken into memory.</summary>
/// <param name="Path">In the workspace, without links.</param>
/// <param name="File">Its file.</param>
/// <param name="Log">Its log, open when it has a text.</param>
/// <param name="Document">With all that the log had.</param>
/// <param name="Form">Of the file as last known.</param>
/// <param name="Hash">Of the file as last known.</param>
/// <param name="Stamp">Of the file with that hash; default when it has another.</param>
internal sealed record LoadedDocument(
    string Path, DocumentFile File, DocumentLog Log, Document Document, FileForm Form, string Hash, FileStamp Stamp);

/// <summary>
/// Brings log and file together, after a pause or after a kill:
/// <list type="bullet">
/// <item>The file is as the log last knew it: it lacks only the updates that were not saved.</item>
/// <item>The file is as it was earlier (it came back from the journal, say): it lacks all that came after; nothing acknowledged is dropped.</item>
/// <item>The file is something else: someone changed it meanwhile; that is merged like any change on disk.</item>
/// </list>
/// </summary>
internal static class DocumentLoader
{
    /// <summary>Loads a document.</summary>
    /// <param name="file">Its file.</param>
    /// <param name="path">In the workspace, without links.</param>
    /// <param name="log">Its log, not opened yet.</param>
    /// <param name="refusal">The answer when there is no document.</param>
    public static LoadedDocument? Load(DocumentFile file, string path, DocumentLog log, out Reply refusal)
    {
        var records = log.Open();
        var reading = file.Read();
        refusal = Refusal(reading, path);
        if (records is [LogRecord.Base { Text: not null }, ..])
        {
            return FromLog(file, log, reading, Replay.Of(records, file.Discard)!);
        }

        if (reading.Content is not { } content)
        {
            log.Delete();
            return null;
        }

        var document = records is [LogRecord.Base start, ..]
            ? FromHead(log, content, start)
            : new Document(Incarnation.Begin(content.Text), 0, content.Text, []);
        return new LoadedDocument(path, file, log, document, content.Form, content.Hash, reading.Stamp);
    }

    private static LoadedDocument? FromLog(DocumentFile file, DocumentLog log, FileReading reading, Replay replay)
    {
        var (document, form, hash) = (replay.Document, replay.Form, replay.Hash);
        if (reading.Content is not { } content)
        {
            if (!document.IsSaved)
            {
                return Loaded(default);
            }

            log.Delete();
            return null;
        }

        if (content.Hash != hash && replay.Earlier.Contains(content.Hash))
        {
            document.FellBackTo(content.Text);
            (form, hash) = (content.Form, content.Hash);
        }

        return Loaded(content.Hash == hash ? reading.Stamp : default);

        LoadedDocument Loaded(FileStamp stamp) => new(replay.Start.Path, file, log, document, form, hash, stamp);
    }

    /// <summary>
    /// Only the head was kept: the text is the file's. When that has changed it is the next version; and since a version must never
    /// mean two texts, the log learns of it first.
    /// </summary>
    private static Document FromHead(DocumentLog log, FileContent content, LogRecord.Base start)
    {
        if (content.Hash == start.Hash)
        {
            return new Document(start.Incarnation, start.Version, content.Text, start.Sequences);
        }

        var next = start with { Version = start.Version + 1, Form = content.Form, Hash = content.Hash };
        if (log.TryBegin(next))
        {
            return new Document(next.Incarnation, next.Version, content.Text, next.Sequences);
        }

        log.Delete();
        return new Document(Incarnation.Begin(content.Text), 0, content.Text, start.Sequences);
    }

    private static Reply Refusal(FileReading reading, string path) => reading.State switch
    {
        FileState.Binary => Reply.Failed(
            ErrorCode.Binary, $"\"{path}\" is not UTF-8 text. Download it, or look at it in the terminal."),
        FileState.TooLarge => Reply.Failed(
            ErrorCode.TooLarge, $"\"{path}\" is larger than 5 MB, the most the editor takes. Download it, or use the terminal."),
        FileState.NotAFile => Reply.Failed(ErrorCode.NotAFile, $"\"{path}\" is not a file. Open a file inside it."),
        FileState.Failed => Reply.Failed(
            ErrorCode.Failed, $"\"{path}\" cannot be read: {reading.Message} Make it readable (chmod in a terminal)."),
        _ => Reply.Failed(ErrorCode.NotFound, $"\"{path}\" does not exist. Reload the file tree, or create it."),
    };
}
