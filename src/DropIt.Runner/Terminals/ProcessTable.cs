using System.Globalization;
using System.Text;

namespace DropIt.Runner.Terminals;

/// <summary>A line of the process table, from <c>/proc/pid/stat</c>.</summary>
/// <param name="Id">The process.</param>
/// <param name="Parent">Its parent.</param>
/// <param name="Session">Its session: the process id of the session's leader.</param>
/// <param name="Name">What it is called, at most 15 bytes.</param>
/// <param name="Zombie">It ended and waits for its parent to notice.</param>
internal readonly record struct ProcessEntry(int Id, int Parent, int Session, string Name, bool Zombie);

/// <summary>Who runs on this machine, as far as <c>/proc</c> shows.</summary>
internal static class ProcessTable
{
    /// <summary>All processes. One that comes or goes meanwhile may be missing.</summary>
    public static List<ProcessEntry> Read()
    {
        var entries = new List<ProcessEntry>();
        Span<byte> buffer = stackalloc byte[512];
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (char.IsAsciiDigit(folder[6]) && ReadFile(folder + "/stat", buffer) is > 0 and var length
                && TryParse(Encoding.UTF8.GetString(buffer[..length]), out var entry))
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    /// <summary>The descendants of a process among <paramref name="entries"/>, itself not among them.</summary>
    public static List<ProcessEntry> Descendants(List<ProcessEntry> entries, int ancestor)
    {
        var children = entries.ToLookup(e => e.Parent);
        var found = new List<ProcessEntry>();
        var next = new Stack<int>([ancestor]);
        while (next.TryPop(out var parent))
        {
            foreach (var child in children[parent])
            {
                found.Add(child);
                next.Push(child.Id);
            }
        }

        return found;
    }

    /// <summary>Sends a signal to every process of a session, whatever its group.</summary>
    public static void SignalSession(int session, int signal)
    {
        foreach (var entry in Read())
        {
            if (entry.Session == session && !entry.Zombie)
            {
                _ = Libc.Signal(entry.Id, signal);
            }
        }
    }

    /// <summary>Reads the text of a stat file; the name stands in parentheses and may itself hold any character.</summary>
    public static bool TryParse(string stat, out ProcessEntry entry)
    {
        entry = default;
        var open = stat.IndexOf('(', StringComparison.Ordinal);
        var close = stat.LastIndexOf(')');
        if (open < 0 || close < open)
        {
            return false;
        }

        var fields = stat[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 4
            || !int.TryParse(stat.AsSpan(0, open), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var id)
            || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var parent)
            || !int.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out var session))
        {
            return false;
        }

        entry = new ProcessEntry(id, parent, session, stat[(open + 1)..close], fields[0] is "Z" or "X");
        return true;
    }

    private static unsafe int ReadFile(string path, Span<byte> buffer)
    {
        var descriptor = Libc.Open(path, Libc.CloseOnExec);
        if (descriptor < 0)
        {
            return 0;
        }

        fixed (byte* p = buffer)
        {
            var read = (int)Libc.Read(descriptor, p, (nuint)buffer.Length);
            _ = Libc.Close(descriptor);
            return read;
        }
    }
}
