using System.Net.Sockets;
using DropIt.Protocol.Workspaces;

namespace DropIt.Protocol.Tests.Workspaces;

/// <summary>A workspace's programs can write where its runner's socket lies.</summary>
public sealed class AddressSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_link_in_the_place_of_a_socket_leads_nowhere()
    {
        var folder = Directory.CreateTempSubdirectory("dropit-");
        string Of(string name) => Path.Combine(folder.FullName, name);
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Of("socket")));
        listener.Listen();
        File.CreateSymbolicLink(Of("link"), Of("socket"));

        using (var client = new HttpClient(Address.OfSocket(Of("socket")).NewHandler()))
        {
            var asking = client.GetAsync(new Uri("http://localhost/"), Cancel);
            using var came = await listener.AcceptAsync(Cancel);
            await came.SendAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), Cancel);
            Assert.Equal(204, (int)(await asking).StatusCode);
        }

        foreach (var wrong in (string[])["link", "nothing"])
        {
            using var client = new HttpClient(Address.OfSocket(Of(wrong)).NewHandler());
            var refusal = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("http://localhost/"), Cancel));
            Assert.IsType<SocketException>(refusal.InnerException);
        }

        Assert.False(listener.Poll(TimeSpan.Zero, SelectMode.SelectRead));
        folder.Delete(recursive: true);
    }
}
