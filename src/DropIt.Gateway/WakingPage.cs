using System.Globalization;
using System.Text.Json;
using DropIt.Control.Answers;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Workspaces;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace DropIt.Gateway;

/// <summary>What a request gets whose workspace is not up yet: a browser a page that follows the start, a machine 503 with Retry-After.</summary>
internal sealed class WakingPage(WorkspaceWatch watch, IHostApplicationLifetime lifetime) : IDisposable
{
    /// <summary>Where the page hears how the start goes; asking does not wake.</summary>
    public const string EventsPath = "/.dropit/waking";

    // Each is an open connection of someone who is not signed in. Past it the page loads itself again instead.
    private const int MaxListeners = 1024;

    // The page follows the start, and looks by itself when it heard nothing for a while.
    private const string Follow = """
        <script>
        const again = () => location.reload();
        let timer = setTimeout(again, 5000);
        const events = new EventSource("/.dropit/waking");
        events.onmessage = ({ data }) => {
          clearTimeout(timer);
          const { up, title, sentence } = JSON.parse(data);
          if (up) return again();
          document.title = title;
          document.querySelector("h1").textContent = title;
          document.querySelector("p").textContent = sentence;
          timer = setTimeout(again, 20000);
        };
        </script>
        """;

    private readonly SemaphoreSlim _listeners = new(MaxListeners);

    /// <summary>Answers a request that cannot be forwarded yet.</summary>
    public static Task AnswerAsync(HttpContext http, WorkspaceStatus status)
    {
        var seconds = status.State == WorkspaceState.Failed ? 5 : 1;
        http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        var (title, sentence) = Words(status);
        if (!IsNavigation(http.Request))
        {
            http.Response.ContentType = "text/plain; charset=utf-8";
            return http.Response.WriteAsync($"{title}. {sentence}\n", http.RequestAborted);
        }

        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(SentencePage.Html(title, sentence) + Follow, http.RequestAborted);
    }

    /// <summary>Streams how the start goes, one event a change, until the workspace is up.</summary>
    public async Task StreamAsync(HttpContext http, Slug slug)
    {
        if (!await _listeners.WaitAsync(0, CancellationToken.None))
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        try
        {
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            http.Response.Headers.XContentTypeOptions = "nosniff";
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
            await foreach (var status in watch.WatchAsync(slug.Value, new WorkspaceStatus(WorkspaceState.Starting), cancel.Token))
            {
                var (title, sentence) = Words(status);
                var up = status.State == WorkspaceState.Awake;
                await http.Response.WriteAsync($"data: {JsonSerializer.Serialize(new { up, title, sentence })}\n\n", cancel.Token);
                await http.Response.Body.FlushAsync(cancel.Token);
                if (up)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The browser has gone or the server ends.
        }
        finally
        {
            _listeners.Release();
        }
    }

    public void Dispose() => _listeners.Dispose();

    private static (string Title, string Sentence) Words(WorkspaceStatus status) => status.State switch
    {
        WorkspaceState.Failed => ("The workspace cannot be started", status.Message ?? "It is tried again."),
        WorkspaceState.Restoring when status.TotalBytes > 0 => (
            "The workspace is waking up",
            string.Create(
                CultureInfo.InvariantCulture,
                $"Its files are being fetched: {status.DoneBytes / 1e6:0.0} of {status.TotalBytes / 1e6:0.0} MB. This page loads by itself.")),
        WorkspaceState.Starting when status.Message is { } message => ("The workspace is waking up", $"{message} This page loads by itself."),
        _ => ("The workspace is waking up", "This page loads by itself as soon as it is up."),
    };

    private static bool IsNavigation(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && (request.Headers["Sec-Fetch-Mode"] is { Count: > 0 } mode
            ? mode == "navigate"
            : request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal));
}
