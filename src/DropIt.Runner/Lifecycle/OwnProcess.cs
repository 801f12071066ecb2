using System.Runtime.InteropServices;

namespace DropIt.Runner.Lifecycle;

/// <summary>Calls that shape this process.</summary>
internal static partial class OwnProcess
{
    private const int SetDumpable = 4;
    private const int SetChildSubreaper = 36;

    /// <summary>
    /// Makes memory and tickets of the runner unreadable for the workspace's programs, which run as the same user, and makes orphans of those
    /// programs children of the runner, so that a stop finds them all.
    /// </summary>
    public static void Protect()
    {
        _ = Control(SetDumpable, 0, 0, 0, 0);
        _ = Control(SetChildSubreaper, 1, 0, 0, 0);
    }

    /// <summary>Sets which permission bits new files do not get, and returns the ones before.</summary>
    [LibraryImport("libc", EntryPoint = "umask")]
    public static partial uint Umask(uint mask);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint a, nuint b, nuint c, nuint d);
}
