using System.Text.Json;
using DropIt.Runner.Files;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Terminals;

/// <summary>The requests about terminals (docs/protocol.md, "Requests").</summary>
internal static class TerminalRequests
{
    /// <summary>Registers them.</summary>
    /// <param name="requests">Where.</param>
    /// <param name="terminals">The workspace's.</param>
    /// <param name="root">The workspace's root.</param>
    /// <param name="flushDocuments">Writes every open document to disk.</param>
    public static void AddTerminals(
        this RequestTable requests, TerminalSet terminals, string root, Func<CancellationToken, Task> flushDocuments)
    {
        requests.Add("terminal.resolve", (_, request, _) => ValueTask.FromResult(Resolve(terminals, root, request)));
        requests.Add("terminal.create", (_, request, _) => ValueTask.FromResult(Create(terminals, request)));
        requests.Add(
            "terminal.attach",
            (session, request, _) => ValueTask.FromResult(Attach(terminals, session, request, flushDocuments)),
            inOrder: true);
        requests.Add("terminal.rename", (_, request, _) => ValueTask.FromResult(Rename(terminals, request)));
        requests.Add("terminal.close", (_, request, _) => ValueTask.FromResult(Close(terminals, request)));
    }

    private static Reply Create(TerminalSet terminals, JsonElement request)
    {
        if (!TrySize(request, out var size))
        {
            return BadSize();
        }

        request.TryText("name", out var name);
        var (terminal, error) = terminals.CreateShell(name, size.Columns, size.Rows);
        return terminal is null
            ? Reply.Failed(ErrorCode.Limit, error!)
            : Reply.Of(new TerminalCreated(terminal.Id), TerminalJson.Default.TerminalCreated);
    }

    private static Reply Attach(
        TerminalSet terminals, Session session, JsonElement request, Func<CancellationToken, Task> flushDocuments)
    {
        if (!request.TryChannel(out var number) || !TrySize(request, out var size))
        {
            return BadSize();
        }

        if (Find(terminals, request) is not { } terminal)
        {
            return NoTerminal();
        }

        var channel = new TerminalChannel(session, number, terminal, size, flushDocuments);
        session.AddChannel(number, channel);
        return Reply.Done.Then(channel.Attach);
    }

    private static Reply Rename(TerminalSet terminals, JsonElement request)
    {
        if (!request.TryText("name", out var name))
        {
            return Reply.Failed(ErrorCode.BadRequest, "A terminal needs a name. Give it one.");
        }

        return request.TryText("terminal", out var id) && terminals.TryRename(id, name) ? Reply.Done : NoTerminal();
    }

    private static Reply Close(TerminalSet terminals, JsonElement request) =>
        request.TryText("terminal", out var id) && terminals.TryClose(id) ? Reply.Done : NoTerminal();

    private static Reply Resolve(TerminalSet terminals, string root, JsonElement request)
    {
        if (!request.TryGetProperty("paths", out var paths)
            || paths.ValueKind != JsonValueKind.Array
            || paths.GetArrayLength() > PrintedPaths.Max
            || paths.EnumerateArray().Any(path => path.ValueKind != JsonValueKind.String))
        {
            return Reply.Failed(ErrorCode.BadRequest, $"The names are a list of at most {PrintedPaths.Max} texts.");
        }

        if (Find(terminals, request) is not { } terminal)
        {
            return NoTerminal();
        }

        var folder = terminal.Folder();
        var whole = FileStat.RealPath(root) ?? root;
        var files = paths.EnumerateArray()
            .Select(path => TextOf(path) is { } text ? PrintedPaths.Find(whole, folder, text) : null)
            .ToList();
        return Reply.Of(new TerminalFiles(files), TerminalJson.Default.TerminalFiles);
    }

    private static string? TextOf(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null; // a lone surrogate: no file has such a name
        }
    }

    private static Terminal? Find(TerminalSet terminals, JsonElement request) =>
        request.TryText("terminal", out var id) ? terminals.Find(id) : null;

    private static bool TrySize(JsonElement request, out (ushort Columns, ushort Rows) size)
    {
        size = default;
        if (!request.TryNumber("columns", 1, TerminalFrames.MaxSize, out var columns)
            || !request.TryNumber("rows", 1, TerminalFrames.MaxSize, out var rows))
        {
            return false;
        }

        size = ((ushort)columns, (ushort)rows);
        return true;
    }

    private static Reply BadSize() => Reply.Failed(
        ErrorCode.BadRequest, $"A terminal has 1 to {TerminalFrames.MaxSize} columns and rows. Reload the page.");

    private static Reply NoTerminal() =>
        Reply.Failed(ErrorCode.NotFound, "This terminal is closed. Open a new one.");
}

/// <summary>What the runner itself prints into terminals.</summary>
internal static class TerminalWords
{
    /// <summary>Between what a terminal showed before a stop and what follows.</summary>
    public static ReadOnlySpan<byte> Slept => "\e[90m── The workspace slept. Above is what this terminal showed; its programs have ended. ──\e[m\r\n"u8;

    /// <summary>For input past <see cref="Terminal.MaxQueuedInput"/>.</summary>
    public static ReadOnlySpan<byte> InputRefused =>
        "\r\n\e[33m[drop.it] The program does not read its input, and 1 MiB is waiting for it: the rest was dropped. "u8
        + "Press Ctrl-C to drop what waits.\e[0m\r\n"u8;
}
