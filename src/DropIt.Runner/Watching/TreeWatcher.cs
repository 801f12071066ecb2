using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using System.Threading.Channels;
using DropIt.Runner.Files;
using DropIt.Runner.Sessions;

namespace DropIt.Runner.Watching;

/// <summary>What changed in the tree within some 50 ms. Paths are relative to the root.</summary>
/// <param name="Paths">What may have another content, mode or existence now; without ignored ones.</param>
/// <param name="Folders">Those whose listing changed; ignored entries count.</param>
/// <param name="Rescan">Events were lost or not to be had: compare everything.</param>
/// <param name="Reached">Completed once the batch, and so every change before it, was taken in; null when nobody waits.</param>
internal sealed record ChangeBatch(
    IReadOnlyCollection<string> Paths, IReadOnlyCollection<string> Folders, bool Rescan, TaskCompletionSource? Reached = null);

/// <summary>
/// Watches the workspace with inotify: every folder but ignored ones. Where there are no (more) watches it asks for a rescan
/// now and then and tells the user which limit to raise.
/// </summary>
internal sealed class TreeWatcher : IDisposable
{
    /// <summary>Paths of one batch; past it a rescan is cheaper than the list.</summary>
    private const int MaxPaths = 20_000;

    /// <summary>Batches that wait for the reader; then the kernel's queue fills and overflows into a rescan.</summary>
    private const int MaxBatches = 64;

    private const int HeaderLength = 16;
    private const string KernelLimit = "This system watches no more folders";
    private static readonly TimeSpan Collect = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PollAtMost = TimeSpan.FromSeconds(2);

    /// <summary>Of a processor's time, what rescans may take: one part in this many.</summary>
    private const int PollShare = 20;

    private readonly string _root;
    private readonly Notices _notices;
    private readonly Func<string, bool> _known;
    private readonly int _most;
    private readonly Inotify _inotify = new();
    private readonly Dictionary<int, string> _folders = [];
    private readonly HashSet<string> _paths = [];
    private readonly HashSet<string> _listings = [];
    private readonly Channel<ChangeBatch> _batches =
        System.Threading.Channels.Channel.CreateBounded<ChangeBatch>(new BoundedChannelOptions(MaxBatches) { SingleReader = true });

    private readonly Lock _gate = new();
    private readonly Thread _thread;
    private IgnoreRules _rules;
    private List<TaskCompletionSource> _asked = [];
    private bool _begin = true;
    private bool _rescan = true;
    private bool _polling;
    private long _since;
    private long _pollTicks = PollAtMost.Ticks;
    private volatile bool _rescanAsked;
    private volatile bool _stopped;

    /// <summary>Begins to watch at once; the first batch asks for a rescan, which finds what changed before.</summary>
    /// <param name="root">Absolute path of the workspace.</param>
    /// <param name="rules">What to leave out.</param>
    /// <param name="notices">Told when the kernel's limit is reached.</param>
    /// <param name="known">Whether a file was there before, so that its atomic replacement is no change of the listing. Any thread.</param>
    /// <param name="most">Folders to watch at most; null: as many as the kernel gives.</param>
    public TreeWatcher(string root, IgnoreRules rules, Notices notices, Func<string, bool> known, int? most)
    {
        _root = root;
        _rules = rules;
        _notices = notices;
        _known = known;
        _most = most ?? int.MaxValue;
        _thread = new Thread(Run, 256 * 1024) { IsBackground = true, Name = "watching" };
        _thread.Start();
    }

    /// <summary>The batches, in order. One reader.</summary>
    public ChannelReader<ChangeBatch> Batches => _batches.Reader;

    /// <summary>Watches by other rules; a rescan follows.</summary>
    public void Use(IgnoreRules rules)
    {
        lock (_gate)
        {
            _rules = rules;
            _begin = true;
            _rescan = true;
        }

        _inotify.Wake();
    }

    /// <summary>A rescan took this long: the larger the tree, the rarer they get where folders can not be watched.</summary>
    public void Compared(TimeSpan took) =>
        Volatile.Write(ref _pollTicks, Math.Max(PollAtMost.Ticks, PollShare * took.Ticks));

    /// <summary>Makes the next batch ask for a rescan.</summary>
    public void AskRescan()
    {
        _rescanAsked = true;
        _inotify.Wake();
    }

    /// <summary>Completes when the reader of <see cref="Batches"/> has taken in all that happened on disk before this call.</summary>
    public Task ReachedAsync()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_stopped)
            {
                return Task.CompletedTask;
            }

            _asked.Add(reached);
        }

        _inotify.Wake();
        return reached.Task;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
        }

        _inotify.Wake();
        _thread.Join();
        _inotify.Dispose();
    }

    private void Run()
    {
        var buffer = new byte[64 * 1024];
        while (!_stopped)
        {
            _inotify.Wait(Timeout());
            var asked = TakeAsked(); // ahead of the events: who asks in between may ask for one that is not read yet
            Begin();
            for (int length; (length = _inotify.Read(buffer)) > 0;)
            {
                Take(buffer.AsSpan(0, length));
            }

            if (_rescanAsked)
            {
                _rescanAsked = false;
                Mark();
                _rescan = true;
            }

            if (_polling && Stopwatch.GetElapsedTime(_since) >= PollEvery())
            {
                _rescan = true;
            }

            Deliver(asked);
        }

        foreach (var reached in TakeAsked())
        {
            reached.TrySetResult();
        }

        _batches.Writer.Complete();
    }

    private TimeSpan PollEvery() => TimeSpan.FromTicks(Volatile.Read(ref _pollTicks));

    private bool HasChanges => _paths.Count > 0 || _listings.Count > 0 || _rescan;

    private int Timeout()
    {
        if (_begin)
        {
            return 0;
        }

        var wait = HasChanges ? Collect : _polling ? PollEvery() : System.Threading.Timeout.InfiniteTimeSpan;
        return wait < TimeSpan.Zero ? -1 : (int)Math.Max(0, Math.Ceiling((wait - Stopwatch.GetElapsedTime(_since)).TotalMilliseconds));
    }

    /// <summary>At the start and after new rules: watches everything anew.</summary>
    private void Begin()
    {
        lock (_gate)
        {
            if (!_begin)
            {
                return;
            }

            _begin = false;
        }

        _folders.Clear();
        _polling = false;
        _notices.Set("watching", NoticeLevel.Warning, "");
        if (_inotify.Open())
        {
            Watch("", report: false);
        }
        else
        {
            FallBack(KernelLimit, "Raise the limit: sudo sysctl fs.inotify.max_user_instances=1024");
        }

        _since = Stopwatch.GetTimestamp();
    }

    /// <summary>Watches a folder and all below it. Watches are set before the names are read, so nothing slips through between.</summary>
    private void Watch(string top, bool report)
    {
        var folders = new Stack<string>();
        folders.Push(top);
        while (folders.TryPop(out var folder))
        {
            var full = folder.Length == 0 ? _root : $"{_root}/{folder}";
            var number = _folders.Count < _most ? _inotify.Add(full) : -1;
            if (_folders.Count >= _most)
            {
                FallBack($"This workspace has more than {_most} folders, the most that are watched here", "The operator can raise \"watches\".");
            }
            else if (number >= 0)
            {
                _folders[number] = folder;
            }
            else if (_inotify.Error == Inotify.NoSpace)
            {
                FallBack(KernelLimit, "Raise the limit: sudo sysctl fs.inotify.max_user_watches=524288");
            }

            foreach (var (name, isFolder) in TreeWalk.Names(full))
            {
                var path = folder.Length == 0 ? name : $"{folder}/{name}";
                if (_rules.Ignores(path, isFolder))
                {
                    continue;
                }

                if (report)
                {
                    Report(path);
                }

                if (isFolder)
                {
                    folders.Push(path);
                }
            }
        }
    }

    private void Unwatch(string top)
    {
        foreach (var (number, folder) in _folders.ToList())
        {
            if (folder == top || (folder.StartsWith(top, StringComparison.Ordinal) && folder[top.Length] == '/'))
            {
                _folders.Remove(number);
                _inotify.Remove(number);
            }
        }
    }

    private void FallBack(string cause, string cure)
    {
        _polling = true;
        _notices.Set("watching", NoticeLevel.Warning, $"{cause}, so changes by programs show up late. {cure}");
    }

    private void Take(ReadOnlySpan<byte> events)
    {
        while (events.Length >= HeaderLength)
        {
            var number = BinaryPrimitives.ReadInt32LittleEndian(events);
            var what = (InotifyEvents)BinaryPrimitives.ReadUInt32LittleEndian(events[4..]);
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(events[12..]);
            var name = events.Slice(HeaderLength, length);
            var end = name.IndexOf((byte)0);
            Take(number, what, Encoding.UTF8.GetString(end < 0 ? name : name[..end]));
            events = events[(HeaderLength + length)..];
        }
    }

    private void Take(int number, InotifyEvents what, string name)
    {
        if (what.HasFlag(InotifyEvents.Overflow))
        {
            lock (_gate)
            {
                _begin = true;
            }

            _rescan = true;
            return;
        }

        if (what.HasFlag(InotifyEvents.Ignored))
        {
            _folders.Remove(number);
            return;
        }

        if (name.Length == 0 || WorkspaceFiles.IsTemporary(name) || !_folders.TryGetValue(number, out var folder))
        {
            return;
        }

        var path = folder.Length == 0 ? name : $"{folder}/{name}";
        var isFolder = what.HasFlag(InotifyEvents.IsFolder);
        var appeared = (what & (InotifyEvents.Create | InotifyEvents.MovedTo)) != 0;
        var vanished = (what & (InotifyEvents.Delete | InotifyEvents.MovedFrom)) != 0;
        if (vanished || (appeared && (isFolder || !_known(path))))
        {
            Mark();
            _listings.Add(folder);
        }

        if (_rules.Ignores(path, isFolder))
        {
            return;
        }

        Report(path);
        if (isFolder && what.HasFlag(InotifyEvents.MovedFrom))
        {
            Unwatch(path);
        }
        else if (isFolder && appeared)
        {
            Watch(path, report: true);
        }
    }

    private void Report(string path)
    {
        Mark();
        if (_paths.Count < MaxPaths)
        {
            _paths.Add(path);
        }
        else
        {
            _rescan = true;
        }
    }

    private void Mark()
    {
        if (!HasChanges)
        {
            _since = Stopwatch.GetTimestamp();
        }
    }

    private List<TaskCompletionSource> TakeAsked()
    {
        lock (_gate)
        {
            var asked = _asked;
            _asked = [];
            return asked;
        }
    }

    private void Deliver(List<TaskCompletionSource> asked)
    {
        if (asked.Count == 0 && !(HasChanges && Stopwatch.GetElapsedTime(_since) >= Collect))
        {
            return;
        }

        // Who asks for all that happened is not told of what nobody watched.
        _rescan |= _polling && asked.Count > 0;
        Put(new ChangeBatch(_paths.ToArray(), _listings.ToArray(), _rescan));
        foreach (var reached in asked)
        {
            Put(new ChangeBatch([], [], false, reached));
        }

        _paths.Clear();
        _listings.Clear();
        _rescan = false;
        _since = Stopwatch.GetTimestamp();
    }

    private void Put(ChangeBatch batch)
    {
        while (!_batches.Writer.TryWrite(batch))
        {
            if (_stopped)
            {
                batch.Reached?.TrySetResult();
                return;
            }

            _batches.Writer.WaitToWriteAsync().AsTask().Wait();
        }
    }
}
