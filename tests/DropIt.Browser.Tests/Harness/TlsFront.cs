using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DropIt.Browser.Tests.Harness;

/// <summary>What stands before a server that is reached by https: takes TLS off and passes the rest on, with a certificate that nobody signed.</summary>
internal sealed class TlsFront : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly X509Certificate2 _certificate = Certificate();
    private readonly List<Task> _connections = [];
    private Task _accepting = Task.CompletedTask;

    /// <summary>Starts to listen; nothing is taken before <see cref="PassOnTo"/>.</summary>
    public TlsFront() => _listener.Start();

    /// <summary>The port that browsers come to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Begins to pass on what comes to a port of this machine.</summary>
    public void PassOnTo(int port) => _accepting = AcceptAsync(port);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _listener.Dispose();
        _certificate.Dispose();
        _ended.Dispose();
    }

    private async Task AcceptAsync(int port)
    {
        try
        {
            while (true)
            {
                _connections.Add(PassAsync(await _listener.AcceptTcpClientAsync(_ended.Token), port));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task PassAsync(TcpClient client, int port)
    {
        try
        {
            using (client)
            using (var server = new TcpClient())
            await using (var outside = new SslStream(client.GetStream()))
            {
                await outside.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _ended.Token);
                await server.ConnectAsync(IPAddress.Loopback, port, _ended.Token);
                var inside = server.GetStream();
                // Either end closes both.
                await Task.WhenAny(outside.CopyToAsync(inside, _ended.Token), inside.CopyToAsync(outside, _ended.Token));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            // The browser leaves a connection when it likes.
        }
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Chromium.Domain}", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        // A key that has been in a file is one that TLS takes on every system.
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
