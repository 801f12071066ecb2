using System.Net;
using DropIt.Protocol.Workspaces;
using Microsoft.Extensions.Hosting;

namespace DropIt.Gateway.Ingresses;

/// <summary>
/// Opens a workspace's route when its runner says that it is ready, which is sooner than the cluster says so by up to two periods of its probe: a pod of the
/// pool is ready long before it has the workspace's files, and someone waits for them.
/// </summary>
internal sealed class ReadyRunners(WorkspaceRoutes routes, TimeProvider time) : IHostedService, IDisposable
{
    private static readonly Uri s_ready = new("/.dropit/ready", UriKind.Relative);
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(2);

    // Fast while a start is young, slow for one that takes minutes.
    private static readonly TimeSpan s_first = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<Slug, (IPEndPoint Address, CancellationTokenSource Stop)> _expected = [];
    private readonly CancellationTokenSource _stopping = new();

    // After the start of a gateway every awake workspace is asked at once; each question is a connection.
    private readonly SemaphoreSlim _questions = new(64);

    /// <summary>The workspace's runner is at that address; nowhere when null.</summary>
    public void Expect(Slug slug, IPEndPoint? address)
    {
        lock (_lock)
        {
            if (_expected.TryGetValue(slug, out var before))
            {
                if (before.Address.Equals(address))
                {
                    return;
                }

                before.Stop.Cancel();
                before.Stop.Dispose();
                _expected.Remove(slug);
                routes.Close(slug, AddressOf(before.Address));
            }

            if (address is not null && !_stopping.IsCancellationRequested)
            {
                var stop = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                _expected[slug] = (address, stop);
                _ = OpenAsync(slug, address, stop.Token);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => _stopping.CancelAsync();

    public void Dispose()
    {
        _stopping.Dispose();
        _questions.Dispose();
    }

    /// <summary>Ends when the route is open or the runner is no longer expected there; never throws.</summary>
    private async Task OpenAsync(Slug slug, IPEndPoint at, CancellationToken cancel)
    {
        var address = AddressOf(at);
        using var client = new HttpClient(address.NewHandler()) { BaseAddress = address.Http };
        try
        {
            for (var wait = s_first; ; wait = wait < s_longest ? wait * 1.2 : s_longest)
            {
                if (await IsReadyAsync(client, cancel))
                {
                    lock (_lock)
                    {
                        if (!cancel.IsCancellationRequested)
                        {
                            routes.Open(slug, address);
                        }
                    }

                    return;
                }

                await Task.Delay(wait, time, cancel);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private static Address AddressOf(IPEndPoint at) => new(null, new UriBuilder("http", at.Address.ToString(), at.Port).Uri);

    private async Task<bool> IsReadyAsync(HttpClient client, CancellationToken cancel)
    {
        await _questions.WaitAsync(cancel);
        using var answer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        answer.CancelAfter(s_answer);
        try
        {
            // An unclaimed runner is ready too, to be claimed; it says 204 for that.
            using var response = await client.GetAsync(s_ready, answer.Token);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            return false;
        }
        finally
        {
            _questions.Release();
        }
    }
}
