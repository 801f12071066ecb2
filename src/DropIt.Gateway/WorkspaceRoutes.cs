using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DropIt.Protocol.Workspaces;

namespace DropIt.Gateway;

/// <summary>
/// Which socket each awake workspace's runner listens on. Changed in memory while requests run: opening or closing one route touches no other.
/// </summary>
public sealed class WorkspaceRoutes
{
    private readonly ConcurrentDictionary<Slug, HttpMessageInvoker> _routes = new();
    private readonly ConcurrentDictionary<Slug, TaskCompletionSource> _waiting = new();

    /// <summary>From now on requests for the workspace go to the Unix socket at <paramref name="path"/>.</summary>
    public void Open(Slug slug, string path)
    {
        _routes[slug] = ClientOf(path);
        if (_waiting.TryRemove(slug, out var waiting))
        {
            waiting.SetResult();
        }
    }

    /// <summary>
    /// From now on requests find no route. Those under way go on until the runner ends them: the client is left to the collector, since disposing it
    /// would cut them, and its idle connections close when the runner ends.
    /// </summary>
    public void Close(Slug slug) => _routes.TryRemove(slug, out _);

    /// <summary>The way to the workspace's runner; null while there is none.</summary>
    internal HttpMessageInvoker? Find(Slug slug) => _routes.GetValueOrDefault(slug);

    /// <summary>
    /// Waits at most that long for a route other than <paramref name="dead"/>, which nobody answered on; null when there is none then.
    /// </summary>
    internal async Task<HttpMessageInvoker?> WaitAsync(
        Slug slug, HttpMessageInvoker? dead, TimeSpan atMost, TimeProvider time, CancellationToken cancel)
    {
        var opened = _waiting.GetOrAdd(slug, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        if (Find(slug) is { } already && already != dead) // opened between the caller's look and our waiting
        {
            return already;
        }

        try
        {
            await opened.WaitAsync(atMost, time, cancel);
        }
        catch (TimeoutException)
        {
        }

        return Find(slug) is { } now && now != dead ? now : null;
    }

    /// <summary>Sends over the socket at <paramref name="path"/>, whatever host a request names.</summary>
    private static HttpMessageInvoker ClientOf(string path)
    {
        var end = new UnixDomainSocketEndPoint(path);
        return new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(end, cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        });
    }
}
