using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DropIt.Gateway;
using DropIt.Protocol.Workspaces;
using DropIt.Server.Options;

namespace DropIt.Server.Doctor;

/// <summary>
/// The way from a browser to the page and to workspaces: names, certificate, whatever proxies stand before the server, the server. A workspace's host is
/// stood for by a slug that nobody has.
/// </summary>
internal sealed class PublicAddress
{
    private static readonly TimeSpan s_soon = TimeSpan.FromDays(14);

    private readonly Uri _origin;
    private readonly string _domain;
    private readonly string _workspace;

    // Browsers know that names below localhost are this machine; resolvers often do not.
    private readonly bool _isLocal;

    public PublicAddress(ServerOptions options)
    {
        _origin = new Uri(options.Origin);
        _domain = options.Domain;
        _workspace = $"{Slug.Fresh()}.{_domain}";
        _isLocal = _domain == "localhost" || _domain.EndsWith(".localhost", StringComparison.Ordinal);
    }

    /// <summary>Is the page served over https?</summary>
    public bool IsSecure => _origin.Scheme == Uri.UriSchemeHttps;

    /// <summary>Do the names lead anywhere, and to one place?</summary>
    public async Task<Finding> NamesAsync(CancellationToken cancel)
    {
        if (_isLocal)
        {
            return Finding.Good($"Browsers take every name below {_domain} for this machine.");
        }

        var page = await ResolveAsync(_origin.Host, cancel);
        var workspace = await ResolveAsync(_workspace, cancel);
        var preview = await ResolveAsync("3000--" + _workspace, cancel);
        if (page.Length == 0)
        {
            return Finding.Bad($"{_origin.Host} has no address.", $"Add a DNS record for {_origin.Host} with the address of this server or of what stands before it.");
        }

        if (workspace.Length == 0 || preview.Length == 0)
        {
            return Finding.Bad(
                $"{_origin.Host} is {page[0]}, but names below {_domain} have no address.",
                $"Add a wildcard record: *.{_domain} with the address of {_origin.Host}.");
        }

        var sentence = $"{_origin.Host} is {page[0]}; names below {_domain} are {workspace[0]}.";
        return !IsSecure
            ? Finding.Warning(
                sentence + " The page is served without https, and browsers keep no previews' cookies and no clipboard there.",
                "Get a certificate for both names and start the server with --origin https://...")
            : Finding.Good(sentence);
    }

    /// <summary>Is the certificate that workspaces are served with trusted, theirs, and good for a while?</summary>
    public async Task<Finding> CertificateAsync(CancellationToken cancel)
    {
        var faults = SslPolicyErrors.None;
        X509Certificate2? shown = null;
        try
        {
            using var socket = await ConnectAsync(_workspace, _origin.Port, cancel);
            await using var secure = new SslStream(new NetworkStream(socket));
            await secure.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = _workspace,
                    RemoteCertificateValidationCallback = (_, certificate, _, found) =>
                    {
                        shown = certificate is null ? null : new X509Certificate2(certificate);
                        faults = found;
                        return found == SslPolicyErrors.None;
                    },
                },
                cancel);
        }
        catch (AuthenticationException) when (shown is not null)
        {
            // Refused for the faults that are told below.
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            return Finding.Bad(
                $"No TLS at {_workspace}:{_origin.Port} ({e.Message}).", "Give the server the wildcard certificate, or let what stands before it end TLS for these names too.");
        }

        using var certificate = shown!;
        var until = new DateTimeOffset(certificate.NotAfter.ToUniversalTime());
        var sentence = $"{certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)}, good until {until:yyyy-MM-dd}.";
        return faults switch
        {
            _ when until < DateTimeOffset.UtcNow => Finding.Bad(sentence + " It is over.", "Renew it. The server takes a renewed file without a restart."),
            _ when faults.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) => Finding.Bad(
                sentence + $" It does not name *.{_domain}.", $"Get one for both {_origin.Host} and *.{_domain}; a wildcard needs the DNS challenge."),
            not SslPolicyErrors.None => Finding.Bad(
                sentence + " This machine does not trust who signed it, so browsers may not either.",
                "Serve the whole chain, or install the authority on every machine that is to open workspaces."),
            _ when until - DateTimeOffset.UtcNow < s_soon => Finding.Warning(sentence, "Renew it soon."),
            _ => Finding.Good(sentence),
        };
    }

    /// <summary>Is the page where browsers look for it?</summary>
    public async Task<Finding> PageAsync(CancellationToken cancel)
    {
        using var client = new HttpClient(Handler());
        try
        {
            using var answer = await client.GetAsync(new Uri(_origin, "/healthz"), cancel);
            var text = await answer.Content.ReadAsStringAsync(cancel);
            return answer.StatusCode == HttpStatusCode.OK && text.StartsWith("ok", StringComparison.Ordinal)
                ? Finding.Good($"A server answers at {_origin}.")
                : Finding.Bad($"{_origin} answers {(int)answer.StatusCode}, not as drop.it does.", "See what listens there, and where the proxy before the server sends this host.");
        }
        catch (HttpRequestException e)
        {
            return Finding.Bad(
                $"Nothing answers at {_origin} ({e.Message}).",
                "Start the server, or if it runs, see --bind, --port, the firewall and the proxy before it. --origin must be what browsers use.");
        }
    }

    /// <summary>Does a WebSocket of a workspace's host come through to the gateway?</summary>
    public async Task<Finding> WebSocketsAsync(CancellationToken cancel)
    {
        var address = new UriBuilder(_origin) { Scheme = IsSecure ? "wss" : "ws", Host = _workspace, Path = GatewayProbe.Path }.Uri;
        using var socket = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        using var invoker = new HttpMessageInvoker(Handler());
        try
        {
            await socket.ConnectAsync(address, invoker, cancel);
            var buffer = new byte[64];
            var received = await socket.ReceiveAsync(buffer.AsMemory(), cancel);
            return System.Text.Encoding.UTF8.GetString(buffer, 0, received.Count) == GatewayProbe.Word
                ? Finding.Good($"A WebSocket to {_workspace} comes through to the gateway.")
                : Finding.Bad($"A WebSocket to {_workspace} ends at something that is not drop.it's gateway.", $"Send *.{_domain} to the gateway, whatever the path.");
        }
        catch (WebSocketException e)
        {
            var status = socket.HttpStatusCode == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" (it is answered with {(int)socket.HttpStatusCode})");
            return Finding.Bad(
                $"A WebSocket to {_workspace} does not come through{status}: {e.InnerException?.Message ?? e.Message}",
                $"Send *.{_domain} to the server, and let the proxy before it pass on Upgrade and Connection (nginx: proxy_http_version 1.1 and both headers) "
                    + "with a time-out of an hour or more.");
        }
    }

    private SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        ConnectCallback = async (context, cancel) => new NetworkStream(
            await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancel), ownsSocket: true),
    };

    private async Task<Socket> ConnectAsync(string host, int port, CancellationToken cancel)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await (_isLocal ? socket.ConnectAsync(IPAddress.Loopback, port, cancel) : socket.ConnectAsync(host, port, cancel));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancel)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancel);
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
