using System.Net;
using System.Net.Sockets;

namespace DropIt.Tests.Chaos;

/// <summary>A network between two parts that can be cut: what is sent meanwhile goes nowhere, and when it is mended old connections are gone.</summary>
internal sealed class Cable : IDisposable
{
    private readonly TcpListener _listener;
    private volatile IPEndPoint _target;
    private readonly Lock _gate = new();
    private readonly HashSet<Socket> _open = [];
    private volatile TaskCompletionSource _whole = new();
    private long _left = long.MaxValue;

    /// <summary>Leads to a port of this machine, from its loopback.</summary>
    public Cable(int target)
        : this(new IPEndPoint(IPAddress.Loopback, target), new IPEndPoint(IPAddress.Loopback, 0))
    {
    }

    /// <summary>Leads to <paramref name="target"/> from an address of this machine.</summary>
    public Cable(IPEndPoint target, IPEndPoint at)
    {
        (_target, _listener) = (target, new TcpListener(at));
        _whole.SetResult();
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Where it begins.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Nothing comes through from now on, and nobody is told.</summary>
    public void Cut() => _whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The same once so many more bytes have come back from where it leads to.</summary>
    public void CutAfter(long bytes) => Interlocked.Exchange(ref _left, bytes);

    /// <summary>Leads there from now on; connections from before are reset.</summary>
    public void Lead(IPEndPoint target)
    {
        _target = target;
        Mend();
    }

    /// <summary>Whole again; connections from before are reset.</summary>
    public void Mend()
    {
        Interlocked.Exchange(ref _left, long.MaxValue);
        lock (_gate)
        {
            foreach (var socket in _open)
            {
                socket.Close(0);
            }

            _open.Clear();
        }

        _whole.TrySetResult();
    }

    public void Dispose()
    {
        _listener.Stop();
        Mend();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task ServeAsync(Socket near)
    {
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        lock (_gate)
        {
            _open.Add(near);
            _open.Add(far);
        }

        try
        {
            await _whole.Task;
            await far.ConnectAsync(_target);
            await Task.WhenAny(PumpAsync(near, far, _ => { }), PumpAsync(far, near, Count));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // whoever is at the other end sees it as the end of the connection
        }
        finally
        {
            near.Dispose();
            lock (_gate)
            {
                _open.Remove(near);
                _open.Remove(far);
            }
        }
    }

    private void Count(int read)
    {
        var left = Interlocked.Add(ref _left, -read);
        if (left < 0 && left + read >= 0)
        {
            Cut();
        }
    }

    private async Task PumpAsync(Socket from, Socket to, Action<int> count)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer)) > 0)
            {
                count(read);
                await _whole.Task;
                for (var sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return;
        }
    }
}
