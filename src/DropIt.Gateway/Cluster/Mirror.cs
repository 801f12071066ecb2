using System.Globalization;
using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Gateway.Cluster;

/// <summary>
/// The objects of one kind and namespace as the cluster last told: a list, then a watch from there. A watch that breaks goes on where it stopped; when the
/// cluster has forgotten where that was, and every ten minutes in any case, everything is listed anew. Nothing depends on a single event: whoever waits is
/// woken by any change and looks at the whole object.
/// </summary>
/// <param name="kind">What is listed.</param>
/// <param name="log">Told when the cluster does not tell.</param>
public sealed class Mirror<T>(Kind<T> kind, ILogger log) : BackgroundService
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    // A connection that died without a word is noticed after this and a bit.
    private const int WatchSeconds = 240;

    private static readonly TimeSpan s_betweenLists = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_afterTrouble = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, TaskCompletionSource> _waiting = [];
    private Dictionary<string, T> _objects = [];

    /// <summary>Called after each change with the name and what is there now; null when it is gone. One call at a time, in order.</summary>
    public Action<string, T?>? Changed { get; set; }

    /// <summary>Ends when the first list is in.</summary>
    public Task Listed => _listed.Task;

    /// <summary>Every object.</summary>
    public IReadOnlyList<T> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _objects.Values];
            }
        }
    }

    /// <summary>The object; null when there is none.</summary>
    public T? Find(string name)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault(name);
        }
    }

    /// <summary>The object (null when there is none), and what ends at its next change.</summary>
    public (T? Now, Task Changed) Look(string name)
    {
        lock (_lock)
        {
            if (!_waiting.TryGetValue(name, out var waiting))
            {
                _waiting[name] = waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return (_objects.GetValueOrDefault(name), waiting.Task);
        }
    }

    /// <summary>Takes in what was just made or changed, of which the watch may not know yet.</summary>
    public void Note(T made)
    {
        lock (_lock)
        {
            if (!IsOlder(made))
            {
                _objects[made.Metadata.Name] = made;
            }
        }
    }

    /// <summary>Wakes whoever waits for the object: there is news about it elsewhere.</summary>
    public void Wake(string name)
    {
        TaskCompletionSource? waiting;
        lock (_lock)
        {
            _waiting.Remove(name, out waiting);
        }

        waiting?.SetResult();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        string? version = null;
        var listed = TimeSpan.Zero;
        var away = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var now = TimeSpan.FromMilliseconds(Environment.TickCount64);
                if (version is null || now - listed > s_betweenLists)
                {
                    (var items, version) = await kind.List(stoppingToken);
                    Replace(items, version);
                    listed = now;
                    away = false;
                    _listed.TrySetResult();
                }

                version = await WatchAsync(version, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception e) when (e is HttpOperationException or HttpRequestException or IOException or KubernetesException or OperationCanceledException)
            {
                version = null;
                if (!away)
                {
                    log.LogWarning("The cluster's API does not tell about {Kind} ({Cause}); it is asked again until it does", kind.Name, Cause(e));
                    away = true;
                }

                await Task.Delay(s_afterTrouble, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static string Cause(Exception e) =>
        e is HttpOperationException { Response: { } response } ? $"{(int)response.StatusCode} {response.Content}" : e.Message;

    /// <summary>Takes in events until the watch ends; the answer is where to go on, null when everything must be listed anew.</summary>
    private async Task<string?> WatchAsync(string from, CancellationToken cancel)
    {
        using var silent = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        silent.CancelAfter(TimeSpan.FromSeconds(WatchSeconds + 30));
        var version = from;
        try
        {
            await foreach (var (type, now) in kind.Watch(from, WatchSeconds, silent.Token))
            {
                if (type == WatchEventType.Error)
                {
                    return null;
                }

                version = now.Metadata.ResourceVersion;
                if (type is WatchEventType.Added or WatchEventType.Modified or WatchEventType.Deleted)
                {
                    Take(now, isThere: type != WatchEventType.Deleted);
                }
            }

            return version;
        }
        catch (Exception e) when (e is HttpRequestException or IOException && version != from)
        {
            return version; // the connection broke in the middle
        }
        catch (KubernetesException)
        {
            return null; // forgotten: it compacted its history
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Gone)
        {
            return null;
        }
    }

    private void Replace(IList<T> items, string version)
    {
        var fresh = items.ToDictionary(i => i.Metadata.Name);
        List<string> gone;
        lock (_lock)
        {
            // What was made or changed after the list was taken is not in it, or as it was before.
            foreach (var (name, noted) in _objects)
            {
                if (IsNewer(noted.Metadata.ResourceVersion, version))
                {
                    fresh[name] = noted;
                }
            }

            gone = [.. _objects.Keys.Where(name => !fresh.ContainsKey(name))];
            _objects = fresh;
        }

        foreach (var name in gone)
        {
            Tell(name, null);
        }

        foreach (var item in items)
        {
            Tell(item.Metadata.Name, fresh[item.Metadata.Name]);
        }
    }

    /// <summary>True for what was overtaken by something that was noted.</summary>
    private bool IsOlder(T told) =>
        _objects.TryGetValue(told.Metadata.Name, out var known) && IsNewer(known.Metadata.ResourceVersion, told.Metadata.ResourceVersion);

    private static bool IsNewer(string version, string than) =>
        ulong.TryParse(version, CultureInfo.InvariantCulture, out var a) && ulong.TryParse(than, CultureInfo.InvariantCulture, out var b) && a > b;

    private void Take(T told, bool isThere)
    {
        var name = told.Metadata.Name;
        lock (_lock)
        {
            if (IsOlder(told))
            {
                return;
            }

            if (isThere)
            {
                _objects[name] = told;
            }
            else
            {
                _objects.Remove(name);
            }
        }

        Tell(name, isThere ? told : null);
    }

    private void Tell(string name, T? now)
    {
        Changed?.Invoke(name, now);
        Wake(name);
    }
}
