using DropIt.Control.Database;
using DropIt.Control.Variables;
using DropIt.Control.Workspaces;
using Microsoft.Extensions.Logging;

namespace DropIt.Orchestrator;

/// <summary>
/// Tells runners their workspace's variables and secrets: over the channel that only the server's own tickets open, so they are in no manifest, argument,
/// file or assignment.
/// </summary>
internal sealed class VariablesTelling(WorkspaceVariables variables, WorkspaceWatch watch, TimeProvider time, ILogger<VariablesTelling> log)
{
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_betweenTries = TimeSpan.FromMilliseconds(200);

    /// <summary>Tells a runner that waits for them before it serves; the answer is the version that it has then, 0 when it has ended.</summary>
    public async Task<long> InsistAsync(IRunner runner, CancellationToken cancel)
    {
        var notice = await variables.ReadAsync(runner.Slug, cancel);
        while (!await runner.TellAsync(notice, cancel))
        {
            if (runner.Ended.IsCompleted)
            {
                return 0;
            }

            await Task.Delay(s_betweenTries, time, cancel);
        }

        return notice.Version;
    }

    /// <summary>Tells a runner that serves that they have changed; the answer is the version that it has then, 0 when it did not take it: the next look tries again.</summary>
    public async Task<long> TryAsync(IRunner runner)
    {
        using var answer = new CancellationTokenSource(s_answer);
        try
        {
            var notice = await variables.ReadAsync(runner.Slug, answer.Token);
            if (await runner.TellAsync(notice, answer.Token))
            {
                watch.Nudge(); // they may have changed again meanwhile
                return notice.Version;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException || DatabaseTrouble.CauseOf(e) is not null)
        {
            // It is busy, or has ended, or the database is away.
        }
        catch (Exception e)
        {
            log.LogError(e, "Workspace {Slug} cannot be told its variables", runner.Slug);
        }

        return 0;
    }
}
