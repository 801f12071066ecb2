using System.Net;
using System.Text.Json;
using DropIt.Server.Tests.Harness;
using DropIt.Server.Tests.Storage;
using DropIt.Tests.Services;

namespace DropIt.Server.Tests.Observing;

/// <summary>What an operator sees of a server on a real S3 server and a real RabbitMQ.</summary>
[Collection(S3Suite.Name)]
public sealed class ObservingSpecs(S3Fixture s3, RabbitServer broker)
{
    private const string Secret = "hunter2-correct-horse-battery";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_typed_is_counted_traced_and_logged_and_what_it_says_is_nowhere()
    {
        using var traces = new TraceReceiver();
        var metrics = ServerRig.FreePort();
        await using var server = await ServerRig.StartAsync(
            signIn: false,
            more:
            [
                "--s3", $"s3://{S3Server.Bucket}/{S3Server.FreshPrefix()}", "--s3-endpoint", s3.Endpoint,
                "--logs", "json", "--metrics-listen", $"127.0.0.1:{metrics}",
            ],
            environment: new Dictionary<string, string>
            {
                ["DROPIT_S3_ACCESS_KEY"] = s3.AccessKey,
                ["DROPIT_S3_SECRET_KEY"] = s3.SecretKey,
                ["DROPIT_RABBITMQ"] = (await broker.FreshAsync()).ToString(),
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = traces.Endpoint,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            });
        Assert.DoesNotContain("http", server.SignInAddress, StringComparison.Ordinal);
        await server.SignInByCommandAsync();
        var slug = await server.CreateAsync("empty");
        await server.PutFileAsync(slug, await server.OpenAsync(slug), "notes.txt", Secret);
        await server.SleepAsync(slug);

        var page = await new Figures(metrics).UntilAsync(lag => lag == 0, "dropit_persister_lag_seconds");

        Assert.True(Figures.Value(page, "dropit_journal_entries_total{", "outcome=\"accepted\"") >= 1, page);
        Assert.True(Figures.Value(page, "dropit_journal_safe_seconds_count") >= 1, page);
        Assert.True(Figures.Value(page, "dropit_persister_entries_total") >= 1, page);
        Assert.True(Figures.Value(page, "dropit_persister_batches_total{", "outcome=\"written\"") >= 1, page);
        Assert.True(Figures.Value(page, "dropit_object_store_requests_total{", "operation=\"put\"", "outcome=\"ok\"") >= 3, page);
        Assert.Equal(1, Figures.Value(page, "dropit_journal_queue_open"));
        foreach (var name in (string[])["dropit_persister_pending", "dropit_journal_queue_depth", "dropit_runners", "dropit_unsafe_age_seconds"])
        {
            Assert.Contains("\n" + name, page, StringComparison.Ordinal);
        }

        foreach (var path in (string[])["metrics", "healthz", "readyz"])
        {
            using var elsewhere = await server.GetAsync("/" + path);
            Assert.Equal(path == "metrics" ? HttpStatusCode.NotFound : HttpStatusCode.OK, elsewhere.StatusCode);
            using var request = new HttpRequestMessage(HttpMethod.Get, "/" + path) { Headers = { Host = $"{slug}.localhost" } };
            using var workspace = await server.Client.SendAsync(request, Cancel);
            Assert.DoesNotContain("dropit_", await workspace.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }

        Assert.Equal(0, await server.StopAsync());
        var log = await server.LogAsync();
        foreach (var line in log.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
        }

        Assert.Contains("\"/api/workspaces/{slug}/open\"", log.Replace("\\u007B", "{", StringComparison.Ordinal).Replace("\\u007D", "}", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains($"\"Slug\":\"{slug}\"", log, StringComparison.Ordinal);
        Assert.Contains("\"User\":\"", log, StringComparison.Ordinal);
        lock (traces.Spans)
        {
            // The runner has the id of the whole; what the persister does goes on in a header of the message, from where it was published.
            var spans = traces.Spans.ToDictionary(span => span.Id);
            var ways = traces.Spans.Where(span => span.Name == "object store put").Select(put => WayTo(put, spans)).ToList();
            Assert.Contains("(runner) > journal accept > journal publish > persist > object store put", ways);
        }

        foreach (var told in (string[])[page, log, traces.Text])
        {
            foreach (var secret in (string[])[Secret, s3.SecretKey, "test:test", "/signin/"])
            {
                Assert.DoesNotContain(secret, told, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task A_bucket_that_is_away_and_a_broker_that_takes_nothing_are_seen_in_figures_until_they_are_back()
    {
        var metrics = ServerRig.FreePort();
        await using var server = await ServerRig.StartAsync(
            more: ["--s3", $"s3://{S3Server.Bucket}/{S3Server.FreshPrefix()}", "--s3-endpoint", s3.Endpoint, "--metrics-listen", $"127.0.0.1:{metrics}"],
            environment: new Dictionary<string, string>
            {
                ["DROPIT_S3_ACCESS_KEY"] = s3.AccessKey,
                ["DROPIT_S3_SECRET_KEY"] = s3.SecretKey,
                ["DROPIT_RABBITMQ"] = (await broker.FreshAsync()).ToString(),
            });
        var figures = new Figures(metrics);
        var slug = await server.CreateAsync("empty");
        var ticket = await server.OpenAsync(slug);
        await server.PutFileAsync(slug, ticket, "a.txt", "before");
        var page = await figures.UntilAsync(entries => entries >= 1, "dropit_journal_entries_total{", "outcome=\"accepted\"");
        Assert.True(Figures.Value(page, "dropit_object_store_requests_total{", "outcome=\"error\"") <= 0, page);

        // What is typed is safe without the bucket: only what should write it there falls behind, and says so. The stop wants it written at once.
        await s3.KillAsync();
        try
        {
            await server.PutFileAsync(slug, ticket, "a.txt", "while it is away");
            await server.SendAsync(HttpMethod.Post, $"/api/workspaces/{slug}/stop");
            await figures.UntilAsync(failed => failed >= 1, "dropit_persister_batches_total{", "outcome=\"failed\"");
            page = await figures.UntilAsync(lag => lag > 1, "dropit_persister_lag_seconds");
            Assert.True(Figures.Value(page, "dropit_object_store_requests_total{", "outcome=\"error\"") >= 1, page);
            Assert.True(Figures.Value(page, "dropit_persister_pending") >= 1, page);
            Assert.Equal(0, Figures.Value(page, "dropit_unsafe_age_seconds"));
        }
        finally
        {
            await s3.StartAsync();
        }

        await figures.UntilAsync(lag => lag == 0, "dropit_persister_lag_seconds");
        await server.WaitForAsync(slug, "asleep");

        ticket = await server.OpenAsync(slug);
        await broker.FillDiskAsync(true);
        try
        {
            await server.PutFileAsync(slug, ticket, "a.txt", "while it takes nothing");
            page = await figures.UntilAsync(age => age > 5, "dropit_unsafe_age_seconds");
            Assert.Equal(0, Figures.Value(page, "dropit_journal_queue_open"));
        }
        finally
        {
            await broker.FillDiskAsync(false);
        }

        await figures.UntilAsync(age => age == 0, "dropit_unsafe_age_seconds");
        await figures.UntilAsync(open => open == 1, "dropit_journal_queue_open");
    }

    [Fact]
    public async Task Each_role_has_its_own_figures_and_says_what_it_cannot_do_without()
    {
        var metrics = ServerRig.FreePort();
        await using var persister = await PartRig.StartAsync(
            "persister",
            ["--s3", $"s3://{S3Server.Bucket}/{S3Server.FreshPrefix()}", "--s3-endpoint", s3.Endpoint, "--metrics-listen", $"127.0.0.1:{metrics}"],
            new Dictionary<string, string>
            {
                ["DROPIT_S3_ACCESS_KEY"] = s3.AccessKey,
                ["DROPIT_S3_SECRET_KEY"] = s3.SecretKey,
                ["DROPIT_RABBITMQ"] = (await broker.FreshAsync()).ToString(),
            });
        var page = await new Figures(metrics).PageAsync();
        Assert.Contains("dropit_persister_lag_seconds", page, StringComparison.Ordinal);
        Assert.DoesNotContain("dropit_runners", page, StringComparison.Ordinal);
        Assert.Contains("dropit_roles=\"persister\"", page, StringComparison.Ordinal);

        // It serves its figures before the broker has let it in.
        while (await new Figures(metrics).AskAsync("readyz") != (HttpStatusCode.OK, "ready\n"))
        {
            await Task.Delay(100, Cancel);
        }

        await broker.KillAsync();
        try
        {
            var (status, missing) = await new Figures(metrics).AskAsync("readyz");
            while (status == HttpStatusCode.OK)
            {
                await Task.Delay(100, Cancel);
                (status, missing) = await new Figures(metrics).AskAsync("readyz");
            }

            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.StartsWith("journal: ", missing, StringComparison.Ordinal);
            Assert.Equal((HttpStatusCode.OK, "ok\n"), await new Figures(metrics).AskAsync("healthz"));
        }
        finally
        {
            await broker.StartAsync();
        }
    }

    [Fact]
    public async Task A_page_is_not_taken_from_people_because_the_journal_is_away()
    {
        var metrics = ServerRig.FreePort();
        await using var server = await ServerRig.StartAsync(
            signIn: false,
            more: ["--metrics-listen", $"127.0.0.1:{metrics}"],
            environment: new Dictionary<string, string> { ["DROPIT_RABBITMQ"] = (await broker.FreshAsync()).ToString() });
        await broker.KillAsync();
        try
        {
            string said;
            do
            {
                (var status, said) = await new Figures(metrics).AskAsync("readyz");
                Assert.Equal(HttpStatusCode.OK, status);
            }
            while (!said.StartsWith("ready\njournal: ", StringComparison.Ordinal));
        }
        finally
        {
            await broker.StartAsync();
        }
    }

    private static string WayTo(TraceReceiver.Span span, IReadOnlyDictionary<string, TraceReceiver.Span> spans)
    {
        var way = span.Name;
        for (; span.Parent.Length > 0; way = $"{span.Name} > {way}")
        {
            if (!spans.TryGetValue(span.Parent, out var parent))
            {
                return "(runner) > " + way;
            }

            Assert.Equal(span.Trace, parent.Trace);
            span = parent;
        }

        return way;
    }
}
