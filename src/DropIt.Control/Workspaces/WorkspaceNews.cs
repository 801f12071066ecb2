using System.Text.Json;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using DropIt.Control.Database;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace DropIt.Control.Workspaces;

/// <summary>What one server tells the others.</summary>
/// <param name="From">Who says it: everyone hears what it said itself, too.</param>
/// <param name="Slug">The workspace; null: rows have changed.</param>
/// <param name="Status">What it is now; null with a slug: it is no more.</param>
internal sealed record News(string From, string? Slug, WorkspaceStatus? Status);

/// <summary>
/// Carries nudges and statuses between the servers on one PostgreSQL by NOTIFY. All of it may be lost: whoever leads, and whoever
/// follows, looks at the rows every 2 s.
/// </summary>
internal sealed class WorkspaceNews(PostgresEngine database, WorkspaceWatch watch, TimeProvider time, ILogger<WorkspaceNews> log) : BackgroundService
{
    private const string ChannelName = "dropit";

    // PostgreSQL takes 8,000 bytes; in the worst case each UTF-16 unit is written as six.
    private const int MaxMessage = 1000;

    // Told one after the other in one round trip; more than this many wait only while the database is away, and then the rows tell.
    private const int MostWaiting = 256;

    private static readonly TimeSpan s_afterTrouble = TimeSpan.FromSeconds(1);

    private readonly string _self = Guid.NewGuid().ToString("n");
    private readonly Channel<News> _waiting = Channel.CreateBounded<News>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropOldest });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        watch.Said += Say;
        try
        {
            await Task.WhenAll(AgainAsync(TellAsync, stoppingToken), AgainAsync(HearAsync, stoppingToken));
        }
        finally
        {
            watch.Said -= Say;
        }
    }

    private void Say(string? slug, WorkspaceStatus? status) => _waiting.Writer.TryWrite(
        new News(_self, slug, status is { Message.Length: > MaxMessage } ? status with { Message = status.Message[..MaxMessage] } : status));

    private async Task AgainAsync(Func<CancellationToken, Task> work, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await work(cancel);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (DatabaseTrouble.CauseOf(e) is not null)
            {
                await Task.Delay(s_afterTrouble, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e)
            {
                log.LogError(e, "News of workspaces cannot be exchanged with other servers");
                await Task.Delay(s_afterTrouble, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task TellAsync(CancellationToken cancel)
    {
        while (await _waiting.Reader.WaitToReadAsync(cancel))
        {
            var said = new List<string>();
            while (_waiting.Reader.TryRead(out var news))
            {
                said.Add(JsonSerializer.Serialize(news, NewsJson.Default.News));
            }

            // A transaction tells the same text only once, so many nudges are one.
            await using var command = database.Source.CreateCommand($"SELECT pg_notify('{ChannelName}', line) FROM unnest(@lines) AS said(line)");
            command.Parameters.AddWithValue("lines", said.ToArray());
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    private async Task HearAsync(CancellationToken cancel)
    {
        await using var connection = database.NewSession();
        await connection.OpenAsync(cancel);
        connection.Notification += (_, told) => Hear(told.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {ChannelName}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancel);
        }

        // What was said before this connection is not known.
        watch.Hear(null, null);
        while (true)
        {
            await connection.WaitAsync(cancel);
        }
    }

    private void Hear(string text)
    {
        if (JsonSerializer.Deserialize(text, NewsJson.Default.News) is { } news && news.From != _self)
        {
            watch.Hear(news.Slug, news.Status);
        }
    }
}

/// <summary>JSON between servers.</summary>
[JsonSerializable(typeof(News))]
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class NewsJson : JsonSerializerContext;
