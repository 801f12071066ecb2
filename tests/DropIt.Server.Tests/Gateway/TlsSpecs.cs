using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DropIt.Server.Tests.Harness;
using Microsoft.Extensions.Time.Testing;

namespace DropIt.Server.Tests.Gateway;

/// <summary>The wildcard certificate.</summary>
public sealed class TlsSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-tls-").FullName;

    private string Chain => Path.Combine(_folder, "tls.crt");

    private string Key => Path.Combine(_folder, "tls.key");

    [Fact]
    public async Task Page_and_workspaces_are_served_with_it()
    {
        Write("one");
        await using var server = await ServerRig.StartAsync(signIn: false, more: ["--tls-certificate", Chain, "--tls-key", Key]);
        Assert.Equal("CN=one", await SubjectAsync(server.Port));

        // A browser that has been here never comes by http again.
        using var trusting = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(trusting);
        using var answer = await client.GetAsync(new Uri($"https://localhost:{server.Port}/"), TestContext.Current.CancellationToken);
        Assert.StartsWith("max-age=", answer.Headers.GetValues("Strict-Transport-Security").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_read_again_when_it_changes_and_kept_while_it_is_broken()
    {
        Write("one");
        var time = new FakeTimeProvider();
        var warnings = new List<string>();
        var (certificate, problem) = WildcardCertificate.Open(Chain, Key, time, warnings.Add);
        Assert.Null(problem);
        Write("two");
        Assert.Equal("CN=one", certificate!.Now().Subject);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("CN=two", certificate.Now().Subject);
        File.WriteAllText(Key, "nothing");
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("CN=two", certificate.Now().Subject);
        Assert.Contains("cannot be read any more", Assert.Single(warnings), StringComparison.Ordinal);
        Write("three");
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("CN=three", certificate.Now().Subject);
    }

    [Fact]
    public async Task One_that_cannot_be_used_says_so_at_the_start()
    {
        var (code, _, errors) = await ServerRig.RunAsync("--tls-certificate", Chain, "--tls-key", Key, "--templates", Built.Templates, "--runner", Built.Runner);
        Assert.Equal(2, code);
        Assert.Contains("Give a PEM certificate", errors, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string> SubjectAsync(int port)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await using var tls = new SslStream(socket.GetStream(), false, (_, offered, _, _) => offered?.Subject.StartsWith("CN=", StringComparison.Ordinal) == true);
        await tls.AuthenticateAsClientAsync("abcdefghij.localhost");
        return tls.RemoteCertificate!.Subject;
    }

    private void Write(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(Chain, made.ExportCertificatePem());
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
    }
}
