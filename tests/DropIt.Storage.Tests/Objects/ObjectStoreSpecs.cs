using System.Text;
using DropIt.Storage.Objects;

namespace DropIt.Storage.Tests.Objects;

/// <summary>What every object store must do. A store is added to the suite by a subclass.</summary>
public abstract class ObjectStoreSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract IObjectStore Store { get; }

    [Fact]
    public async Task What_was_put_is_got_whole()
    {
        var content = new byte[3_000_000];
        new Random(1).NextBytes(content);

        var put = await Store.PutAsync("a/b", new MemoryStream(content), content.Length, PutCondition.None, Cancel);

        Assert.Equal(PutOutcome.Stored, put.Outcome);
        await using var got = await Store.GetAsync("a/b", null, Cancel);
        Assert.Equal(content.Length, got!.Info.Length);
        Assert.Equal(put.ETag, got.Info.ETag);
        Assert.Equal(content, await BytesAsync(got));
        Assert.Equal(got.Info, await Store.StatAsync("a/b", Cancel));
    }

    [Theory]
    [InlineData(0, 4, "0123")]
    [InlineData(8, 4, "89")]
    [InlineData(3, 1, "3")]
    [InlineData(10, 5, "")]
    public async Task A_range_is_cut_to_the_object(long offset, long length, string expected)
    {
        await PutAsync("k", "0123456789");
        await using var got = await Store.GetAsync("k", new ByteRange(offset, length), Cancel);
        Assert.Equal(expected, Encoding.UTF8.GetString(await BytesAsync(got!)));
        Assert.Equal(10, got!.Info.Length);
    }

    [Fact]
    public async Task What_was_never_put_is_null()
    {
        Assert.Null(await Store.GetAsync("no/such", null, Cancel));
        Assert.Null(await Store.StatAsync("no/such", Cancel));
        await Store.DeleteAsync("no/such", Cancel);
    }

    [Fact]
    public async Task An_empty_object_is_an_object()
    {
        await PutAsync("k", "");
        Assert.Equal("", await TextAsync("k"));
    }

    [Fact]
    public async Task A_put_replaces_whole_and_a_reader_keeps_the_version_it_opened()
    {
        await PutAsync("k", "long first version");
        await using var reader = await Store.GetAsync("k", null, Cancel);
        await PutAsync("k", "second");
        Assert.Equal("second", await TextAsync("k"));
        Assert.Equal("long first version", Encoding.UTF8.GetString(await BytesAsync(reader!)));
    }

    [Fact]
    public async Task A_deleted_object_is_gone()
    {
        await PutAsync("k", "1");
        await Store.DeleteAsync("k", Cancel);
        Assert.Null(await Store.GetAsync("k", null, Cancel));
    }

    [Fact]
    public async Task Put_if_absent_stores_once()
    {
        Assert.Equal(PutOutcome.Stored, (await PutAsync("k", "1", PutCondition.Absent)).Outcome);
        Assert.Equal(PutOutcome.Conflict, (await PutAsync("k", "2", PutCondition.Absent)).Outcome);
        Assert.Equal("1", await TextAsync("k"));
    }

    [Fact]
    public async Task Put_if_match_stores_only_over_the_version_named()
    {
        var first = await PutAsync("k", "1");
        var second = await PutAsync("k", "2", PutCondition.Match(first.ETag));
        Assert.Equal(PutOutcome.Stored, second.Outcome);
        Assert.NotEqual(first.ETag, second.ETag);
        Assert.Equal(PutOutcome.Conflict, (await PutAsync("k", "3", PutCondition.Match(first.ETag))).Outcome);
        Assert.Equal(PutOutcome.Conflict, (await PutAsync("none", "3", PutCondition.Match(first.ETag))).Outcome);
        Assert.Equal("2", await TextAsync("k"));
    }

    [Fact]
    public async Task Of_many_who_move_at_once_each_step_has_one_winner()
    {
        await PutAsync("counter", "0");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var done = 0; done < 10;)
            {
                await using var got = await Store.GetAsync("counter", null, Cancel);
                var value = int.Parse(Encoding.UTF8.GetString(await BytesAsync(got!)), null);
                var put = await PutAsync("counter", $"{value + 1}", PutCondition.Match(got!.Info.ETag));
                done += put.Outcome == PutOutcome.Stored ? 1 : 0;
            }
        })));
        Assert.Equal("80", await TextAsync("counter"));
    }

    [Fact]
    public async Task A_content_shorter_than_its_length_is_not_stored()
    {
        await PutAsync("k", "old");
        await Assert.ThrowsAsync<EndOfStreamException>(() =>
            Store.PutAsync("k", new MemoryStream([1, 2]), 3, PutCondition.None, Cancel));
        Assert.Equal("old", await TextAsync("k"));
    }

    [Fact]
    public async Task Keys_are_listed_in_order_by_prefix_and_page()
    {
        string[] keys = ["a", "a-b", "a.c", "a/b", "a/b/c", "a/b0", "a0", "ab/c", "b/1", "b/2", "b/3"];
        foreach (var key in keys.Reverse())
        {
            await PutAsync(key, key);
        }

        Assert.Equal(keys, await ListAsync("", 1000));
        Assert.Equal(keys, await ListAsync("", 2));
        Assert.Equal(["a/b", "a/b/c", "a/b0"], await ListAsync("a/", 1));
        Assert.Equal(["a/b", "a/b/c", "a/b0"], await ListAsync("a/b", 2));
        Assert.Equal(["b/1", "b/2", "b/3"], await ListAsync("b/", 3));
        Assert.Empty(await ListAsync("c", 3));
        var after = await Store.ListAsync("", "a/b/a", 2, Cancel);
        Assert.Equal(["a/b/c", "a/b0"], after.Objects.Select(item => item.Key));
        Assert.Equal(3, after.Objects[0].Length - 2);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("../a")]
    [InlineData("a/./b")]
    [InlineData("A")]
    [InlineData("a b")]
    [InlineData("a\0")]
    [InlineData("a+")]
    public async Task What_is_no_key_throws(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.GetAsync(key, null, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(() => PutAsync(key, ""));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.DeleteAsync(key, Cancel));
    }

    private protected Task<PutResult> PutAsync(string key, string text, PutCondition condition = default)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return Store.PutAsync(key, new MemoryStream(bytes), bytes.Length, condition, Cancel);
    }

    private protected async Task<string> TextAsync(string key)
    {
        await using var got = await Store.GetAsync(key, null, Cancel);
        return Encoding.UTF8.GetString(await BytesAsync(got!));
    }

    private static async Task<byte[]> BytesAsync(ObjectContent content)
    {
        using var memory = new MemoryStream();
        await content.Stream.CopyToAsync(memory, Cancel);
        return memory.ToArray();
    }

    private async Task<List<string>> ListAsync(string prefix, int limit)
    {
        var keys = new List<string>();
        for (string? after = null; ;)
        {
            var page = await Store.ListAsync(prefix, after, limit, Cancel);
            Assert.InRange(page.Objects.Count, 0, limit);
            keys.AddRange(page.Objects.Select(item => item.Key));
            if ((after = page.Next) is null)
            {
                return keys;
            }
        }
    }
}
