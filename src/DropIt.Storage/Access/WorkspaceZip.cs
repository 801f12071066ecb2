using System.IO.Compression;
using System.Text;
using DropIt.Protocol.Journal;
using DropIt.Storage.Manifests;
using DropIt.Storage.Packs;

namespace DropIt.Storage.Access;

/// <summary>A workspace as a zip.</summary>
internal static class WorkspaceZip
{
    private const int RegularFile = 0x8000;
    private const int SymbolicLink = 0xA000;
    private const int Folder = 0x4000;

    /// <summary>Writes all entries; the stream need not seek and stays open.</summary>
    public static async Task WriteAsync(
        Manifest manifest, DateTimeOffset time, PackReader packs, Stream output, CancellationToken cancel)
    {
        await using var zip = await ZipArchive.CreateAsync(output, ZipArchiveMode.Create, leaveOpen: true, null, cancel);
        foreach (var entry in manifest.Entries.Where(entry => entry.Location is null))
        {
            var item = Item(zip, entry, time);
            if (entry.Kind == ChangeKind.Link)
            {
                await using var target = await item.OpenAsync(cancel);
                await target.WriteAsync(Encoding.UTF8.GetBytes(entry.Target!), cancel);
            }
        }

        await packs.ScanAsync(
            manifest.Entries,
            async (entry, content) =>
            {
                await using var target = await Item(zip, entry, time).OpenAsync(cancel);
                await content.CopyToAsync(target, cancel);
            },
            cancel);
    }

    private static ZipArchiveEntry Item(ZipArchive zip, ManifestEntry entry, DateTimeOffset time)
    {
        var (type, mode, name) = entry.Kind switch
        {
            ChangeKind.Link => (SymbolicLink, 0x1FF, entry.Path),
            ChangeKind.Folder => (Folder, entry.Mode, entry.Path + "/"),
            _ => (RegularFile, entry.Mode, entry.Path),
        };
        var item = zip.CreateEntry(name, CompressionLevel.Fastest);
        item.ExternalAttributes = (type | mode) << 16;
        item.LastWriteTime = time;
        return item;
    }
}
