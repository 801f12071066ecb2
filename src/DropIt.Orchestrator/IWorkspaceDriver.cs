using DropIt.Protocol.Workspaces;

namespace DropIt.Orchestrator;

/// <summary>What a start needs to know.</summary>
/// <param name="Slug">The workspace.</param>
/// <param name="Epoch">This start's number.</param>
/// <param name="Port">PORT of its programs on a machine that all workspaces share.</param>
/// <param name="Stack">Id of the stack it was made from.</param>
internal sealed record RunnerStart(Slug Slug, long Epoch, int Port, string Stack);

/// <summary>A runner could not be started; the message is for the user.</summary>
internal sealed class RunnerException(string message) : Exception(message);

/// <summary>
/// The line between deciding and doing: where runners live. On one machine they are processes, on a cluster pods.
/// </summary>
internal interface IWorkspaceDriver
{
    /// <summary>True when a server that ends has to end its runners too: nobody else would.</summary>
    bool EndsWithServer { get; }

    /// <summary>
    /// Runners that nobody holds: they live on from a server that is gone, or were left by a start that broke off. Those of an older start than the
    /// held one are ended.
    /// </summary>
    /// <param name="held">The start of each runner that is held; 0 while one is being started or ended.</param>
    /// <param name="cancel">Gives up.</param>
    Task<IReadOnlyList<IRunner>> SurvivorsAsync(IReadOnlyDictionary<Slug, long> held, CancellationToken cancel);

    /// <summary>Starts a runner; it does not serve yet.</summary>
    /// <exception cref="RunnerException">It cannot be started.</exception>
    Task<IRunner> StartAsync(RunnerStart start, CancellationToken cancel);

    /// <summary>Removes a workspace's files and logs; it has no runner.</summary>
    void Remove(Slug slug);
}

/// <summary>A runner that was started and perhaps has ended.</summary>
internal interface IRunner
{
    /// <summary>Its workspace.</summary>
    Slug Slug { get; }

    /// <summary>The start it comes from.</summary>
    long Epoch { get; }

    /// <summary>Where it serves, once its health says anything.</summary>
    Address Address { get; }

    /// <summary>Ends when the runner has, with a sentence about why for the user.</summary>
    Task<string> Ended { get; }

    /// <summary>It has ended because it held more than its disk may; started again it may do so again.</summary>
    bool Outgrown { get; }

    /// <summary>What it is doing, one line a change, until it is ready; ends early when the runner does.</summary>
    IAsyncEnumerable<RunnerHealth> HealthAsync(CancellationToken cancel);

    /// <summary>What keeps it awake; null when it does not say.</summary>
    Task<RunnerActivity?> ActivityAsync(CancellationToken cancel);

    /// <summary>What it uses of its machine; null when it does not say.</summary>
    Task<MachineUse?> UseAsync(CancellationToken cancel);

    /// <summary>Tells it when it goes to sleep; false when it knows better, or does not answer.</summary>
    Task<bool> TellAsync(SleepNotice notice, CancellationToken cancel);

    /// <summary>Tells it what its programs are started with from now on; false when it does not take it.</summary>
    Task<bool> TellAsync(VariablesNotice notice, CancellationToken cancel);

    /// <summary>Asks it to save and end, and ends it for good when it has not after a while.</summary>
    Task StopAsync();

    /// <summary>Keeps what it has logged within its bound.</summary>
    void TrimLog();
}
