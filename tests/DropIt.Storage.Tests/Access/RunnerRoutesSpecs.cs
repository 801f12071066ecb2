using System.Formats.Tar;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using static DropIt.Storage.Tests.StorageRig;

namespace DropIt.Storage.Tests.Access;

public sealed class RunnerRoutesSpecs
{
    [Fact]
    public async Task A_runner_restores_what_it_journalled()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"), ("b.txt", ""));
        using var posted = await PostAsync(rig, slug, new JournalEntry(slug.Value, 1, 1, [Write("run.sh", "go", 0x1ED)]));
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        Assert.Equal("""{"sequence":1}""", await posted.Content.ReadAsStringAsync(Cancel));

        using var tree = await rig.Http.SendAsync(rig.Request(HttpMethod.Get, slug, "tree?epoch=2"), Cancel);

        Assert.Equal("3", Assert.Single(tree.Headers.GetValues("Dropit-Bytes")));
        var found = new Dictionary<string, (string Text, int Mode)>();
        await using var tar = new TarReader(await tree.Content.ReadAsStreamAsync(Cancel));
        while (await tar.GetNextEntryAsync(copyData: true, Cancel) is { } entry)
        {
            using var reader = new StreamReader(entry.DataStream ?? Stream.Null);
            found[entry.Name] = (await reader.ReadToEndAsync(Cancel), (int)entry.Mode);
        }

        Assert.Equal(["a.txt", "b.txt", "run.sh"], found.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("go", 0x1ED), found["run.sh"]);
        using var late = await PostAsync(rig, slug, new JournalEntry(slug.Value, 1, 2, [Write("a.txt", "late")]));
        Assert.Equal(HttpStatusCode.Conflict, late.StatusCode);
    }

    [Fact]
    public async Task The_manifest_comes_as_lines()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        await rig.PostAsync(slug, 3, 1, new JournalChange { Path = "l", Kind = ChangeKind.Link, Target = "a.txt" });

        using var response = await rig.Http.SendAsync(rig.Request(HttpMethod.Get, slug, "manifest"), Cancel);

        var lines = (await response.Content.ReadAsStringAsync(Cancel)).TrimEnd('\n').Split('\n');
        Assert.StartsWith("""{"epoch":3,"sequence":1,"files":2,"bytes":1""", lines[0], StringComparison.Ordinal);
        Assert.Equal("3-1", JsonSerializer.Deserialize(lines[0], JournalJson.Default.ManifestHead)!.Version);
        var file = JsonSerializer.Deserialize(lines[1], JournalJson.Default.ManifestLine)!;
        Assert.Equal(("a.txt", ChangeKind.File, 1L), (file.Path, file.Kind, file.Size));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("1"u8)), file.Hash);
        Assert.Equal("a.txt", JsonSerializer.Deserialize(lines[2], JournalJson.Default.ManifestLine)!.Target);
    }

    [Fact]
    public async Task A_large_content_is_put_ahead_of_its_entry()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        var content = new byte[3_000_000];
        new Random(1).NextBytes(content);
        var change = Write("big.bin", content, inline: false);
        var early = await PostAsync(rig, slug, new JournalEntry(slug.Value, 1, 1, [change]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, early.StatusCode);
        Assert.Contains(change.Hash!, await early.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);

        var put = await PutAsync(rig, slug, change.Hash!, content);
        var posted = await PostAsync(rig, slug, new JournalEntry(slug.Value, 1, 1, [change]));

        Assert.Equal(HttpStatusCode.NoContent, put.StatusCode);
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        await rig.SettleAsync(slug);
        await using var file = (await rig.Workspaces.OpenFileAsync(slug, "big.bin", Cancel)).Value!;
        Assert.Equal(Convert.FromHexString(change.Hash!), await SHA256.HashDataAsync(file.Content, Cancel));
    }

    [Fact]
    public async Task A_content_that_is_not_its_hash_is_refused()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        var put = await PutAsync(rig, slug, Convert.ToHexStringLower(SHA256.HashData("x"u8)), "y"u8.ToArray());
        Assert.Equal(HttpStatusCode.BadRequest, put.StatusCode);

        var lie = Write("a.txt", "2") with { Content = Deflate("3"u8.ToArray()) };
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(rig, slug, new JournalEntry(slug.Value, 1, 1, [lie]))).StatusCode);
        var bomb = Write("a.txt", "2") with { Content = Deflate(new byte[10_000_000]) };
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(rig, slug, new JournalEntry(slug.Value, 1, 1, [bomb]))).StatusCode);
        var garbage = Write("a.txt", "2") with { Content = [1, 2, 3] };
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(rig, slug, new JournalEntry(slug.Value, 1, 1, [garbage]))).StatusCode);
    }

    [Fact]
    public async Task Only_a_runners_ticket_of_this_workspace_opens_it()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        string[] wrong =
        [
            rig.Ticket(Slug.Fresh()), rig.Ticket(slug, Role.Owner), rig.Ticket(slug, seconds: -1), "nonsense", rig.Ticket(slug) + "x", "",
        ];
        foreach (var ticket in wrong)
        {
            using var response = await rig.Http.SendAsync(rig.Request(HttpMethod.Get, slug, "manifest", ticket: ticket), Cancel);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../up")]
    [InlineData("a/../../b")]
    [InlineData("a//b")]
    [InlineData("./a")]
    [InlineData("a/")]
    [InlineData("nul\0l")]
    public async Task A_hostile_path_is_refused_whole(string path)
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));

        var response = await PostAsync(rig, slug, new JournalEntry(slug.Value, 1, 1, [Write("ok.txt", "1"), Write(path, "2")]));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        await rig.SettleAsync(slug);
        Assert.Equal(["a.txt"], await rig.PathsAsync(slug));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"workspace\":\"x\"}")]
    [InlineData("{\"workspace\":\"SLUG\",\"epoch\":1,\"sequence\":1,\"changes\":null}")]
    [InlineData("{\"workspace\":\"SLUG\",\"epoch\":1,\"sequence\":1,\"changes\":[null]}")]
    [InlineData("{\"workspace\":\"SLUG\",\"epoch\":1,\"sequence\":2,\"changes\":[]}")]
    [InlineData("{\"workspace\":\"SLUG\",\"epoch\":0,\"sequence\":1,\"changes\":[]}")]
    [InlineData("{\"workspace\":\"aaaaaaaaaaaa\",\"epoch\":1,\"sequence\":1,\"changes\":[]}")]
    [InlineData("{\"workspace\":\"SLUG\",\"epoch\":1,\"sequence\":1,\"changes\":[{\"path\":\"a\",\"kind\":\"device\"}]}")]
    [InlineData("{\"workspace\":\"SLUG\",\"epoch\":1,\"sequence\":1,\"changes\":[{\"path\":\"a\",\"kind\":7}]}")]
    [InlineData("{\"workspace\":\"SLUG\",\"epoch\":1,\"sequence\":1,\"changes\":[{\"path\":\"a\",\"kind\":\"file\"}]}")]
    [InlineData("{\"workspace\":\"SLUG\",\"epoch\":1,\"sequence\":1,\"changes\":[{\"path\":\"a\",\"kind\":\"link\"}]}")]
    public async Task What_is_no_entry_is_refused(string json)
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        var body = new StringContent(json.Replace("SLUG", slug.Value, StringComparison.Ordinal));
        using var response = await rig.Http.SendAsync(rig.Request(HttpMethod.Post, slug, "journal", body), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task An_entry_of_more_than_4_MiB_is_refused()
    {
        await using var rig = await StartAsync();
        var slug = await rig.CreateAsync(("a.txt", "1"));
        var body = new ByteArrayContent(new byte[JournalEntry.MaxLength + 1]);
        using var response = await rig.Http.SendAsync(rig.Request(HttpMethod.Post, slug, "journal", body), Cancel);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task A_workspace_does_not_outgrow_its_bounds()
    {
        await using var rig = await StartAsync(options => options with { Quota = new Quota(3, 10, 9) });
        var slug = await rig.CreateAsync(("a.txt", "1"));

        var files = await PostAsync(rig, slug, Entry(slug, 1, Write("b", "1"), Write("c", "1"), Write("d", "1")));
        var bytes = await PostAsync(rig, slug, Entry(slug, 1, Write("b", "01234567890")));
        var fits = await PostAsync(rig, slug, Entry(slug, 1, Write("b", "012345678")));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, files.StatusCode);
        Assert.Contains("4 files, more than the 3 it may", await files.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, bytes.StatusCode);
        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
    }

    [Fact]
    public async Task A_workspace_that_does_not_exist_is_not_found()
    {
        await using var rig = await StartAsync();
        var slug = Slug.Fresh();
        using var tree = await rig.Http.SendAsync(rig.Request(HttpMethod.Get, slug, "tree"), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, tree.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync(rig, slug, Entry(slug, 1))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PutAsync(rig, slug, new string('0', 64), [1])).StatusCode);
    }

    [Fact]
    public async Task What_is_kept_beside_the_files_is_replaced_as_a_whole_and_goes_with_the_workspace()
    {
        await using var rig = await StartAsync(options => options with { MaxCacheBytes = 4 });
        var slug = await rig.CreateAsync(("a.txt", "1"));
        Assert.Equal(HttpStatusCode.NotFound, (await KeptAsync("cache", 1)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await KeptAsync("other", 1, "1")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await KeptAsync("cache", 0, "1")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await KeptAsync("cache", 2, "one")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await KeptAsync("cache", 2, "two")).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await KeptAsync("cache", 2, "three")).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await KeptAsync("cache", 1, "old")).Status);
        Assert.Equal((HttpStatusCode.OK, "two"), await KeptAsync("cache", 2));

        await rig.Workspaces.DeleteAsync(slug, Cancel);
        Assert.Empty((await rig.Store.ListAsync("kept/", null, 10, Cancel)).Objects);
        Assert.Equal(HttpStatusCode.NotFound, (await KeptAsync("cache", 2, "one")).Status);

        async Task<(HttpStatusCode Status, string Text)> KeptAsync(string name, int epoch, string? put = null)
        {
            using var request = rig.Request(put is null ? HttpMethod.Get : HttpMethod.Put, slug, $"kept/{name}?epoch={epoch}");
            request.Content = put is null ? null : new StringContent(put);
            using var answer = await rig.Http.SendAsync(request, Cancel);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancel));
        }
    }

    private static JournalEntry Entry(Slug slug, long sequence, params JournalChange[] changes) =>
        new(slug.Value, 1, sequence, changes);

    private static Task<HttpResponseMessage> PostAsync(StorageRig rig, Slug slug, JournalEntry entry) =>
        rig.Http.SendAsync(
            rig.Request(HttpMethod.Post, slug, "journal", new StringContent(Encoding.UTF8.GetString(Json(entry)))), Cancel);

    private static Task<HttpResponseMessage> PutAsync(StorageRig rig, Slug slug, string hash, byte[] content) =>
        rig.Http.SendAsync(rig.Request(HttpMethod.Put, slug, $"contents/{hash}", new ByteArrayContent(content)), Cancel);
}
