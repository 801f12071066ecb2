using System.IO.Compression;
using DropIt.Server.Tests.Harness;

namespace DropIt.Server.Tests.Storage;

/// <summary><c>dropit-server storage ..</c> as an operator runs it, beside the server.</summary>
public sealed class StorageCommandSpecs
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verify_says_that_all_is_well_and_which_workspace_a_lost_pack_touches()
    {
        await using var server = await ServerRig.StartAsync();
        var slug = await server.CreateAsync("node");
        var (code, output, _) = await ServerRig.RunAsync("storage", "verify", "--data", server.Data);
        Assert.Equal(0, code);
        Assert.Contains("read 2 heads and 1 packs", output, StringComparison.Ordinal);
        Assert.Contains("all is as it was stored", output, StringComparison.Ordinal);

        var pack = Assert.Single(Directory.GetFiles(Path.Combine(server.Data, "store", "objects", "packs"), "*", SearchOption.AllDirectories));
        File.Move(pack, Path.Combine(server.Data, "aside"));
        (code, output, _) = await ServerRig.RunAsync("storage", "verify", slug, "--data", server.Data);
        Assert.Equal(1, code);
        Assert.Contains($"{Path.GetFileName(pack).TrimEnd('+')} is missing; it touches", output, StringComparison.Ordinal);
        Assert.Contains("  " + slug, output, StringComparison.Ordinal);
        File.Move(Path.Combine(server.Data, "aside"), pack);
        Assert.Equal(0, (await ServerRig.RunAsync("storage", "verify", slug, "--data", server.Data)).Code);
    }

    [Fact]
    public async Task Export_holds_what_the_running_server_acknowledged_and_replaces_nothing()
    {
        await using var server = await ServerRig.StartAsync();
        var slug = await server.CreateAsync("empty");
        using (var request = new HttpRequestMessage(HttpMethod.Put, $"http://{slug}.localhost:{server.Port}/.dropit/files/a.txt"))
        {
            request.Content = new StringContent("typed a moment ago");
            request.Headers.Authorization = new("Bearer", await server.OpenAsync(slug));
            request.Headers.Add("Origin", server.Origin);
            using var put = await server.Client.SendAsync(request, Cancel);
            Assert.True(put.IsSuccessStatusCode);
        }

        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
        await server.WaitForAsync(slug, "asleep");
        var file = Path.Combine(server.Data, "export.zip");
        var (code, output, errors) = await ServerRig.RunAsync("storage", "export", slug, file, "--data", server.Data);
        Assert.True(code == 0, errors);
        Assert.DoesNotContain("no server answered", output, StringComparison.Ordinal);
        await using (var zip = await ZipFile.OpenReadAsync(file, Cancel))
        {
            using var reader = new StreamReader(await zip.GetEntry("a.txt")!.OpenAsync(Cancel));
            Assert.Equal("typed a moment ago", await reader.ReadToEndAsync(Cancel));
        }

        (code, _, errors) = await ServerRig.RunAsync("storage", "export", slug, file, "--data", server.Data);
        Assert.Equal(2, code);
        Assert.Contains("exists already", errors, StringComparison.Ordinal);
        (code, _, errors) = await ServerRig.RunAsync("storage", "export", "nosuchslug", "--data", server.Data);
        Assert.Equal(1, code);
        Assert.Contains("no workspace named nosuchslug", errors, StringComparison.Ordinal);
        Assert.False(File.Exists("nosuchslug.zip.part"));
    }

    [Fact]
    public async Task Gc_says_what_it_would_remove_and_what_cannot_be_meant_is_refused()
    {
        await using var server = await ServerRig.StartAsync();
        await server.CreateAsync("empty");
        var (code, output, _) = await ServerRig.RunAsync("storage", "gc", "--dry-run", "--data", server.Data);
        Assert.Equal(0, code);
        Assert.Contains("would remove 0 objects", output, StringComparison.Ordinal);

        foreach (var words in (string[][])[["storage"], ["storage", "mend"], ["storage", "export"], ["storage", "gc", "abcdefghij"], ["storage", "verify", "--dry-run"]])
        {
            (code, _, var errors) = await ServerRig.RunAsync([.. words, "--data", server.Data]);
            Assert.Equal(2, code);
            Assert.Contains("storage verify [SLUG]", errors, StringComparison.Ordinal);
        }

        (code, _, var nowhere) = await ServerRig.RunAsync("storage", "verify", "--data", Path.Combine(server.Data, "nowhere"));
        Assert.Equal(2, code);
        Assert.Contains("no workspaces in the data folder", nowhere, StringComparison.Ordinal);
    }
}
