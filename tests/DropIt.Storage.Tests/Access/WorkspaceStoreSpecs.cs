using System.IO.Compression;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;

namespace DropIt.Storage.Tests.Access;

public sealed class WorkspaceStoreSpecs
{
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_workspace_from_a_template_holds_its_files_modes_links_and_empty_folders()
    {
        await using var rig = await StorageRig.StartAsync();
        var template = rig.Template(("index.js", "console.log(1)\n"), ("src/a.txt", "a"), ("empty.txt", ""));
        File.SetUnixFileMode(Path.Combine(template, "index.js"), (UnixFileMode)0x1ED);
        File.CreateSymbolicLink(Path.Combine(template, "link"), "../outside");
        Directory.CreateDirectory(Path.Combine(template, "void"));
        var slug = Slug.Fresh();

        Assert.True((await rig.Workspaces.CreateAsync(slug, template, _cancel)).Succeeded);

        var listing = (await rig.Workspaces.ListAsync(slug, _cancel)).Value!;
        Assert.Equal(["empty.txt", "index.js", "link", "src/a.txt", "void"], listing.Paths.Select(p => p.Path));
        Assert.Equal(0x1ED, listing.Paths[1].Mode);
        Assert.Equal("../outside", listing.Paths[2].Target);
        Assert.Equal("console.log(1)\n", await rig.ReadAsync(slug, "index.js"));
        Assert.Equal("", await rig.ReadAsync(slug, "empty.txt"));
        Assert.Equal(StorageError.NotAFile, (await rig.Workspaces.OpenFileAsync(slug, "src", _cancel)).Error);
        Assert.Equal(StorageError.NotFound, (await rig.Workspaces.OpenFileAsync(slug, "../index.js", _cancel)).Error);
    }

    [Fact]
    public async Task Creating_never_goes_over_an_existing_workspace()
    {
        await using var rig = await StorageRig.StartAsync();
        var slug = Slug.Fresh();
        Assert.True((await rig.Workspaces.CreateAsync(slug, rig.Template(("a", "1")), _cancel)).Succeeded);

        var second = await rig.Workspaces.CreateAsync(slug, rig.Template(("a", "2")), _cancel);

        Assert.Equal(StorageError.Exists, second.Error);
        Assert.Equal("1", await rig.ReadAsync(slug, "a"));
    }

    [Fact]
    public async Task A_second_workspace_of_a_template_costs_one_write()
    {
        await using var rig = await StorageRig.StartAsync();
        var template = rig.Template(("a", "1"));
        await rig.Workspaces.CreateAsync(Slug.Fresh(), template, _cancel);
        var before = rig.Store.Writes;

        await rig.Workspaces.CreateAsync(Slug.Fresh(), template, _cancel);

        Assert.Equal(1, rig.Store.Writes - before);
    }

    [Fact]
    public async Task A_zip_holds_every_file_and_link()
    {
        await using var rig = await StorageRig.StartAsync();
        var template = rig.Template(("a/b.txt", "hello"), ("c.txt", "hello"));
        File.CreateSymbolicLink(Path.Combine(template, "link"), "a/b.txt");
        var slug = Slug.Fresh();
        await rig.Workspaces.CreateAsync(slug, template, _cancel);
        using var memory = new MemoryStream();

        await rig.Workspaces.WriteZipAsync(slug, memory, _cancel);

        using var zip = new ZipArchive(memory);
        Assert.Equal(["a/b.txt", "c.txt", "link"], zip.Entries.Select(e => e.FullName).Order(StringComparer.Ordinal));
        using var reader = new StreamReader(zip.GetEntry("a/b.txt")!.Open());
        Assert.Equal("hello", await reader.ReadToEndAsync(_cancel));
        Assert.Equal(0xA000, zip.GetEntry("link")!.ExternalAttributes >> 16 & 0xF000);
    }

    [Fact]
    public async Task A_deleted_workspace_is_gone_and_its_slug_is_free()
    {
        await using var rig = await StorageRig.StartAsync();
        var template = rig.Template(("a", "1"));
        var slug = Slug.Fresh();
        await rig.Workspaces.CreateAsync(slug, template, _cancel);

        await rig.Workspaces.DeleteAsync(slug, _cancel);

        Assert.False(await rig.Workspaces.ExistsAsync(slug, _cancel));
        Assert.Equal(StorageError.NotFound, (await rig.Workspaces.ListAsync(slug, _cancel)).Error);
        Assert.True((await rig.Workspaces.CreateAsync(slug, template, _cancel)).Succeeded);
    }

    [Fact]
    public async Task A_missing_template_is_a_sentence()
    {
        await using var rig = await StorageRig.StartAsync();
        var result = await rig.Workspaces.CreateAsync(Slug.Fresh(), "/nowhere/at/all", _cancel);
        Assert.Equal(StorageError.NotFound, result.Error);
        Assert.Contains("/nowhere/at/all", result.Message, StringComparison.Ordinal);
    }
}
