using System.Threading.Channels;
using DropIt.Control.Audit;
using DropIt.Control.Workspaces;

namespace DropIt.Control.Importing;

/// <summary>How far an import is; forward only.</summary>
internal enum ImportState
{
    /// <summary>Files are on their way, are checked, are stored.</summary>
    Running,

    /// <summary>The workspace is there.</summary>
    Done,

    /// <summary>It could not be done; the message says why.</summary>
    Failed,

    /// <summary>Someone stopped it.</summary>
    Cancelled,
}

/// <summary>An import as the page shows it.</summary>
/// <param name="State">How far it is.</param>
/// <param name="Message">What is done now, or why it failed.</param>
/// <param name="Share">From 0 to 1.</param>
/// <param name="Slug">The workspace, when it is done.</param>
/// <param name="Notes">What the user should know of the result, such as links that were left out.</param>
internal sealed record ImportStatus(ImportState State, string Message, double Share, string? Slug, IReadOnlyList<string> Notes);

/// <summary>One import: who asked, how it stands, how it is stopped.</summary>
internal sealed class Import(string id, Actor by, int? team, CancellationTokenSource stop) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Channel<ImportStatus>> _watchers = [];
    private ImportStatus _status = new(ImportState.Running, "Looking for it", 0, null, []);

    public string Id => id;

    /// <summary>Who asked.</summary>
    public Actor By => by;

    public int Owner => by.UserId!.Value;

    /// <summary>Whose the workspace will be.</summary>
    public Belonging Whose => new(Owner, team);

    public CancellationToken Stopped => stop.Token;

    public ImportStatus Status
    {
        get
        {
            lock (_lock)
            {
                return _status;
            }
        }
    }

    /// <summary>Ends it wherever it is; one that has ended stays as it is.</summary>
    public Task StopAsync() => stop.CancelAsync();

    /// <inheritdoc/>
    public void Dispose() => stop.Dispose();

    /// <summary>Says how it goes.</summary>
    public void Report(double share, string message) => Set(Status with { Share = Math.Clamp(share, 0, 1), Message = message });

    public void Set(ImportStatus status)
    {
        lock (_lock)
        {
            if (_status.State != ImportState.Running || _status == status)
            {
                return;
            }

            _status = status;
            foreach (var watcher in _watchers)
            {
                watcher.Writer.TryWrite(status);
                if (status.State != ImportState.Running)
                {
                    watcher.Writer.TryComplete();
                }
            }
        }
    }

    /// <summary>The present status and each later one, of which a slow reader sees the newest only; ends with the import.</summary>
    public async IAsyncEnumerable<ImportStatus> WatchAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var channel = Channel.CreateBounded<ImportStatus>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        lock (_lock)
        {
            channel.Writer.TryWrite(_status);
            if (_status.State != ImportState.Running)
            {
                channel.Writer.TryComplete();
            }

            _watchers.Add(channel);
        }

        try
        {
            while (await NextAsync())
            {
                while (channel.Reader.TryRead(out var status))
                {
                    yield return status;
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                _watchers.Remove(channel);
            }
        }

        // The browser has gone or the server ends: both are the stream's ordinary end.
        async ValueTask<bool> NextAsync()
        {
            try
            {
                return await channel.Reader.WaitToReadAsync(cancel);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }
}
