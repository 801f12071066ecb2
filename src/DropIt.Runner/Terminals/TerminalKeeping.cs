using System.Text.Json;
using DropIt.Runner.Files;
using DropIt.Runner.Journal;

namespace DropIt.Runner.Terminals;

/// <summary>
/// Keeps what terminals show over a stop, and over the loss of the runner or its disk: in the state folder every few seconds, at the storage service
/// at a stop and every few minutes. Never among the user's files.
/// </summary>
/// <param name="terminals">Whose.</param>
/// <param name="storage">Takes and gives a copy.</param>
/// <param name="state">The runner's own folder.</param>
/// <param name="root">The workspace's folder.</param>
internal sealed class TerminalKeeping(TerminalSet terminals, StorageClient storage, string state, string root)
{
    private const string Name = "terminals";

    /// <summary>What is lost of the output when the runner is killed.</summary>
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromSeconds(10);

    /// <summary>What is lost when its disk is: a request costs money, so there are few.</summary>
    private static readonly TimeSpan BetweenPuts = TimeSpan.FromMinutes(5);

    /// <summary>A stop and a start wait so long for the copy at most.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly string _file = Path.Combine(state, Name);
    private long _written = -1;
    private long _put = -1;

    /// <summary>Brings them back as they were: from this disk, or, where they ran on another (<paramref name="moved"/>), from the storage service.</summary>
    public async Task RecallAsync(bool moved, CancellationToken ct)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
            patience.CancelAfter(Patience);
            var bytes = File.Exists(_file) ? await File.ReadAllBytesAsync(_file, ct)
                : moved ? await storage.KeptBytesAsync(Name, patience.Token)
                : null;
            if (bytes is not null && JsonSerializer.Deserialize(bytes, KeptTerminalJson.Default.KeptTerminals) is { } kept)
            {
                terminals.Recall(kept.Terminals, root);
            }
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or OperationCanceledException || FileFailure.Expected(e))
        {
            // They are a comfort: a workspace without them is whole.
            Console.Error.WriteLine($"terminals: what they showed could not be brought back: {e.Message}");
        }
    }

    /// <summary>Keeps them until told to stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(BetweenWrites);
        var put = Environment.TickCount64;
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
            {
                var due = Environment.TickCount64 - put >= BetweenPuts.TotalMilliseconds;
                put = due ? Environment.TickCount64 : put;
                await KeepAsync(due, ct);
            }
        }
        catch (OperationCanceledException)
        {
            // The stop keeps them itself.
        }
    }

    /// <summary>Keeps them as they are now, at both places; for a stop, ahead of the end of their programs.</summary>
    public async Task KeepAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await KeepAsync(put: true, patience.Token);
        }
        catch (OperationCanceledException)
        {
            // This disk has them.
        }
    }

    private async Task KeepAsync(bool put, CancellationToken ct)
    {
        var changes = terminals.Changes;
        if (changes == _written && (!put || changes == _put))
        {
            return;
        }

        try
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(new KeptTerminals(terminals.Keep(root)), KeptTerminalJson.Default.KeptTerminals);
            if (changes != _written)
            {
                await AtomicFile.WriteAsync(_file, async file => await file.WriteAsync(bytes, ct), UnixFileMode.UserRead | UnixFileMode.UserWrite);
                _written = changes;
            }

            if (put && await storage.PutKeptAsync(Name, new ByteArrayContent(bytes), ct) is null)
            {
                _put = changes;
            }
        }
        catch (Exception e) when (FileFailure.Expected(e))
        {
            Console.Error.WriteLine($"terminals: {FileFailure.Message(e, _file)}");
        }
    }
}
