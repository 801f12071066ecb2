using System.Globalization;
using System.Text.Json;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Journal;
using DropIt.Storage.Objects;

namespace DropIt.Storage.Persisting;

/// <summary>
/// Removes what nothing refers to: packs that no head, old head or template names; old heads that their workspace
/// forgot; uploads past
/// their time. Something is removed only after every pass for the grace period found it unreferenced, so that a
/// reader of an older
/// state, and a writer between its pack and its head, are left alone.
/// </summary>
internal sealed class Collector(
    IObjectStore store, HeadBook heads, IJournalQueue queue, StorageOptions options, TimeProvider time)
{
    private const int PageLength = 1000;

    /// <summary>What is found beyond this many waits for a later pass: it bounds the list that is written.</summary>
    private const int MaxCandidates = 20_000;

    /// <summary>Twice the time for which entries may rely on an upload.</summary>
    private static readonly TimeSpan UploadLife = 2 * JournalIntake.UploadGood;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>One pass.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var earlier = await ReadCandidatesAsync(cancel);
        var candidates = new Dictionary<string, DateTimeOffset>();

        // 1. What is referred to. Ids of packs take 16 bytes each here: ten million of them are bearable.
        var packs = new HashSet<UInt128>();
        var history = new HashSet<string>();
        foreach (var prefix in (string[])[Keys.Templates, Keys.Heads, Keys.History])
        {
            await foreach (var item in ListAsync(prefix, cancel))
            {
                await NoteAsync(item.Key, packs, history, cancel);
            }
        }

        // 2. What is there beyond that. Younger than the grace period may be on its way to a head.
        await foreach (var item in ListAsync(Keys.Packs, cancel))
        {
            if (now - item.Modified > options.GarbageGrace && !packs.Contains(IdOf(item.Key[^32..])))
            {
                await DropOrWaitAsync(item.Key, now, earlier, candidates, cancel);
            }
        }

        await foreach (var item in ListAsync(Keys.History, cancel))
        {
            if (!history.Contains(item.Key))
            {
                await DropOrWaitAsync(item.Key, now, earlier, candidates, cancel);
            }
        }

        await DropUploadsAsync(now, cancel);

        // 3. What waits.
        if (candidates.Count != earlier.Count || candidates.Any(pair => !earlier.ContainsKey(pair.Key)))
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(candidates, HeadJson.Default.DictionaryStringDateTimeOffset);
            await store.PutAsync(Keys.Garbage, new MemoryStream(bytes), bytes.Length, PutCondition.None, cancel);
        }
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
            history.UnionWith(head.History.Select(revision => Keys.OldHead(slug, revision)));
        }
    }

    private async Task DropOrWaitAsync(
        string key,
        DateTimeOffset now,
        Dictionary<string, DateTimeOffset> earlier,
        Dictionary<string, DateTimeOffset> candidates,
        CancellationToken cancel)
    {
        if (earlier.TryGetValue(key, out var since) && now - since >= options.GarbageGrace)
        {
            await store.DeleteAsync(key, cancel);
        }
        else if (candidates.Count < MaxCandidates)
        {
            candidates[key] = earlier.TryGetValue(key, out since) ? since : now;
        }
    }

    private async Task DropUploadsAsync(DateTimeOffset now, CancellationToken cancel)
    {
        await foreach (var item in ListAsync(Keys.Uploads, cancel))
        {
            if (now - item.Modified > UploadLife && Slug.TryParse(item.Key.Split('/')[1], out var slug))
            {
                try
                {
                    // An accepted entry may still need it, however long the persister has been held up.
                    await queue.SettledAsync(slug, cancel).WaitAsync(Patience, time, cancel);
                    await store.DeleteAsync(item.Key, cancel);
                }
                catch (TimeoutException)
                {
                    continue;
                }
            }
        }
    }

    private async IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        for (string? after = null; ;)
        {
            var page = await store.ListAsync(prefix, after, PageLength, cancel);
            foreach (var item in page.Objects)
            {
                yield return item;
            }

            if ((after = page.Next) is null)
            {
                yield break;
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
