using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Ports;
using DropIt.Runner.Runs;
using DropIt.Runner.Sessions;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace DropIt.Runner.Preview;

/// <summary>
/// Forwards requests to the workspace's programs: HTTP, WebSocket, server-sent events and streams, untouched but for
/// <see cref="PreviewTransformer"/>. Connects only to sockets that a program of this workspace holds.
/// </summary>
internal sealed class PreviewForwarder : IDisposable
{
    private const int LastLines = 20;
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(200);
    private static readonly ForwarderRequestConfig Patient = new() { ActivityTimeout = TimeSpan.FromHours(24) };

    private readonly HttpMessageInvoker _client;
    private readonly IHttpForwarder _forwarder;
    private readonly PreviewAddress _address;
    private readonly PortWatch _ports;
    private readonly ProjectRun _run;
    private readonly Activity _activity;

    /// <summary>Of one workspace.</summary>
    public PreviewForwarder(IHttpForwarder forwarder, PreviewAddress address, PortWatch ports, ProjectRun run, Activity activity)
    {
        _forwarder = forwarder;
        _address = address;
        _ports = ports;
        _run = run;
        _activity = activity;
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
            ConnectCallback = ConnectAsync,
        });
    }

    /// <summary>A page is asked for, by a browser that will show it; not a part of one.</summary>
    public static bool IsNavigation(HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            return false;
        }

        var mode = request.Headers["Sec-Fetch-Mode"].ToString();
        return mode.Length > 0
            ? mode == "navigate"
            : request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A request is a sign of a user, unless it is the page that asks.</summary>
    private void Note(HttpContext context, bool visitor)
    {
        var (headers, upgrade) = (context.Request.Headers, context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true });
        if (Reconnection.IsMeantBy(headers.UserAgent.ToString(), headers.Accept.ToString(), upgrade))
        {
            return;
        }

        if (visitor)
        {
            _activity.TouchByVisitor();
        }
        else
        {
            _activity.Touch();
        }
    }

    /// <summary>Answers <c>preview.check</c>.</summary>
    public ValueTask<Reply> CheckAsync(JsonElement request, CancellationToken ct) =>
        PreviewCheck.AnswerAsync(request, _client, _address, ct);

    /// <summary>What can be said about a port now.</summary>
    public PreviewState StateOf(int port)
    {
        _ports.Find(port, Fresh);
        return PreviewState.Of(port, _ports.Ports, _run.State);
    }

    /// <summary>Forwards a request, or says what is wrong.</summary>
    /// <param name="ownTicket">The Authorization header is the runner's own.</param>
    /// <param name="visitor">Nobody of the workspace: they see what the program answers, and nothing about the workspace.</param>
    public async Task ForwardAsync(HttpContext context, int port, bool ownTicket, bool visitor)
    {
        Note(context, visitor);
        var state = StateOf(port);
        if (state.Trouble == PreviewTrouble.None)
        {
            var error = await _forwarder.SendAsync(
                context,
                PreviewAddress.LocalOriginOf(port),
                _client,
                Patient,
                new PreviewTransformer(_address, port, ownTicket));
            if (error == ForwarderError.None || context.Response.HasStarted || context.RequestAborted.IsCancellationRequested)
            {
                return;
            }

            // It may have ended between the look and the connection.
            _ports.Find(port, TimeSpan.Zero);
            state = StateOf(port) is { Trouble: not PreviewTrouble.None } changed
                ? changed
                : state with { Trouble = PreviewTrouble.NoAnswer };
        }

        await ExplainAsync(context, state, visitor);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task ExplainAsync(HttpContext context, PreviewState state, bool visitor)
    {
        context.Response.Clear();
        context.Response.StatusCode = state.Trouble is PreviewTrouble.Installing or PreviewTrouble.Starting
            ? StatusCodes.Status504GatewayTimeout
            : StatusCodes.Status502BadGateway;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (visitor || !IsNavigation(context.Request))
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(visitor ? PreviewPage.Away : PreviewPage.Line(state));
            return;
        }

        var nonce = RandomNumberGenerator.GetHexString(24, lowercase: true);
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; connect-src 'self'; base-uri 'none'";
        await context.Response.WriteAsync(PreviewPage.Of(state, _run.LastLines(LastLines), _address, nonce));
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var port = context.DnsEndPoint.Port;
        var entry = _ports.Find(port, Fresh) is { Reachable: true } found
            ? found
            : throw new IOException(string.Create(CultureInfo.InvariantCulture, $"nothing of this workspace listens on port {port}"));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(entry.Target, ct);

            // The port may have changed hands since the look: what was connected to must still be this workspace's.
            if (_ports.Find(port, TimeSpan.Zero)?.Pid != entry.Pid)
            {
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"port {port} changed hands"));
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
