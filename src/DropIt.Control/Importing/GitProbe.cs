using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace DropIt.Control.Importing;

/// <summary>A repository that answered.</summary>
/// <param name="Url">Where it is, after redirects.</param>
/// <param name="Addresses">The addresses of its host that may be used; git is given these, so that a second look-up cannot lead it elsewhere.</param>
/// <param name="Authorization">Header to send; null: none.</param>
internal sealed record FoundRepository(Uri Url, IReadOnlyList<IPAddress> Addresses, string? Authorization);

/// <summary>
/// Asks for a repository the way git does, before git is started: follows redirects step by step, looks at every address on the way, and can say
/// what is wrong in words.
/// </summary>
internal sealed class GitProbe : IDisposable
{
    private const int MaxRedirects = 5;
    private const string Ask = "/info/refs?service=git-upload-pack";

    private readonly bool _allowPrivate;
    private readonly HttpClient _client;

    public GitProbe(ImportOptions options)
    {
        _allowPrivate = options.AllowPrivate;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = ConnectAsync,
        })
        {
            Timeout = TimeSpan.FromSeconds(30),
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("git/2.0 (dropit)");
    }

    /// <summary>Finds it, or says why not.</summary>
    public async Task<(FoundRepository? Found, string? Error)> FindAsync(GitAddress address, string? token, CancellationToken cancel)
    {
        var authorization = (token ?? address.Secret) is { Length: > 0 } secret
            ? "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{address.User ?? "x-access-token"}:{secret}"))
            : null;
        var url = address.Url;
        for (var step = 0; step <= MaxRedirects; step++)
        {
            if (authorization is not null && url.Scheme != "https" && !_allowPrivate)
            {
                return (null, $"A token is only sent over https, and {url.Host} is asked over http. Use its https address.");
            }

            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, url.AbsoluteUri + Ask);
                request.Headers.Authorization = authorization is null ? null : AuthenticationHeaderValue.Parse(authorization);
                using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
                if ((int)answer.StatusCode is >= 300 and < 400 && answer.Headers.Location is { } location)
                {
                    var next = new Uri(request.RequestUri!, location);
                    if (Redirected(url, next) is not { } moved)
                    {
                        return (null, $"{url.Host} sends on to {next.Host}, which is no repository, "
                            + "or not over https. Is the address right?");
                    }

                    // Who is asked next need not be who the token was meant for.
                    authorization = moved.Host == url.Host ? authorization : null;
                    url = moved;
                    continue;
                }

                return Refusal(answer, url, authorization is not null) is { } refusal
                    ? (null, refusal)
                    : (new FoundRepository(url, await AddressesAsync(url.Host, cancel), authorization), null);
            }
            catch (HttpRequestException e) when (e.InnerException is ClosedAddressException)
            {
                return (null, e.InnerException.Message);
            }
            catch (HttpRequestException e)
            {
                return (null, $"{url.Host} cannot be reached ({e.InnerException?.Message ?? e.Message}). Is the address right?");
            }
            catch (TaskCanceledException) when (!cancel.IsCancellationRequested)
            {
                return (null, $"{url.Host} did not answer within 30 seconds. Try again later.");
            }
        }

        return (null, $"{address.Url.Host} sends from one address to the next without end. Is the address right?");
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static Uri? Redirected(Uri from, Uri to)
    {
        var end = to.AbsoluteUri.IndexOf("/info/refs", StringComparison.Ordinal);
        var kept = to.Scheme == "https" || (to.Scheme == "http" && from.Scheme == "http");
        return end > 0 && kept && to.UserInfo.Length == 0 ? new Uri(to.AbsoluteUri[..end]) : null;
    }

    private static string? Refusal(HttpResponseMessage answer, Uri url, bool withToken) => answer.StatusCode switch
    {
        HttpStatusCode.OK when answer.Content.Headers.ContentType?.MediaType == "application/x-git-upload-pack-advertisement" => null,
        HttpStatusCode.OK => $"There is a page at {url}, and no git repository. Is the address right?",
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound when withToken =>
            $"{url.Host} does not show this repository to that token. Check the address, "
                + "and that the token may read its contents.",
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            "The repository is private, or there is none at that address. For a private one give a token that may read it.",
        HttpStatusCode.NotFound => "There is no repository at that address, or it is private. "
            + "For a private one give a token that may read it.",
        HttpStatusCode.TooManyRequests => $"{url.Host} asks for fewer requests. Try again in some minutes.",
        _ => $"{url.Host} answered with {(int)answer.StatusCode}. Try again later.",
    };

    private async Task<IReadOnlyList<IPAddress>> AddressesAsync(string host, CancellationToken cancel)
    {
        var all = IPAddress.TryParse(host.Trim('[', ']'), out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancel);
        IReadOnlyList<IPAddress> open = _allowPrivate ? all : [.. all.Where(PublicAddress.Is)];
        return open.Count > 0
            ? open
            : throw new ClosedAddressException(
                $"{host} is on this machine or a private network, which repositories are not fetched from here. "
                    + "Whoever runs this server can allow it with --import-private yes.");
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var addresses = await AddressesAsync(context.DnsEndPoint.Host, cancel);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync([.. addresses], context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class ClosedAddressException(string message) : IOException(message);
}
