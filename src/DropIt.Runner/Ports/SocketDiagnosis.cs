using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace DropIt.Runner.Ports;

/// <summary>
/// Asks the kernel for listening sockets alone (netlink, <c>sock_diag(7)</c>). The tables in /proc/net also go through every slot for
/// connections, which takes milliseconds a look however few there are.
/// </summary>
internal static partial class SocketDiagnosis
{
    private const byte Ip4 = 2;
    private const byte Ip6 = 10;
    private const byte Tcp = 6;
    private const int Netlink = 16;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int SocketDiagnostics = 4;
    private const ushort ByFamily = 20;
    private const ushort RequestDump = 0x301;
    private const ushort Failed = 2;
    private const ushort Done = 3;
    private const int HeaderLength = 16;
    private const int RequestLength = HeaderLength + 56;
    private const int AnswerLength = HeaderLength + 72;

    /// <summary>Some 350 sockets an answer; the kernel sends as many answers as it takes.</summary>
    private const int BufferLength = 32 * 1024;

    /// <summary>Adds all listening TCP sockets of this network namespace; false where the kernel does not answer this, and nothing was added.</summary>
    public static bool TryRead(List<ListeningSocket> into)
    {
        var netlink = Open(Netlink, RawCloseOnExec, SocketDiagnostics);
        if (netlink < 0)
        {
            return false;
        }

        var before = into.Count;
        var answered = TryRead(netlink, Ip4, into) && TryRead(netlink, Ip6, into);
        _ = Close(netlink);
        if (!answered)
        {
            into.RemoveRange(before, into.Count - before);
        }

        return answered;
    }

    private static unsafe bool TryRead(int netlink, byte family, List<ListeningSocket> into)
    {
        // nlmsghdr, then inet_diag_req_v2 with the states wanted as bits: LISTEN is 10.
        Span<byte> request = stackalloc byte[RequestLength];
        request.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(request, RequestLength);
        BinaryPrimitives.WriteUInt16LittleEndian(request[4..], ByFamily);
        BinaryPrimitives.WriteUInt16LittleEndian(request[6..], RequestDump);
        request[HeaderLength] = family;
        request[HeaderLength + 1] = Tcp;
        BinaryPrimitives.WriteInt32LittleEndian(request[(HeaderLength + 4)..], 1 << 10);
        fixed (byte* from = request)
        {
            if (Send(netlink, from, RequestLength, 0) != RequestLength)
            {
                return false;
            }
        }

        Span<byte> buffer = stackalloc byte[BufferLength];
        while (true)
        {
            int length;
            fixed (byte* to = buffer)
            {
                length = (int)Receive(netlink, to, BufferLength, 0);
            }

            if (length <= 0 || Take(buffer[..length], family, into) is not { } more)
            {
                return false;
            }

            if (!more)
            {
                return true;
            }
        }
    }

    /// <summary>Reads the messages of one answer; false at the last, null when it is a refusal.</summary>
    private static bool? Take(ReadOnlySpan<byte> messages, byte family, List<ListeningSocket> into)
    {
        while (messages.Length >= HeaderLength)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(messages);
            switch (BinaryPrimitives.ReadUInt16LittleEndian(messages[4..]))
            {
                case Done:
                    return false;
                case Failed:
                    return null;
            }

            if (length < AnswerLength || length > messages.Length)
            {
                return null;
            }

            // inet_diag_msg: 4 bytes, then ports (network order), addresses, interface, cookie; the inode is last.
            var answer = messages[HeaderLength..AnswerLength];
            var address = new IPAddress(answer.Slice(8, family == Ip4 ? 4 : 16));
            into.Add(new ListeningSocket(
                BinaryPrimitives.ReadUInt16BigEndian(answer[4..]),
                address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address,
                BinaryPrimitives.ReadUInt32LittleEndian(answer[68..])));
            messages = messages[Math.Min(messages.Length, (length + 3) & ~3)..];
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int Open(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send")]
    private static unsafe partial nint Send(int socket, byte* from, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv")]
    private static unsafe partial nint Receive(int socket, byte* to, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int socket);
}
