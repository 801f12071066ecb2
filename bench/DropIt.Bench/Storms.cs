using DropIt.Tests.Chaos;

namespace DropIt.Bench;

/// <summary>Every fault once, each pause for 20 s, under 20 typists and at least 100,000 edits; and how soon an edit is safe while nothing is wrong.</summary>
internal static class Storms
{
    private const int Typists = 20;
    private const int EditsEach = 5_100;
    private const int Quiet = 600;

    /// <summary>While nothing is wrong.</summary>
    public static async Task<IReadOnlyList<Figure>> CalmAsync()
    {
        await using var plant = await StartAsync();
        return await CalmAsync(plant, await TypistsAsync(plant), new Storm(0, TimeSpan.Zero));
    }

    public static async Task<IReadOnlyList<Figure>> MeasureAsync()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("DROPIT_CHAOS_SEED"), out var given) ? given : Random.Shared.Next(1_000_000);
        Console.WriteLine($"seed {seed} (DROPIT_CHAOS_SEED={seed} repeats its plan)");
        await using var plant = await StartAsync();
        var typists = await TypistsAsync(plant);
        var calm = await CalmAsync(plant, typists, new Storm(seed, TimeSpan.Zero));
        var storm = new Storm(seed, TimeSpan.FromSeconds(20));
        var plan = storm.Shuffle(Storm.All(plant, typists, new Random(seed)));
        var damage = await storm.RunAsync(plant, typists, plan, 1, EditsEach, Console.WriteLine);
        return
        [
            .. calm,
            new($"edits typed through {plan.Count} faults", $"{typists.Sum(typist => typist.Edits)}", "100,000", "-"),
            new("edits shown as safe and not in S3", $"{damage.Sum(found => found.Lost)}", "0", "-"),
            new("edits in S3 twice", $"{damage.Sum(found => found.Twice)}", "0", "-"),
        ];
    }

    /// <summary>
    /// One edit each tenth of a second in each workspace, by the page's protocol: the time is from the edit in the client until the client was told that it is safe.
    /// </summary>
    private static async Task<IReadOnlyList<Figure>> CalmAsync(Plant plant, IReadOnlyList<Typist> typists, Storm calm)
    {
        await calm.RunAsync(plant, typists, [], 1, Quiet, Console.WriteLine);
        var times = typists.SelectMany(typist => typist.Times).ToList();
        return
        [
            new("edit to \"safe\" as the page's socket has it, 20 typists, p50", Sample.Show(Sample.At(times, 0.5), "ms"), "-", "-"),
            new("the same, p99", Sample.Show(Sample.At(times, 0.99), "ms"), "1,000 ms", "-"),
            new("most memory of storage under that load", $"{plant.Storage.MostMemory() >> 20} MiB", "400 MiB", "-"),
            new("most memory of a persister under that load", $"{plant.Persisters.Max(part => part.MostMemory()) >> 20} MiB", "400 MiB", "-"),
        ];
    }

    private static Task<Plant> StartAsync() =>
        Plant.StartAsync(Directory.GetCurrentDirectory(), Path.GetFullPath(Rig.ServerPath), Path.GetFullPath(Rig.RunnerPath));

    private static async Task<IReadOnlyList<Typist>> TypistsAsync(Plant plant)
    {
        var typists = new List<Typist>();
        for (var i = 0; i < Typists; i++)
        {
            typists.Add(await plant.CreateAsync());
        }

        return typists;
    }
}
