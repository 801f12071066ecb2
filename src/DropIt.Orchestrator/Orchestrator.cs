using System.Collections.Concurrent;
using DropIt.Control.Database;
using DropIt.Control.Tickets;
using DropIt.Control.Workspaces;
using DropIt.Gateway;
using DropIt.Protocol.Workspaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace DropIt.Orchestrator;

/// <summary>
/// Makes what runs equal to what is wanted. Level-triggered: a nudge only says "look now", and the periodic look finds whatever a lost nudge
/// did not tell.
///
///     rows (wanted) ──┐
///                     ├──▶ Reconcile.Decide ──▶ a step of Steps, one at a time a workspace ──▶ outcome ──▶ nudge
///     wards (actual) ─┘
///
/// Of several servers on one database only the one that leads does so; the others follow what it writes. A term begins with what runs and ends with
/// nothing held: the next leader, perhaps this one again, finds all of it.
/// </summary>
internal sealed class Orchestrator(
    IWorkspaceDriver driver,
    WorkspaceRows rows,
    Steps steps,
    WorkspaceRoutes routes,
    VariablesTelling variables,
    WorkspaceWatch watch,
    ILeadership leadership,
    WorkspaceFollowing following,
    SigningKey key,
    TimeProvider time,
    ILogger<Orchestrator> log) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(2);

    // Runners that nobody holds do no harm, their epoch fences them off; they only cost.
    private static readonly TimeSpan s_betweenAdoptions = TimeSpan.FromSeconds(30);

    // One runner that is busy must not hold up the others.
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(2);

    private const string s_serverStopped = "Asleep: the server was stopped.";

    // Starts are short and bound by the processor; after a reboot a hundred workspaces must not be started all at once.
    private static readonly int s_mostStarts = Math.Max(4, Environment.ProcessorCount * 2);

    private readonly Dictionary<Slug, Ward> _wards = [];
    private readonly ConcurrentDictionary<Slug, IRunner> _serving = new();
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;
    private DateTimeOffset _adopted;

    /// <summary>Runners that serve now.</summary>
    public ICollection<IRunner> Serving => _serving.Values;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // Not before the storage socket is open: a runner's first word is to it.
        _loop = Task.Run(() => RunAsync(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Where runners end with the server: ends them all at once, while the server still serves, since they save through it. Nothing stays wanted awake,
    /// so the next server starts only what someone comes for.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _loop;
        if (driver.EndsWithServer)
        {
            await EndAllAsync();
        }

        await leadership.ResignAsync();
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private async Task EndAllAsync()
    {
        foreach (var ward in _wards.Values)
        {
            ward.Abort?.Cancel();
        }

        await Task.WhenAll(_wards.Values.Select(async ward =>
        {
            if (ward.Step is { } step)
            {
                Harvest(ward, await step);
            }

            if (ward.Runner is { } runner)
            {
                await steps.StopAsync(runner, s_serverStopped, asleep: false);
                await ward.EndNudge;
                await (ward.Telling ?? Task.CompletedTask);
            }
        }));
        try
        {
            await rows.PutToSleepAsync(_ => true, s_serverStopped, CancellationToken.None);
        }
        catch (Exception e) when (DatabaseTrouble.CauseOf(e) is { } cause)
        {
            log.LogWarning("The database is not told that workspaces sleep ({Cause}); the next server finds them wanted awake and starts them", cause);
        }
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                var lost = await FollowAsync(cancel);
                using var term = CancellationTokenSource.CreateLinkedTokenSource(cancel, lost);
                await LeadAsync(term.Token);
                if (!cancel.IsCancellationRequested)
                {
                    await LetGoAsync(cancel);
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                // The server ends; what runs is ended by StoppingAsync, or goes on.
            }
            catch (Exception e)
            {
                log.LogError(e, "The orchestrator broke off; it begins again in {Seconds} s", s_betweenLooks.TotalSeconds);
                await Task.Delay(s_betweenLooks, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Until this server leads; the answer is cancelled when it no longer does.</summary>
    private async Task<CancellationToken> FollowAsync(CancellationToken cancel)
    {
        var leads = leadership.LeadAsync(cancel);
        if (leads.IsCompletedSuccessfully)
        {
            return await leads;
        }

        using var led = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var follows = following.FollowAsync(led.Token);
        try
        {
            return await leads;
        }
        finally
        {
            await led.CancelAsync();
            await follows;
        }
    }

    private async Task LeadAsync(CancellationToken term)
    {
        _adopted = default;
        while (!term.IsCancellationRequested)
        {
            try
            {
                if (time.GetUtcNow() - _adopted >= s_betweenAdoptions)
                {
                    await AdoptAsync(term);
                }

                await LookAsync(term);
                await NudgeAsync(term);
            }
            catch (OperationCanceledException) when (term.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (DatabaseTrouble.CauseOf(e) is { } cause)
                {
                    log.LogWarning("The look at the workspaces failed ({Cause}); the next one is in {Seconds} s", cause, s_betweenLooks.TotalSeconds);
                }
                else
                {
                    log.LogError(e, "The look at the workspaces failed; the next one is in {Seconds} s", s_betweenLooks.TotalSeconds);
                }

                await Task.Delay(s_betweenLooks, time, term).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>The end of a term that is not the end of the server: what is under way ends as it may, runners go on, and nothing is held.</summary>
    private async Task LetGoAsync(CancellationToken cancel)
    {
        await Task.WhenAll(_wards.Values.SelectMany(ward => (Task[])[ward.Step ?? Task.CompletedTask, ward.Telling ?? Task.CompletedTask])).WaitAsync(cancel);
        foreach (var ward in _wards.Values)
        {
            ward.Abort?.Dispose();
        }

        _wards.Clear();
        _serving.Clear();
    }

    /// <summary>Takes over runners that nobody holds: of an earlier server, or of a start that broke off.</summary>
    private async Task AdoptAsync(CancellationToken cancel)
    {
        var held = _wards.Values.Where(w => w.Step is not null || w.Runner is not null)
            .ToDictionary(w => w.Slug, w => w.Step is null ? w.Runner!.Epoch : 0);
        foreach (var runner in await driver.SurvivorsAsync(held, cancel))
        {
            var ward = WardOf(runner.Slug);
            ward.Epoch = runner.Epoch;
            Begin(ward, Phase.Starting, abort => steps.AdoptAsync(runner, abort));
        }

        _adopted = time.GetUtcNow();
    }

    private async Task LookAsync(CancellationToken cancel)
    {
        // 1. What steps and runners came to since the last look.
        foreach (var ward in _wards.Values.ToList())
        {
            if (ward.Step is { IsCompleted: true } step)
            {
                await TellAsync(ward, Harvest(ward, await step));
            }

            if (ward.Telling is { IsCompleted: true } telling)
            {
                ward.Variables = Math.Max(ward.Variables, await telling);
                ward.Telling = null;
            }

            if (ward is { Step: null, Runner: { Ended.IsCompleted: true } runner })
            {
                routes.Close(ward.Slug);
                ward.Runner = null;
                _serving.TryRemove(ward.Slug, out _);
                await TellAsync(ward, Break(ward, await runner.Ended, runner.Outgrown, served: time.GetUtcNow() - ward.UpSince));
            }
        }

        // 2. What is wanted, and what follows.
        var listed = await rows.ListAsync(cancel);
        var room = s_mostStarts - _wards.Values.Count(ward => ward.Actual.Phase == Phase.Starting);
        foreach (var workspace in listed)
        {
            key.Revocations[workspace.Slug] = workspace.Access;
            var ward = WardOf(workspace.Slug);
            Act(workspace, ward, ref room);
            if (workspace.Access > ward.Told && ward.Runner is { } runner)
            {
                ward.Told = workspace.Access;
                await ShutOutAsync(runner, cancel);
            }

            if (workspace.Variables > ward.Variables && ward is { Runner: { } serving, Telling: null })
            {
                ward.Telling = variables.TryAsync(serving);
            }
        }

        // 3. A runner without a row: its workspace was deleted, or its data folder put back from a copy.
        var known = listed.Select(w => w.Slug).ToHashSet();
        foreach (var ward in _wards.Values.Where(w => !known.Contains(w.Slug) && w.Step is null).ToList())
        {
            if (ward.Runner is { } orphan)
            {
                Begin(ward, Phase.Stopping, _ => steps.StopAsync(orphan, null, asleep: false));
            }
            else
            {
                _wards.Remove(ward.Slug);
            }
        }
    }

    /// <summary>
    /// Someone has lost access: the runner learns it from the ticket of any question. One that does not answer now is asked again by <see cref="IdleWatch"/>.
    /// </summary>
    private async Task ShutOutAsync(IRunner runner, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(s_answer);
        try
        {
            await runner.ActivityAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            log.LogWarning("Workspace {Slug} does not answer, so it is told later who has lost access", runner.Slug);
        }
    }

    /// <param name="workspace">What is wanted.</param>
    /// <param name="ward">What is.</param>
    /// <param name="room">How many more may be started; one less when this one is.</param>
    private void Act(WantedWorkspace workspace, Ward ward, ref int room)
    {
        ward.Epoch = Math.Max(ward.Epoch, workspace.Epoch);
        var step = Reconcile.Decide(workspace.Wanted, ward.Actual, time.GetUtcNow());
        if (step == Step.Abort)
        {
            ward.Abort?.Cancel();
        }
        else if (ward.Step is null)
        {
            switch (step)
            {
                case Step.Start when room > 0:
                    room--;
                    ward.Epoch = workspace.Epoch + 1;
                    Begin(ward, Phase.Starting, cancel => steps.StartAsync(workspace, ward.Cause, cancel));
                    break;
                case Step.Stop:
                    Begin(ward, Phase.Stopping, _ => steps.StopAsync(ward.Runner!, workspace.Message, workspace.Wanted == Wanted.Asleep));
                    break;
                case Step.Rest:
                    Begin(ward, Phase.Stopping, _ => steps.RestAsync(workspace));
                    break;
                case Step.Delete:
                    Begin(ward, Phase.Deleting, _ => steps.DeleteAsync(workspace.Slug));
                    break;
                default:
                    break;
            }
        }
    }

    private static void Begin(Ward ward, Phase phase, Func<CancellationToken, Task<Outcome>> step)
    {
        ward.Actual = ward.Actual with { Phase = phase };
        ward.Abort = new CancellationTokenSource();
        ward.Step = step(ward.Abort.Token);
    }

    /// <summary>Takes in what a step came to; the answer is the sentence about what broke.</summary>
    private string? Harvest(Ward ward, Outcome outcome)
    {
        ward.Step = null;
        ward.Abort?.Dispose();
        ward.Abort = null;
        if (outcome is Outcome.Serving serving)
        {
            ward.Runner = serving.Runner;
            ward.Cause = null;
            ward.Variables = serving.Variables;
            ward.UpSince = time.GetUtcNow();
            ward.Actual = ward.Actual with { Phase = Phase.Up };
            _serving[ward.Slug] = serving.Runner;
            ward.EndNudge = NudgeAtEndAsync(serving.Runner);
            return null;
        }

        ward.Runner = null;
        _serving.TryRemove(ward.Slug, out _);
        if (outcome is Outcome.Broken broken)
        {
            return Break(ward, broken.Message, broken.Outgrown, served: TimeSpan.Zero);
        }

        ward.Actual = new Actual(Phase.Down);
        return null;
    }

    /// <summary>Takes in that a runner broke; the answer is what to say about it.</summary>
    private string Break(Ward ward, string why, bool outgrown, TimeSpan served)
    {
        var now = time.GetUtcNow();
        var stopped = outgrown ? Reconcile.Outgrown(ward.Actual, ward.OutgrownAt, now) : null;
        ward.Actual = stopped ?? Reconcile.Broken(ward.Actual, served, now);
        ward.OutgrownAt = outgrown ? now : ward.OutgrownAt;
        return stopped is null ? why : $"{why} {Reconcile.OutgrownAgain}";
    }

    private async Task NudgeAtEndAsync(IRunner runner)
    {
        await runner.Ended;
        watch.Nudge();
    }

    private async Task TellAsync(Ward ward, string? broken)
    {
        if (broken is not null)
        {
            ward.Cause = broken;
            // What is started again at once has not failed yet, and requests for it are held.
            var state = ward.Actual.RetryAt <= time.GetUtcNow() ? WorkspaceState.Starting : WorkspaceState.Failed;
            await rows.WriteAsync(ward.Slug, ward.Epoch, new WorkspaceStatus(state, broken, Cause: broken));
        }
    }

    private Ward WardOf(Slug slug)
    {
        if (!_wards.TryGetValue(slug, out var ward))
        {
            _wards[slug] = ward = new Ward(slug);
        }

        return ward;
    }

    /// <summary>Waits for a nudge, the next periodic look, or the time at which something is to be tried again.</summary>
    private async Task NudgeAsync(CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var soonest = _wards.Values
            .Where(w => w.Actual.Phase == Phase.Down && w.Actual.RetryAt > now)
            .Select(w => w.Actual.RetryAt - now)
            .Append(s_betweenLooks)
            .Min();
        using var timeout = new CancellationTokenSource(soonest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            await watch.Nudges.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Time for the periodic look.
        }
    }
}
