using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DropIt.Storage.Objects;

/// <summary>The calls of the C library that .NET has no method for.</summary>
internal static class Libc
{
    private const int LockExclusive = 2;
    private const int OpenDirectory = 0x10000;
    private const int InterruptedCall = 4;

    /// <summary>Makes renames and removals in a folder survive a power failure.</summary>
    public static void SyncFolder(string path)
    {
        var descriptor = Open(path, OpenDirectory);
        if (descriptor < 0)
        {
            throw new IOException($"Cannot open the folder {path} (error {Marshal.GetLastPInvokeError()}).");
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Sync(handle) != 0)
        {
            throw new IOException($"Cannot write the folder {path} to the disk (error "
                + $"{Marshal.GetLastPInvokeError()}).");
        }
    }

    /// <summary>Waits for the lock on an open file, also against other processes. Closing the file gives it
    /// back.</summary>
    public static void LockExclusively(SafeFileHandle file)
    {
        while (Lock(file, LockExclusive) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != InterruptedCall)
            {
                throw new IOException($"Cannot lock a file of the object store (error {error}).");
            }
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Sync(SafeFileHandle file);

    [DllImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static extern int Lock(SafeFileHandle file, int operation);
}
