using DropIt.Server.Tests.Harness;
using DropIt.Tests.Chaos;

namespace DropIt.Server.Tests.Chaos;

/// <summary>It takes the whole machine: beside other specs both would be about their time limits.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ChaosAlone
{
    public const string Name = "Chaos";
}

/// <summary>"An edit shown as safe survives": the short form of <c>./dropit bench chaos</c>.</summary>
[Collection(ChaosAlone.Name)]
public sealed class ChaosSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task What_was_shown_as_safe_is_in_the_bucket_once_whatever_was_killed_paused_cut_or_full()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("DROPIT_CHAOS_SEED"), out var given) ? given : Random.Shared.Next(1_000_000);
        output.WriteLine($"DROPIT_CHAOS_SEED={seed} repeats this plan.");
        await using var plant = await Plant.StartAsync(Checkout.Root, Built.Server, Built.Runner);
        var typists = new List<Typist>();
        for (var i = 0; i < 6; i++)
        {
            typists.Add(await plant.CreateAsync());
        }

        // Every kill and the full disk; of pauses and cuts, which differ less from each other, two each.
        var storm = new Storm(seed, TimeSpan.FromSeconds(5));
        var all = storm.Shuffle(Storm.All(plant, typists, new Random(seed)));
        var plan = storm.Shuffle(all.Where(fault => fault.Name.StartsWith("kill", StringComparison.Ordinal) || fault.Name.StartsWith("disk", StringComparison.Ordinal))
            .Concat(all.Where(fault => fault.Name.StartsWith("SIGSTOP", StringComparison.Ordinal)).Take(2))
            .Concat(all.Where(fault => fault.Name.StartsWith("network", StringComparison.Ordinal)).Take(2)));
        var damage = await storm.RunAsync(plant, typists, plan, 2, int.MaxValue, output.WriteLine);

        Assert.All(damage, found => Assert.Equal((0, 0), (found.Lost, found.Twice)));
        Assert.Equal(typists.Sum(typist => typist.Edits), damage[^1].Safe);
    }
}
