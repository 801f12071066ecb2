using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DropIt.Server.Tests.Harness;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace DropIt.Server.Tests.Doctor;

/// <summary>`dropit-server doctor` as an operator runs it; each line is "mark name sentence".</summary>
public sealed class DoctorSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_of_this_machine_that_runs_is_well()
    {
        await using var server = await ServerRig.StartAsync(signIn: false);
        var (code, lines) = await AskAsync(server.Data, server.Port);
        Assert.Equal(0, code);
        Assert.StartsWith("✓ data folder", Line(lines, "data folder"), StringComparison.Ordinal);
        Assert.StartsWith("✓ names", Line(lines, "names"), StringComparison.Ordinal);
        Assert.StartsWith("✓ page", Line(lines, "page"), StringComparison.Ordinal);
        Assert.StartsWith("✓ websockets", Line(lines, "websockets"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_server_runs_that_is_said_with_what_to_do()
    {
        using var data = new TemporaryFolder();
        var (code, lines) = await AskAsync(data.Path, ServerRig.FreePort());
        Assert.Equal(1, code);
        Assert.StartsWith("✗ page", Line(lines, "page"), StringComparison.Ordinal);
        Assert.Contains("Start the server", lines, StringComparison.Ordinal);
        Assert.Contains("2 to mend", lines, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_that_lead_nowhere_are_told_with_the_record_to_add()
    {
        using var data = new TemporaryFolder();
        var (code, lines) = await AskAsync(data.Path, 7700, "--domain", "dropit.invalid", "--origin", "http://localhost:1");
        Assert.Equal(1, code);
        Assert.StartsWith("✗ names", Line(lines, "names"), StringComparison.Ordinal);
        Assert.Contains("*.dropit.invalid", lines, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_keeps_sockets_back_is_found_out()
    {
        using var data = new TemporaryFolder();
        var port = ServerRig.FreePort();
        await using var proxy = await ProxyAsync(port, http => http.Request.Path == "/healthz" ? (200, "ok\n") : (404, "nothing here\n"));
        var (code, lines) = await AskAsync(data.Path, port);
        Assert.Equal(1, code);
        Assert.StartsWith("✓ page", Line(lines, "page"), StringComparison.Ordinal);
        Assert.Contains("answered with 404", Line(lines, "websockets"), StringComparison.Ordinal);
        Assert.Contains("Upgrade", lines, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", 365, "does not name *.w.localhost")]
    [InlineData("*.w.localhost", 365, "does not trust")]
    [InlineData("*.w.localhost", -1, "It is over")]
    public async Task A_certificate_that_browsers_will_refuse_is_told_before_they_do(string name, int days, string fault)
    {
        using var data = new TemporaryFolder();
        using var certificate = SelfSigned(name, days);
        await using var proxy = TlsServer.Start(certificate);
        var (code, lines) = await AskAsync(data.Path, 7700, "--domain", "w.localhost", "--origin", $"https://localhost:{proxy.Port}");
        Assert.Equal(1, code);
        Assert.StartsWith("✗ certificate", Line(lines, "certificate"), StringComparison.Ordinal);
        Assert.Contains(fault, Line(lines, "certificate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stack_whose_file_is_broken_and_a_folder_that_cannot_be_written_are_named()
    {
        using var data = new TemporaryFolder();
        Directory.CreateDirectory(Path.Combine(data.Path, "templates", "mine"));
        await File.WriteAllTextAsync(Path.Combine(data.Path, "templates", "mine", ".stack.json"), "{", Cancel);
        var (code, lines) = await AskAsync("/proc/nowhere", ServerRig.FreePort(), "--templates", Path.Combine(data.Path, "templates"));
        Assert.Equal(1, code);
        Assert.Contains("'mine' cannot be used", Line(lines, "stacks"), StringComparison.Ordinal);
        Assert.Contains("/proc/nowhere cannot be written", Line(lines, "data folder"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_that_a_server_would_refuse_are_refused_here_too()
    {
        var (code, _, errors) = await ServerRig.RunAsync("doctor", "--port", "0");
        Assert.Equal(2, code);
        Assert.Contains("--port 0", errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> AskAsync(string data, int port, params string[] more)
    {
        string[] templates = more.Contains("--templates") ? [] : ["--templates", Built.Templates];
        var (code, output, _) = await ServerRig.RunAsync(["doctor", "--data", data, "--port", $"{port}", "--runner", Built.Runner, .. templates, .. more]);
        return (code, output);
    }

    private static string Line(string output, string name) =>
        output.Split('\n').Single(line => line.Length > 2 && line[2..].StartsWith(name, StringComparison.Ordinal));

    private static async Task<WebApplication> ProxyAsync(int port, Func<HttpContext, (int Status, string Text)> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        app.Run(http =>
        {
            var (status, text) = answer(http);
            http.Response.StatusCode = status;
            return http.Response.WriteAsync(text, http.RequestAborted);
        });
        await app.StartAsync(Cancel);
        return app;
    }

    private static X509Certificate2 SelfSigned(string name, int days)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        var now = DateTimeOffset.UtcNow;
        using var bare = request.CreateSelfSigned(now.AddDays(-30), now.AddDays(days));
        return X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>Ends TLS and then hangs up: all that the check of a certificate needs.</summary>
    private sealed class TlsServer : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Task _serving;

        private TlsServer(X509Certificate2 certificate)
        {
            _listener.Start();
            _serving = ServeAsync(certificate);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public static TlsServer Start(X509Certificate2 certificate) => new(certificate);

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
            _listener.Dispose();
        }

        private async Task ServeAsync(X509Certificate2 certificate)
        {
            while (true)
            {
                try
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    await using var secure = new SslStream(client.GetStream());
                    await secure.AuthenticateAsServerAsync(certificate);
                }
                catch (Exception e) when (e is System.Security.Authentication.AuthenticationException or IOException)
                {
                    // The doctor hung up on a certificate it does not trust, as it should.
                }
                catch (Exception e) when (e is SocketException or ObjectDisposedException)
                {
                    return;
                }
            }
        }
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("dropit-doctor-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
