using System.Net;
using System.Text.Json;
using DropIt.Server.Tests.Harness;
using DropIt.Tests.Chaos;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Storage;

/// <summary>Specs that share one S3 server and one RabbitMQ, one after the other: some of them kill either.</summary>
[CollectionDefinition(Name)]
public sealed class S3Suite : ICollectionFixture<S3Fixture>, ICollectionFixture<RabbitServer>
{
    public const string Name = "S3";
}

public sealed class S3Fixture : S3Server, IAsyncLifetime;

/// <summary>The whole server with its workspaces in a bucket.</summary>
[Collection(S3Suite.Name)]
public sealed class S3Specs(S3Fixture s3)
{
    private readonly string _prefix = S3Server.FreshPrefix();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Dictionary<string, string> Key => new() { ["DROPIT_S3_ACCESS_KEY"] = s3.AccessKey, ["DROPIT_S3_SECRET_KEY"] = s3.SecretKey };

    private string[] Place => ["--s3", $"s3://{S3Server.Bucket}/{_prefix}", "--s3-endpoint", s3.Endpoint];

    [Fact]
    public async Task A_workspace_is_created_edited_put_to_sleep_and_woken_from_the_bucket_alone()
    {
        await using var server = await StartAsync();
        var slug = await server.CreateAsync();
        await server.PutFileAsync(slug, await server.OpenAsync(slug), "notes/first.txt", "what was typed\n");
        await server.SleepAsync(slug);
        Assert.False(Directory.Exists(Path.Combine(server.Data, "store")));
        Directory.Delete(Path.Combine(server.Data, "workspaces", slug), recursive: true);

        await server.OpenAsync(slug);
        Assert.Equal("what was typed\n", await File.ReadAllTextAsync(Path.Combine(server.Data, "workspaces", slug, "files", "notes/first.txt"), Cancel));
        using var stored = await server.GetAsync($"/api/workspaces/{slug}/files/notes/first.txt");
        Assert.Equal("what was typed\n", await stored.Content.ReadAsStringAsync(Cancel));
        using var client = s3.Client();
        Assert.NotNull(await client.GetObjectMetadataAsync(S3Server.Bucket, $"{_prefix}heads/{slug}", Cancel));
    }

    /// <summary>
    /// 24 MB that no compression makes smaller; after 18 MB the bucket falls silent. Four ranges of 4 MiB are asked for ahead, so by then the first of them at
    /// least is on its way to the workspace.
    /// </summary>
    [Fact]
    public async Task A_wake_says_how_many_megabytes_are_there_and_goes_on_where_a_silent_bucket_left_it()
    {
        using var cable = new Cable(new Uri(s3.Endpoint).Port);
        await using var server = await ServerRig.StartAsync(
            more: ["--s3", $"s3://{S3Server.Bucket}/{_prefix}", "--s3-endpoint", $"http://127.0.0.1:{cable.Port}"], environment: Key);
        var slug = await server.CreateAsync("empty");
        await server.OpenAsync(slug);
        var files = Path.Combine(server.Data, "workspaces", slug, "files");
        var content = new byte[400_000];
        var random = new Random(5);
        for (var i = 0; i < 60; i++)
        {
            random.NextBytes(content);
            await File.WriteAllBytesAsync(Path.Combine(files, $"{i:00}.bin"), content, Cancel);
        }

        await server.SleepAsync(slug);
        Directory.Delete(Path.Combine(server.Data, "workspaces", slug), recursive: true);
        cable.CutAfter(18_000_000);
        await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/open");
        string said;
        do
        {
            said = await server.WaitForMessageAsync(slug, "\"state\":\"restoring\"");
        }
        while (Number(said, "doneBytes") == 0);

        // What a fresh workspace has is a file of a few bytes.
        Assert.InRange(Number(said, "totalBytes"), 24_000_000, 24_010_000);
        Assert.InRange(Number(said, "doneBytes"), 256 * 1024, 18_000_000);
        var page = await server.WaitForHostAsync($"{slug}.localhost:{server.Port}", "/", HttpStatusCode.ServiceUnavailable);
        Assert.Matches(@"Its files are being fetched: \d+\.\d of 24\.0 MB\.", page);

        cable.Mend();
        await server.WaitForAsync(slug, "awake");
        Assert.Equal(60, Directory.GetFiles(files, "*.bin").Length);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(files, "59.bin"), Cancel));
    }

    private static long Number(string line, string name) => JsonElement.Parse(line[6..]).GetProperty(name).GetInt64();

    [Fact]
    public async Task While_the_gateway_is_gone_edits_are_kept_and_what_needs_it_says_so()
    {
        await using var server = await StartAsync();
        var slug = await server.CreateAsync("empty");
        var ticket = await server.OpenAsync(slug);
        await s3.KillAsync();
        try
        {
            await server.PutFileAsync(slug, ticket, "a.txt", "kept");
            using var created = await server.SendAsync(HttpMethod.Post, "/api/workspaces", new { stack = "static" });
            Assert.Equal(HttpStatusCode.ServiceUnavailable, created.StatusCode);
            Assert.Contains("cannot be reached", await created.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
        finally
        {
            await s3.StartAsync();
        }

        await server.SleepAsync(slug);
        using var stored = await server.GetAsync($"/api/workspaces/{slug}/files/a.txt");
        Assert.Equal("kept", await stored.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task A_server_starts_while_the_gateway_is_gone_and_works_when_it_is_back()
    {
        await s3.KillAsync();
        ServerRig server;
        try
        {
            server = await StartAsync();
        }
        finally
        {
            await s3.StartAsync();
        }

        await using (server)
        {
            await server.CreateAsync("empty");
        }
    }

    [Fact]
    public async Task A_key_that_stands_where_the_AWS_SDK_looks_is_used_and_none_anywhere_is_told_with_the_cure()
    {
        var key = new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = s3.AccessKey,
            ["AWS_SECRET_ACCESS_KEY"] = s3.SecretKey,
            ["AWS_EC2_METADATA_DISABLED"] = "true", // what is no machine of Amazon's is not asked for its role
        };
        await using (var server = await ServerRig.StartAsync(more: Place, environment: key))
        {
            var slug = await server.CreateAsync("empty");
            using var client = s3.Client();
            Assert.NotNull(await client.GetObjectMetadataAsync(S3Server.Bucket, $"{_prefix}heads/{slug}", Cancel));
        }

        key["AWS_SECRET_ACCESS_KEY"] = "wrong";
        var (code, _, errors) = await RunAsync(Place, key);
        Assert.Equal(2, code);
        Assert.Contains("refuses the key", errors, StringComparison.Ordinal);

        key.Remove("AWS_ACCESS_KEY_ID");
        key.Remove("AWS_SECRET_ACCESS_KEY");
        (code, _, errors) = await RunAsync(Place, key);
        Assert.Equal(2, code);
        Assert.Contains("Give a key by DROPIT_S3_ACCESS_KEY and DROPIT_S3_SECRET_KEY", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_bucket_or_key_refuses_the_start_with_the_cure()
    {
        var (code, _, errors) = await RunAsync(["--s3", "s3://no-such-bucket", "--s3-endpoint", s3.Endpoint], Key);
        Assert.Equal(2, code);
        Assert.Contains("no bucket no-such-bucket", errors, StringComparison.Ordinal);

        (code, _, errors) = await RunAsync(Place, Key.Append(new("DROPIT_S3_SECRET_KEY", "wrong")).GroupBy(p => p.Key).ToDictionary(g => g.Key, g => g.Last().Value));
        Assert.Equal(2, code);
        Assert.Contains("refuses the key", errors, StringComparison.Ordinal);
        Assert.Contains("DROPIT_S3_SECRET_KEY", errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string[] place, Dictionary<string, string> key)
    {
        var data = Directory.CreateTempSubdirectory("dropit-").FullName;
        try
        {
            return await ServerRig.RunAsync(
                ["--data", data, "--port", $"{ServerRig.FreePort()}", "--templates", Built.Templates, "--runner", Built.Runner, .. place], key);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private Task<ServerRig> StartAsync() => ServerRig.StartAsync(more: Place, environment: Key);
}
