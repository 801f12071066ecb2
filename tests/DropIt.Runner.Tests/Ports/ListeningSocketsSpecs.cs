using System.Net;
using System.Net.Sockets;
using System.Text;
using DropIt.Runner.Ports;

namespace DropIt.Runner.Tests.Ports;

public sealed class ListeningSocketsSpecs
{
    [Theory]
    [InlineData("   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 123456 1 0 100 0 0 10 0", 8080, "127.0.0.1", 123456)]
    [InlineData("   1: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0", 3000, "0.0.0.0", 77)]
    [InlineData("   2: 00000000000000000000000001000000:1435 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 9 1", 5173, "::1", 9)]
    [InlineData("   3: 00000000000000000000000000000000:1435 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 9 1", 5173, "::", 9)]
    [InlineData("   4: 0000000000000000FFFF00000100007F:1435 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 9 1", 5173, "127.0.0.1", 9)]
    public void A_listening_line_is_read(string line, int port, string address, long inode)
    {
        Assert.True(ListeningSockets.TryParse(Encoding.ASCII.GetBytes(line), out var socket));
        Assert.Equal((port, address, inode), (socket!.Port, socket.Address.ToString(), socket.Inode));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode")]
    [InlineData("   0: 0100007F:1F90 0100007F:0A0A 01 00000000:00000000 00:00000000 00000000  1000        0 123456 1")]
    [InlineData("   0: 0100007:1F90 00000000:0000 0A 0:0 00:0 0 0 0 9 1")]
    [InlineData("   0: 0100007F:1F90 00000000:0000 0A 0:0 00:0 0 0 0 x 1")]
    public void Other_lines_are_not(string line) =>
        Assert.False(ListeningSockets.TryParse(Encoding.ASCII.GetBytes(line), out _));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("::")]
    public void The_kernels_answer_and_its_tables_say_the_same(string address)
    {
        using var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var asked = new List<ListeningSocket>();
        Assert.True(SocketDiagnosis.TryRead(asked));
        var socket = Assert.Single(asked, s => s.Port == port);
        Assert.Equal(Assert.Single(ListeningSockets.ReadTables(), s => s.Port == port), socket);
        Assert.Equal(address, socket.Address.ToString());
    }
}
