using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using DropIt.Storage.Heads;
using DropIt.Storage.Objects;
using DropIt.Storage.Packs;
using DropIt.Storage.Templates;

namespace DropIt.Storage.Tests;

/// <summary>A whole storage service on a folder of its own.</summary>
internal sealed class StorageRig : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("dropit-storage-").FullName;
    private int _templates;

    public StorageRig()
    {
        var options = new StorageOptions { DataFolder = Path.Combine(_root, "data"), PublicKey = "" };
        var folders = new StorageFolders(options);
        Store = new CountingStore(new DiskObjectStore(folders.Store));
        var packs = new PackReader(Store);
        var heads = new HeadBook(Store, packs);
        var templates = new TemplateShelf(Store, heads, folders, TimeProvider.System);
        Workspaces = new WorkspaceStore(Store, heads, packs, templates, TimeProvider.System);
    }

    public CountingStore Store { get; }

    public WorkspaceStore Workspaces { get; }

    /// <summary>A template folder with these files.</summary>
    public string Template(params (string Path, string Text)[] files)
    {
        var folder = Path.Combine(_root, $"template{_templates++}");
        Directory.CreateDirectory(folder);
        foreach (var (path, text) in files)
        {
            var full = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
        }

        return folder;
    }

    public async Task<string> ReadAsync(Slug slug, string path)
    {
        var file = await Workspaces.OpenFileAsync(slug, path, TestContext.Current.CancellationToken);
        Assert.True(file.Error == StorageError.None, file.Message);
        await using var opened = file.Value!;
        using var reader = new StreamReader(opened.Content);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
