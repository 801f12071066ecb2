using System.Formats.Tar;
using DropIt.Protocol.Journal;
using DropIt.Storage.Manifests;
using DropIt.Storage.Packs;

namespace DropIt.Storage.Access;

/// <summary>A workspace as a tar stream (PAX): folders and links first, then files in the order in which packs hold
/// them.</summary>
internal static class WorkspaceTar
{
    /// <summary>Two zero blocks end an archive.</summary>
    private const int EndLength = 1024;

    /// <summary>Writes all entries to a stream, which stays open.</summary>
    public static async Task WriteAsync(
        Manifest manifest, DateTimeOffset time, PackReader packs, Stream output, CancellationToken cancel)
    {
        // A tar of small files is many small writes; the network should not see them. Disposing it would close the stream.
        var buffered = new BufferedStream(output, 128 * 1024);
        if (manifest.Entries.Count == 0)
        {
            // TarWriter ends an archive only after an entry; readers take a stream of no bytes for one that was cut short.
            await buffered.WriteAsync(new byte[EndLength], cancel);
        }

        await using (var tar = new TarWriter(buffered, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in manifest.Entries.Where(entry => entry.Location is null))
            {
                await tar.WriteEntryAsync(Item(entry, time), cancel);
            }

            await packs.ScanAsync(
                manifest.Entries,
                async (entry, content) =>
                {
                    var item = Item(entry, time);
                    item.DataStream = content;
                    await tar.WriteEntryAsync(item, cancel);
                },
                cancel);
        }

        await buffered.FlushAsync(cancel);
    }

    private static PaxTarEntry Item(ManifestEntry entry, DateTimeOffset time)
    {
        var type = entry.Kind switch
        {
            ChangeKind.Link => TarEntryType.SymbolicLink,
            ChangeKind.Folder => TarEntryType.Directory,
            _ => TarEntryType.RegularFile,
        };
        var item = new PaxTarEntry(type, entry.Path) { ModificationTime = time };
        if (entry.Kind == ChangeKind.Link)
        {
            item.LinkName = entry.Target!;
        }
        else
        {
            item.Mode = (UnixFileMode)entry.Mode;
        }

        return item;
    }
}
