using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DropIt.Control.Tickets;
using DropIt.Protocol.Workspaces;

namespace DropIt.Orchestrator;

/// <summary>What the orchestrator says to one runner, wherever that runs.</summary>
internal sealed class RunnerClient : IDisposable
{
    // Nothing says when a runner starts to listen, so it is asked this often.
    private static readonly TimeSpan s_betweenTries = TimeSpan.FromMilliseconds(10);

    // A runner answers at once what it is asked here. An answer that was lost never comes, and all that is asked may be asked twice.
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(10);

    // The clocks of two nodes may differ by this much.
    private static readonly TimeSpan s_assignment = TimeSpan.FromMinutes(5);

    private readonly HttpClient _client;
    private readonly SigningKey _key;
    private readonly Slug _slug;

    /// <summary>Of the runner of <paramref name="slug"/>.</summary>
    public RunnerClient(Address address, Slug slug, SigningKey key)
    {
        (_slug, _key) = (slug, key);
        _client = new HttpClient(address.NewHandler())
        {
            BaseAddress = address.Http,
            Timeout = Timeout.InfiniteTimeSpan, // every call brings its own
        };
    }

    /// <summary>
    /// What the runner is doing, a line a change; from its first answer until it no longer restores or is gone. Where the connection breaks it is asked again:
    /// that says nothing about the runner.
    /// </summary>
    /// <param name="ended">Ends when the runner has: it is not asked any more.</param>
    /// <param name="cancel">Gives up.</param>
    public async IAsyncEnumerable<RunnerHealth> HealthAsync(Task ended, [EnumeratorCancellation] CancellationToken cancel)
    {
        while (await ConnectAsync(ended, cancel) is { } response)
        {
            using (response)
            {
                using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
                while (await ReadAsync(reader, cancel) is { } health)
                {
                    yield return health;
                    if (health.State != "restoring")
                    {
                        yield break;
                    }
                }
            }

            await Task.WhenAny(ended, Task.Delay(s_betweenTries, cancel));
            cancel.ThrowIfCancellationRequested();
        }
    }

    /// <summary>What keeps the workspace awake; null when the runner does not say.</summary>
    public Task<RunnerActivity?> ActivityAsync(CancellationToken cancel) => AskAsync("/.dropit/activity", WorkspaceJson.Default.RunnerActivity, cancel);

    /// <summary>What the workspace uses of its machine; null when the runner does not say.</summary>
    public Task<MachineUse?> UseAsync(CancellationToken cancel) => AskAsync("/.dropit/machine", WorkspaceJson.Default.MachineUse, cancel);

    private async Task<T?> AskAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancel)
        where T : class
    {
        using var request = Request(HttpMethod.Get, path);
        try
        {
            using var response = await _client.SendAsync(request, cancel);
            return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync(json, cancel) : null;
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Tells the runner when it goes to sleep; false when it knows better, or does not answer.</summary>
    public Task<bool> TellAsync(SleepNotice notice, CancellationToken cancel) =>
        TellAsync(HttpMethod.Post, "/.dropit/sleep", JsonSerializer.SerializeToUtf8Bytes(notice, WorkspaceJson.Default.SleepNotice), cancel);

    /// <summary>Tells the runner what programs are started with; false when it does not take it, or does not answer in time.</summary>
    public Task<bool> TellAsync(VariablesNotice notice, CancellationToken cancel) =>
        TellAsync(HttpMethod.Put, "/.dropit/variables", JsonSerializer.SerializeToUtf8Bytes(notice, WorkspaceJson.Default.VariablesNotice), cancel);

    private async Task<bool> TellAsync(HttpMethod method, string path, byte[] json, CancellationToken cancel)
    {
        using var request = Request(method, path);
        request.Content = new ByteArrayContent(json);
        using var answer = Answer(cancel);
        try
        {
            using var response = await _client.SendAsync(request, answer.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            cancel.ThrowIfCancellationRequested();
            return false;
        }
    }

    /// <summary>
    /// Makes the runner, which was unclaimed when it was asked, that of a workspace. It may have taken an earlier assignment and already be restoring, where
    /// nobody knows of assignments: what it is now is seen in its health.
    /// </summary>
    /// <exception cref="RunnerException">It refuses.</exception>
    public async Task AssignAsync(RunnerOptions options, CancellationToken cancel)
    {
        using var answer = Answer(cancel);
        try
        {
            using var content = new StringContent(_key.Sign(options, s_assignment));
            using var response = await _client.PostAsync(new Uri("/.dropit/assignment", UriKind.Relative), content, answer.Token);
            if (response.StatusCode == HttpStatusCode.BadRequest)
            {
                throw new RunnerException($"The runner refuses its workspace: {await response.Content.ReadAsStringAsync(answer.Token)}");
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // It took this or another assignment and closed, or is gone: its health tells.
            cancel.ThrowIfCancellationRequested();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static CancellationTokenSource Answer(CancellationToken cancel)
    {
        var answer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        answer.CancelAfter(s_answer);
        return answer;
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        var ticket = _key.SignOwn(_slug, "orchestrator", TimeSpan.FromMinutes(5));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ticket);
        return request;
    }

    private async Task<HttpResponseMessage?> ConnectAsync(Task ended, CancellationToken cancel)
    {
        while (!ended.IsCompleted)
        {
            using var answer = Answer(cancel);
            try
            {
                return await _client.GetAsync(
                    new Uri("/.dropit/health", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, answer.Token);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                cancel.ThrowIfCancellationRequested();
                await Task.WhenAny(ended, Task.Delay(s_betweenTries, cancel));
                cancel.ThrowIfCancellationRequested();
            }
        }

        return null;
    }

    /// <summary>The next line; null when there is none or only a part of one.</summary>
    private static async Task<RunnerHealth?> ReadAsync(StreamReader reader, CancellationToken cancel)
    {
        try
        {
            return await reader.ReadLineAsync(cancel) is { } line ? JsonSerializer.Deserialize(line, WorkspaceJson.Default.RunnerHealth) : null;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException)
        {
            return null; // the connection broke, or the runner has gone
        }
    }
}
