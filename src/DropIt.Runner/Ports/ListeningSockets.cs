using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Ports;

/// <summary>A TCP socket that accepts connections.</summary>
/// <param name="Port">1 to 65535.</param>
/// <param name="Address">What it is bound to.</param>
/// <param name="Inode">Names the socket in <c>/proc/pid/fd</c>.</param>
internal sealed record ListeningSocket(int Port, IPAddress Address, long Inode);

/// <summary>What listens on this machine.</summary>
internal static class ListeningSockets
{
    /// <summary>All listening sockets of this network namespace.</summary>
    public static List<ListeningSocket> Read()
    {
        var sockets = new List<ListeningSocket>();
        return SocketDiagnosis.TryRead(sockets) ? sockets : ReadTables();
    }

    /// <summary>The same from the tables in /proc/net, for kernels (sandboxes among them) that do not answer the question itself.</summary>
    public static List<ListeningSocket> ReadTables()
    {
        var sockets = new List<ListeningSocket>();
        ReadTable("/proc/net/tcp", sockets);
        ReadTable("/proc/net/tcp6", sockets);
        return sockets;
    }

    /// <summary>Reads one line of <c>/proc/net/tcp</c> or <c>tcp6</c>; false when it is no listening socket.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out ListeningSocket? socket)
    {
        // sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt   uid  timeout inode
        socket = null;
        Span<Range> fields = stackalloc Range[11];
        var text = Encoding.ASCII.GetString(line);
        if (text.AsSpan().Split(fields, ' ', StringSplitOptions.RemoveEmptyEntries) < 10 || text[fields[3]] != "0A")
        {
            return false;
        }

        var local = text.AsSpan(fields[1]);
        var colon = local.IndexOf(':');
        if (colon is not (8 or 32)
            || !int.TryParse(local[(colon + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var port)
            || !long.TryParse(text.AsSpan(fields[9]), NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
        {
            return false;
        }

        // The kernel prints the address as 32-bit words of the machine's order, little endian everywhere drop.it runs.
        Span<byte> address = stackalloc byte[colon / 2];
        for (var word = 0; word < address.Length; word += 4)
        {
            for (var i = 0; i < 4; i++)
            {
                if (!byte.TryParse(
                    local.Slice(2 * (word + i), 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out address[word + 3 - i]))
                {
                    return false;
                }
            }
        }

        var ip = new IPAddress(address);
        socket = new ListeningSocket(port, ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip, inode);
        return true;
    }

    private static void ReadTable(string path, List<ListeningSocket> into)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        var descriptor = Libc.Open(path, Libc.CloseOnExec);
        if (descriptor < 0)
        {
            return;
        }

        try
        {
            var held = 0;
            while (ReadSome(descriptor, buffer.AsSpan(held)) is > 0 and var read)
            {
                held += read;
                var rest = buffer.AsSpan(0, held);
                for (var end = rest.IndexOf((byte)'\n'); end >= 0; end = rest.IndexOf((byte)'\n'))
                {
                    // Only lines with the state LISTEN are worth a closer look: a busy machine has thousands of others.
                    if (rest[..end].IndexOf(" 0A "u8) >= 0 && TryParse(rest[..end], out var socket))
                    {
                        into.Add(socket!);
                    }

                    rest = rest[(end + 1)..];
                }

                rest.CopyTo(buffer);
                held = rest.Length;
            }
        }
        finally
        {
            _ = Libc.Close(descriptor);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static unsafe int ReadSome(int descriptor, Span<byte> into)
    {
        fixed (byte* p = into)
        {
            return into.IsEmpty ? 0 : (int)Libc.Read(descriptor, p, (nuint)into.Length);
        }
    }
}
