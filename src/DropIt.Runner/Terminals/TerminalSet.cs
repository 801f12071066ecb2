using System.ComponentModel;
using System.Security.Cryptography;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Terminals;

/// <summary>
/// All terminals of the workspace. Tells every page when one comes, changes, ends or goes.
/// </summary>
internal sealed class TerminalSet : IAsyncDisposable
{
    /// <summary>Terminals at once, ended ones that are still listed among them.</summary>
    public const int Max = 32;

    /// <summary>Longest name in characters; longer ones are cut.</summary>
    public const int MaxName = 100;

    private static readonly TimeSpan HangupTime = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Terminal> _terminals = [];
    private readonly List<Terminal> _leaving = [];
    private readonly PtyLoop _loop = new();
    private readonly OpenSessions _sessions;
    private readonly ProgramEnvironment _environment;
    private int _created;
    private int _changes;

    /// <summary>Contributes <c>terminals</c> to the hello.</summary>
    public TerminalSet(OpenSessions sessions, ProgramEnvironment environment)
    {
        _sessions = sessions;
        _environment = environment;
        sessions.AddHello("terminals", (_, writer) =>
            System.Text.Json.JsonSerializer.Serialize(writer, List(), TerminalJson.Default.IReadOnlyListTerminalEntry));
    }

    /// <summary>Processes that terminals started and that have not ended.</summary>
    public IReadOnlyList<int> Processes
    {
        get
        {
            lock (_gate)
            {
                return [.. _terminals.Values.Concat(_leaving).Select(t => t.Process).OfType<int>()];
            }
        }
    }

    /// <summary>The shells that their users type into, as processes.</summary>
    public IReadOnlyList<int> Shells
    {
        get
        {
            lock (_gate)
            {
                return [.. _terminals.Values.Where(t => t.Kind == TerminalKind.Shell).Select(t => t.Process).OfType<int>()];
            }
        }
    }

    /// <summary>Any terminal printed something at or after <paramref name="since"/>, in <see cref="Environment.TickCount64"/>.</summary>
    public bool PrintedSince(long since)
    {
        lock (_gate)
        {
            return _terminals.Values.Any(t => t.LastOutput >= since && t.LastOutput > 0);
        }
    }

    /// <summary>A number that is another one when anything of what is kept may have changed.</summary>
    public long Changes
    {
        get
        {
            lock (_gate)
            {
                return _changes + _terminals.Values.Sum(t => t.LastOutput);
            }
        }
    }

    /// <summary>All terminals, as they can be brought back.</summary>
    public IReadOnlyList<KeptTerminal> Keep(string root) => [.. All.Select(t => new KeptTerminal(
        t.Id, t.Name, t.Kind == TerminalKind.Run, Inside(root, t.Folder()), t.Size.Columns, t.Size.Rows, t.Keep()))];

    /// <summary>
    /// Brings terminals back: what they showed, and below it a new shell where the old one stood. A task's has ended. Before the first page.
    /// </summary>
    public void Recall(IReadOnlyList<KeptTerminal> kept, string root)
    {
        foreach (var one in kept.Take(Max))
        {
            var kind = one.Run ? TerminalKind.Run : TerminalKind.Shell;
            var terminal = Make(one.Id, Cut(one.Name) ?? "Terminal", kind, (one.Columns, one.Rows));
            terminal.Recall(one.Output);
            terminal.Print(TerminalWords.Slept);
            if (one.Run)
            {
                terminal.Finish(new ExitStatus(128 + Libc.Hangup, Libc.Hangup));
            }
            else
            {
                var folder = Path.Combine(root, one.Folder);
                try
                {
                    terminal.Start(_environment.Shell(Directory.Exists(folder) ? folder : root));
                }
                catch (Win32Exception)
                {
                    continue; // as if it had been closed
                }
            }

            lock (_gate)
            {
                _created++;
                _terminals.TryAdd(one.Id, terminal);
            }
        }
    }

    /// <summary>All there are now.</summary>
    public IReadOnlyList<Terminal> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _terminals.Values];
            }
        }
    }

    /// <summary>Finds one by id.</summary>
    public Terminal? Find(string id)
    {
        lock (_gate)
        {
            return _terminals.GetValueOrDefault(id);
        }
    }

    /// <summary>Starts a shell on a new terminal.</summary>
    /// <param name="name">For the user; null or empty gives "Terminal n".</param>
    public (Terminal? Terminal, string? Error) CreateShell(string? name, ushort columns, ushort rows) =>
        Create(TerminalKind.Shell, name, _environment.Shell(), (columns, rows));

    /// <summary>Starts <paramref name="program"/> on a new terminal; else a sentence for the user that says why not.</summary>
    /// <param name="last">As in <see cref="Terminal.Start"/>.</param>
    public (Terminal? Terminal, string? Error) Create(
        TerminalKind kind, string? name, PtyProgram program, (ushort Columns, ushort Rows) size, bool last = true)
    {
        Terminal terminal;
        lock (_gate)
        {
            if (_terminals.Count >= Max)
            {
                return (null, $"{Max} terminals are open already. Close one first.");
            }

            _created++;
            terminal = Make(RandomNumberGenerator.GetHexString(12, lowercase: true), Cut(name) ?? $"Terminal {_created}", kind, size);
            try
            {
                terminal.Start(program, last);
            }
            catch (Win32Exception e)
            {
                return (null, $"{program.Arguments[0]} could not be started: {e.Message}. "
                    + "End programs that are no longer needed and try again.");
            }

            _terminals.Add(terminal.Id, terminal);
        }

        Announce();
        return (terminal, null);
    }

    /// <summary>Renames; false when there is no such terminal.</summary>
    public bool TryRename(string id, string name)
    {
        if (Find(id) is not { } terminal)
        {
            return false;
        }

        terminal.Name = Cut(name) ?? terminal.Name;
        Announce();
        return true;
    }

    /// <summary>Hangs a terminal up and takes it off the list; false when there is none.</summary>
    public bool TryClose(string id)
    {
        lock (_gate)
        {
            if (!_terminals.Remove(id, out var terminal))
            {
                return false;
            }

            if (terminal.Process is not null)
            {
                _leaving.Add(terminal);
            }

            terminal.Close();
        }

        Announce();
        return true;
    }

    /// <summary>Hangs all up, kills what has not ended 2 s later, and ends the loop.</summary>
    public async ValueTask DisposeAsync()
    {
        List<Terminal> all;
        lock (_gate)
        {
            all = [.. _terminals.Values, .. _leaving];
        }

        all.RemoveAll(t => t.Process is null);
        foreach (var terminal in all)
        {
            terminal.Close();
        }

        var ended = Task.WhenAll(all.Select(t => t.Ended));
        if (await Task.WhenAny(ended, Task.Delay(HangupTime)) != ended)
        {
            foreach (var process in all.Select(t => t.Process).OfType<int>())
            {
                ProcessTable.SignalSession(process, Libc.Kill);
            }

            await ended;
        }

        _loop.Dispose();
    }

    private Terminal Make(string id, string name, TerminalKind kind, (ushort Columns, ushort Rows) size) =>
        new(id, name, kind, size, _loop) { Exited = OnExit, Rang = OnBell };

    /// <summary>A folder relative to the root; empty for the root itself and for what is outside.</summary>
    private static string Inside(string root, string? folder) =>
        folder?.StartsWith(root + "/", StringComparison.Ordinal) == true ? folder[(root.Length + 1)..] : "";

    private static string? Cut(string? name)
    {
        var clean = name is null ? "" : new string([.. name.Where(c => !char.IsControl(c))]).Trim();
        return clean.Length == 0 ? null : clean.Length > MaxName ? clean[..MaxName] : clean;
    }

    private void OnExit(Terminal terminal)
    {
        lock (_gate)
        {
            _leaving.Remove(terminal);
        }

        Announce();
    }

    private void OnBell(Terminal terminal) =>
        _sessions.Broadcast("bell", "terminal", terminal.Id, SessionJson.Default.String);

    private void Announce()
    {
        // Under the lock, so that the last list that pages get is the newest.
        lock (_gate)
        {
            _changes++;
            _sessions.Broadcast("terminals", "terminals", List(), TerminalJson.Default.IReadOnlyListTerminalEntry);
        }
    }

    private IReadOnlyList<TerminalEntry> List()
    {
        lock (_gate)
        {
            return [.. _terminals.Values.Select(t => new TerminalEntry(
                t.Id,
                t.Name,
                t.Kind == TerminalKind.Run ? "run" : "shell",
                t.Status is null,
                t.Status?.Code,
                t.Status?.Signal))];
        }
    }
}
