using System.Globalization;
using System.Runtime.InteropServices;

namespace DropIt.Runner.Lifecycle;

/// <summary>Calls that shape this process.</summary>
internal static partial class OwnProcess
{
    private const int SetDumpable = 4;
    private const int SetChildSubreaper = 36;
    private const int NotNeeded = 4;

    /// <summary>
    /// Makes memory and tickets of the runner unreadable for the workspace's programs, which run as the same user, and makes orphans of those
    /// programs children of the runner, so that a stop finds them all.
    /// </summary>
    public static void Protect()
    {
        _ = Control(SetDumpable, 0, 0, 0, 0);
        _ = Control(SetChildSubreaper, 1, 0, 0, 0);
    }

    /// <summary>
    /// Lets go of the program's own pages that only starting needed, some 5 MB a runner: code is never written, so what is needed again comes back
    /// from the system's cache, which all runners share.
    /// </summary>
    public static void LetGoOfStartCode()
    {
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            // begin-end r-xp offset device inode /path
            var dash = line.IndexOf('-');
            var space = line.IndexOf(' ');
            if (line.AsSpan(space).StartsWith(" r-xp ") && line.Contains('/')
                && nuint.TryParse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var begin)
                && nuint.TryParse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var end))
            {
                _ = Advise(begin, end - begin, NotNeeded);
            }
        }
    }

    /// <summary>Sets which permission bits new files do not get, and returns the ones before.</summary>
    [LibraryImport("libc", EntryPoint = "umask")]
    public static partial uint Umask(uint mask);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint begin, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint a, nuint b, nuint c, nuint d);
}
