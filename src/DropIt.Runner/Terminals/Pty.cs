using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace DropIt.Runner.Terminals;

/// <summary>What a terminal starts.</summary>
/// <param name="Path">Absolute path of the program.</param>
/// <param name="Arguments">Its arguments, the name it is called by first.</param>
/// <param name="Folder">Its working folder; must exist.</param>
/// <param name="Environment">All of its environment, as <c>NAME=value</c>.</param>
internal sealed record PtyProgram(
    string Path, IReadOnlyList<string> Arguments, string Folder, IReadOnlyList<string> Environment);

/// <summary>How a program ended.</summary>
/// <param name="Code">Its exit code; 128 + signal when a signal ended it, as shells count.</param>
/// <param name="Signal">That signal.</param>
internal sealed record ExitStatus(int Code, int? Signal)
{
    /// <summary>Reads what waitpid reports.</summary>
    public static ExitStatus FromWait(int status)
    {
        var signal = status & 0x7f;
        return signal == 0 ? new ExitStatus((status >> 8) & 0xff, null) : new ExitStatus(128 + signal, signal);
    }
}

/// <summary>
/// A pseudo terminal and the program on it, which leads a session of its own and has the terminal as its controlling one.
/// Not thread-safe: <see cref="Terminal"/> guards it.
/// </summary>
/// <remarks>
/// The program is started by posix_spawn, so nothing of .NET runs between fork and exec. The session leader's first open of
/// the slave (as descriptor 0) makes it the controlling terminal. Everything the runner holds is close-on-exec.
/// </remarks>
internal sealed class Pty
{
    private const int PidfdOpen = 434;
    private const int SetStatusFlags = 4;

    private readonly string _slave;

    private Pty(int master, string slave, int process, int processDescriptor)
    {
        Master = master;
        _slave = slave;
        Process = process;
        ProcessDescriptor = processDescriptor;
    }

    /// <summary>The master's descriptor, non-blocking; -1 when closed.</summary>
    public int Master { get; private set; }

    /// <summary>The program's process id, also the id of its session.</summary>
    public int Process { get; }

    /// <summary>A pidfd, readable once the program ended; -1 after <see cref="Reap"/>.</summary>
    public int ProcessDescriptor { get; private set; }

    /// <summary>Opens a terminal and starts <paramref name="program"/> on it.</summary>
    /// <exception cref="Win32Exception">The system refused: no terminals or processes left, no such program or folder.</exception>
    public static unsafe Pty Start(PtyProgram program, ushort columns, ushort rows)
    {
        var master = Check(Libc.OpenPty(Libc.ReadWrite | Libc.NoControllingTerminal | Libc.CloseOnExec));
        try
        {
            Check(Libc.GrantPty(master));
            Check(Libc.UnlockPty(master));
            Check(Libc.SetFlags(master, SetStatusFlags, Libc.ReadWrite | Libc.NonBlocking));
            var name = stackalloc byte[64];
            CheckCause(Libc.PtyName(master, name, 64));
            Check(Libc.SetSize(master, Libc.SetWindowSize, new Libc.WindowSize { Columns = columns, Rows = rows }));
            if (Libc.GetAttributes(master, out var attributes) == 0)
            {
                // So that Backspace takes a whole character in programs that leave line editing to the kernel.
                attributes.Input |= Libc.Utf8Input;
                _ = Libc.SetAttributes(master, 0, attributes);
            }

            var slave = Marshal.PtrToStringUTF8((nint)name)!;
            var process = Spawn(program, slave);
            var descriptor = Libc.SystemCall(PidfdOpen, process, 0);
            if (descriptor < 0)
            {
                var error = new Win32Exception(Marshal.GetLastPInvokeError());
                _ = Libc.Signal(process, Libc.Kill);
                _ = Libc.WaitForChild(process, out _, 0);
                throw error;
            }

            return new Pty(master, slave, process, descriptor);
        }
        catch
        {
            _ = Libc.Close(master);
            throw;
        }
    }

    /// <summary>Reads what is there: bytes read, 0 when nothing waits, -1 when the last program on the terminal is gone.</summary>
    public unsafe int Read(Span<byte> into)
    {
        while (true)
        {
            nint read;
            fixed (byte* p = into)
            {
                read = Libc.Read(Master, p, (nuint)into.Length);
            }

            if (read > 0)
            {
                return (int)read;
            }

            switch (read == 0 ? Libc.ErrorIo : Marshal.GetLastPInvokeError())
            {
                case Libc.ErrorInterrupted:
                    continue;
                case Libc.ErrorAgain:
                    return 0;
                default:
                    return -1;
            }
        }
    }

    /// <summary>Writes what fits now; returns the number of bytes taken.</summary>
    public unsafe int Write(ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        while (taken < bytes.Length)
        {
            nint written;
            fixed (byte* p = bytes[taken..])
            {
                written = Libc.Write(Master, p, (nuint)(bytes.Length - taken));
            }

            if (written > 0)
            {
                taken += (int)written;
            }
            else if (written == 0 || Marshal.GetLastPInvokeError() != Libc.ErrorInterrupted)
            {
                break;
            }
        }

        return taken;
    }

    /// <summary>Sets the size; the kernel tells the foreground programs when it differs.</summary>
    public void Resize(ushort columns, ushort rows) =>
        _ = Libc.SetSize(Master, Libc.SetWindowSize, new Libc.WindowSize { Columns = columns, Rows = rows });

    /// <summary>Where the foreground works, else the first program; null when the system does not say.</summary>
    public string? Folder() =>
        (Libc.GetInteger(Master, Libc.GetForegroundGroup, out var group) == 0 && group > 0 ? FolderOf(group) : null) ?? FolderOf(Process);

    /// <summary>Sends a signal to the programs in the foreground.</summary>
    public void SignalForeground(int signal)
    {
        if (Libc.GetInteger(Master, Libc.GetForegroundGroup, out var group) == 0 && group > 0)
        {
            _ = Libc.Signal(-group, signal);
        }
    }

    /// <summary>
    /// Ctrl-C past input that the program does not read, which the key itself would have to wait behind: that input is dropped, as the
    /// kernel does on Ctrl-C, and the foreground is interrupted. False where the terminal does not turn keys into signals.
    /// </summary>
    public bool TryInterruptPastInput()
    {
        if (Libc.GetAttributes(Master, out var attributes) != 0 || (attributes.Local & Libc.SignalsOnKeys) == 0)
        {
            return false;
        }

        var slave = Libc.Open(
            _slave, Libc.ReadWrite | Libc.NoControllingTerminal | Libc.CloseOnExec | Libc.NonBlocking);
        if (slave >= 0)
        {
            _ = Libc.SetInteger(slave, Libc.Flush, Libc.FlushInput);
            _ = Libc.Close(slave);
        }

        return Libc.SetInteger(Master, Libc.SignalForeground, Libc.Interrupt) == 0;
    }

    /// <summary>The status of the ended program; null while it runs. Call until it answers once.</summary>
    public ExitStatus? Reap()
    {
        int status;
        int waited;
        do
        {
            waited = Libc.WaitForChild(Process, out status, Libc.NoHang);
        }
        while (waited < 0 && Marshal.GetLastPInvokeError() == Libc.ErrorInterrupted);

        if (waited == 0)
        {
            return null;
        }

        _ = Libc.Close(ProcessDescriptor);
        ProcessDescriptor = -1;
        return waited == Process ? ExitStatus.FromWait(status) : new ExitStatus(255, null);
    }

    private static unsafe string? FolderOf(int process)
    {
        var buffer = stackalloc byte[4096];
        var length = (int)Libc.ReadLink(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/cwd"), buffer, 4096);
        return length > 0 ? Encoding.UTF8.GetString(buffer, length) : null;
    }

    /// <summary>Closes the master: the kernel hangs up the session leader and the foreground programs.</summary>
    public void Close()
    {
        if (Master >= 0)
        {
            _ = Libc.Close(Master);
            Master = -1;
        }
    }

    private static unsafe int Spawn(PtyProgram program, string slave)
    {
        // glibc: 80 and 336 bytes, sigset_t 128; room to spare for other versions.
        var actions = stackalloc byte[512];
        var attributes = stackalloc byte[1024];
        var none = stackalloc byte[128];
        var all = stackalloc byte[128];
        new Span<byte>(none, 128).Clear();
        new Span<byte>(all, 128).Fill(0xff);
        using var arguments = new NativeStrings(program.Arguments);
        using var environment = new NativeStrings(program.Environment);

        CheckCause(Libc.InitActions(actions));
        CheckCause(Libc.InitAttributes(attributes));
        try
        {
            CheckCause(Libc.AddOpen(actions, 0, slave, Libc.ReadWrite, 0));
            CheckCause(Libc.AddDuplicate(actions, 0, 1));
            CheckCause(Libc.AddDuplicate(actions, 0, 2));
            CheckCause(Libc.AddChangeFolder(actions, program.Folder));
            CheckCause(Libc.AddCloseFrom(actions, 3));
            CheckCause(Libc.SetSpawnFlags(
                attributes, Libc.SpawnNewSession | Libc.SpawnSignalDefaults | Libc.SpawnSignalMask));
            CheckCause(Libc.SetSpawnDefaults(attributes, all));
            CheckCause(Libc.SetSpawnMask(attributes, none));
            CheckCause(Libc.Spawn(
                out var process, program.Path, actions, attributes, arguments.Pointers, environment.Pointers));
            return process;
        }
        finally
        {
            _ = Libc.DestroyActions(actions);
            _ = Libc.DestroyAttributes(attributes);
        }
    }

    private static int Check(int result) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    private static void CheckCause(int cause)
    {
        if (cause != 0)
        {
            throw new Win32Exception(cause);
        }
    }

    /// <summary>A null-ended array of C strings.</summary>
    private sealed unsafe class NativeStrings : IDisposable
    {
        private readonly int _count;

        public NativeStrings(IReadOnlyList<string> strings)
        {
            _count = strings.Count;
            Pointers = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
            {
                Pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
            }
        }

        public byte** Pointers { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
            {
                Marshal.FreeCoTaskMem((nint)Pointers[i]);
            }

            NativeMemory.Free(Pointers);
        }
    }
}
