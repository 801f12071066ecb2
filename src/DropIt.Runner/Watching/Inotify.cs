using System.Runtime.InteropServices;

namespace DropIt.Runner.Watching;

/// <summary>What happened to a name in a watched folder; the kernel's bits.</summary>
[Flags]
internal enum InotifyEvents : uint
{
    None = 0,
    Modify = 0x2,
    Attributes = 0x4,
    CloseWrite = 0x8,
    MovedFrom = 0x40,
    MovedTo = 0x80,
    Create = 0x100,
    Delete = 0x200,
    Overflow = 0x4000,
    Ignored = 0x8000,
    OnlyFolder = 0x0100_0000,
    DontFollow = 0x0200_0000,
    IsFolder = 0x4000_0000,
}

/// <summary>The kernel's file watching. One thread uses it; <see cref="Wake"/> may be called from any.</summary>
internal sealed partial class Inotify : IDisposable
{
    /// <summary>errno when the user's watches (or, for the instance, instances) are used up.</summary>
    public const int NoSpace = 28;

    private const int NonBlockingCloseOnExec = 0x80800;
    private const int Interrupted = 4;
    private const InotifyEvents Wanted = InotifyEvents.Modify | InotifyEvents.Attributes | InotifyEvents.CloseWrite
        | InotifyEvents.MovedFrom | InotifyEvents.MovedTo | InotifyEvents.Create | InotifyEvents.Delete
        | InotifyEvents.OnlyFolder | InotifyEvents.DontFollow;

    private readonly int _wake = EventFd(0, NonBlockingCloseOnExec);
    private int _watches = -1;

    /// <summary>errno of the last failure.</summary>
    public int Error { get; private set; }

    /// <summary>Drops all watches and begins anew; false when the kernel gives no instance.</summary>
    public bool Open()
    {
        if (_watches >= 0)
        {
            _ = Close(_watches);
        }

        _watches = Init(NonBlockingCloseOnExec);
        Error = _watches < 0 ? Marshal.GetLastPInvokeError() : 0;
        return _watches >= 0;
    }

    /// <summary>Watches a folder; its number, or -1 with <see cref="Error"/> set.</summary>
    public int Add(string folder)
    {
        var number = AddWatch(_watches, folder, Wanted);
        Error = number < 0 ? Marshal.GetLastPInvokeError() : 0;
        return number;
    }

    /// <summary>Forgets a folder.</summary>
    public void Remove(int number) => _ = RemoveWatch(_watches, number);

    /// <summary>Waits for events or <see cref="Wake"/>.</summary>
    /// <param name="milliseconds">-1: forever.</param>
    public unsafe void Wait(int milliseconds)
    {
        var polled = stackalloc Polled[2];
        polled[0] = new Polled { File = _wake, Events = 1 };
        polled[1] = new Polled { File = _watches, Events = 1 };
        if (Poll(polled, _watches < 0 ? 1u : 2u, milliseconds) < 0 && Marshal.GetLastPInvokeError() != Interrupted)
        {
            throw new InvalidOperationException("poll: " + Marshal.GetLastPInvokeErrorMessage());
        }

        ulong count;
        _ = Read(_wake, (byte*)&count, sizeof(ulong));
    }

    /// <summary>Reads waiting events; 0 when there are none.</summary>
    public unsafe int Read(Span<byte> buffer)
    {
        if (_watches < 0)
        {
            return 0;
        }

        fixed (byte* to = buffer)
        {
            return (int)Math.Max(0, Read(_watches, to, (nuint)buffer.Length));
        }
    }

    /// <summary>Ends a <see cref="Wait"/>.</summary>
    public unsafe void Wake()
    {
        ulong one = 1;
        _ = Write(_wake, (byte*)&one, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Close(_wake);
        if (_watches >= 0)
        {
            _ = Close(_watches);
        }
    }

    [LibraryImport("libc", EntryPoint = "inotify_init1", SetLastError = true)]
    private static partial int Init(int flags);

    [LibraryImport("libc", EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddWatch(int file, string path, InotifyEvents mask);

    [LibraryImport("libc", EntryPoint = "inotify_rm_watch")]
    private static partial int RemoveWatch(int file, int number);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int EventFd(uint start, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static unsafe partial int Poll(Polled* files, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read")]
    private static unsafe partial nint Read(int file, byte* to, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static unsafe partial nint Write(int file, byte* from, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [StructLayout(LayoutKind.Sequential)]
    private struct Polled
    {
        public int File;
        public short Events;
        public short Returned;
    }
}
