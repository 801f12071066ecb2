using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DropIt.Protocol.Tickets;
using DropIt.Protocol.Workspaces;
using DropIt.Runner.Access;

namespace DropIt.Runner.Lifecycle;

/// <summary>
/// A runner that belongs to no workspace yet: it waits in its pod until the orchestrator posts an assignment, which only control can sign. It takes one
/// and never another.
/// </summary>
internal static class Unclaimed
{
    /// <summary>Where the assignment is posted.</summary>
    public const string Path = "/.dropit/assignment";

    /// <summary>Waits at <paramref name="listenAt"/>; the address is free again when this returns.</summary>
    /// <param name="listenAt">Where the workspace will be served too.</param>
    /// <param name="publicKey">Base64 of control's SubjectPublicKeyInfo.</param>
    /// <param name="time">Tells when an assignment is too old.</param>
    /// <returns>The checked options; neither options nor problems when told to stop before there were any.</returns>
    public static async Task<(RunnerOptions? Options, IReadOnlyList<string> Problems)> WaitAsync(
        string listenAt, string publicKey, TimeProvider time)
    {
        if (!Address.TryParse(listenAt, out var listen) || !Configuration.IsKey(publicKey))
        {
            return (null, [$"--unclaimed must name http://address:port, --public-key {Configuration.KeyIs}."]);
        }

        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(publicKey), out _);
        var claimed = new TaskCompletionSource<RunnerOptions?>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        await using var app = Server.Build("/", listen, app => app.Run(AnswerAsync));
        await app.StartAsync();
        var options = await claimed.Task;
        await app.StopAsync(); // after the answer to the assignment has gone out
        return (options, []);

        async Task AnswerAsync(HttpContext context)
        {
            var request = context.Request;
            if (HttpMethods.IsPost(request.Method) && request.Path == Path)
            {
                await AssignAsync(context);
            }
            else if (request.Path == Health.ReadyPath || request.Path == Health.LivePath)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent; // ready to be claimed; 200 is for a workspace that is served
            }
            else if (request.Path == Health.Path)
            {
                context.Response.ContentType = "application/x-ndjson";
                await context.Response.Body.WriteAsync(
                    JsonSerializer.SerializeToUtf8Bytes(new RunnerHealth("unclaimed", 0), WorkspaceJson.Default.RunnerHealth));
                await context.Response.Body.WriteAsync("\n"u8.ToArray());
            }
            else
            {
                await HttpError.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "busy", "This runner has no workspace yet.");
            }
        }

        async Task AssignAsync(HttpContext context)
        {
            if (context.Request.ContentLength is null or > Assignment.MaxLength)
            {
                await RefuseAsync("It must say its length, at most 64 KB.");
                return;
            }

            using var reader = new StreamReader(context.Request.Body, Encoding.ASCII);
            var error = Assignment.Check(await reader.ReadToEndAsync(), key, time.GetUtcNow(), out var options);
            if (error != TicketError.None)
            {
                await RefuseAsync($"It is not control's, or too old ({error}).");
            }
            else if (Configuration.Problems(options!) is { Count: > 0 } problems)
            {
                await RefuseAsync(string.Join(' ', problems));
            }
            else if (claimed.TrySetResult(options))
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
            }
            else
            {
                await HttpError.WriteAsync(context, StatusCodes.Status409Conflict, "claimed", "This runner is another workspace's.");
            }

            Task RefuseAsync(string why) =>
                HttpError.WriteAsync(context, StatusCodes.Status400BadRequest, "bad-request", "The assignment is refused. " + why);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            claimed.TrySetResult(null);
        }
    }
}
