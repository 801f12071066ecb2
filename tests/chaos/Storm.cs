using System.Diagnostics;
using System.Globalization;

namespace DropIt.Tests.Chaos;

/// <summary>One thing that is done to the plant.</summary>
/// <param name="Name">For people.</param>
/// <param name="Begin">Does it.</param>
/// <param name="End">Undoes it, some time later.</param>
internal sealed record Fault(string Name, Func<Plant, Task> Begin, Func<Plant, Task> End)
{
    /// <summary>What part of the storm's length it lasts: who was killed is started again soon, who is silent must be silent for long.</summary>
    public double Lasts => Name.StartsWith("SIGSTOP", StringComparison.Ordinal) ? 1 : Name.StartsWith("kill", StringComparison.Ordinal) ? 0.2 : 0.5;
}

/// <summary>What was found after a fault.</summary>
/// <param name="Safe">Edits that had been shown as safe by its end.</param>
/// <param name="Lost">Of those, how many S3 does not have.</param>
/// <param name="Twice">Edits that S3 has more than once, or out of order.</param>
internal sealed record Damage(string Fault, int Safe, int Lost, int Twice);

/// <summary>Faults at random times, one after the other, while typists type; the same plan for the same seed.</summary>
/// <param name="seed">Of the plan.</param>
/// <param name="length">Of the longest fault.</param>
internal sealed class Storm(int seed, TimeSpan length)
{
    private readonly Random _random = new(seed);

    /// <summary>Everything that can be done.</summary>
    public static IEnumerable<Fault> All(Plant plant, IReadOnlyList<Typist> typists, Random random)
    {
        foreach (var fault in Kills(typists, random).Concat(Pauses(typists, random)))
        {
            yield return fault;
        }

        foreach (var (name, cable) in plant.Cables)
        {
            yield return new Fault($"network cut: {name}", _ => Done(cable.Cut), _ => Done(cable.Mend));
        }

        yield return new Fault("disk alarm: RabbitMQ", p => p.Broker.FillDiskAsync(true), p => p.Broker.FillDiskAsync(false));
    }

    /// <summary>Types through the faults; after each all that was shown as safe by then is looked for in S3.</summary>
    /// <param name="plan">In this order.</param>
    /// <param name="say">Told what happens.</param>
    public async Task<List<Damage>> RunAsync(
        Plant plant, IReadOnlyList<Typist> typists, IEnumerable<Fault> plan, int perTick, int most, Action<string> say)
    {
        using var stop = new CancellationTokenSource();
        using var give = new CancellationTokenSource();
        var typing = Task.WhenAll(typists.Select(typist => Task.Run(() => typist.TypeAsync(perTick, most, stop.Token, give.Token))));
        var damage = new List<Damage>();
        var clock = Stopwatch.StartNew();
        foreach (var fault in plan)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(200, 2000)));
            await fault.Begin(plant);
            await Task.Delay(length * fault.Lasts);
            await fault.End(plant);
            damage.Add(await LookAsync(fault.Name));
        }

        while (typists.Any(typist => typist.Edits < most) && most < int.MaxValue)
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        await stop.CancelAsync();
        give.CancelAfter(TimeSpan.FromMinutes(3));
        await typing;
        damage.Add(await LookAsync("all typed"));
        return damage;

        async Task<Damage> LookAsync(string name)
        {
            var safe = typists.Select(typist => typist.Safe()).ToList();
            var stored = await Task.WhenAll(typists.Select(typist => plant.StoredAsync(typist.Slug)));
            var lost = safe.Zip(stored).Sum(pair => pair.First.Except(pair.Second).Count());
            var twice = stored.Sum(edits => edits.Zip(edits.Skip(1)).Count(pair => pair.Second <= pair.First));
            var found = new Damage(name, safe.Sum(edits => edits.Count), lost, twice);
            say(string.Create(
                CultureInfo.InvariantCulture,
                $"{clock.Elapsed:mm\\:ss} {name,-44} typed {typists.Sum(typist => typist.Edits),7}  safe {found.Safe,7}  lost {lost}  twice {twice}"));
            return found;
        }
    }

    /// <summary>The same elements in an order that the seed gives.</summary>
    public List<Fault> Shuffle(IEnumerable<Fault> faults)
    {
        var plan = faults.ToArray();
        _random.Shuffle(plan);
        return [.. plan];
    }

    private static IEnumerable<Fault> Kills(IReadOnlyList<Typist> typists, Random random)
    {
        var one = typists[random.Next(typists.Count)].Slug;
        yield return new Fault("kill -9: a runner", p => Done(() => SignalRunner(p, one, "KILL")), _ => Task.CompletedTask);
        yield return new Fault("kill -9: storage", p => p.Storage.KillAsync(), p => p.Storage.StartAsync());
        yield return new Fault("kill -9: a persister", p => p.Persisters[0].KillAsync(), p => p.Persisters[0].StartAsync());
        yield return new Fault(
            "kill -9: both persisters",
            p => Task.WhenAll(p.Persisters.Select(part => part.KillAsync())),
            p => Task.WhenAll(p.Persisters.Select(part => part.StartAsync())));
        yield return new Fault("kill -9: front", p => p.Front.KillAsync(), p => p.Front.StartAsync());
        yield return new Fault("kill -9: the whole server", p => AllAsync(p, typists), p => Task.WhenAll(Parts(p).Select(part => part.StartAsync())));
        yield return new Fault("kill -9: RabbitMQ", p => p.Broker.KillAsync(), p => p.Broker.StartAsync());
        yield return new Fault("kill -9: S3", p => p.S3.KillAsync(), p => p.S3.StartAsync());
        yield return new Fault("kill -9: PostgreSQL", p => p.DatabaseAsync("kill"), p => p.DatabaseAsync("start"));
    }

    private static IEnumerable<Fault> Pauses(IReadOnlyList<Typist> typists, Random random)
    {
        var one = typists[random.Next(typists.Count)].Slug;
        yield return new Fault("SIGSTOP: a runner", p => Done(() => SignalRunner(p, one, "STOP")), p => Done(() => SignalRunner(p, one, "CONT")));
        yield return new Fault("SIGSTOP: storage", p => Done(p.Storage.Pause), p => Done(p.Storage.Resume));
        yield return new Fault("SIGSTOP: a persister", p => Done(p.Persisters[0].Pause), p => Done(p.Persisters[0].Resume));
        yield return new Fault("SIGSTOP: front", p => Done(p.Front.Pause), p => Done(p.Front.Resume));
        yield return new Fault("SIGSTOP: the whole server", p => Done(() => Parts(p).ForEach(part => part.Pause())), p => Done(() => Parts(p).ForEach(part => part.Resume())));
        yield return new Fault("SIGSTOP: RabbitMQ", p => p.Broker.PauseAsync(), p => p.Broker.ResumeAsync());
        yield return new Fault("SIGSTOP: S3", p => p.S3.PauseAsync(), p => p.S3.ResumeAsync());
        yield return new Fault("SIGSTOP: PostgreSQL", p => p.DatabaseAsync("pause"), p => p.DatabaseAsync("resume"));
    }

    private static List<Part> Parts(Plant plant) => [plant.Front, plant.Storage, .. plant.Persisters];

    private static async Task AllAsync(Plant plant, IReadOnlyList<Typist> typists)
    {
        await Task.WhenAll(Parts(plant).Select(part => part.KillAsync()));
        foreach (var typist in typists)
        {
            SignalRunner(plant, typist.Slug, "KILL");
        }
    }

    private static void SignalRunner(Plant plant, string slug, string signal)
    {
        if (plant.RunnerOf(slug) is { } process)
        {
            Part.Signal(process, signal);
        }
    }

    private static Task Done(Action act)
    {
        act();
        return Task.CompletedTask;
    }
}
