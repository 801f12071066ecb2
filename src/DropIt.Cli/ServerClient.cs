using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace DropIt.Cli;

/// <summary>A workspace that is awake, and what opens it.</summary>
/// <param name="Origin">Where its runner answers.</param>
/// <param name="Ticket">Good for 15 minutes.</param>
internal sealed record OpenWorkspace(string Slug, Uri Origin, string Ticket);

/// <summary>The server's REST API (docs/api.md), in the name of a token.</summary>
internal sealed class ServerClient : IDisposable
{
    // A large workspace on a new machine takes a minute or two; a start that takes longer has a cause to be looked at.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly Uri _server;
    private readonly string _token;
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(10),
        Expect100ContinueTimeout = TimeSpan.FromSeconds(10),
        AllowAutoRedirect = false,
        ConnectCallback = ConnectAsync,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public ServerClient(Uri server, string token) => (_server, _token) = (server, token);

    /// <summary>The control origin as a browser writes it.</summary>
    public string Origin => _server.GetLeftPart(UriPartial.Authority);

    /// <summary>For a socket, which connects as requests do.</summary>
    public HttpMessageInvoker Invoker => _client;

    /// <summary>Where a browser shows the workspace.</summary>
    public string AddressOf(string slug) => $"{Origin}/w/{slug}";

    /// <summary>Asks the API; the answer is JSON.</summary>
    /// <exception cref="CliException">It refuses, or does not answer.</exception>
    public async Task<JsonElement> AskAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(_server, path)) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await SendAsync(request, _token);
        try
        {
            return await answer.Content.ReadFromJsonAsync<JsonElement>();
        }
        catch (JsonException)
        {
            throw new CliException($"What answers at {Origin} is no drop.it server. Check --server or DROPIT_URL.");
        }
    }

    /// <summary>Sends a request; the answer is a success.</summary>
    /// <exception cref="CliException">It is refused, or nobody answers.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string bearer)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        request.Headers.Add("Origin", Origin);
        HttpResponseMessage answer;
        try
        {
            answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        }
        catch (HttpRequestException e)
        {
            throw new CliException($"No server answers at {request.RequestUri!.GetLeftPart(UriPartial.Authority)} ({e.Message}). Start it, or name another with --server or DROPIT_URL.");
        }

        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw new CliException(await SentenceAsync(answer));
        }
    }

    /// <summary>Wakes a workspace and waits until it serves, telling <paramref name="progress"/> what happens meanwhile.</summary>
    /// <exception cref="CliException">It cannot be started, or takes over five minutes.</exception>
    public async Task<OpenWorkspace> OpenAsync(string slug, Action<string> progress)
    {
        var path = $"/api/workspaces/{Uri.EscapeDataString(slug)}";
        var opened = await AskAsync(HttpMethod.Post, path + "/open");
        var workspace = new OpenWorkspace(slug, new Uri(opened.GetProperty("origin").GetString()!), opened.GetProperty("ticket").GetString()!);

        using var patience = new CancellationTokenSource(s_patience);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_server, path + "/events"));
        using var answer = await SendAsync(request, _token);
        var (begun, said) = (false, "");
        try
        {
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(patience.Token));
            while (await reader.ReadLineAsync(patience.Token) is { } line)
            {
                if (!line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    continue;
                }

                var status = JsonElement.Parse(line.AsSpan(6));
                var state = status.GetProperty("state").GetString();
                if (state == "awake")
                {
                    return workspace;
                }

                var now = Words(state!, status);
                if (state == "failed" && begun)
                {
                    throw new CliException($"{slug} could not be started: {now}");
                }

                begun |= state is "starting" or "restoring";
                if (now != said)
                {
                    progress($"{slug}: {said = now}");
                }
            }
        }
        catch (OperationCanceledException)
        {
            throw new CliException($"{slug} does not serve after {s_patience.TotalMinutes:0} minutes. Last it said: {said} Look at it on {AddressOf(slug)}.");
        }
        catch (IOException e)
        {
            throw new CliException($"The server went away meanwhile ({e.Message}). Try again.");
        }

        throw new CliException($"{slug} was deleted meanwhile, or the server stopped. dropit-cli list shows what is there.");
    }

    public void Dispose() => _client.Dispose();

    private static string Words(string state, JsonElement status)
    {
        var total = status.GetProperty("totalBytes");
        var share = state == "restoring" && total.ValueKind == JsonValueKind.Number && total.GetInt64() > 0
            ? $" {100 * status.GetProperty("doneBytes").GetInt64() / total.GetInt64()} %" : "";
        var (message, cause) = (status.GetProperty("message").GetString(), status.GetProperty("cause").GetString());
        return state + share + (string.IsNullOrEmpty(message) ? "" : ". " + message) + (string.IsNullOrEmpty(cause) ? "" : ". " + cause);
    }

    /// <summary>What a refusal says: the API's detail, the runner's message, or its number.</summary>
    private static async Task<string> SentenceAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        try
        {
            var problem = JsonElement.Parse(text);
            if (problem.ValueKind == JsonValueKind.Object
                && (problem.TryGetProperty("detail", out var sentence)
                    || (problem.TryGetProperty("error", out var error) && error.TryGetProperty("message", out sentence)))
                && sentence.GetString() is { } said)
            {
                return said;
            }
        }
        catch (JsonException)
        {
            // said in no words of ours
        }

        return $"The server answers {(int)answer.StatusCode} {answer.ReasonPhrase}. Check --server or DROPIT_URL: {answer.RequestMessage!.RequestUri!.GetLeftPart(UriPartial.Authority)}.";
    }

    /// <summary>*.localhost is this machine (RFC 6761); resolvers do not all know.</summary>
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) ? "localhost" : host, port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
