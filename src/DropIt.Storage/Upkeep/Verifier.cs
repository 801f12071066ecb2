using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using DropIt.Storage.Heads;
using DropIt.Storage.Manifests;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;

namespace DropIt.Storage.Upkeep;

/// <summary>
/// Reads everything that workspaces, their earlier states and templates name, and compares each content with its hash. What several share is read once.
/// Writes nothing, so a server may run meanwhile. Holds some 50 bytes for each distinct content.
/// </summary>
internal sealed class Verifier(IObjectStore store, HeadBook heads, PackReader packs)
{
    private readonly Dictionary<string, long?> _lengths = [];
    private readonly HashSet<PackLocation> _whole = [];
    private readonly HashSet<PackLocation> _broken = [];
    private readonly SortedDictionary<string, Finding> _findings = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>Verifies the heads at these keys.</summary>
    public async Task<Verification> RunAsync(IAsyncEnumerable<string> keys, CancellationToken cancel)
    {
        var count = 0;
        await foreach (var key in keys.WithCancellation(cancel))
        {
            count++;
            await VerifyAsync(key, cancel);
        }

        return new Verification(count, _lengths.Count, _bytes, [.. _findings.Values]);
    }

    private async Task VerifyAsync(string key, CancellationToken cancel)
    {
        Head? head;
        try
        {
            (head, _) = await heads.ReadHeadAsync(key, cancel);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            Find(key, missing: false).Add(NameOf(key), "all of it");
            return;
        }

        if (head is null)
        {
            return; // deleted since it was listed
        }

        var found = new List<(string Pack, bool Missing, string What)>();
        foreach (var use in head.Packs)
        {
            var length = await LengthAsync(use.Id, cancel);
            if (length != use.Length)
            {
                found.Add((use.Id, length is null, length is null ? "" : $"it has {length} bytes instead of {use.Length}"));
            }
        }

        var manifest = await MergeAsync(head, found, cancel);
        await ReadContentsAsync(manifest, found, cancel);
        found.AddRange(manifest.Entries
            .Where(entry => entry.Location is { } location && _broken.Contains(location))
            .Select(entry => (entry.Location!.Value.Pack, false, entry.Path)));
        if (found.Count > 0)
        {
            await ReportAsync(key, found, cancel);
        }
    }

    /// <summary>The manifest, as far as its sections can be read.</summary>
    private async Task<Manifest> MergeAsync(Head head, List<(string Pack, bool Missing, string What)> found, CancellationToken cancel)
    {
        var manifest = Manifest.Empty;
        foreach (var section in head.Deltas.Select(delta => delta.Section).OfType<Section>().Prepend(head.Base))
        {
            try
            {
                var entries = await packs.ReadSectionAsync(section, cancel);
                manifest = section == head.Base ? Manifest.Of(entries) : manifest.Apply(entries);
            }
            catch (Exception e) when (IsDamage(e))
            {
                var missing = await LengthAsync(section.Pack, cancel) is null;
                found.Add((section.Pack, missing, missing ? "" : "its list of files"));
            }
        }

        return manifest;
    }

    private async Task ReadContentsAsync(Manifest manifest, List<(string Pack, bool Missing, string What)> found, CancellationToken cancel)
    {
        var unread = manifest.Entries
            .Where(entry => entry.Location is { } location && !_whole.Contains(location) && !_broken.Contains(location))
            .GroupBy(entry => entry.Location!.Value.Pack);
        foreach (var pack in unread)
        {
            if (await LengthAsync(pack.Key, cancel) is null)
            {
                found.Add((pack.Key, true, ""));
                continue;
            }

            try
            {
                await packs.ScanCompressedAsync(
                    pack,
                    async (sharers, compressed) =>
                    {
                        var location = sharers[0].Location!.Value;
                        _bytes += location.Length;
                        (await IsWholeAsync(sharers[0], compressed, cancel) ? _whole : _broken).Add(location);
                    },
                    cancel);
            }
            catch (Exception e) when (IsDamage(e))
            {
                // It ends early: what was judged before stays so, the rest counts as not there.
                _broken.UnionWith(pack.Select(entry => entry.Location!.Value).Where(location => !_whole.Contains(location)));
            }
        }
    }

    /// <summary>Notes what was found, unless the head has moved on meanwhile and no longer needs it.</summary>
    private async Task ReportAsync(string key, List<(string Pack, bool Missing, string What)> found, CancellationToken cancel)
    {
        if ((await heads.ReadHeadAsync(key, cancel)).Head is not { } now)
        {
            return;
        }

        var needed = now.Packs.Select(use => use.Id).Append(now.Base.Pack).ToHashSet();
        foreach (var (pack, missing, what) in found.Where(item => needed.Contains(item.Pack)))
        {
            Find(pack, missing).Add(NameOf(key), what);
        }
    }

    private static async Task<bool> IsWholeAsync(ManifestEntry entry, Stream compressed, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, size) = (new byte[32 * 1024], 0L);
        try
        {
            await using var content = new DeflateStream(compressed, CompressionMode.Decompress, leaveOpen: true);
            for (int read; size <= entry.Size && (read = await content.ReadAsync(buffer, cancel)) > 0; size += read)
            {
                hash.AppendData(buffer, 0, read);
            }
        }
        catch (InvalidDataException)
        {
            return false;
        }

        return size == entry.Size && ContentHash.From(hash.GetHashAndReset()) == entry.Hash;
    }

    private async Task<long?> LengthAsync(string pack, CancellationToken cancel)
    {
        if (!_lengths.TryGetValue(pack, out var length))
        {
            _lengths[pack] = length = await LookAsync();
        }

        return length;

        async Task<long?> LookAsync()
        {
            try
            {
                return (await store.StatAsync(Keys.Pack(pack), cancel))?.Length;
            }
            catch (IOException e) when (IsDamage(e))
            {
                return -1; // cut off on the disk
            }
        }
    }

    private Finding Find(string pack, bool missing)
    {
        if (!_findings.TryGetValue(pack, out var finding))
        {
            _findings[pack] = finding = new Finding(pack, missing);
        }

        return finding;
    }

    /// <summary>As opposed to a store that cannot be asked.</summary>
    private static bool IsDamage(Exception e) => e is InvalidDataException or (IOException and not ObjectStoreException);

    private static string NameOf(string key) => key.Split('/') switch
    {
        ["heads", var slug] => slug,
        ["history", var slug, var revision] => $"{slug} as it was at revision {revision.TrimStart('0')}",
        [_, var hash] => $"the template {hash[..12]} and all workspaces made from it",
        _ => key,
    };
}
