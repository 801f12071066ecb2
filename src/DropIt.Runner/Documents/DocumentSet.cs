using System.Text.Json;
using DropIt.Runner.Files;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Documents;

/// <summary>
/// All documents in memory. Paths that come in are relative to the workspace root; one that leads through a link means the same document as
/// the path without it. May be called from any thread.
/// </summary>
internal sealed class DocumentSet : IDisposable
{
    /// <summary>Documents in memory at once: far over what tabs show, and even all small ones stay under 100 MB.</summary>
    public const int MaxOpen = 1024;

    /// <summary>Bytes that wait for a page past which it is told of cursors later: far less than anyone waits for, more than a busy second has.</summary>
    private const int SlowBytes = 64 * 1024;

    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan SweepTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LogAge = TimeSpan.FromDays(30);

    private readonly WorkspaceFiles _files;
    private readonly string _logs;
    private readonly DocumentSurroundings _surroundings;
    private readonly ITimer _sweep;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, OpenDocument> _open = new(StringComparer.Ordinal);

    /// <summary>No document is open yet; call <see cref="Recover"/> before the first.</summary>
    /// <param name="files">The workspace's files.</param>
    /// <param name="state">The runner's state folder.</param>
    /// <param name="time">The clock.</param>
    /// <param name="notify">Sets a notice, or clears it with an empty message.</param>
    /// <param name="isSafe">Whether the journal has this content (SHA-256, hex) of this path. Asked under locks: must not wait for calls in here.</param>
    /// <param name="refusal">Why a file may not grow, as in <see cref="DocumentSurroundings"/>; asked under locks too.</param>
    public DocumentSet(
        WorkspaceFiles files,
        string state,
        TimeProvider time,
        Action<string, NoticeLevel, string> notify,
        Func<string, string, bool> isSafe,
        Func<string, long, string?> refusal)
    {
        _files = files;
        _logs = Path.Combine(state, "documents");
        Directory.CreateDirectory(_logs);
        _surroundings = new DocumentSurroundings(time, notify, isSafe, refusal, Remove);
        _sweep = time.CreateTimer(_ => Sweep(), null, SweepTime, SweepTime);
    }

    /// <summary>Told of every push: user and path. Set before the first document is opened.</summary>
    public Action<string, string>? Edited { get; set; }

    /// <summary>Told when a page begins and ends to show a document: session, path, whether it does. Set before the first document is opened.</summary>
    public Action<Session, string, bool>? Shown { get; set; }

    /// <summary>
    /// Brings files up to what the logs of the last run hold: edits that were acknowledged and not saved when it was killed. Call once, when the workspace's
    /// files are in place.
    /// </summary>
    public void Recover()
    {
        foreach (var path in Directory.GetFiles(_logs, "*" + DocumentLog.Extension))
        {
            try
            {
                BringUp(path);
            }
            catch (Exception e) when (e is InvalidDataException || FileFailure.Expected(e))
            {
                // One broken log must not keep the workspace from starting; it is put aside for who wants to look into it.
                Console.Error.WriteLine($"a document's log was put aside as {path}.broken: {e.Message}");
                File.Move(path, path + ".broken", overwrite: true);
            }
        }
    }

    /// <summary>Registers <c>document.open</c>.</summary>
    public void AddTo(RequestTable requests) => requests.Add("document.open", OpenAsync, inOrder: true);

    /// <summary>Opens a document on a channel of a session.</summary>
    /// <param name="session">Whose page asks.</param>
    /// <param name="id">The channel's number.</param>
    /// <param name="path">As the page names it.</param>
    /// <param name="client">The page's client id.</param>
    /// <param name="incarnation">Of what the page has; null when it has nothing.</param>
    /// <param name="version">The version of what the page has.</param>
    public Reply Open(Session session, uint id, string path, string client, string? incarnation, uint version)
    {
        var resolved = _files.Resolve(path);
        if (resolved.Error is not null)
        {
            return resolved.Refusal;
        }

        if (Join(
            Path.GetRelativePath(_files.Root, resolved.Full),
            open => new DocumentChannel(open, client, (type, payload) => session.Send(id, type, payload), () => session.CloseChannel(id))
            {
                Person = session.Ticket.UserId,
                Slow = () => session.Queued > SlowBytes,
            },
            out var refusal) is not var (document, channel))
        {
            return refusal;
        }

        channel.Shown = shown => Shown?.Invoke(session, document.Path, shown);
        channel.Pushed = () => Edited?.Invoke(session.Ticket.User, document.Path);
        session.AddChannel(id, channel);
        var opened = new DocumentOpened(
            document.Incarnation, document.Form.Bom, document.Form.Crlf ? "crlf" : "lf", !session.MayEdit);
        return Reply.Of(opened, DocumentJson.Default.DocumentOpened).Then(() => document.Start(channel, incarnation, version));
    }

    /// <summary>
    /// Finds or loads a document and adds a channel to it, which gets nothing until <see cref="OpenDocument.Start"/>; null when it was refused.
    /// </summary>
    public (OpenDocument Document, DocumentChannel Channel)? Join(
        string path, Func<OpenDocument, DocumentChannel> open, out Reply refusal)
    {
        // A document that ends between being found and being joined is loaded again; once is enough but for a hostile disk.
        for (var attempt = 0; attempt < 3; attempt++)
        {
            if (Get(path, out refusal) is not { } document)
            {
                return null;
            }

            var channel = open(document);
            if (document.TryJoin(channel))
            {
                return (document, channel);
            }
        }

        refusal = Reply.Failed(ErrorCode.Busy, $"\"{path}\" is being replaced right now. Open it again.");
        return null;
    }

    /// <summary>The text of a document that its file does not have yet; null when the file has it, or nobody has the document open.</summary>
    /// <param name="path">In the workspace, without links.</param>
    public string? UnsavedText(string path)
    {
        OpenDocument? document;
        lock (_gate)
        {
            document = _open.GetValueOrDefault(path);
        }

        return document?.UnsavedText();
    }

    /// <summary>
    /// Changes a document for someone, whoever has it open; the file has it when this returns. A document that nobody has open leaves memory again.
    /// </summary>
    /// <param name="path">In the workspace, without links.</param>
    /// <param name="work">Does it, once or never.</param>
    /// <param name="refusal">Why the document cannot be opened.</param>
    public OwnEdit? Edit(string path, Func<OpenDocument, OwnEdit> work, out Reply refusal)
    {
        if (Get(path, out refusal) is not { } document)
        {
            return null;
        }

        var edit = work(document);
        document.Flush();
        document.TryUnload(TimeSpan.Zero);
        return edit;
    }

    /// <summary>Writes every document to its file: ahead of Enter in a terminal, of a run, of a stop.</summary>
    /// <returns>False when the disk refused one; its user has been told.</returns>
    public bool FlushAll()
    {
        var all = true;
        foreach (var document in All())
        {
            all &= document.Flush();
        }

        return all;
    }

    /// <summary><see cref="FlushAll"/> in the shape that terminals and runs ask for.</summary>
    public Task FlushAllAsync(CancellationToken ct)
    {
        FlushAll();
        return Task.CompletedTask;
    }

    /// <summary>A path was written, replaced or deleted, by whomever; a folder stands for all in it.</summary>
    public void FileChanged(string path)
    {
        foreach (var document in Below(path))
        {
            document.FileChanged();
        }
    }

    /// <summary>Everything may have changed: the watcher lost count.</summary>
    public void AllChanged()
    {
        foreach (var document in All())
        {
            document.FileChanged();
        }
    }

    /// <summary>As <see cref="FileChanged"/>; the document ends if its file is really gone and had all of it.</summary>
    public void Deleted(string path) => FileChanged(path);

    /// <summary>A file or folder was moved, by <c>files.move</c> or by a program: open documents go along. Flush ahead of moving.</summary>
    public void Moved(string from, string to)
    {
        foreach (var document in Below(from))
        {
            var path = to + document.Path[from.Length..];
            lock (_gate)
            {
                _open.Remove(document.Path);
                if (_open.Remove(path, out var replaced))
                {
                    replaced.Dispose();
                }

                _open[path] = document;
            }

            document.Moved(Full(path), path, new DocumentLog(_logs, path));
        }
    }

    /// <summary>The journal has content with this hash (SHA-256, hex) of a path.</summary>
    public void MarkSafe(string path, string hash)
    {
        OpenDocument? document;
        lock (_gate)
        {
            document = _open.GetValueOrDefault(path);
        }

        document?.MarkSafe(hash);
    }

    /// <summary>Saves and ends every document. What the disk refuses stays in the logs.</summary>
    public void Stop()
    {
        FlushAll();
        foreach (var document in All())
        {
            document.TryUnload(TimeSpan.Zero);
        }
    }

    /// <summary>Lets go of timers and files, and writes nothing: what is not saved is in the logs.</summary>
    public void Dispose()
    {
        _sweep.Dispose();
        foreach (var document in All())
        {
            document.Dispose();
        }
    }

    private ValueTask<Reply> OpenAsync(Session session, JsonElement request, CancellationToken ct)
    {
        if (!request.TryChannel(out var channel) || !request.TryText("path", out var path) || !request.TryText("client", out var client))
        {
            return ValueTask.FromResult(Reply.Failed(ErrorCode.BadRequest, "The request lacks channel, path or client."));
        }

        if (client.Length is < 8 or > 16 || !client.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c)))
        {
            return ValueTask.FromResult(Reply.Failed(ErrorCode.BadRequest, "A client id has 8 to 16 of a-z and 0-9."));
        }

        var incarnation = request.TryText("incarnation", out var known) ? known : null;
        var version = request.TryNumber("version", 0, uint.MaxValue, out var number) ? (uint)number : 0;
        return ValueTask.FromResult(Open(session, channel, path, client, incarnation, version));
    }

    /// <summary>The document at a path without links, loaded when it is not in memory.</summary>
    private OpenDocument? Get(string path, out Reply refusal)
    {
        OpenDocument document;
        lock (_gate)
        {
            refusal = default;
            if (_open.TryGetValue(path, out var found))
            {
                return found;
            }

            if (_open.Count >= MaxOpen)
            {
                refusal = Reply.Failed(ErrorCode.Limit, $"{MaxOpen} files are open in this workspace. Close some tabs.");
                return null;
            }

            var file = new DocumentFile(Full(path));
            if (DocumentLoader.Load(file, path, new DocumentLog(_logs, path), out refusal) is not { } loaded)
            {
                return null;
            }

            document = new OpenDocument(loaded, _surroundings);
            _open.Add(path, document);
        }

        // What changed while it was not in memory.
        document.TakeIn();
        return document;
    }

    private void BringUp(string log)
    {
        if (DocumentLog.ReadAt(log) is not [LogRecord.Base start, ..])
        {
            File.Delete(log);
        }
        else if (start.Text is not null)
        {
            Get(start.Path, out _)?.Flush();
        }
        else if (!File.Exists(Full(start.Path)) || DateTime.UtcNow - File.GetLastWriteTimeUtc(log) > LogAge)
        {
            File.Delete(log);
        }
    }

    private void Sweep()
    {
        foreach (var document in All())
        {
            document.TryUnload(IdleTime);
        }
    }

    private void Remove(OpenDocument document)
    {
        lock (_gate)
        {
            if (_open.GetValueOrDefault(document.Path) == document)
            {
                _open.Remove(document.Path);
            }
        }
    }

    private OpenDocument[] All()
    {
        lock (_gate)
        {
            return [.. _open.Values];
        }
    }

    private OpenDocument[] Below(string path)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(path, out var one))
            {
                return [one];
            }

            var folder = path.Length == 0 ? "" : path + "/";
            return [.. _open.Values.Where(document => document.Path.StartsWith(folder, StringComparison.Ordinal))];
        }
    }

    private string Full(string path) => Path.Combine(_files.Root, path);
}
