using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Manifests;
using DropIt.Storage.Objects;

namespace DropIt.Storage.Journal;

/// <summary>How an entry was received.</summary>
internal enum IntakeOutcome
{
    /// <summary>The queue has it, now or already before.</summary>
    Accepted,

    /// <summary>There is no such workspace.</summary>
    NoWorkspace,

    /// <summary>Not an entry, or a hostile one.</summary>
    Invalid,

    /// <summary>A newer runner has taken over; this one is to stop.</summary>
    NewerEpoch,

    /// <summary>It names contents that nobody sent.</summary>
    MissingContent,

    /// <summary>A bound of the workspace.</summary>
    TooLarge,

    /// <summary>Too much waits already; later.</summary>
    Busy,

    /// <summary>The disk is full.</summary>
    Full,
}

/// <summary>The answer to an entry.</summary>
/// <param name="Outcome">How it went.</param>
/// <param name="Message">Cause, then cure; empty when accepted.</param>
/// <param name="Missing">Hashes that were not sent, for <see cref="IntakeOutcome.MissingContent"/>.</param>
internal sealed record IntakeAnswer(IntakeOutcome Outcome, string Message = "", IReadOnlyList<string>? Missing = null);

/// <summary>
/// Receives entries: checks them against what the workspace will be once all accepted ones are applied, then
/// publishes them.
/// </summary>
internal sealed class JournalIntake(
    IJournalQueue queue, HeadBook heads, IObjectStore store, StorageOptions options, TimeProvider time)
{
    /// <summary>An upload this old is no longer relied on; the collector removes it only much later.</summary>
    public static readonly TimeSpan UploadGood = TimeSpan.FromHours(12);

    /// <summary>
    /// Workspaces whose end of the journal is remembered. One more costs a read of its head at its next entry.
    /// </summary>
    private const int MaxTails = 256;

    /// <summary>After a restart the first entry waits this long for what was accepted before, then is asked to come
    /// again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly IntakeAnswer Busy = new(
        IntakeOutcome.Busy, "Too many changes wait to be stored. They are safe in the workspace; send them "
            + "again shortly.");

    /// <summary>Entries of different workspaces seldom share a gate; those of one always do.</summary>
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    private readonly Lock _tailGate = new();
    private readonly Dictionary<Slug, Tail> _tails = [];

    /// <summary>Takes an entry.</summary>
    /// <param name="slug">The workspace that the sender may write.</param>
    /// <param name="json">The entry as it came.</param>
    public async Task<IntakeAnswer> AcceptAsync(Slug slug, byte[] json, CancellationToken cancel)
    {
        if (Parse(json, out var fault) is not { } entry)
        {
            return new IntakeAnswer(IntakeOutcome.Invalid, fault);
        }

        if (entry.Workspace != slug.Value || entry.Epoch < 1 || entry.Sequence < 1)
        {
            return new IntakeAnswer(
                IntakeOutcome.Invalid, $"The entry must name workspace {slug} and an epoch and a sequence from "
                    + $"1 upward.");
        }

        if (EntryCheck.Read(entry, out fault) is not { } changes)
        {
            return new IntakeAnswer(IntakeOutcome.Invalid, fault);
        }

        var gate = GateOf(slug);
        await gate.WaitAsync(cancel);
        try
        {
            if (await TailAsync(slug, cancel) is not { } tail)
            {
                return new IntakeAnswer(IntakeOutcome.NoWorkspace, $"There is no workspace named {slug}.");
            }

            return Place(entry, tail) ?? await PublishAsync(slug, entry, changes, json, tail, cancel);
        }
        catch (TimeoutException)
        {
            return Busy;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>
    /// Opens an epoch: from now on entries of older ones are refused, so that what its runner restores stays true.
    /// </summary>
    public async Task<IntakeAnswer> OpenEpochAsync(Slug slug, long epoch, CancellationToken cancel)
    {
        var gate = GateOf(slug);
        await gate.WaitAsync(cancel);
        try
        {
            if (await TailAsync(slug, cancel) is not { } tail)
            {
                return new IntakeAnswer(IntakeOutcome.NoWorkspace, $"There is no workspace named {slug}.");
            }

            if (epoch < tail.Epoch)
            {
                return Superseded(epoch, tail);
            }

            if (epoch == tail.Epoch)
            {
                return new IntakeAnswer(IntakeOutcome.Accepted);
            }

            var record = new JournalRecord(slug, epoch, 0, true, default);
            return await PublishAsync(record, tail with { Epoch = epoch, Sequence = 0 }, cancel);
        }
        catch (TimeoutException)
        {
            return Busy;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>The workspace is deleted: its next entry finds no head.</summary>
    public async Task ForgetAsync(Slug slug, CancellationToken cancel)
    {
        var gate = GateOf(slug);
        await gate.WaitAsync(cancel);
        lock (_tailGate)
        {
            _tails.Remove(slug);
        }

        gate.Release();
    }

    private static JournalEntry? Parse(byte[] json, out string fault)
    {
        try
        {
            fault = "The entry is null.";
            return JsonSerializer.Deserialize(json, JournalJson.Default.JournalEntry);
        }
        catch (JsonException e)
        {
            fault = $"The entry is not valid: {e.Message}";
            return null;
        }
    }

    /// <summary>The answer to an entry that is not the next one; null for the next one.</summary>
    private static IntakeAnswer? Place(JournalEntry entry, Tail tail)
    {
        if (entry.Epoch < tail.Epoch)
        {
            return Superseded(entry.Epoch, tail);
        }

        var expected = entry.Epoch == tail.Epoch ? tail.Sequence + 1 : 1;
        if (entry.Sequence < expected)
        {
            return new IntakeAnswer(IntakeOutcome.Accepted);
        }

        return entry.Sequence == expected
            ? null
            : new IntakeAnswer(
                IntakeOutcome.Invalid, $"Sequence {entry.Sequence} leaves a gap: {expected} is next. Send the "
                    + $"entries between first.");
    }

    private static IntakeAnswer Superseded(long epoch, Tail tail) => new(
        IntakeOutcome.NewerEpoch, $"Epoch {epoch} is over: the workspace was started again (epoch "
            + $"{tail.Epoch}). This runner must stop.");

    private async Task<IntakeAnswer> PublishAsync(
        Slug slug, JournalEntry entry, List<ManifestEntry> changes, byte[] json, Tail tail, CancellationToken cancel)
    {
        var missing = await MissingAsync(slug, entry, tail, cancel);
        if (missing.Count > 0)
        {
            return new IntakeAnswer(
                IntakeOutcome.MissingContent,
                $"{missing.Count} contents of this entry were never sent. Put them under their hash, then send "
                    + $"the entry again.",
                missing);
        }

        var manifest = tail.Manifest.Apply(changes);
        if (manifest.Entries.Count > options.MaxFiles && manifest.Entries.Count > tail.Manifest.Entries.Count)
        {
            return new IntakeAnswer(
                IntakeOutcome.TooLarge,
                $"The workspace would hold more than {options.MaxFiles:n0} files. Delete some, or add what is "
                    + $"rebuildable to \"ignore\" in dropit.json.");
        }

        if (manifest.Bytes > options.MaxBytes && manifest.Bytes > tail.Manifest.Bytes)
        {
            return new IntakeAnswer(
                IntakeOutcome.TooLarge,
                $"The workspace would hold more than {options.MaxBytes / 1024 / 1024:n0} MiB. Delete some "
                    + $"files, or add what is rebuildable to \"ignore\" in dropit.json.");
        }

        var record = new JournalRecord(slug, entry.Epoch, entry.Sequence, entry.Stop, json);
        return await PublishAsync(record, new Tail(entry.Epoch, entry.Sequence, manifest, time.GetTimestamp()), cancel);
    }

    private async Task<IntakeAnswer> PublishAsync(JournalRecord record, Tail tail, CancellationToken cancel)
    {
        switch (await queue.PublishAsync(record, cancel))
        {
            case PublishOutcome.Published:
                Keep(record.Workspace, tail);
                return new IntakeAnswer(IntakeOutcome.Accepted);
            case PublishOutcome.Busy:
                return Busy;
            default:
                return new IntakeAnswer(IntakeOutcome.Full, StorageResult.FullMessage);
        }
    }

    private async Task<List<string>> MissingAsync(Slug slug, JournalEntry entry, Tail tail, CancellationToken cancel)
    {
        var needed = new Dictionary<ContentHash, long>();
        var inline = new HashSet<ContentHash>();
        foreach (var change in entry.Changes.Where(change => change.Kind == ChangeKind.File && change.Size > 0))
        {
            var hash = ContentHash.Parse(change.Hash);
            if (change.Content is not null)
            {
                inline.Add(hash);
            }
            else
            {
                needed[hash] = change.Size!.Value;
            }
        }

        foreach (var hash in inline)
        {
            needed.Remove(hash);
        }

        var known = tail.Manifest.Locate(needed.Keys.ToHashSet());
        var missing = new List<string>();
        foreach (var (hash, size) in needed)
        {
            if (known.TryGetValue(hash, out var file) && file.Size == size)
            {
                continue;
            }

            var upload = await store.StatAsync(Keys.Upload(slug, hash, size), cancel);
            if (upload is null || time.GetUtcNow() - upload.Modified > UploadGood)
            {
                missing.Add(hash.ToString());
            }
        }

        return missing;
    }

    private async Task<Tail?> TailAsync(Slug slug, CancellationToken cancel)
    {
        lock (_tailGate)
        {
            if (_tails.TryGetValue(slug, out var known))
            {
                return known;
            }
        }

        await queue.SettledAsync(slug, cancel).WaitAsync(Patience, time, cancel);
        if (await heads.ReadAsync(slug, cancel) is not { } view)
        {
            return null;
        }

        var tail = new Tail(view.Head.Epoch, view.Head.Sequence, view.Manifest, time.GetTimestamp());
        Keep(slug, tail);
        return tail;
    }

    private void Keep(Slug slug, Tail tail)
    {
        lock (_tailGate)
        {
            _tails[slug] = tail with { Used = time.GetTimestamp() };
            if (_tails.Count > MaxTails)
            {
                _tails.Remove(_tails.MinBy(pair => pair.Value.Used).Key);
            }
        }
    }

    private SemaphoreSlim GateOf(Slug slug) => _gates[(uint)slug.GetHashCode() % (uint)_gates.Length];

    /// <summary>A workspace with everything accepted applied.</summary>
    /// <param name="Epoch">Of the last entry accepted.</param>
    /// <param name="Sequence">Of the last entry accepted.</param>
    /// <param name="Manifest">Without locations for what is not persisted yet.</param>
    /// <param name="Used">When, for forgetting.</param>
    private sealed record Tail(long Epoch, long Sequence, Manifest Manifest, long Used);
}
