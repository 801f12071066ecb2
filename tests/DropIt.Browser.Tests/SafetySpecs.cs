using System.Text.RegularExpressions;
using DropIt.Browser.Tests.Harness;
using DropIt.Tests.Services;

namespace DropIt.Browser.Tests;

/// <summary>From a key that is pressed in the page to an object in a real S3 server, by a real RabbitMQ.</summary>
public sealed class SafetySpecs(Chromium chromium, SafetySpecs.Store store, RabbitServer broker)
    : IClassFixture<SafetySpecs.Store>, IClassFixture<RabbitServer>
{
    private const int Minute = 60_000;

    public sealed class Store : S3Server, IAsyncLifetime;

    [Theory]
    [InlineData("disk")]
    [InlineData("memory")]
    public async Task While_the_broker_takes_nothing_the_page_says_not_safe_yet_and_what_it_says_is_safe_afterwards_is_in_S3(string what)
    {
        Func<bool, Task> fill = what == "disk" ? broker.FillDiskAsync : broker.FillMemoryAsync;
        await using var server = await TestServer.StartAsync(
            more: ["--s3", $"s3://{S3Server.Bucket}/{S3Server.FreshPrefix()}", "--s3-endpoint", store.Endpoint],
            environment: new()
            {
                ["DROPIT_S3_ACCESS_KEY"] = store.AccessKey,
                ["DROPIT_S3_SECRET_KEY"] = store.SecretKey,
                ["DROPIT_RABBITMQ"] = (await broker.FreshAsync()).ToString(),
            });
        await using var visitor = await Visitor.SignInAsync(chromium, server);
        var bench = await visitor.CreateAsync("Empty");
        var status = bench.Page.GetByRole(AriaRole.Status, new() { Name = "Status" });
        bench.Write("typed.txt", "");
        await bench.OpenAsync("typed.txt");
        await bench.GoToEndAsync();
        await bench.Page.Keyboard.TypeAsync("before ");
        await bench.IsSafeAsync("typed.txt");

        await fill(true);
        try
        {
            await bench.Page.Keyboard.TypeAsync("meanwhile ");
            await Expect(status).ToContainTextAsync("Not safe yet", new() { Timeout = Minute });
            await status.GetByText("Not safe yet").HoverAsync();
            await Expect(bench.Page.GetByText(new Regex($"Not safe yet: .*takes no changes.*{what}.*What you write is kept in the workspace")).First).ToBeVisibleAsync();
            await bench.GoToEndAsync();
            await bench.Page.Keyboard.TypeAsync("still ");
            await Expect(status).Not.ToContainTextAsync("Safe");
        }
        finally
        {
            await fill(false);
        }

        await bench.IsSafeAsync("typed.txt");
        await Expect(status).ToContainTextAsync("Safe", new() { Timeout = Minute });

        // Server, runner and the workspace's disk are lost: what is left is what the broker and S3 have.
        var (slug, runner) = (bench.Slug, bench.RunnerProcess);
        await bench.Page.CloseAsync();
        await server.KillAsync();
        Signal.Send(runner, "KILL");
        Directory.Delete(Path.Combine(server.Data, "workspaces", slug), recursive: true);
        Assert.False(Directory.Exists(Path.Combine(server.Data, "store")));
        await server.StartAgainAsync();
        var again = await visitor.OpenAsync(slug);
        await again.OpenAsync("typed.txt");
        await again.HasTextAsync("before meanwhile still ");
        Assert.Equal("before meanwhile still ", await File.ReadAllTextAsync(again.OnDisk("typed.txt"), TestContext.Current.CancellationToken));
    }
}
