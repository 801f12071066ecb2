using DropIt.Tests.Chaos;

namespace DropIt.Bench;

/// <summary>Every fault once, each pause for 20 s, under 20 typists and at least 100,000 edits; and how soon an edit is safe while nothing is wrong.</summary>
internal static class Storms
{
    private const int Typists = 20;
    private const int EditsEach = 5_100;
    private const int Quiet = 600;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("DROPIT_CHAOS_SEED"), out var given) ? given : Random.Shared.Next(1_000_000);
        Console.WriteLine($"seed {seed} (DROPIT_CHAOS_SEED={seed} repeats its plan)");
        await using var plant = await Plant.StartAsync(Directory.GetCurrentDirectory(), Path.GetFullPath(Rig.ServerPath), Path.GetFullPath(Rig.RunnerPath));
        var typists = new List<Typist>();
        for (var i = 0; i < Typists; i++)
        {
            typists.Add(await plant.CreateAsync());
        }

        // 1. While nothing is wrong: one edit each tenth of a second in each workspace.
        var calm = new Storm(seed, TimeSpan.Zero);
        await calm.RunAsync(plant, typists, [], 1, Quiet, Console.WriteLine);
        var times = typists.SelectMany(typist => typist.Times).Order().ToList();
        var (storage, persister) = (plant.Storage.Memory(), plant.Persisters.Max(part => part.Memory()));

        // 2. The storm.
        var storm = new Storm(seed, TimeSpan.FromSeconds(20));
        var plan = storm.Shuffle(Storm.All(plant, typists, new Random(seed)));
        var damage = await storm.RunAsync(plant, typists, plan, 1, EditsEach, Console.WriteLine);
        return
        [
            new("edit to safe while nothing is wrong, 20 workspaces, p50", Sample.Show(Sample.At(times, 0.5), "ms"), "-", "-"),
            new("edit to safe while nothing is wrong, 20 workspaces, p99", Sample.Show(Sample.At(times, 0.99), "ms"), "1,000 ms", "-"),
            new("memory of storage; persister, under that load", $"{storage >> 20}; {persister >> 20} MiB", "-", "-"),
            new($"edits typed through {plan.Count} faults", $"{typists.Sum(typist => typist.Edits)}", "100,000", "-"),
            new("edits shown as safe and not in S3", $"{damage.Sum(found => found.Lost)}", "0", "-"),
            new("edits in S3 twice", $"{damage.Sum(found => found.Twice)}", "0", "-"),
        ];
    }
}
