using System.Net;
using System.Text.Json;
using k8s.Autorest;
using k8s.Models;

namespace DropIt.Orchestrator.Kubernetes;

/// <summary>
/// What the cluster's API says when it does not do what it is asked. What a busy cluster says passes and is ridden out; what it refuses is the user's or the
/// operator's to know.
/// </summary>
internal static class ApiTrouble
{
    // An API server that is upgraded, or a store behind it that chooses a new leader, is away for less than this.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(5);

    /// <summary>Does something until the cluster answers as one that is well, for a minute at most.</summary>
    /// <param name="ask">Told how often it was tried before: what it asked for then may have been done, though the answer never came.</param>
    /// <param name="tell">Told in words why it is tried again.</param>
    /// <param name="time">Tells when the minute is over.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="HttpOperationException">It refuses, or is still busy.</exception>
    /// <exception cref="HttpRequestException">It still cannot be reached.</exception>
    public static async Task RideOutAsync(Func<int, Task> ask, Action<string> tell, TimeProvider time, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        var wait = s_firstWait;
        for (var tries = 0; ; tries++)
        {
            try
            {
                await ask(tries);
                return;
            }
            catch (Exception e) when (!cancel.IsCancellationRequested && Passing(e) is { } why && time.GetElapsedTime(began) < s_patience)
            {
                tell($"{why} It is asked again.");
                await Task.Delay(wait, time, cancel);
                wait = wait * 2 < s_longestWait ? wait * 2 : s_longestWait;
            }
        }
    }

    /// <summary>Why a question is worth asking again; null when the answer would be the same.</summary>
    public static string? Passing(Exception e) => e switch
    {
        // Several at once changed the same object, a quota's count among them.
        HttpOperationException { Response.StatusCode: HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError } busy =>
            $"The cluster's API is busy ({(int)busy.Response.StatusCode}: {Said(busy)}).",
        HttpOperationException { Response.StatusCode: HttpStatusCode.Forbidden } early when IsUnprepared(early) =>
            $"The cluster has not set up the namespace of workspaces yet: {Said(early)}.",
        HttpRequestException => $"The cluster's API cannot be reached ({e.Message}).",
        TaskCanceledException => "The cluster's API does not answer.",
        _ => null,
    };

    /// <summary>Why a workspace cannot be started or ended, for the user.</summary>
    public static string Sentence(Exception e) => Passing(e) ?? (e is not HttpOperationException refused ? e.Message : refused.Response.StatusCode switch
    {
        HttpStatusCode.Forbidden when Said(refused).Contains("exceeded quota", StringComparison.Ordinal) =>
            $"The cluster's quota is used up: {Said(refused)}. Put another workspace to sleep, or ask whoever runs this cluster for more.",
        HttpStatusCode.Forbidden =>
            $"The orchestrator may not do this in the cluster: {Said(refused)}. Its service account lacks a right; docs/operations.md lists them.",
        var code => $"The cluster refused to start the workspace ({(int)code}): {Said(refused)}",
    });

    // A namespace's first pods may come before its service account, which the cluster makes a moment later.
    private static bool IsUnprepared(HttpOperationException e) => Said(e).Contains("error looking up service account", StringComparison.Ordinal);

    private static string Said(HttpOperationException e)
    {
        try
        {
            return JsonSerializer.Deserialize<V1Status>(e.Response.Content ?? "")?.Message is { Length: > 0 } message ? message : e.Response.ReasonPhrase;
        }
        catch (JsonException)
        {
            return e.Response.ReasonPhrase; // something between here and the API answered
        }
    }
}
