using System.ComponentModel;
using System.Runtime.InteropServices;

namespace DropIt.Runner.Terminals;

/// <summary>
/// The one thread that waits for all terminals: for output, for room for input, for the end of programs. Never blocks on a client.
/// </summary>
internal sealed class PtyLoop : IDisposable
{
    private const int StackSize = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly List<Terminal> _added = [];
    private readonly Thread _thread;
    private readonly int _wake;
    private volatile bool _stopping;

    /// <summary>Starts the thread.</summary>
    /// <exception cref="Win32Exception">The system refused.</exception>
    public PtyLoop()
    {
        _wake = Libc.OpenEvent(0, Libc.CloseOnExec | Libc.NonBlocking);
        if (_wake < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        _thread = new Thread(Run, StackSize) { Name = "terminals", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Serves a started terminal until its PTY is closed and its program has ended.</summary>
    public void Add(Terminal terminal)
    {
        lock (_gate)
        {
            _added.Add(terminal);
        }

        Wake();
    }

    /// <summary>Something changed about what to wait for.</summary>
    public unsafe void Wake()
    {
        ulong one = 1;
        _ = Libc.Write(_wake, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Ends the thread; terminals keep their state, but nothing is served any more.</summary>
    public void Dispose()
    {
        _stopping = true;
        Wake();
        _thread.Join();
        _ = Libc.Close(_wake);
    }

    private unsafe void Run()
    {
        var buffer = new byte[Terminal.MaxChunk];
        var terminals = new List<Terminal>();
        var polls = Array.Empty<Libc.Poll>();
        while (!_stopping)
        {
            lock (_gate)
            {
                terminals.AddRange(_added);
                _added.Clear();
            }

            if (polls.Length < 1 + (2 * terminals.Count))
            {
                polls = new Libc.Poll[1 + (4 * terminals.Count)];
            }

            polls[0] = new Libc.Poll { Descriptor = _wake, Events = Libc.PollIn };
            var count = 1;
            var deadline = long.MaxValue;
            for (var i = 0; i < terminals.Count;)
            {
                if (terminals[i].Prepare(out polls[count], out polls[count + 1], ref deadline))
                {
                    count += 2;
                    i++;
                }
                else
                {
                    terminals.RemoveAt(i);
                }
            }

            var wait = deadline == long.MaxValue ? -1 : (int)Math.Max(0, deadline - Environment.TickCount64);
            fixed (Libc.Poll* p = polls)
            {
                if (Libc.WaitForAny(p, (nuint)count, wait) <= 0)
                {
                    continue;
                }
            }

            if (polls[0].Happened != 0)
            {
                ulong wakes;
                _ = Libc.Read(_wake, (byte*)&wakes, sizeof(ulong));
            }

            for (var i = 0; i < terminals.Count; i++)
            {
                Serve(terminals[i], polls[1 + (2 * i)], polls[2 + (2 * i)], buffer);
            }
        }
    }

    private static void Serve(Terminal terminal, Libc.Poll ready, Libc.Poll process, byte[] buffer)
    {
        if (ready.Descriptor >= 0 && ready.Happened != 0)
        {
            // A hang-up or error counts as readable only when output was asked for: else it waits for its turn.
            var readable = (ready.Happened & ~Libc.PollOut) != 0 && (ready.Events & Libc.PollIn) != 0;
            terminal.Serve(readable, (ready.Happened & Libc.PollOut) != 0, buffer);
        }

        if (process.Descriptor >= 0 && process.Happened != 0)
        {
            terminal.ServeExit(buffer);
        }
    }
}
