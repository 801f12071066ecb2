using System.Runtime.InteropServices;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Files;

/// <summary>What a path is on disk.</summary>
internal enum FileKind
{
    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A FIFO, device or socket.</summary>
    Other,
}

/// <summary>One path's state on disk.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">Permission bits, octal 0777.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Of the content; nanoseconds since 1970.</param>
/// <param name="Changed">Of content or attributes; nanoseconds since 1970. Programs can not set it back.</param>
internal readonly partial record struct FileStat(FileKind Kind, int Mode, long Size, long Modified, long Changed)
{
    private const int CurrentFolder = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStats = 0x7ff;

    /// <summary>Reads the state of <paramref name="path"/>, of a link itself unless <paramref name="follow"/>; null when nothing can be reached there.</summary>
    public static FileStat? Of(string path, bool follow = false)
    {
        if (StatX(CurrentFolder, path, follow ? 0 : NoFollow, BasicStats, out var raw) != 0)
        {
            return null;
        }

        var kind = (raw.Mode & 0xf000) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Folder,
            0xa000 => FileKind.Link,
            _ => FileKind.Other,
        };
        return new FileStat(kind, raw.Mode & 0x1ff, (long)raw.Size, raw.Modified.Nanoseconds, raw.Changed.Nanoseconds);
    }

    /// <summary>The absolute path of what exists at <paramref name="path"/>, without links; null when nothing does or a link leads nowhere.</summary>
    public static string? RealPath(string path)
    {
        var pointer = RealPath(path, 0);
        if (pointer == 0)
        {
            return null;
        }

        var text = Marshal.PtrToStringUTF8(pointer);
        Free(pointer);
        return text;
    }

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, out Raw raw);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint RealPath(string path, nint buffer);

    [LibraryImport("libc", EntryPoint = "free")]
    private static partial void Free(nint pointer);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Time
    {
        private readonly long _seconds;
        private readonly uint _nanoseconds;
        private readonly int _reserved;

        public long Nanoseconds => (_seconds * 1_000_000_000) + _nanoseconds;
    }

    /// <summary>struct statx of linux/stat.h, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Raw
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(96)]
        public Time Changed;

        [FieldOffset(112)]
        public Time Modified;
    }
}

/// <summary>Sentences for failures of the file system.</summary>
internal static class FileFailure
{
    private const int NoSpace = 28;
    private const int OverQuota = 122;

    /// <summary>The answer to a request that met <paramref name="e"/>.</summary>
    /// <param name="path">As the client named it.</param>
    public static Reply Of(Exception e, string path) => Reply.Failed(Code(e), Message(e, path));

    /// <summary>The code for <paramref name="e"/>.</summary>
    public static ErrorCode Code(Exception e) => e switch
    {
        FileNotFoundException or DirectoryNotFoundException => ErrorCode.NotFound,
        UnauthorizedAccessException => ErrorCode.Denied,
        PathTooLongException => ErrorCode.BadRequest,
        IOException when IsFull(e) => ErrorCode.Full,
        _ => ErrorCode.Failed,
    };

    /// <summary>The sentence for <paramref name="e"/>.</summary>
    public static string Message(Exception e, string path) => Code(e) switch
    {
        ErrorCode.NotFound => $"\"{path}\" does not exist (any more). Reload the file tree.",
        ErrorCode.Denied => $"\"{path}\" may not be changed or read: its permissions forbid it. Change them with chmod in a terminal.",
        ErrorCode.BadRequest => $"\"{path}\" is longer than the file system allows. Choose a shorter name.",
        ErrorCode.Full => "The disk is full. Delete what is not needed, then try again.",
        _ => $"\"{path}\": {e.Message}",
    };

    /// <summary>True for exceptions that the file system can cause at any time, as opposed to bugs.</summary>
    public static bool Expected(Exception e) => e is IOException or UnauthorizedAccessException;

    private static bool IsFull(Exception e) => (e.HResult & 0xffff) is NoSpace or OverQuota || e.HResult is NoSpace or OverQuota;
}
