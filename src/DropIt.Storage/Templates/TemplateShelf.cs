using System.Security.Cryptography;
using System.Text;
using DropIt.Protocol.Journal;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Manifests;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;

namespace DropIt.Storage.Templates;

/// <summary>
/// Puts each template once, under the hash of all its files; a workspace made from it starts with a copy of the
/// template's head.
/// </summary>
internal sealed class TemplateShelf(IObjectStore store, HeadBook heads, StorageFolders folders, TimeProvider time)
{
    /// <summary>Boilerplate is small; more is a mistake, such as installed dependencies in the template's
    /// folder.</summary>
    private const int MaxFiles = 5_000;

    private const long MaxBytes = 64L * 1024 * 1024;

    /// <summary>What only the gallery reads (docs/templates.md); it is no part of a workspace.</summary>
    private const string GalleryFile = ".stack.json";

    private readonly Lock _gate = new();

    /// <summary>Heads of templates used since the start: as many as the installation has templates (and versions of
    /// them).</summary>
    private readonly Dictionary<ContentHash, Head> _known = [];

    /// <summary>The head to start a workspace from.</summary>
    public async Task<StorageResult<Head>> TakeAsync(string folder, CancellationToken cancel)
    {
        if (!Directory.Exists(folder))
        {
            return StorageResult<Head>.Failed(StorageError.NotFound, $"The template folder {folder} does not exist.");
        }

        List<FolderFile> files;
        try
        {
            files = FolderFiles.List(folder, GalleryFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return StorageResult<Head>.Failed(StorageError.Failed, $"The template in {folder} cannot be read: "
                + $"{e.Message}");
        }

        if (Fault(files) is { } fault)
        {
            return StorageResult<Head>.Failed(StorageError.TooLarge, $"The template in {folder} cannot be used: "
                + $"{fault}");
        }

        var key = await KeyAsync(files, cancel);
        lock (_gate)
        {
            if (_known.TryGetValue(key, out var known))
            {
                return StorageResult<Head>.Of(known);
            }
        }

        var (head, _) = await heads.ReadHeadAsync(Keys.Template(key), cancel);
        if (head is null)
        {
            var put = await PutAsync(files, key, cancel);
            if (put.Value is null)
            {
                return put;
            }

            head = put.Value;
        }

        lock (_gate)
        {
            _known[key] = head;
        }

        return StorageResult<Head>.Of(head);
    }

    private async Task<StorageResult<Head>> PutAsync(List<FolderFile> files, ContentHash key, CancellationToken cancel)
    {
        await using var pack = new PackWriter(folders.Spool);
        var section = await FolderFiles.PackAsync(files, pack, done: null, cancel);
        var head = new Head { Base = section, Packs = [new PackUse(pack.Id, pack.Length, Shared: true)], Time = time.GetUtcNow() };
        if (!await pack.PutAsync(store, cancel))
        {
            return StorageResult<Head>.Failed(StorageError.Full, StorageResult.FullMessage);
        }

        var result = await heads.PutAsync(Keys.Template(key), head, PutCondition.Absent, cancel);
        if (result.Outcome == PutOutcome.Full)
        {
            return StorageResult<Head>.Failed(StorageError.Full, StorageResult.FullMessage);
        }

        // Someone else put the same template meanwhile: theirs counts, our pack is collected as garbage.
        return StorageResult<Head>.Of(
            result.Outcome == PutOutcome.Stored ? head : (await heads.ReadHeadAsync(Keys.Template(key), cancel)).Head!);
    }

    private static string? Fault(List<FolderFile> files)
    {
        if (files.Count > MaxFiles)
        {
            return $"it has more than {MaxFiles:n0} files. Are installed dependencies among them?";
        }

        if (files.Sum(file => file.Size) > MaxBytes)
        {
            return $"it has more than {MaxBytes / 1024 / 1024} MiB. Are installed dependencies among them?";
        }

        return files.Select(file => WorkspacePath.Fault(file.Path)).FirstOrDefault(fault => fault is not null);
    }

    private static async Task<ContentHash> KeyAsync(List<FolderFile> files, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{file.Kind} {file.Mode} {file.Size} "
                + $"{file.Path}\0{file.Target}\0"));
            if (file.Kind == ChangeKind.File)
            {
                hash.AppendData(await File.ReadAllBytesAsync(file.Source, cancel));
            }
        }

        return ContentHash.From(hash.GetHashAndReset());
    }
}
