using System.Globalization;
using System.Text;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Ports;

/// <summary>The holder of a socket.</summary>
/// <param name="Process">Who.</param>
/// <param name="File">Its descriptor, as a path in <c>/proc</c>.</param>
internal sealed record SocketOwner(ProcessEntry Process, string File);

/// <summary>Who holds which socket, among the processes of this workspace.</summary>
internal static class SocketOwners
{
    /// <summary>
    /// Finds the holders of <paramref name="inodes"/> among the descendants of this process. As the runner is a subreaper, a program
    /// that put itself into the background is one too; programs of other workspaces never are.
    /// </summary>
    public static Dictionary<long, SocketOwner> Find(IReadOnlySet<long> inodes)
    {
        var found = new Dictionary<long, SocketOwner>();
        foreach (var process in ProcessTable.Descendants(ProcessTable.Read(), Environment.ProcessId))
        {
            foreach (var (inode, file) in SocketsOf(process.Id))
            {
                if (inodes.Contains(inode))
                {
                    // Parents come first: a server's main process rather than its workers.
                    found.TryAdd(inode, new SocketOwner(process, file));
                }
            }

            if (found.Count == inodes.Count)
            {
                break;
            }
        }

        return found;
    }

    /// <summary>True while the owner holds the socket, under the same number or another.</summary>
    public static bool Holds(SocketOwner owner, long inode) =>
        InodeOf(owner.File) == inode || SocketsOf(owner.Process.Id).Any(socket => socket.Inode == inode);

    private static List<(long Inode, string File)> SocketsOf(int process)
    {
        var sockets = new List<(long, string)>();
        try
        {
            foreach (var file in Directory.EnumerateFiles($"/proc/{process}/fd"))
            {
                if (InodeOf(file) is { } inode)
                {
                    sockets.Add((inode, file));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process ended meanwhile, or became another user's.
        }

        return sockets;
    }

    private static unsafe long? InodeOf(string file)
    {
        var buffer = stackalloc byte[64];
        var length = (int)Libc.ReadLink(file, buffer, 64);
        var target = new ReadOnlySpan<byte>(buffer, Math.Max(0, length));
        return target.StartsWith("socket:["u8)
            && long.TryParse(Encoding.ASCII.GetString(target[8..^1]), NumberStyles.None, CultureInfo.InvariantCulture, out var inode)
            ? inode
            : null;
    }
}
