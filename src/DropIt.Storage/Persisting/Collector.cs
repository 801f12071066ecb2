using System.Globalization;
using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Journal;
using DropIt.Storage.Objects;
using DropIt.Storage.Upkeep;

namespace DropIt.Storage.Persisting;

/// <summary>
/// Removes what nothing refers to: packs that no head, old head or template names; old heads that their workspace
/// forgot; uploads past
/// their time. Something is removed only after every pass for the grace period found it unreferenced, so that a
/// reader of an older
/// state, and a writer between its pack and its head, are left alone.
/// </summary>
internal sealed class Collector(
    IObjectStore store, HeadBook heads, IJournalQueue? queue, StorageOptions options, TimeProvider time)
{
    /// <summary>What is found beyond this many waits for a later pass: it bounds the list that is written.</summary>
    private const int MaxCandidates = 20_000;

    /// <summary>Twice the time for which entries may rely on an upload.</summary>
    private static readonly TimeSpan UploadLife = 2 * JournalIntake.UploadGood;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>One pass. Several at once, also of several processes, only remove the same twice.</summary>
    public Task RunAsync(CancellationToken cancel) => RunAsync(dry: false, cancel);

    /// <summary>One pass.</summary>
    /// <param name="dry">Removes and notes nothing.</param>
    /// <param name="cancel">May stop it at any point.</param>
    public async Task<Sweep> RunAsync(bool dry, CancellationToken cancel)
    {
        var (now, sweep) = (time.GetUtcNow(), new Sweep(dry));
        var earlier = await ReadCandidatesAsync(cancel);
        var candidates = new Dictionary<string, DateTimeOffset>();

        // 1. What is referred to. Ids of packs take 16 bytes each here: ten million of them are bearable.
        var packs = new HashSet<UInt128>();
        var history = new HashSet<string>();
        foreach (var prefix in (string[])[Keys.Templates, Keys.Heads, Keys.History])
        {
            await foreach (var item in store.AllAsync(prefix, cancel))
            {
                await NoteAsync(item.Key, packs, history, cancel);
            }
        }

        // 2. What is there beyond that. Younger than the grace period may be on its way to a head.
        await foreach (var item in store.AllAsync(Keys.Packs, cancel))
        {
            if (now - item.Modified > options.GarbageGrace && !packs.Contains(IdOf(item.Key[^32..])))
            {
                await DropOrWaitAsync(item, now, earlier, candidates, sweep, cancel);
            }
        }

        await foreach (var item in store.AllAsync(Keys.History, cancel))
        {
            if (!history.Contains(item.Key))
            {
                await DropOrWaitAsync(item, now, earlier, candidates, sweep, cancel);
            }
        }

        if (queue is not null && !dry)
        {
            await DropUploadsAsync(queue, now, sweep, cancel);
        }

        // 3. What waits.
        if (!dry && (candidates.Count != earlier.Count || candidates.Any(pair => !earlier.ContainsKey(pair.Key))))
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(candidates, HeadJson.Default.DictionaryStringDateTimeOffset);
            await store.PutAsync(Keys.Garbage, new MemoryStream(bytes), bytes.Length, PutCondition.None, cancel);
        }

        return sweep;
    }

    private async Task NoteAsync(string key, HashSet<UInt128> packs, HashSet<string> history, CancellationToken cancel)
    {
        var (head, _) = await heads.ReadHeadAsync(key, cancel);
        if (head is null)
        {
            return; // deleted since it was listed
        }

        packs.Add(IdOf(head.Base.Pack));
        foreach (var pack in head.Packs)
        {
            packs.Add(IdOf(pack.Id));
        }

        if (key.StartsWith(Keys.Heads, StringComparison.Ordinal) && Slug.TryParse(key[Keys.Heads.Length..], out var slug))
        {
            history.UnionWith(head.Past.Select(past => Keys.OldHead(slug, past.Name)));
        }
    }

    private async Task DropOrWaitAsync(
        ObjectInfo item,
        DateTimeOffset now,
        Dictionary<string, DateTimeOffset> earlier,
        Dictionary<string, DateTimeOffset> candidates,
        Sweep sweep,
        CancellationToken cancel)
    {
        if (earlier.TryGetValue(item.Key, out var since) && now - since >= options.GarbageGrace)
        {
            sweep.Remove(item.Length);
            if (!sweep.Dry)
            {
                await store.DeleteAsync(item.Key, cancel);
            }
        }
        else
        {
            sweep.Wait(item.Length);
            if (candidates.Count < MaxCandidates)
            {
                candidates[item.Key] = earlier.TryGetValue(item.Key, out since) ? since : now;
            }
        }
    }

    private async Task DropUploadsAsync(IJournalQueue queue, DateTimeOffset now, Sweep sweep, CancellationToken cancel)
    {
        await foreach (var item in store.AllAsync(Keys.Uploads, cancel))
        {
            if (now - item.Modified > UploadLife && Slug.TryParse(item.Key.Split('/')[1], out var slug))
            {
                try
                {
                    // An accepted entry may still need it, however long the persister has been held up.
                    await queue.SettledAsync(slug, cancel).WaitAsync(Patience, time, cancel);
                    await store.DeleteAsync(item.Key, cancel);
                    sweep.Remove(item.Length);
                }
                catch (TimeoutException)
                {
                    continue;
                }
            }
        }
    }

    private async Task<Dictionary<string, DateTimeOffset>> ReadCandidatesAsync(CancellationToken cancel)
    {
        await using var content = await store.GetAsync(Keys.Garbage, null, cancel);
        return content is null
            ? []
            : await JsonSerializer.DeserializeAsync(content.Stream, HeadJson.Default.DictionaryStringDateTimeOffset, cancel) ?? [];
    }

    private static UInt128 IdOf(string pack) => UInt128.Parse(pack, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
