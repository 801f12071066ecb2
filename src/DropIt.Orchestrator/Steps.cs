using DropIt.Control.Database;
using DropIt.Control.Workspaces;
using DropIt.Gateway;
using DropIt.Protocol.Workspaces;
using DropIt.Storage.Access;
using Microsoft.Extensions.Logging;

namespace DropIt.Orchestrator;

/// <summary>What is done to one workspace at a time. Every step ends with an outcome, whatever happens.</summary>
internal sealed class Steps(
    IWorkspaceDriver driver,
    WorkspaceRows rows,
    WorkspaceStore store,
    VariablesTelling variables,
    WorkspaceRoutes routes,
    WorkspaceWatch watch,
    TimeProvider time,
    ILogger<Steps> log)
{
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(2);

    // A runner that restores says how far it is; one that has said nothing for this long never will.
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan s_betweenTries = TimeSpan.FromSeconds(1);

    /// <summary>From nothing to a runner that serves; <paramref name="cause"/> is what broke the one before, for whoever watches.</summary>
    public Task<Outcome> StartAsync(WantedWorkspace workspace, string? cause, CancellationToken cancel) => GuardAsync(workspace.Slug, async () =>
    {
        watch.Set(workspace.Slug.Value, new WorkspaceStatus(WorkspaceState.Starting, Cause: cause));

        // 1. What earlier runners said is applied, or the new one would restore less than there is.
        await store.SettledAsync(workspace.Slug, cancel);

        // 2. The epoch is on disk before anyone runs under it: no two runners ever have the same.
        if (await rows.NextStartAsync(workspace, cancel) is not { } start)
        {
            return new Outcome.Ended();
        }

        // 3. and 4.
        var runner = await driver.StartAsync(start, cancel);
        return await ServeAsync(runner, cause, cancel);
    });

    /// <summary>Takes over a runner that an earlier server started, or ends it when a newer start has been recorded.</summary>
    public Task<Outcome> AdoptAsync(IRunner runner, CancellationToken cancel) => GuardAsync(runner.Slug, async () =>
    {
        if (await PatientlyAsync(() => rows.EpochAsync(runner.Slug, cancel), cancel) == runner.Epoch)
        {
            return await ServeAsync(runner, null, cancel);
        }

        await runner.StopAsync();
        return new Outcome.Ended();
    });

    /// <summary>Ends the runner with all saved. Its sentence about why is in the row already.</summary>
    /// <param name="runner">To end.</param>
    /// <param name="message">Why it sleeps, for the user; null when there is nothing to say.</param>
    /// <param name="asleep">Its pages are told, so that they do not wake it again by themselves.</param>
    public Task<Outcome> StopAsync(IRunner runner, string? message, bool asleep) => GuardAsync(runner.Slug, async () =>
    {
        routes.Close(runner.Slug);
        if (asleep)
        {
            using var answer = new CancellationTokenSource(s_answer);
            await runner.TellAsync(new SleepNotice(0, message ?? "This workspace is asleep.", null), answer.Token);
        }

        watch.Set(runner.Slug.Value, new WorkspaceStatus(WorkspaceState.Stopping, message));
        await runner.StopAsync();
        await rows.WriteAsync(runner.Slug, runner.Epoch, new WorkspaceStatus(WorkspaceState.Asleep, message));
        return new Outcome.Ended();
    });

    /// <summary>Writes down that it sleeps.</summary>
    public Task<Outcome> RestAsync(WantedWorkspace workspace) => GuardAsync(workspace.Slug, async () =>
    {
        await rows.WriteAsync(workspace.Slug, workspace.Epoch, new WorkspaceStatus(WorkspaceState.Asleep, workspace.Message));
        return new Outcome.Ended();
    });

    /// <summary>Removes files, store and, when both are gone, the row.</summary>
    public Task<Outcome> DeleteAsync(Slug slug) => GuardAsync(slug, async () =>
    {
        driver.Remove(slug);
        await store.DeleteAsync(slug);
        await rows.RemoveAsync(slug, default);
        return new Outcome.Removed();
    });

    private async Task<Outcome> ServeAsync(IRunner runner, string? cause, CancellationToken cancel)
    {
        long? told = null;
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        silence.CancelAfter(s_silence);
        try
        {
            await foreach (var health in runner.HealthAsync(silence.Token))
            {
                silence.CancelAfter(s_silence);
                if (health.Epoch != runner.Epoch || health.State is "failed" or "stopping")
                {
                    await runner.StopAsync();
                    return new Outcome.Broken(health.Message ?? await runner.Ended, runner.Outgrown);
                }

                if (health.State == "restoring" && told is null)
                {
                    told = await PatientlyAsync(() => variables.InsistAsync(runner, silence.Token), silence.Token);
                }

                if (health.State == "ready")
                {
                    routes.Open(runner.Slug, runner.Address);
                    await PatientlyAsync(
                        () => rows.WriteAsync(runner.Slug, runner.Epoch, new WorkspaceStatus(WorkspaceState.Awake, Cause: cause), cancel), cancel);
                    return new Outcome.Serving(runner, told ?? 0);
                }

                var state = health.State == "starting" ? WorkspaceState.Starting : WorkspaceState.Restoring;
                watch.Set(runner.Slug.Value, new WorkspaceStatus(state, health.Message, health.DoneBytes, health.TotalBytes, cause));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && !cancel.IsCancellationRequested)
        {
            // Either it was silent for too long, or it ended and took its connection with it.
            await runner.StopAsync();
            return new Outcome.Broken(silence.IsCancellationRequested
                ? $"The workspace's runner has said nothing for {s_silence.TotalMinutes} minutes and was ended."
                : await runner.Ended,
                runner.Outgrown);
        }
        catch
        {
            routes.Close(runner.Slug);
            await runner.StopAsync();
            throw;
        }

        await runner.StopAsync();
        return new Outcome.Broken(await runner.Ended, runner.Outgrown);
    }

    /// <summary>A database that is away for a while must not cost a runner that serves.</summary>
    private async Task<T> PatientlyAsync<T>(Func<Task<T>> ask, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception e) when (DatabaseTrouble.CauseOf(e) is not null)
            {
                await Task.Delay(s_betweenTries, time, cancel);
            }
        }
    }

    /// <summary>Nobody awaits a step in a place where an exception could be dealt with, so it becomes an outcome here.</summary>
    private async Task<Outcome> GuardAsync(Slug slug, Func<Task<Outcome>> step)
    {
        try
        {
            return await step();
        }
        catch (OperationCanceledException)
        {
            return new Outcome.Ended();
        }
        catch (Exception e) when (e is RunnerException or TimeoutException)
        {
            return new Outcome.Broken(e.Message);
        }
        catch (Exception e)
        {
            log.LogError(e, "Workspace {Slug}", slug);
            return new Outcome.Broken($"Something went wrong on the server: {e.Message}");
        }
        finally
        {
            watch.Nudge();
        }
    }
}
