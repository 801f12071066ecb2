using DropIt.Protocol.Frames;

namespace DropIt.Runner.Terminals;

/// <summary>What a terminal is for.</summary>
internal enum TerminalKind
{
    /// <summary>A shell that the user types into.</summary>
    Shell,

    /// <summary>A task of <c>dropit.json</c>.</summary>
    Run,
}

/// <summary>
/// A named terminal that outlives sockets: its program, the end of its output, the clients that watch it. Lives from
/// <see cref="TerminalSet.Create"/> to its closing by the user; its program may end before. Any thread may call.
/// </summary>
/// <remarks>
/// <code>
/// program -> PTY -> PtyLoop (one thread for all) -> history -> each client's outbox
/// page -> TerminalChannel -> Input -> PTY, and what it does not take -> queue -> PtyLoop
/// </code>
/// While a client's window is full the loop does not read, the PTY fills and the program waits.
/// </remarks>
internal sealed class Terminal
{
    /// <summary>Most bytes of input that wait for a program, 1 MiB: a large paste. Past it input is refused.</summary>
    public const int MaxQueuedInput = 1024 * 1024;

    /// <summary>Most bytes read at once.</summary>
    public const int MaxChunk = 64 * 1024;

    private const byte ControlC = 3;

    /// <summary>Time between two bells that pages hear of.</summary>
    private const long BellMilliseconds = 1000;

    /// <summary>Between two looks whether a program that let go of the terminal has it again.</summary>
    private const long LooseMilliseconds = 100;

    /// <summary>What a program has to end after its terminal was hung up.</summary>
    private const long HangupMilliseconds = 1000;

    private readonly Lock _gate = new();
    private readonly List<TerminalClient> _clients = [];
    private readonly InputQueue _input = new(MaxQueuedInput);
    private readonly PtyLoop _loop;
    private TaskCompletionSource<ExitStatus> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Pty? _pty;
    private bool _last;
    private ExitStatus? _status;
    private (ushort Columns, ushort Rows) _size;
    private readonly TerminalHistory _history;
    private int _bells;
    private long _rung = -BellMilliseconds;
    private string _name;
    private bool _closing;
    private long _goneBy;
    private long _looseUntil;

    /// <summary>An empty terminal; <see cref="Start"/> puts a program on it.</summary>
    public Terminal(string id, string name, TerminalKind kind, (ushort Columns, ushort Rows) size, PtyLoop loop)
    {
        _size = size;
        _history = new TerminalHistory(size);
        Id = id;
        _name = name;
        Kind = kind;
        _loop = loop;
    }

    /// <summary>Names it on the wire.</summary>
    public string Id { get; }

    /// <summary>What it is for.</summary>
    public TerminalKind Kind { get; }

    /// <summary>Its size.</summary>
    public (ushort Columns, ushort Rows) Size
    {
        get
        {
            lock (_gate)
            {
                return _size;
            }
        }
    }

    /// <summary>The name the user reads.</summary>
    public string Name
    {
        get => Volatile.Read(ref _name);
        set => Volatile.Write(ref _name, value);
    }

    /// <summary>How the last program ended; null while one runs. All of its output was sent before this is set.</summary>
    public ExitStatus? Status => Volatile.Read(ref _status);

    /// <summary>The present program's process id, which is also its session's; null when none runs.</summary>
    public int? Process
    {
        get
        {
            lock (_gate)
            {
                return _pty is { ProcessDescriptor: >= 0 } pty ? pty.Process : null;
            }
        }
    }

    /// <summary>Completes with the end of the program started last.</summary>
    public Task<ExitStatus> Ended
    {
        get
        {
            lock (_gate)
            {
                return _ended.Task;
            }
        }
    }

    /// <summary>The user closed it: nothing is to be started on it any more.</summary>
    public bool Closing
    {
        get
        {
            lock (_gate)
            {
                return _closing;
            }
        }
    }

    /// <summary>When something was last printed, in <see cref="Environment.TickCount64"/>; 0 when nothing was.</summary>
    public long LastOutput { get; private set; }

    /// <summary>The program ended, for whoever lists terminals. Called on the loop's thread.</summary>
    public Action<Terminal>? Exited { get; init; }

    /// <summary>A program rang the bell; at most once a second. Called on the loop's thread, holding the terminal's lock.</summary>
    public Action<Terminal>? Rang { get; init; }

    /// <summary>The end of its output, for <see cref="Recall"/>.</summary>
    public IReadOnlyList<OutputPart> Keep()
    {
        lock (_gate)
        {
            return _history.Keep();
        }
    }

    /// <summary>Shows what an earlier terminal showed. Before the first program.</summary>
    public void Recall(IEnumerable<OutputPart> kept)
    {
        lock (_gate)
        {
            _history.Recall(kept, _size);
            _bells = _history.Bells;
        }
    }

    /// <summary>Starts a program, the first or, once <see cref="Ended"/> has completed for one that was not the last, the next.</summary>
    /// <param name="program">What to start, in the terminal's present size.</param>
    /// <param name="last">Its end is the terminal's: clients are told. Else another follows, or <see cref="Finish"/>.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The system refused.</exception>
    public void Start(PtyProgram program, bool last = true)
    {
        lock (_gate)
        {
            _pty?.Close();
            _last = last;
            _looseUntil = 0;
            _pty = Pty.Start(program, _size.Columns, _size.Rows);
            _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _loop.Add(this);
    }

    /// <summary>No program follows the one that was not the last: its end is the terminal's.</summary>
    public void Finish(ExitStatus status)
    {
        lock (_gate)
        {
            SetStatus(status);
        }

        Exited?.Invoke(this);
    }

    /// <summary>Prints the runner's own words, as if the program had.</summary>
    public void Print(ReadOnlySpan<byte> output)
    {
        lock (_gate)
        {
            Publish(output);
        }
    }

    /// <summary>Prints the runner's own words to one client alone.</summary>
    public void Print(TerminalClient client, ReadOnlySpan<byte> output)
    {
        lock (_gate)
        {
            client.Send(output, Environment.TickCount64);
        }
    }

    /// <summary>Adds a client: it gets a restore, then all output from there on.</summary>
    public void Attach(TerminalClient client)
    {
        lock (_gate)
        {
            _clients.Add(client);
            Restore(client);
        }
    }

    /// <summary>Removes a client.</summary>
    public void Detach(TerminalClient client)
    {
        lock (_gate)
        {
            _clients.Remove(client);
        }

        _loop.Wake();
    }

    /// <summary>Takes an ack of a client; false when it is for more than was sent to it.</summary>
    public bool TryAck(TerminalClient client, uint bytes)
    {
        bool blocked;
        lock (_gate)
        {
            blocked = client.Blocks;
            if (!client.TryAck(bytes, Environment.TickCount64, out var back))
            {
                return false;
            }

            if (back)
            {
                Restore(client);
            }

            blocked &= !client.Blocks;
        }

        if (blocked)
        {
            _loop.Wake();
        }

        return true;
    }

    /// <summary>The size of the client that was active last becomes the terminal's.</summary>
    public void Resize(ushort columns, ushort rows)
    {
        lock (_gate)
        {
            if (_size == (columns, rows))
            {
                return;
            }

            _size = (columns, rows);
            _history.Resize(_size);
            _pty?.Resize(columns, rows);
            foreach (var client in _clients)
            {
                TellSize(client);
            }
        }
    }

    /// <summary>Hands keys to the program, behind those that wait already.</summary>
    /// <returns>False when too much waits: nothing of <paramref name="keys"/> was taken.</returns>
    public bool TryInput(ReadOnlySpan<byte> keys)
    {
        lock (_gate)
        {
            if (_pty is not { Master: >= 0 } pty)
            {
                return true;
            }

            if (keys.Length == 1 && keys[0] == ControlC && _input.Length > 0)
            {
                _input.Clear();
                if (!pty.TryInterruptPastInput())
                {
                    _ = pty.Write(keys);
                }

                return true;
            }

            if (keys.Length > MaxQueuedInput - _input.Length)
            {
                return false;
            }

            if (_input.Length == 0)
            {
                keys = keys[pty.Write(keys)..];
            }

            if (keys.IsEmpty)
            {
                return true;
            }

            _input.Append(keys);
        }

        _loop.Wake();
        return true;
    }

    /// <summary>Where the program in the foreground works, absolute; null when none runs or the system does not say.</summary>
    public string? Folder()
    {
        lock (_gate)
        {
            return _pty is { Master: >= 0 } pty ? pty.Folder() : null;
        }
    }

    /// <summary>Sends a signal to the program's foreground.</summary>
    public void SignalForeground(int signal)
    {
        lock (_gate)
        {
            if (_pty is { Master: >= 0 } pty)
            {
                pty.SignalForeground(signal);
            }
        }
    }

    /// <summary>
    /// Hangs up. The program is told at once; the terminal is gone when it has ended, or after <see cref="HangupMilliseconds"/>: a shell that
    /// finds it gone before it has heard of the hang-up ends without a word to its jobs. The status follows when the program has ended.
    /// </summary>
    public void Close()
    {
        lock (_gate)
        {
            _closing = true;
            _goneBy = Environment.TickCount64 + HangupMilliseconds;
            if (_pty is { ProcessDescriptor: >= 0 } pty)
            {
                _ = Libc.Signal(-pty.Process, Libc.Hangup);
                _ = Libc.Signal(-pty.Process, Libc.Continue);
            }
        }

        _loop.Wake();
    }

    /// <summary>The last lines printed, as plain text.</summary>
    public string LastLines(int lines)
    {
        lock (_gate)
        {
            return _history.LastLines(lines);
        }
    }

    /// <summary>For the loop: what to wait for. A descriptor of -1 waits for nothing.</summary>
    /// <returns>False when there is nothing left to wait for: the loop lets the terminal go.</returns>
    internal bool Prepare(out Libc.Poll terminal, out Libc.Poll process, ref long deadline)
    {
        lock (_gate)
        {
            var pty = _pty!;
            if (_closing && (pty.ProcessDescriptor < 0 || Environment.TickCount64 >= _goneBy))
            {
                pty.Close();
            }
            else if (_closing)
            {
                deadline = Math.Min(deadline, _goneBy);
            }

            short events = 0;
            var blocked = false;
            foreach (var client in _clients)
            {
                client.CheckDeadline(Environment.TickCount64);
                blocked |= client.Blocks;
                deadline = Math.Min(deadline, client.Deadline);
            }

            events |= blocked ? (short)0 : Libc.PollIn;
            events |= _input.Length > 0 ? Libc.PollOut : (short)0;
            if (Environment.TickCount64 < _looseUntil && pty.ProcessDescriptor >= 0)
            {
                events = 0;
                deadline = Math.Min(deadline, _looseUntil);
            }

            // A hung-up terminal is always ready, so one that waits, for a client or for its program, must not be asked about at all.
            terminal = new Libc.Poll { Descriptor = events == 0 ? -1 : pty.Master, Events = events };
            process = new Libc.Poll { Descriptor = pty.ProcessDescriptor, Events = Libc.PollIn };
            return pty.Master >= 0 || pty.ProcessDescriptor >= 0;
        }
    }

    /// <summary>For the loop: the terminal's descriptor is ready.</summary>
    /// <param name="readable">There is output, or no program any more.</param>
    /// <param name="writable">Input fits again.</param>
    /// <param name="buffer"><see cref="MaxChunk"/> bytes.</param>
    internal void Serve(bool readable, bool writable, Span<byte> buffer)
    {
        lock (_gate)
        {
            var pty = _pty!;
            if (writable && pty.Master >= 0 && _input.Length > 0)
            {
                _input.Drop(pty.Write(_input.Front));
            }

            if (readable && pty.Master >= 0)
            {
                Drain(pty, buffer);
            }
        }
    }

    /// <summary>For the loop: the program may have ended.</summary>
    internal void ServeExit(Span<byte> buffer)
    {
        ExitStatus? status;
        lock (_gate)
        {
            status = _pty!.Reap();
            if (status is null)
            {
                return;
            }

            // What the program wrote before its end comes before its status, whatever the windows say: the PTY holds little.
            while (_pty.Master >= 0 && Drain(_pty, buffer))
            {
            }

            _input.Clear();
            if (_last)
            {
                SetStatus(status);
            }
        }

        if (_last)
        {
            Exited?.Invoke(this);
        }

        _ended.TrySetResult(status);
    }

    private void SetStatus(ExitStatus status)
    {
        _status = status;
        foreach (var client in _clients)
        {
            TellExit(client);
        }
    }

    /// <summary>Reads while more is waiting, up to the buffer and the windows, and sends it in one piece; false when nothing was there.</summary>
    private bool Drain(Pty pty, Span<byte> buffer)
    {
        var room = (long)buffer.Length;
        foreach (var client in _clients)
        {
            room = Math.Min(room, Math.Max(4096, client.Room));
        }

        var length = 0;
        while (length < room)
        {
            var read = pty.Read(buffer[length..(int)room]);
            if (read < 0)
            {
                // Nothing has the terminal open. A program that runs has let go of it, many do as they end; closing would hang it up, which kills it.
                if (pty.ProcessDescriptor >= 0)
                {
                    _looseUntil = Environment.TickCount64 + LooseMilliseconds;
                }
                else
                {
                    pty.Close();
                }

                break;
            }

            if (read == 0)
            {
                break;
            }

            length += read;
        }

        if (length > 0)
        {
            Publish(buffer[..length]);
        }

        return length > 0;
    }

    private void Publish(ReadOnlySpan<byte> output)
    {
        var now = Environment.TickCount64;
        LastOutput = now;
        foreach (var client in _clients)
        {
            client.Send(output, now);
        }

        _history.Append(output);
        if (_history.Bells != _bells)
        {
            _bells = _history.Bells;
            if (now - _rung >= BellMilliseconds)
            {
                _rung = now;
                Rang?.Invoke(this);
            }
        }
    }

    private void Restore(TerminalClient client)
    {
        client.Tell(FrameType.Restore, _history.Restore());
        if (_status is not null)
        {
            TellExit(client);
        }
    }

    private void TellSize(TerminalClient client) =>
        client.Tell(FrameType.Size, TerminalFrames.Size(_size.Columns, _size.Rows));

    private void TellExit(TerminalClient client) => client.Tell(FrameType.Exited, TerminalFrames.Exited(_status!));
}
