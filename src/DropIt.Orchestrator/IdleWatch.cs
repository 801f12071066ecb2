using DropIt.Control.Workspaces;
using DropIt.Protocol.Workspaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Orchestrator;

/// <summary>Puts workspaces to sleep that nobody uses and in which nothing works, and keeps the runners' logs short.</summary>
internal sealed class IdleWatch(
    Orchestrator orchestrator, WorkspaceRows rows, AwakeReasons reasons, OrchestratorOptions options, OrchestratorMetrics metrics, TimeProvider time, ILogger<IdleWatch> log)
    : BackgroundService
{
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(15);

    /// <summary>Workspaces whose pages were told that it sleeps soon.</summary>
    private readonly HashSet<Slug> _told = [];

    /// <summary>What each workspace was last heard to hold.</summary>
    private readonly Dictionary<Slug, long> _bytes = [];

    /// <summary>Often enough that a countdown is seen, also where rules are short.</summary>
    private TimeSpan BetweenLooks
    {
        get
        {
            var shorter = options.Sleep.Left < options.Sleep.Untouched ? options.Sleep.Left : options.Sleep.Untouched;
            return TimeSpan.FromTicks(Math.Clamp((shorter / 20).Ticks, s_shortest.Ticks, s_longest.Ticks));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var policies = await rows.SleepPoliciesAsync(stoppingToken);
                var (runners, oldest) = (0, 0L);
                var because = new Dictionary<string, string>();
                foreach (var runner in orchestrator.Serving)
                {
                    runner.TrimLog();
                    runners++;
                    oldest = Math.Max(oldest, await LookAtAsync(runner, policies.GetValueOrDefault(runner.Slug.Value), because, stoppingToken));
                }

                foreach (var gone in _bytes.Keys.Where(slug => !because.ContainsKey(slug.Value)).ToList())
                {
                    _bytes.Remove(gone);
                }

                reasons.Replace(because);
                metrics.Looked(runners, oldest);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogError(e, "The look for idle workspaces failed; there is another in {Seconds} s", BetweenLooks.TotalSeconds);
            }
        }
    }

    /// <summary>The answer is how long something of it has not been safe, in milliseconds; 0 also when it does not say.</summary>
    private async Task<long> LookAtAsync(IRunner runner, SleepPolicy policy, Dictionary<string, string> because, CancellationToken cancel)
    {
        using var answer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        answer.CancelAfter(s_answer);
        try
        {
            if (await runner.ActivityAsync(answer.Token) is { } activity)
            {
                if (activity.Bytes is { } bytes && (!_bytes.TryGetValue(runner.Slug, out var known) || known != bytes))
                {
                    await rows.WriteBytesAsync(runner.Slug, bytes, answer.Token);
                    _bytes[runner.Slug] = bytes;
                }

                because[runner.Slug.Value] = SleepDecision.WhyAwake(policy, activity, options.Sleep);
                await ActAsync(runner, SleepDecision.Of(policy, activity, options.Sleep), activity.IdleSeconds, answer.Token);
                return activity.UnsafeMilliseconds;
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

        return 0;
    }

    private async Task ActAsync(IRunner runner, SleepDecision decision, long idle, CancellationToken cancel)
    {
        switch (decision)
        {
            case SleepDecision.Now now:
                // The runner has the last word: someone may have come since it was asked.
                if (await runner.TellAsync(new SleepNotice(0, now.Why, idle), cancel))
                {
                    var slug = runner.Slug.Value;
                    await rows.PutToSleepAsync(w => w.Slug == slug, now.Why, cancel);
                }

                _told.Remove(runner.Slug);
                break;
            case SleepDecision.Soon soon:
                if (await runner.TellAsync(new SleepNotice(soon.Seconds, soon.Why, idle), cancel))
                {
                    _told.Add(runner.Slug);
                }

                break;
            default:
                if (_told.Remove(runner.Slug))
                {
                    await runner.TellAsync(new SleepNotice(null, "", null), cancel);
                }

                break;
        }
    }
}
