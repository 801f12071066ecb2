using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using DropIt.Protocol.Journal;
using DropIt.Protocol.Workspaces;

namespace DropIt.Runner.Journal;

/// <summary>How the storage service took something.</summary>
internal enum Taken
{
    /// <summary>It has it.</summary>
    Yes,

    /// <summary>It can not at present: connection lost or back-pressure. Try again later.</summary>
    NotNow,

    /// <summary>A newer start of this workspace exists; this runner must write no more.</summary>
    Superseded,

    /// <summary>It refuses this content for good: not the bytes of the hash.</summary>
    Refused,

    /// <summary>The workspace may not hold this until something else is gone.</summary>
    TooLarge,

    /// <summary>It lacks contents that the entry names: put <see cref="StorageClient.Missing"/> ahead, then the entry again.</summary>
    Missing,
}

/// <summary>A newer start of this workspace exists: this runner must write no more.</summary>
internal sealed class SupersededException() : Exception("A newer start of this workspace exists.");

/// <summary>The storage service, as a runner sees it (docs/protocol.md, "Runner and storage").</summary>
internal sealed class StorageClient : IDisposable
{
    /// <summary>Past it an entry is sent again: the service answers within half of it, unless the network swallowed the question.</summary>
    private static readonly TimeSpan EntryPatience = TimeSpan.FromSeconds(60);

    /// <summary>Past it a question is asked again: the service says within 15 s why it has no answer yet, unless the network swallowed the question.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(20);

    /// <summary>Past it an answer that has begun and stands still is given up; shorter than the orchestrator's patience with a restore that says nothing.</summary>
    private static readonly TimeSpan StillPatience = TimeSpan.FromSeconds(30);

    /// <summary>As much for half a gigabyte on a slow network.</summary>
    private static readonly TimeSpan ContentPatience = TimeSpan.FromMinutes(15);

    private readonly HttpClient _http;
    private readonly string _base;
    private readonly long _epoch;

    /// <summary>Of one start of a workspace.</summary>
    public StorageClient(Address address, string workspace, long epoch, string ticket)
    {
        _epoch = epoch;
        var handler = address.NewHandler();
        handler.PooledConnectionIdleTimeout = TimeSpan.FromMinutes(5);
        _http = new HttpClient(handler) { BaseAddress = address.Http, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ticket);
        _base = $"/storage/{workspace}";
    }

    /// <summary>Why the last answer was not <see cref="Taken.Yes"/>, for the user.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>The contents (hex SHA-256) that the last <see cref="Taken.Missing"/> was about.</summary>
    public IReadOnlyCollection<string> Missing { get; private set; } = [];

    /// <summary>Who wrote last, and how far; opens no epoch.</summary>
    /// <exception cref="HttpRequestException">The service could not answer.</exception>
    public async Task<ManifestHead> HeadAsync(CancellationToken ct)
    {
        using var response = await GetAsync("manifest", ct);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
        return await HeadAsync(reader, ct);
    }

    /// <summary>Opens this start's epoch, so that older ones can write no more, and reads the manifest; each line goes to <paramref name="line"/>.</summary>
    /// <exception cref="HttpRequestException">The service could not answer.</exception>
    /// <exception cref="SupersededException">A newer epoch is open.</exception>
    public Task<ManifestHead> ManifestAsync(Action<ManifestLine> line, CancellationToken ct) =>
        ManifestAsync(string.Create(CultureInfo.InvariantCulture, $"manifest?epoch={_epoch}"), line, ct);

    /// <summary>Reads a manifest; each line goes to <paramref name="line"/>.</summary>
    /// <param name="what">Below this workspace's address.</param>
    /// <exception cref="HttpRequestException">The service could not answer; with its status when it did in another way.</exception>
    public async Task<ManifestHead> ManifestAsync(string what, Action<ManifestLine> line, CancellationToken ct)
    {
        using var response = await GetAsync(what, ct);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct));
        var head = await HeadAsync(reader, ct);
        var lines = 0;
        while (await reader.ReadLineAsync(ct) is { Length: > 0 } text)
        {
            line(JsonSerializer.Deserialize(text, JournalJson.Default.ManifestLine)!);
            lines++;
        }

        return lines == head.Files ? head : throw new HttpRequestException($"the manifest has {lines} of {head.Files} lines");
    }

    /// <summary>
    /// Opens this start's epoch; the tree as a tar stream, and its total of bytes (0 when not said). The response owns the stream.
    /// </summary>
    /// <exception cref="HttpRequestException">The service could not answer.</exception>
    /// <exception cref="SupersededException">A newer epoch is open.</exception>
    public async Task<(HttpResponseMessage Response, long Bytes)> TreeAsync(CancellationToken ct)
    {
        var response = await GetAsync(string.Create(CultureInfo.InvariantCulture, $"tree?epoch={_epoch}"), ct);
        var bytes = response.Headers.TryGetValues("Dropit-Bytes", out var values)
            && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var total) ? total : 0;
        return (response, bytes);
    }

    /// <summary>Posts a question whose answer is a stream. The response owns it.</summary>
    /// <exception cref="HttpRequestException">The service could not answer; with its status when it did in another way.</exception>
    public async Task<HttpResponseMessage> PostAsync(string what, HttpContent content, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{_base}/{what}") { Content = content };
        return await GoodAsync(await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct), ct);
    }

    /// <summary>Puts one file's bytes under their hash.</summary>
    public Task<Taken> PutContentsAsync(string hash, Stream content, CancellationToken ct) =>
        SendAsync(HttpMethod.Put, $"{_base}/contents/{hash}", new StreamContent(content), ContentPatience, ct);

    /// <summary>Posts an entry; <see cref="Taken.Yes"/> means that the queue has it.</summary>
    /// <param name="trace">W3C's <c>traceparent</c>: by it the entry is found again on its way to the object store.</param>
    /// <param name="age">Milliseconds since its oldest change was made.</param>
    public Task<Taken> PostAsync(byte[] entry, string trace, long age, CancellationToken ct)
    {
        var content = new ByteArrayContent(entry);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.Add("traceparent", trace);
        content.Headers.Add("Dropit-Age", age.ToString(CultureInfo.InvariantCulture));
        return SendAsync(HttpMethod.Post, $"{_base}/journal", content, EntryPatience, ct);
    }

    /// <summary>
    /// Puts something that is kept beside the files (docs/protocol.md): <c>terminals</c>, <c>cache</c>; also while entries are posted.
    /// </summary>
    /// <returns>Null, or why it was not taken.</returns>
    public async Task<string?> PutKeptAsync(string name, HttpContent content, CancellationToken ct)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{_base}/kept/{name}?epoch={_epoch}");
        var (status, answer) = await AskAsync(HttpMethod.Put, path, content, ContentPatience, ct);
        return status is null or >= HttpStatusCode.Ambiguous ? answer : null;
    }

    /// <summary>Opens what is kept under that name; null when there is nothing. The response owns the stream.</summary>
    /// <exception cref="HttpRequestException">The service could not answer.</exception>
    public async Task<HttpResponseMessage?> KeptAsync(string name, CancellationToken ct)
    {
        try
        {
            return await GetAsync($"kept/{name}", ct);
        }
        catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>All of what is kept under that name; null when there is nothing.</summary>
    /// <exception cref="HttpRequestException">The service could not answer.</exception>
    public async Task<byte[]?> KeptBytesAsync(string name, CancellationToken ct)
    {
        using var response = await KeptAsync(name, ct);
        return response is null ? null : await response.Content.ReadAsByteArrayAsync(ct);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<Taken> SendAsync(HttpMethod method, string path, HttpContent content, TimeSpan patience, CancellationToken ct)
    {
        var (status, answer) = await AskAsync(method, path, content, patience, ct);
        if (status is < HttpStatusCode.Ambiguous)
        {
            return Taken.Yes;
        }

        (Problem, Missing) = status is null ? (answer, []) : Read(answer);
        Problem = Problem.Length > 0 ? Problem : $"The storage service answered {(int)status!}.";
        return status switch
        {
            HttpStatusCode.Conflict => Taken.Superseded,
            HttpStatusCode.UnprocessableEntity when Missing.Count > 0 => Taken.Missing,
            HttpStatusCode.RequestEntityTooLarge => Taken.TooLarge,
            HttpStatusCode.BadRequest => Taken.Refused,
            _ => Taken.NotNow,
        };
    }

    /// <summary>What was answered; no status, and why, when nothing was.</summary>
    private async Task<(HttpStatusCode? Status, string Answer)> AskAsync(
        HttpMethod method, string path, HttpContent content, TimeSpan patience, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(patience);
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            using var response = await _http.SendAsync(request, over.Token);
            return (response.StatusCode, response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync(over.Token));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return (null, "The storage service can not be reached.");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return (null, "The storage service does not answer.");
        }
    }

    private async Task<HttpResponseMessage> GetAsync(string what, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(AnswerPatience);
        try
        {
            return await GoodAsync(await _http.GetAsync($"{_base}/{what}", HttpCompletionOption.ResponseHeadersRead, over.Token), over.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new HttpRequestException("it does not answer");
        }
    }

    private static async Task<HttpResponseMessage> GoodAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (response.IsSuccessStatusCode)
        {
            response.Content = new StreamContent(new MovingStream(await response.Content.ReadAsStreamAsync(ct), StillPatience));
            return response;
        }

        var (message, _) = Read(await response.Content.ReadAsStringAsync(ct));
        response.Dispose();
        throw response.StatusCode == HttpStatusCode.Conflict
            ? new SupersededException()
            : new HttpRequestException(
                $"the storage service answered {(int)response.StatusCode}{(message.Length > 0 ? ": " + message : "")}", null, response.StatusCode);
    }

    private static async Task<ManifestHead> HeadAsync(StreamReader reader, CancellationToken ct) =>
        JsonSerializer.Deserialize(await reader.ReadLineAsync(ct) ?? "null", JournalJson.Default.ManifestHead)
        ?? throw new HttpRequestException("the manifest is empty");

    /// <summary>Message and missing hashes of a refusal; empty for what is none.</summary>
    private static (string Message, HashSet<string> Missing) Read(string answer)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            var message = json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("message", out var text)
                && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("missing", out var missing)
                && missing.ValueKind == JsonValueKind.Array
                ? (message, [.. missing.EnumerateArray().Where(hash => hash.ValueKind == JsonValueKind.String).Select(hash => hash.GetString()!)])
                : (message, []);
        }
        catch (JsonException)
        {
            return ("", []);
        }
    }
}
