using System.Collections.Concurrent;
using System.Net;
using DropIt.Protocol.Workspaces;

namespace DropIt.Gateway;

/// <summary>
/// Where each awake workspace's runner listens. Changed in memory while requests run: opening or closing one route touches no other.
/// </summary>
public sealed class WorkspaceRoutes
{
    private readonly ConcurrentDictionary<Slug, Route> _routes = new();
    private readonly ConcurrentDictionary<Slug, TaskCompletionSource> _waiting = new();

    /// <summary>From now on requests for the workspace go to <paramref name="runner"/>; no change when they do already.</summary>
    public void Open(Slug slug, Address runner)
    {
        _routes.AddOrUpdate(slug, _ => new Route(runner, ClientOf(runner)), (_, open) => open.Runner == runner ? open : new Route(runner, ClientOf(runner)));
        if (_waiting.TryRemove(slug, out var waiting))
        {
            waiting.SetResult();
        }
    }

    /// <summary>
    /// From now on requests find no route. Those under way go on until the runner ends them: the client is left to the collector, since disposing it
    /// would cut them, and its idle connections close when the runner ends.
    /// </summary>
    /// <param name="slug">The workspace.</param>
    /// <param name="runner">Only when it leads there; null: wherever it leads.</param>
    public void Close(Slug slug, Address? runner = null)
    {
        if (runner is null)
        {
            _routes.TryRemove(slug, out _);
        }
        else if (_routes.TryGetValue(slug, out var open) && open.Runner == runner)
        {
            _routes.TryRemove(new(slug, open));
        }
    }

    /// <summary>The way to the workspace's runner; null while there is none.</summary>
    internal HttpMessageInvoker? Find(Slug slug) => _routes.GetValueOrDefault(slug)?.Client;

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

    /// <summary>Sends to <paramref name="runner"/>, whatever host a request names.</summary>
    internal static HttpMessageInvoker ClientOf(Address runner)
    {
        var handler = runner.NewHandler();
        handler.AllowAutoRedirect = false;
        handler.AutomaticDecompression = DecompressionMethods.None;
        handler.ActivityHeadersPropagator = null;
        return new HttpMessageInvoker(handler);
    }

    private sealed record Route(Address Runner, HttpMessageInvoker Client);
}
