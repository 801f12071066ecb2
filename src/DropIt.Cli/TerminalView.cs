using System.Text.Json.Nodes;
using DropIt.Protocol.Frames;

namespace DropIt.Cli;

/// <summary>A terminal of the workspace, attached to a channel: says what it prints to the runner once it is written.</summary>
internal sealed class TerminalView(WorkspaceSocket socket, uint channel)
{
    // The runner lets 256 KiB go ahead of this.
    private const int AckEvery = 16 * 1024;

    private uint _unacked;

    /// <summary>What a request about it names.</summary>
    public static JsonObject Attach(uint channel, string terminal, (int Columns, int Rows) size) =>
        new() { ["channel"] = channel, ["terminal"] = terminal, ["columns"] = size.Columns, ["rows"] = size.Rows };

    /// <summary>These bytes of output have reached the screen.</summary>
    public async Task TakenAsync(int bytes)
    {
        if ((_unacked += (uint)bytes) >= AckEvery)
        {
            await socket.SendAsync(channel, FrameType.Ack, Varints(_unacked));
            _unacked = 0;
        }
    }

    /// <summary>Numbers as a payload.</summary>
    public static byte[] Varints(params ReadOnlySpan<uint> numbers)
    {
        Span<byte> payload = stackalloc byte[numbers.Length * Varint.MaxLength];
        var length = 0;
        foreach (var number in numbers)
        {
            length += Varint.Write(payload[length..], number);
        }

        return payload[..length].ToArray();
    }

    /// <summary>The bytes of a restore, without the sizes that they were printed for.</summary>
    public static byte[] Printed(ReadOnlySpan<byte> restore)
    {
        var printed = new List<byte>(restore.Length);
        while (Varint.TryRead(ref restore, out _) && Varint.TryRead(ref restore, out _)
            && Varint.TryRead(ref restore, out var length) && length <= restore.Length)
        {
            printed.AddRange(restore[..(int)length]);
            restore = restore[(int)length..];
        }

        return [.. printed];
    }
}
