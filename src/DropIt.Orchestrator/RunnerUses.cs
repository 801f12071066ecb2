using System.Collections.Concurrent;
using DropIt.Control.Workspaces;
using DropIt.Protocol.Workspaces;

namespace DropIt.Orchestrator;

/// <summary>Asks every runner that serves what it uses. Only when an admin looks: each answer reads its machine's table of processes.</summary>
internal sealed class RunnerUses(Orchestrator orchestrator) : IWorkspaceUses
{
    // Who looks waits this long at most; what has not answered by then is shown without.
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(2);

    private const int MostAtOnce = 32;

    public async Task<IReadOnlyDictionary<string, MachineUse>> AskAsync(CancellationToken cancel)
    {
        var uses = new ConcurrentDictionary<string, MachineUse>();
        using var answer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        answer.CancelAfter(s_answer);
        try
        {
            await Parallel.ForEachAsync(
                orchestrator.Serving,
                new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = answer.Token },
                async (runner, over) =>
                {
                    if (await UseAsync(runner, over) is { } use)
                    {
                        uses[runner.Slug.Value] = use;
                    }
                });
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Some are too busy to say.
        }

        return uses;
    }

    private static async Task<MachineUse?> UseAsync(IRunner runner, CancellationToken cancel)
    {
        try
        {
            return await runner.UseAsync(cancel);
        }
        catch (ObjectDisposedException)
        {
            return null; // it ended between the listing and the question
        }
    }
}
