using DropIt.Storage.Objects;

namespace DropIt.Storage.Tests.Objects;

public sealed class DiskObjectStoreSpecs : ObjectStoreSpecs, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dropit-objects-").FullName;

    public DiskObjectStoreSpecs() => Store = new DiskObjectStore(_folder);

    private protected override IObjectStore Store { get; }

    [Fact]
    public async Task Two_stores_on_one_folder_see_each_others_objects_and_conditions()
    {
        var other = new DiskObjectStore(_folder);
        var put = await PutAsync("k", "1");
        var stat = await other.StatAsync("k", TestContext.Current.CancellationToken);
        Assert.Equal(put.ETag, stat!.ETag);
        var conflict = await other.PutAsync(
            "k", new MemoryStream([1]), 1, PutCondition.Absent, TestContext.Current.CancellationToken);
        Assert.Equal(PutOutcome.Conflict, conflict.Outcome);
    }

    [Fact]
    public async Task A_put_leaves_no_temporary_file()
    {
        await PutAsync("k", "1");
        await PutAsync("k", "2", PutCondition.Absent);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder, "temporary")));
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_said_with_the_cure()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var error = Assert.Throws<IOException>(() => new DiskObjectStore(Path.Combine(file, "below")));
        Assert.Contains("cannot be written", error.Message, StringComparison.Ordinal);
        Assert.Contains("choose another folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_that_is_cut_off_is_said_to_be()
    {
        await PutAsync("k", "");
        File.WriteAllBytes(Path.Combine(_folder, "objects", "k+"), [1, 2, 3]);
        var error = await Assert.ThrowsAsync<IOException>(() => TextAsync("k"));
        Assert.Contains("backup", error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
