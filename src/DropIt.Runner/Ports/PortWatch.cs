using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using DropIt.Runner.Files;
using DropIt.Runner.Sessions;
using DropIt.Runner.Terminals;

namespace DropIt.Runner.Ports;

/// <summary>A port that a program of this workspace listens on (docs/protocol.md, "Events").</summary>
/// <param name="Port">1 to 65535.</param>
/// <param name="Process">The program's name.</param>
/// <param name="Pid">Its process id.</param>
/// <param name="Reachable">A preview can reach it: it listens on loopback or on every address.</param>
/// <param name="Address">What it is bound to.</param>
internal sealed record PortEntry(int Port, string Process, int Pid, bool Reachable, string Address)
{
    /// <summary>Where to connect: the address itself, or loopback of its family when it is bound to all.</summary>
    [JsonIgnore]
    public IPEndPoint Target
    {
        get
        {
            var address = IPAddress.Parse(Address);
            return new IPEndPoint(
                address.Equals(IPAddress.Any) ? IPAddress.Loopback
                    : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
                    : address,
                Port);
        }
    }
}

/// <summary>Knows which ports the workspace's programs listen on, and tells every page when that changes.</summary>
internal sealed class PortWatch
{
    private const int MaxLooks = 8;
    private static readonly TimeSpan Blink = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Busy = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(750);
    private static readonly TimeSpan BusyFor = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Known> _known = [];
    private readonly OrphanReaper _orphans;
    private readonly TerminalSet _terminals;
    private readonly OpenSessions _sessions;
    private IReadOnlyList<PortEntry> _ports = [];
    private long _scanned;

    /// <summary>Contributes <c>ports</c> to the hello.</summary>
    public PortWatch(OpenSessions sessions, TerminalSet terminals)
    {
        _sessions = sessions;
        _terminals = terminals;
        _orphans = new OrphanReaper(terminals);
        sessions.AddHello("ports", (_, writer) =>
            JsonSerializer.Serialize(writer, Ports, PortJson.Default.IReadOnlyListPortEntry));
    }

    /// <summary>The ports of the last look, in ascending order.</summary>
    public IReadOnlyList<PortEntry> Ports => Volatile.Read(ref _ports);

    private TimeSpan Age => TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _scanned));

    /// <summary>Looks until <paramref name="ct"/> falls: four times a second while programs print, less often when it is quiet.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        try
        {
            while (!ct.IsCancellationRequested)
            {
                try
                {
                    Scan();
                }
                catch (Exception e) when (FileFailure.Expected(e))
                {
                    // /proc changed under the look; the next one is soon.
                    Console.Error.WriteLine($"ports: {e.Message}");
                }

                _orphans.Reap();
                var busy = _terminals.PrintedSince(Environment.TickCount64 - (long)BusyFor.TotalMilliseconds);
                await Task.Delay(busy ? Busy : Quiet, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
        }
    }

    /// <summary>The entry of a port, as of at most <paramref name="maxAge"/> ago; null when no program of this workspace listens there.</summary>
    public PortEntry? Find(int port, TimeSpan maxAge)
    {
        if (Age > maxAge)
        {
            Scan();
        }

        if (Ports.FirstOrDefault(p => p.Port == port) is { } found)
        {
            return found;
        }

        // It may have begun to listen a moment ago, as programs do just before someone looks.
        if (Age > Blink)
        {
            Scan();
        }

        return Ports.FirstOrDefault(p => p.Port == port);
    }

    private void Scan()
    {
        lock (_gate)
        {
            var sockets = ListeningSockets.Read();
            Assign(sockets);
            var ports = sockets
                .Where(s => _known[s.Inode].Owner is not null)
                .Select(s => Entry(s, _known[s.Inode].Owner!.Process))
                .GroupBy(e => e.Port)
                .Select(same => same.OrderByDescending(e => e.Reachable).ThenBy(e => e.Address.Contains(':')).First())
                .OrderBy(e => e.Port)
                .ToList();
            Volatile.Write(ref _scanned, Environment.TickCount64);
            if (!ports.SequenceEqual(_ports))
            {
                Volatile.Write(ref _ports, ports);
                _sessions.Broadcast("ports", "ports", ports, PortJson.Default.IReadOnlyListPortEntry);
            }
        }
    }

    /// <summary>
    /// Brings <see cref="_known"/> up to date. The process table is walked only for sockets that are new, or whose holder let go: one that
    /// was nobody's in eight looks belongs to somebody else.
    /// </summary>
    private void Assign(List<ListeningSocket> sockets)
    {
        var present = sockets.Select(s => s.Inode).ToHashSet();
        foreach (var gone in _known.Keys.Where(i => !present.Contains(i)).ToList())
        {
            _known.Remove(gone);
        }

        var wanted = new HashSet<long>();
        foreach (var inode in present)
        {
            var known = _known.GetValueOrDefault(inode) ?? (_known[inode] = new Known());
            if (known.Owner is { } owner && !SocketOwners.Holds(owner, inode))
            {
                known.Owner = null;
                known.Looks = 0;
            }

            if (known.Owner is null && known.Looks < MaxLooks)
            {
                known.Looks++;
                wanted.Add(inode);
            }
        }

        if (wanted.Count == 0)
        {
            return;
        }

        foreach (var (inode, owner) in SocketOwners.Find(wanted))
        {
            _known[inode].Owner = owner;
        }
    }

    private static PortEntry Entry(ListeningSocket socket, ProcessEntry owner)
    {
        var reachable = IPAddress.IsLoopback(socket.Address)
            || socket.Address.Equals(IPAddress.Any)
            || socket.Address.Equals(IPAddress.IPv6Any);
        return new PortEntry(socket.Port, owner.Name, owner.Id, reachable, socket.Address.ToString());
    }

    private sealed class Known
    {
        public SocketOwner? Owner { get; set; }

        public int Looks { get; set; }
    }
}

/// <summary>JSON of ports, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IReadOnlyList<PortEntry>))]
internal sealed partial class PortJson : JsonSerializerContext;
