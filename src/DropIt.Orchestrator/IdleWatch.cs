using System.Globalization;
using DropIt.Protocol.Workspaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Orchestrator;

/// <summary>Puts workspaces to sleep that nobody uses and in which nothing works, and keeps the runners' logs short.</summary>
internal sealed class IdleWatch(
    Orchestrator orchestrator, WorkspaceRows rows, OrchestratorOptions options, TimeProvider time, ILogger<IdleWatch> log) : BackgroundService
{
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(5);

    /// <summary>Why the workspace is to be put to sleep, for the user; null when it is not.</summary>
    public static string? ReasonToSleep(RunnerActivity activity, TimeSpan grace) =>
        activity is { Connections: 0, Reasons.Count: 0 } && activity.IdleSeconds >= grace.TotalSeconds
            ? string.Create(CultureInfo.InvariantCulture, $"Asleep after {grace.TotalMinutes:0} minutes without use. Opening it wakes it.")
            : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_betweenLooks, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var runner in orchestrator.Serving)
            {
                runner.TrimLog();
                await LookAtAsync(runner, stoppingToken);
            }
        }
    }

    private async Task LookAtAsync(IRunner runner, CancellationToken cancel)
    {
        using var answer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        answer.CancelAfter(s_answer);
        try
        {
            if (await runner.ActivityAsync(answer.Token) is { } activity && ReasonToSleep(activity, options.Idle) is { } why)
            {
                var slug = runner.Slug.Value;
                await rows.PutToSleepAsync(w => w.Slug == slug, why, cancel);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // A runner that is too busy to answer is not idle.
        }
        catch (ObjectDisposedException)
        {
            // It ended between the listing and the question.
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogError(e, "Workspace {Slug} cannot be asked what keeps it awake", runner.Slug);
        }
    }
}
