using DropIt.Orchestrator.Sandboxes;
using DropIt.Server.Options;
using DropIt.Storage.Journal.Rabbit;

namespace DropIt.Server.Doctor;

/// <summary>
/// <c>dropit-server doctor</c>: looks at everything that a server with these options needs, from where it is run, and says what is wrong and how to mend it.
/// Leaves nothing that the server would not make; runs beside one or before one is started.
/// </summary>
internal static class DoctorCommand
{
    // A check talks to one thing; what has not answered by then does not work for users either.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    /// <summary>Prints a line a check, as each ends; the answer is the exit code: 1 when something is bad.</summary>
    public static async Task<int> RunAsync(ServerOptions options, TextWriter output)
    {
        var (warnings, bad) = (0, 0);
        foreach (var (name, check) in Checks(options))
        {
            var finding = await LookAsync(check);
            warnings += finding.Verdict == Verdict.Warning ? 1 : 0;
            bad += finding.Verdict == Verdict.Bad ? 1 : 0;
            await output.WriteLineAsync($"{Mark(finding.Verdict)} {name,-12} {finding.Sentence}");
            if (finding.Cure is { } cure)
            {
                await output.WriteLineAsync($"  {"",-12} {cure}");
            }
        }

        await output.WriteLineAsync((bad, warnings) switch
        {
            (0, 0) => "All is well.",
            (0, _) => $"It works; {warnings} to look at.",
            _ => $"{bad} to mend, {warnings} to look at.",
        });
        return bad == 0 ? 0 : 1;
    }

    private static IEnumerable<(string Name, Func<CancellationToken, Task<Finding>> Check)> Checks(ServerOptions options)
    {
        var address = new PublicAddress(options);
        yield return ("data folder", _ => Task.FromResult(Machine.DataFolder(options.Data)));
        if (options.Kubernetes is null)
        {
            yield return ("watches", _ => Task.FromResult(Machine.Watches()));
            yield return ("stacks", _ => Task.FromResult(Machine.Stacks(options.Templates)));
        }

        if (options.S3 is { } s3)
        {
            yield return ("bucket", cancel => Stores.BucketAsync(options.Data, s3, cancel));
        }

        if (options.Broker is { } broker)
        {
            yield return ("broker", cancel => Stores.BrokerAsync(new RabbitOptions { Address = broker }, cancel));
        }

        if (options.Postgres is { } postgres)
        {
            yield return ("database", cancel => Stores.DatabaseAsync(postgres, cancel));
        }

        if (!options.Roles.HasFlag(Roles.Control))
        {
            yield break; // no browser comes to this process
        }

        if (options.Kubernetes is null)
        {
            yield return ("sandbox", _ => Machine.SandboxAsync(new Sandbox(options.Sandbox, options.Runner, options.Data)));
        }

        yield return ("names", address.NamesAsync);
        if (address.IsSecure)
        {
            yield return ("certificate", address.CertificateAsync);
        }

        yield return ("page", address.PageAsync);
        yield return ("websockets", address.WebSocketsAsync);
        if (options.Kubernetes is { } cluster)
        {
            yield return ("cluster", cancel => Cluster.RightsAsync(cluster, cancel));
        }
    }

    private static async Task<Finding> LookAsync(Func<CancellationToken, Task<Finding>> check)
    {
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            return await check(patience.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return Finding.Bad(
                $"has not answered for {s_patience.TotalSeconds} s.", "It hangs, or a firewall drops what is sent there. See whether it runs and can be reached from this machine.");
        }
    }

    private static char Mark(Verdict verdict) => verdict switch
    {
        Verdict.Good => '✓',
        Verdict.Warning => '!',
        _ => '✗',
    };
}
