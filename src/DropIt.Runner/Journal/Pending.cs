namespace DropIt.Runner.Journal;

/// <summary>
/// Paths that changed and are not journalled yet; never their contents. A path is due when it has been quiet for <see cref="Quiet"/>, or
/// <see cref="Longest"/> after its first change when writing goes on. Times are <see cref="Environment.TickCount64"/>.
/// </summary>
internal sealed class Pending
{
    /// <summary>How long a path must be quiet: a program that writes a file in pieces is done by then.</summary>
    public const int Quiet = 200;

    /// <summary>How long a path that does not get quiet waits at most.</summary>
    public const int Longest = 800;

    /// <summary>
    /// Most paths held: past it further ones are dropped and <see cref="TakeLost"/> asks for a rescan, which finds them again.
    /// </summary>
    private const int MaxPaths = 200_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (long First, long Last, long NotBefore)> _paths = new(StringComparer.Ordinal);
    private TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _lost;

    /// <summary>How many wait.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _paths.Count;
            }
        }
    }

    /// <summary>When the oldest change that waits was made; null when none does.</summary>
    public long? Oldest
    {
        get
        {
            lock (_gate)
            {
                return _paths.Count == 0 ? null : _paths.Values.Min(times => times.First);
            }
        }
    }

    /// <summary>Notes a change of each path.</summary>
    /// <param name="delay">Milliseconds that must pass first whatever happens (large files are not read every second).</param>
    public void Add(IEnumerable<string> paths, int delay = 0)
    {
        var now = Environment.TickCount64;
        lock (_gate)
        {
            foreach (var path in paths)
            {
                if (_paths.Count == MaxPaths && !_paths.ContainsKey(path))
                {
                    _lost = true;
                    continue;
                }

                var first = _paths.TryGetValue(path, out var known) ? known.First : now;
                _paths[path] = (first, now, Math.Max(known.NotBefore, now + delay));
            }
        }

        Wake();
    }

    /// <summary>Makes the waiter look again.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _woken.TrySetResult();
        }
    }

    /// <summary>Whether paths were dropped since this was last asked.</summary>
    public bool TakeLost()
    {
        lock (_gate)
        {
            var lost = _lost;
            _lost = false;
            return lost;
        }
    }

    /// <summary>Takes out the paths that are due, in order, and when the oldest change of them was made.</summary>
    /// <param name="all">Takes also those that are not due.</param>
    public (List<string> Paths, long Oldest) Take(bool all)
    {
        var now = Environment.TickCount64;
        lock (_gate)
        {
            var due = _paths.Where(p => all || Due(p.Value) <= now).Select(p => p.Key).ToList();
            due.Sort(StringComparer.Ordinal);
            var oldest = now;
            foreach (var path in due)
            {
                _paths.Remove(path, out var times);
                oldest = Math.Min(oldest, times.First);
            }

            return (due, oldest);
        }
    }

    /// <summary>Waits until something may be due, <see cref="Wake"/>, or <paramref name="most"/>.</summary>
    public async Task WaitAsync(TimeSpan most, CancellationToken ct)
    {
        long? next = null;
        Task woken;
        lock (_gate)
        {
            if (_woken.Task.IsCompleted)
            {
                _woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return;
            }

            woken = _woken.Task;
            foreach (var (_, times) in _paths)
            {
                next = Math.Min(next ?? long.MaxValue, Due(times));
            }
        }

        var wait = next is { } due ? TimeSpan.FromMilliseconds(Math.Clamp(due - Environment.TickCount64, 0, Longest)) : most;
        try
        {
            await woken.WaitAsync(wait, ct);
        }
        catch (TimeoutException)
        {
        }
    }

    private static long Due((long First, long Last, long NotBefore) times) =>
        Math.Max(times.NotBefore, Math.Min(times.Last + Quiet, times.First + Longest));
}
