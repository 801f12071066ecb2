using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Manifests;
using DropIt.Storage.Metrics;
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

    /// <summary>It leaves a gap behind what is remembered; never an answer to a runner.</summary>
    Gap,

    /// <summary>What was remembered is not true any more; never an answer to a runner.</summary>
    Stale,
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
internal sealed class JournalIntake
{
    /// <summary>An upload this old is no longer relied on; the collector removes it only much later.</summary>
    public static readonly TimeSpan UploadGood = TimeSpan.FromHours(12);

    /// <summary>
    /// Workspaces whose end of the journal is remembered. One more costs a read of its head at its next entry.
    /// </summary>
    private const int MaxTails = 4096;

    /// <summary>Entries of their manifests: some 200 bytes each, most of which a head book shares.</summary>
    private const long MaxEntries = 400_000;

    /// <summary>After a restart the first entry waits this long for what was accepted before, then is asked to come
    /// again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private const string TooMany = "Too many changes wait to be stored.";

    /// <summary>
    /// An entry is placed anew when what was remembered turned out to be old: once for a gap, once for what happened while it was published. More often
    /// means that two runners take turns on two nodes; the newer one wins in the end.
    /// </summary>
    private const int MaxPlacings = 4;

    private readonly IJournalQueue _queue;
    private readonly HeadBook _heads;
    private readonly IObjectStore _store;
    private readonly StorageOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Entries of different workspaces seldom share a gate; those of one always do.</summary>
    private readonly SemaphoreSlim[] _gates = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    private readonly Lock _tailGate = new();
    private readonly Dictionary<Slug, Tail> _tails = [];

    /// <summary>An intake; several processes may have one on the same queue.</summary>
    public JournalIntake(IJournalQueue queue, HeadBook heads, IObjectStore store, StorageOptions options, TimeProvider time)
    {
        (_queue, _heads, _store, _options, _time) = (queue, heads, store, options, time);
        queue.Forgotten += Forget;
    }

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

        return await GuardAsync(slug, tail => Place(entry, tail) ?? PublishAsync(slug, entry, changes, json, tail, cancel), cancel);
    }

    /// <summary>
    /// Opens an epoch: from now on entries of older ones are refused, so that what its runner restores stays true.
    /// </summary>
    public Task<IntakeAnswer> OpenEpochAsync(Slug slug, long epoch, CancellationToken cancel) => GuardAsync(
        slug,
        async tail =>
        {
            if (epoch <= tail.Position.Epoch)
            {
                return epoch < tail.Position.Epoch ? Superseded(epoch, tail) : new IntakeAnswer(IntakeOutcome.Accepted);
            }

            // Other nodes first: one that hears of it later would take an entry of the old epoch behind this record.
            await _queue.ForgetAsync(slug, cancel);
            var opened = new JournalPosition(epoch, 0);
            return await PublishAsync(new JournalRecord(slug, opened, tail.Position, true, default), tail with { Position = opened }, tail, cancel);
        },
        cancel);

    /// <summary>What a node remembers is a guess that <paramref name="take"/> acts on; what it does about a wrong one is here.</summary>
    private async Task<IntakeAnswer> GuardAsync(Slug slug, Func<Tail, Task<IntakeAnswer>> take, CancellationToken cancel)
    {
        var gate = GateOf(slug);
        await gate.WaitAsync(cancel);
        try
        {
            for (var placing = 0; placing < MaxPlacings; placing++)
            {
                var (tail, fresh) = await TailAsync(slug, cancel);
                if (tail is null)
                {
                    return new IntakeAnswer(IntakeOutcome.NoWorkspace, $"There is no workspace named {slug}.");
                }

                if (tail.Parked is { } cause)
                {
                    Forget(slug);
                    return Busy($"Changes of this workspace were set aside and wait for the operator ({cause}).");
                }

                var answer = await take(tail);
                if (answer.Outcome == IntakeOutcome.Stale || (answer.Outcome == IntakeOutcome.Gap && !fresh))
                {
                    Forget(slug); // another node took entries meanwhile, or it is not known whether ours is there
                    continue;
                }

                return answer.Outcome == IntakeOutcome.Gap ? answer with { Outcome = IntakeOutcome.Invalid } : answer;
            }

            return Busy(TooMany);
        }
        catch (TimeoutException e)
        {
            return Busy(e.Message is { Length: > 0 } cause ? cause : TooMany);
        }
        finally
        {
            gate.Release();
        }
    }

    private static IntakeAnswer Busy(string cause) => new(IntakeOutcome.Busy, cause);

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
    private static Task<IntakeAnswer>? Place(JournalEntry entry, Tail tail)
    {
        if (entry.Epoch < tail.Position.Epoch)
        {
            return Task.FromResult(Superseded(entry.Epoch, tail));
        }

        var expected = entry.Epoch == tail.Position.Epoch ? tail.Position.Sequence + 1 : 1;
        if (entry.Sequence < expected)
        {
            return Task.FromResult(new IntakeAnswer(IntakeOutcome.Accepted));
        }

        return entry.Sequence == expected
            ? null
            : Task.FromResult(new IntakeAnswer(
                IntakeOutcome.Gap, $"Sequence {entry.Sequence} leaves a gap: {expected} is next. Send the "
                    + $"entries between first."));
    }

    private static IntakeAnswer Superseded(long epoch, Tail tail) => new(
        IntakeOutcome.NewerEpoch, $"Epoch {epoch} is over: the workspace was started again (epoch "
            + $"{tail.Position.Epoch}). This runner must stop.");

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
        if (Refusal(changes, tail.Manifest, manifest) is { } refusal)
        {
            return new IntakeAnswer(IntakeOutcome.TooLarge, refusal);
        }

        var position = new JournalPosition(entry.Epoch, entry.Sequence);
        var record = new JournalRecord(slug, position, tail.Position, entry.Stop, json);
        return await PublishAsync(record, tail with { Position = position, Manifest = manifest }, tail, cancel);
    }

    private string? Refusal(List<ManifestEntry> changes, Manifest before, Manifest after) =>
        changes
            .Where(change => change.Size > (before.Find(change.Path)?.Size ?? 0))
            .Select(change => _options.Quota.Refusal(change.Path, change.Size))
            .FirstOrDefault(refusal => refusal is not null)
            ?? _options.Quota.Refusal(
                new WorkspaceSize(before.Entries.Count, before.Bytes),
                new WorkspaceSize(after.Entries.Count, after.Bytes),
                () => after.Entries.Select(entry => (entry.Path, entry.Size)));

    /// <summary>Publishes what was placed behind <paramref name="before"/>; <see cref="IntakeOutcome.Stale"/> when that may have been wrong.</summary>
    private async Task<IntakeAnswer> PublishAsync(JournalRecord record, Tail after, Tail before, CancellationToken cancel)
    {
        using var span = JournalTrace.Publish(record.Workspace, record.Position);
        var result = await _queue.PublishAsync(record with { Trace = span?.Id }, cancel);
        switch (result.Outcome)
        {
            case PublishOutcome.Published:
                return Replace(record.Workspace, before, after)
                    ? new IntakeAnswer(IntakeOutcome.Accepted)
                    : new IntakeAnswer(IntakeOutcome.Stale);
            case PublishOutcome.Unknown:
                Forget(record.Workspace);
                return Busy(result.Cause is { Length: > 0 } ? result.Cause : TooMany);
            case PublishOutcome.Busy:
                return Busy(result.Cause is { Length: > 0 } ? result.Cause : TooMany);
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

            var upload = await _store.StatAsync(Keys.Upload(slug, hash, size), cancel);
            if (upload is null || _time.GetUtcNow() - upload.Modified > UploadGood)
            {
                missing.Add(hash.ToString());
            }
        }

        return missing;
    }

    private async Task<(Tail? Tail, bool Fresh)> TailAsync(Slug slug, CancellationToken cancel)
    {
        lock (_tailGate)
        {
            if (_tails.TryGetValue(slug, out var known))
            {
                return (known, false);
            }
        }

        await _queue.SettledAsync(slug, cancel).WaitAsync(Patience, _time, cancel);
        if (await _heads.ReadAsync(slug, cancel) is not { } view)
        {
            return (null, true);
        }

        var tail = new Tail(view.Head.Position, view.Manifest, view.Head.Parked?.Cause, _time.GetTimestamp());
        lock (_tailGate)
        {
            _tails[slug] = tail;
            while (_tails.Count > MaxTails || (_tails.Count > 1 && _tails.Values.Sum(known => (long)known.Manifest.Entries.Count) > MaxEntries))
            {
                _tails.Remove(_tails.Where(pair => pair.Key != slug).MinBy(pair => pair.Value.Used).Key);
            }
        }

        return (tail, true);
    }

    /// <summary>False when <paramref name="before"/> is not what is remembered any more.</summary>
    private bool Replace(Slug slug, Tail before, Tail after)
    {
        lock (_tailGate)
        {
            if (!_tails.TryGetValue(slug, out var known) || known != before)
            {
                return false;
            }

            _tails[slug] = after with { Used = _time.GetTimestamp() };
            return true;
        }
    }

    /// <summary>The next entry reads the head again; null: of every workspace.</summary>
    private void Forget(Slug? slug)
    {
        lock (_tailGate)
        {
            if (slug is { } one)
            {
                _tails.Remove(one);
            }
            else
            {
                _tails.Clear();
            }
        }
    }

    private SemaphoreSlim GateOf(Slug slug) => _gates[(uint)slug.GetHashCode() % (uint)_gates.Length];

    /// <summary>A workspace with everything accepted applied.</summary>
    /// <param name="Position">Of the last entry accepted.</param>
    /// <param name="Manifest">Without locations for what is not persisted yet.</param>
    /// <param name="Parked">Why it takes no entries.</param>
    /// <param name="Used">When, for forgetting.</param>
    private sealed record Tail(JournalPosition Position, Manifest Manifest, string? Parked, long Used);
}
