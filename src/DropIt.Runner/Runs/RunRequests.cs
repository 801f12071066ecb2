using DropIt.Runner.Sessions;

namespace DropIt.Runner.Runs;

/// <summary>The requests about runs (docs/protocol.md, "Requests").</summary>
internal static class RunRequests
{
    /// <summary>Registers them.</summary>
    /// <param name="flushDocuments">Writes every open document to disk, so that what runs is what is shown.</param>
    public static void AddRuns(this RequestTable requests, ProjectRun run, Func<CancellationToken, Task> flushDocuments)
    {
        requests.Add("run.start", async (_, request, ct) =>
        {
            if (!request.TryText("task", out var task) || task is not ("run" or "install" or "test"))
            {
                return Reply.Failed(ErrorCode.BadRequest, "A task is run, install or test.");
            }

            await flushDocuments(ct);
            return await run.StartAsync(task, ct);
        });
        requests.Add("run.stop", async (_, _, ct) =>
        {
            await run.StopAsync(ct);
            return Reply.Done;
        });
        requests.Add("run.restart", async (_, _, ct) =>
        {
            await flushDocuments(ct);
            return await run.RestartAsync(ct);
        });
    }
}
